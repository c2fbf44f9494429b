"""Callers that open calls and send nothing, or read nothing, stop nobody else, and their calls end with a reason."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_status import rpc_status

from makegood.v1 import compensation_service_pb2 as service_pb
from server.frame import MAX_METADATA_BYTES
from tests.server.messages import details_of
from tests.server.raw import Raw
from tests.server.running import (
    METHODS,
    PATIENCE_SECONDS,
    Rigged,
    Running,
    code_name,
    ended,
    eventually,
    refusal_or,
    refused,
    running,
)
from tests.server.samples import decision, question
from tests.server.slow import Late, Silent

COMPUTE = "/makegood.v1.CompensationService/ComputeCompensation"
BATCH = "/makegood.v1.CompensationService/BatchCompute"
STREAM = "/makegood.v1.CompensationService/StreamCompute"
CHECK = "/grpc.health.v1.Health/Check"
WATCH = "/grpc.health.v1.Health/Watch"
REFLECT = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
RESOURCE_EXHAUSTED = "8"
ANSWERED_SECONDS = 15.0
"""A bound against hangs. (What others wait is measured by the bench: some milliseconds.)"""


@contextmanager
def up(**settings: Any) -> Iterator[Running]:
    with running(Rigged(lambda _: decision()), **settings) as server:
        yield server


def everybody_is_answered(server: Running) -> None:
    assert server.compensation.ComputeCompensation(question(), timeout=ANSWERED_SECONDS).decision.grants
    eventually(lambda: a_stream_is_answered(server))
    batch = service_pb.BatchComputeRequest(items=[question()])
    assert len(server.compensation.BatchCompute(batch, timeout=ANSWERED_SECONDS).results) == 1
    assert server.health() == health_pb2.HealthCheckResponse.SERVING


def a_stream_is_answered(server: Running) -> bool:
    """Or told to try again: for a moment nobody can tell a silent stream from one that has just begun."""
    asked = service_pb.StreamComputeRequest(items=[question()])
    answer = refusal_or(lambda: list(server.compensation.StreamCompute(iter([asked]), timeout=ANSWERED_SECONDS)))
    if isinstance(answer, list):
        return len(answer) == 1
    assert details_of(answer)["RetryInfo"].retry_delay.ToMilliseconds() > 0
    return False


@pytest.mark.parametrize("path", [COMPUTE, BATCH, STREAM, CHECK, WATCH, REFLECT, *(f"/{method}" for method in METHODS)])
def test_calls_whose_message_does_not_come_hold_up_nobody(path: str) -> None:
    with up() as server, ExitStack() as stack:
        callers = [stack.enter_context(Raw(server.address)) for _ in range(20)]
        for caller in callers:
            for _ in range(16):
                caller.open(path)
        everybody_is_answered(server)


def test_a_client_may_be_late_with_a_few_messages_and_hears_of_others_at_once() -> None:
    with up() as server, Raw(server.address) as caller:
        late = [caller.open(COMPUTE) for _ in range(4)]
        eventually(lambda: server.metric("makegood_pool_calls_waiting", pool="call") == 4)
        time.sleep(0.5)
        more = [caller.open(COMPUTE) for _ in range(8)]
        caller.hear_until(lambda: len(caller.ended) == len(more))
        assert caller.ended == dict.fromkeys(more, RESOURCE_EXHAUSTED)
        assert server.metric("makegood_grpc_calls_refused_total", reason="TOO_MANY_WAITING") == len(more)
        assert server.metric("makegood_pool_calls_waiting", pool="call") == len(late)


def test_a_message_that_comes_a_moment_after_its_call_is_answered() -> None:
    """Of a caller who is busy with more calls than it may be late with."""
    with up() as server:
        pending = [
            server.streaming(COMPUTE)(iter(Late(question().SerializeToString())), timeout=PATIENCE_SECONDS) for _ in range(12)
        ]
        assert all(len(list(call)) == 1 for call in pending)


@pytest.mark.parametrize("path", [BATCH, STREAM, REFLECT])
def test_a_call_whose_message_does_not_come_ends_in_time_and_says_why(path: str) -> None:
    with up(max_wait_seconds=1) as server:
        call = server.streaming(path)(iter(Silent()), timeout=PATIENCE_SECONDS)
        status = refused(lambda: list(call))
        assert code_name(status) == "RESOURCE_EXHAUSTED"
        assert details_of(status)["RetryInfo"].retry_delay.ToMilliseconds() > 0
        assert details_of(status)["ErrorInfo"].reason == "KEPT_WAITING"
        eventually(lambda: server.metric("makegood_grpc_calls_refused_total", reason="KEPT_WAITING") == 1)
        assert any(line.get("refused") == "KEPT_WAITING" for line in server.lines())


def test_a_quick_call_whose_message_does_not_come_is_cut_in_time() -> None:
    with up(max_wait_seconds=1) as server, Raw(server.address) as caller:
        caller.open(COMPUTE)
        eventually(lambda: server.metric("makegood_grpc_calls_refused_total", reason="KEPT_WAITING") == 1)
        caller.hear_until(lambda: caller.ended)
        eventually(lambda: not server.metric("makegood_grpc_calls_in_flight"))


def test_while_callers_keep_threads_waiting_quick_calls_are_told_why_they_end_too() -> None:
    with up(max_wait_seconds=1) as server, Raw(server.address) as first, Raw(server.address) as second:
        first.open(COMPUTE)
        eventually(lambda: server.metric("makegood_pool_calls_waiting", pool="call") == 1)
        time.sleep(0.2)
        second.open(COMPUTE)
        second.hear_until(lambda: second.ended)
        assert list(second.ended.values()) == [RESOURCE_EXHAUSTED]


def test_a_stream_that_falls_silent_ends_in_time() -> None:
    def falls_silent() -> Iterator[bytes]:
        yield service_pb.StreamComputeRequest(items=[question()]).SerializeToString()
        yield from Silent()

    with up(max_wait_seconds=1) as server:
        answers = server.streaming(STREAM)(falls_silent(), timeout=PATIENCE_SECONDS)
        next(answers)
        status = refused(lambda: next(answers))
        assert code_name(status) == "RESOURCE_EXHAUSTED"
        eventually(lambda: not server.metric("makegood_grpc_calls_in_flight"))


@pytest.mark.parametrize("path", [BATCH, STREAM])
def test_an_answer_that_is_not_read_is_let_go_of_in_time(path: str) -> None:
    asked = service_pb.BatchComputeRequest(items=[question()] * 50).SerializeToString()
    with up(max_wait_seconds=1) as server, Raw(server.address, window_bytes=10) as caller:
        caller.hear(0.1)
        caller.open(path, asked, ends=True)
        everybody_is_answered(server)
        eventually(lambda: server.metric("makegood_grpc_calls_refused_total", reason="KEPT_WAITING") == 1)
        eventually(lambda: not server.process._service._frame.pools.in_flight)


def test_silent_streams_give_way_to_one_that_has_something_to_say() -> None:
    with up(max_concurrent_streams=4) as server, Raw(server.address) as caller:
        for _ in range(4):
            caller.open(STREAM)
        eventually(lambda: server.metric("makegood_pool_calls_waiting", pool="stream") == 4)
        time.sleep(0.1)
        everybody_is_answered(server)
        caller.hear_until(lambda: caller.ended)
        assert set(caller.ended.values()) == {RESOURCE_EXHAUSTED}


def test_a_connection_holds_back_calls_over_its_limit() -> None:
    with up(max_calls_per_connection=3) as server, Raw(server.address) as caller:
        caller.hear_until(lambda: caller.calls_at_most)
        assert caller.calls_at_most == 3


def test_a_client_with_more_calls_than_its_connection_may_have_is_answered_all_of_them() -> None:
    with up(max_calls_per_connection=2, threads=1) as server:
        pending = [server.compensation.ComputeCompensation.future(question(str(number))) for number in range(100)]
        assert [call.result().request_id for call in pending] == [str(number) for number in range(100)]


def test_one_connection_too_many_is_closed() -> None:
    with up(max_connections=2) as server, Raw(server.address) as first, Raw(server.address) as second:
        first.hear_until(lambda: first.calls_at_most)
        second.hear_until(lambda: second.calls_at_most)
        with Raw(server.address) as third:
            third.hear_until(lambda: third.is_closed)


@pytest.mark.parametrize("setting", ["max_connection_idle_seconds", "max_connection_age_seconds"])
def test_a_connection_is_closed_when_it_is_idle_and_when_it_is_old(setting: str) -> None:
    with up(**{setting: 1}) as server, Raw(server.address) as caller:
        caller.hear_until(lambda: caller.is_closed)
        everybody_is_answered(server)


@pytest.mark.parametrize("length", [MAX_METADATA_BYTES, 64 * 2**10, 2**20])
def test_metadata_over_the_limit_is_refused_and_holds_up_nobody(length: int) -> None:
    with up() as server:
        call = ended(server, COMPUTE.removeprefix("/"), metadata=(("long", "x" * length),))
        assert call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        everybody_is_answered(server)


def test_calls_that_are_opened_and_reset_hold_up_nobody() -> None:
    with up() as server, Raw(server.address) as caller:
        for _ in range(50):
            for _ in range(10):
                caller.reset(caller.open(COMPUTE, question().SerializeToString(), ends=True))
            caller.hear()
            everybody_is_answered(server) if not _ % 25 else None
        everybody_is_answered(server)
        eventually(lambda: not server.metric("makegood_grpc_calls_in_flight"))


def test_a_server_that_goes_down_waits_for_no_message_that_has_not_begun_to_come() -> None:
    with up(drain_seconds=600) as server, Raw(server.address) as caller:
        for _ in range(4):
            caller.open(BATCH)
        eventually(lambda: server.metric("makegood_pool_calls_waiting", pool="batch") == 4)
        assert server.stop() == 0


# ----------------------------------------------------------------------------------------------------------------- watch


def test_watchers_that_leave_stop_nothing() -> None:
    """Hundreds of them, and the server goes down in order afterwards."""
    with up() as server:
        watch: grpc.UnaryStreamMultiCallable[bytes, bytes] = server.channel.unary_stream(WATCH)
        for _ in range(300):
            answers = watch(b"", timeout=PATIENCE_SECONDS)
            next(answers)
            answers.cancel()
        everybody_is_answered(server)
        eventually(lambda: not server.process._service._health.watchers)
        server.stop()


def test_a_watcher_that_does_not_read_holds_up_no_probe_and_not_the_end() -> None:
    with up(drain_seconds=600) as server, ExitStack() as stack:
        for _ in range(20):
            caller = stack.enter_context(Raw(server.address, window_bytes=0))
            caller.hear(0.05)
            caller.open(WATCH, b"", ends=True)
        for _ in range(5):
            everybody_is_answered(server)
        server.stop()


def test_a_watcher_hears_when_the_server_goes_down() -> None:
    with up() as server:
        watch: grpc.UnaryStreamMultiCallable[bytes, bytes] = server.channel.unary_stream(WATCH)
        answers = watch(b"", timeout=PATIENCE_SECONDS)
        heard = health_pb2.HealthCheckResponse.FromString
        assert heard(next(answers)).status == health_pb2.HealthCheckResponse.SERVING
        server.stop()
        assert heard(next(answers)).status == health_pb2.HealthCheckResponse.NOT_SERVING


def test_watchers_are_bounded_and_their_names_are_not_kept() -> None:
    with up() as server:
        watch: grpc.UnaryStreamMultiCallable[bytes, bytes] = server.channel.unary_stream(WATCH)
        asked = health_pb2.HealthCheckRequest(service="x" * 1000).SerializeToString()
        calls = [watch(asked, timeout=PATIENCE_SECONDS) for _ in range(8)]
        unknown = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
        assert {health_pb2.HealthCheckResponse.FromString(next(call)).status for call in calls} == {unknown}
        status = refused(lambda: list(watch(asked, timeout=PATIENCE_SECONDS)))
        assert code_name(status) == "RESOURCE_EXHAUSTED"
        assert details_of(status)["ErrorInfo"].reason == "TOO_MANY_WATCHERS"
        calls[0].cancel()
        eventually(lambda: server.process._service._health.watchers == 7)
        assert next(watch(asked, timeout=PATIENCE_SECONDS))


@pytest.mark.parametrize("method", ["Check", "Watch"])
def test_a_probe_of_bytes_that_are_no_message_is_invalid_and_reported(method: str) -> None:
    with up() as server:
        probe: Callable[..., object] = server.streaming(f"/grpc.health.v1.Health/{method}")
        call = probe(iter([b"\xff\xff"]), timeout=PATIENCE_SECONDS)
        assert isinstance(call, grpc.Call)
        status = rpc_status.from_call(call)
        assert status is not None
        assert code_name(status) == "INVALID_ARGUMENT"
        assert any(line.get("method") == f"grpc.health.v1.Health/{method}" for line in server.lines())


def test_all_states_can_be_had_at_once() -> None:
    with up() as server:
        answer = server.unary("/grpc.health.v1.Health/List")(b"", timeout=PATIENCE_SECONDS)
        statuses = vars(health_pb2)["HealthListResponse"].FromString(answer).statuses
        assert {name: state.status for name, state in statuses.items()} == dict.fromkeys(
            ("", "makegood.v1.CompensationService", "makegood.v1.PolicyService"), health_pb2.HealthCheckResponse.SERVING
        )
