"""Spans of calls reach a collector where they are asked for, say nothing of a question, and hold up nobody."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as collector_pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as collector_grpc
from opentelemetry.proto.trace.v1 import trace_pb2
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed

from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from server import traces
from server.cannot_start import CannotStartError
from server.settings import Settings, read_settings
from tests.server.processes import STOP_SECONDS, Served, started
from tests.server.running import PATIENCE_SECONDS, eventually, refused
from tests.server.samples import question

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"
COMPUTE = "makegood.v1.CompensationService/ComputeCompensation"
NO_COLLECTOR = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY": "100"}


class Collector(collector_grpc.TraceServiceServicer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.exports: list[collector_pb.ExportTraceServiceRequest] = []

    def Export(self, request: Any, _: grpc.ServicerContext) -> collector_pb.ExportTraceServiceResponse:
        self.exports.append(request)
        return collector_pb.ExportTraceServiceResponse()

    @property
    def spans(self) -> list[trace_pb2.Span]:
        scopes = (scope for export in self.exports for resource in export.resource_spans for scope in resource.scope_spans)
        return [span for scope in scopes for span in scope.spans]


@contextmanager
def collecting() -> Iterator[tuple[Collector, dict[str, str]]]:
    """A collector, and the variables that name it."""
    collector, server = Collector(), grpc.server(ThreadPoolExecutor(2))
    collector_grpc.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield collector, {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", "OTEL_BSP_SCHEDULE_DELAY": "100"}
    finally:
        server.stop(0).wait()


def ask(server: Served, traceparent: str = "", subscriber_id: str = "s-secret") -> None:
    metadata = (("traceparent", traceparent),) if traceparent else ()
    with server.channel() as channel:
        stub = compensation_grpc.CompensationServiceStub(channel)
        if subscriber_id:
            stub.ComputeCompensation(question("r-secret", subscriber_id), metadata=metadata, timeout=PATIENCE_SECONDS)
        else:
            refused(lambda: stub.ComputeCompensation(question(subscriber_id=""), metadata=metadata, timeout=PATIENCE_SECONDS))


def logged(server: Served) -> list[dict[str, Any]]:
    """The lines of calls, once there is one."""
    return eventually(lambda: server.events("call"))


def said(span: trace_pb2.Span) -> dict[str, Any]:
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}


def openmetrics(server: Served) -> str:
    asked = Request(server.metrics_url, headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    with urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
        text: str = answer.read().decode()
        return text


def exemplars(text: str) -> list[dict[str, str]]:
    families = [family for family in parsed(text) if "call_duration" in family.name]  # type: ignore[no-untyped-call]
    return [sample.exemplar.labels for family in families for sample in family.samples if sample.exemplar]


def test_a_call_is_a_span_of_its_callers_trace_and_an_exemplar_of_its_duration() -> None:
    with collecting() as (collector, variables), started("--traces", "yes", environment=variables) as server:
        ask(server, SAMPLED)
        assert eventually(lambda: bool(collector.spans))
        [span] = collector.spans
        assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == (COMPUTE, TRACE, PARENT)
        assert span.kind == trace_pb2.Span.SPAN_KIND_SERVER
        assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 10**9 * PATIENCE_SECONDS
        assert said(span)["rpc.response.status_code"] == "OK"
        assert said(span)["makegood.outcome"] == "GRANTED"
        [line] = logged(server)
        assert (line["trace_id"], line["span_id"]) == (TRACE, span.span_id.hex())
        assert eventually(lambda: exemplars(openmetrics(server))) == [{"trace_id": TRACE, "span_id": span.span_id.hex()}]
        assert "trace_id" not in server.scrape()
        assert eventually(lambda: server.metric("makegood_spans_total", fate="sent")) == 1
        assert server.metric("makegood_spans_total", fate="made") == 1


def test_a_caller_without_a_trace_gets_one_whose_id_is_in_the_log() -> None:
    with collecting() as (collector, variables), started("--traces", "yes", environment=variables) as server:
        ask(server)
        assert eventually(lambda: bool(collector.spans))
        [line] = logged(server)
        assert line["trace_id"] == collector.spans[0].trace_id.hex()


def test_what_a_caller_did_wrong_is_no_error_of_ours() -> None:
    with collecting() as (collector, variables), started("--traces", "yes", environment=variables) as server:
        ask(server, SAMPLED, subscriber_id="")
        assert eventually(lambda: bool(collector.spans))
        [span] = collector.spans
        assert said(span)["rpc.response.status_code"] == "INVALID_ARGUMENT"
        assert span.status.code == trace_pb2.Status.STATUS_CODE_UNSET


def test_nothing_of_a_question_is_in_a_span() -> None:
    with collecting() as (collector, variables), started("--traces", "yes", environment=variables) as server:
        ask(server, SAMPLED)
        assert eventually(lambda: bool(collector.spans))
        [line] = logged(server)
        sent = collector.exports[0].SerializeToString()
        assert not [secret for secret in (b"s-secret", b"r-secret", line["decision_id"].encode()) if secret in sent]


def test_a_caller_that_is_not_sampled_has_no_span() -> None:
    with collecting() as (collector, variables), started("--traces", "yes", environment=variables) as server:
        ask(server, NOT_SAMPLED)
        ask(server, SAMPLED)
        assert eventually(lambda: bool(collector.spans))
        assert len(collector.spans) == 1
        assert server.metric("makegood_spans_total", fate="made") == 1


def test_spans_that_are_left_are_sent_while_the_server_stops() -> None:
    with collecting() as (collector, variables):
        with started("--traces", "yes", environment={**variables, "OTEL_BSP_SCHEDULE_DELAY": "60000"}) as server:
            ask(server, SAMPLED)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(STOP_SECONDS) == 0
        assert len(collector.spans) == 1


def test_each_worker_sends_spans() -> None:
    with (
        collecting() as (collector, variables),
        started("--traces", "yes", "--workers", "2", environment=variables) as server,
    ):
        ask(server, SAMPLED)
        assert eventually(lambda: bool(collector.spans))
        assert server.metric("makegood_spans_total", fate="made") == 1
        assert exemplars(openmetrics(server)) == []  # the library adds up numbers alone


def test_a_collector_that_is_away_fails_no_call_and_holds_up_no_stop() -> None:
    with started("--traces", "yes", environment=NO_COLLECTOR) as server:
        for _ in range(20):
            ask(server, SAMPLED)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(STOP_SECONDS) == 0
        assert time.monotonic() - began < traces.CLOSE_SECONDS + STOP_SECONDS / 2
        assert {line["code"] for line in server.events("call")} == {"OK"}
        assert [line for line in server.lines() if "collector" in str(line) or "export" in str(line)] != []


def test_a_collector_that_never_answers_holds_up_no_stop() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        variables = {**NO_COLLECTOR, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"}
        with started("--traces", "yes", environment=variables) as server:
            ask(server, SAMPLED)
            time.sleep(1)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(STOP_SECONDS) == 0


def test_without_the_packages_the_server_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings(["--traces", "yes"], {})
    traces.check(settings)
    monkeypatch.setattr(traces, "find_spec", lambda _: None)
    traces.check(Settings())
    with pytest.raises(CannotStartError, match=re.escape("makegood[traces]")):
        traces.check(settings)


def test_who_asks_for_no_traces_loads_nothing_for_them() -> None:
    program = "import sys, server.service; sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    with started() as server:
        ask(server, SAMPLED)
        [line] = logged(server)
        assert (line["trace_id"], line["parent_id"]) == (TRACE, PARENT)
        assert "span_id" not in line
        assert exemplars(openmetrics(server)) == []
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
