"""Log lines say what happened, and nothing about whom."""

import contextlib
import errno
import io
import json
from threading import Event
from typing import Any

import grpc
import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import Decision, PolicySet, Request, Stamp
from server import access_log
from server import log as server_log
from server.call import Call
from server.log import Log, LogFormat, field_paths
from server.request_id import printable
from tests.server.running import PATIENCE_SECONDS, Rigged, Running, eventually, refused, running
from tests.server.samples import SUBSCRIBER_ID, decision, question


def calls(server: Running) -> list[dict[str, Any]]:
    return [line for line in server.lines() if line["event"] == "call"]


def test_a_call_is_one_line_that_tells_what_was_decided_by_what(policies: PolicySet) -> None:
    version = policies.versions("cn-standard")[-1]
    with running(policies) as server:
        answered = server.compensation.ComputeCompensation(question("r-1")).decision
        (line,) = calls(server)
    assert line["method"] == "makegood.v1.CompensationService/ComputeCompensation"
    assert (line["code"], line["outcome"], line["request_id"]) == ("OK", "GRANTED", "r-1")
    assert line["decision_id"] == answered.decision_id
    assert line["policies"] == [f"cn-standard/{version.version}@{version.sha256}"]
    assert 0 < line["seconds"] < 5
    assert line["peer"].startswith("ipv4:127.0.0.1:")
    assert line["timestamp"].endswith("Z")


def test_a_batch_is_one_line_with_its_rows(policies: PolicySet) -> None:
    bad = service_pb.ComputeCompensationRequest()
    with running(policies) as server:
        server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[question("a"), bad, question("b")]))
        (line,) = calls(server)
    assert (line["rows"], line["failed_rows"], line["code"]) == (3, 1, "OK")
    assert len(line["policies"]) == 1


def test_a_refused_question_is_logged_with_its_field_paths_only(policies: PolicySet) -> None:
    message = question()
    message.subscriber.time_zone = "Atlantis/of-mine"
    message.subscriber.attributes["phone-13800138000"].text = "of-mine"
    message.already_granted.quantities["13800138000"] = 1
    with running(policies) as server:
        refused(lambda: server.compensation.ComputeCompensation(message))
        (line,) = calls(server)
        everything = server.output.getvalue()
    assert line["code"] == "INVALID_ARGUMENT"
    assert set(line["fields"]) == {"subscriber.time_zone", 'subscriber.attributes["*"]', 'already_granted.quantities["*"]'}
    assert "of-mine" not in everything
    assert "13800138000" not in everything


def test_no_log_line_names_a_subscriber(policies: PolicySet) -> None:
    """Through every way in, answered, refused and failed."""

    def crash(request: Request) -> Decision:
        assert request.subscriber is not None
        raise LookupError(request.subscriber.subscriber_id)

    bad = question()
    bad.outages[0].ended_at.seconds = 1
    for decided_by in (policies, Rigged(crash)):
        with running(decided_by) as server:
            for message in (question(), bad):
                for call in (
                    lambda message=message: server.compensation.ComputeCompensation(message),
                    lambda message=message: server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[message])),
                    lambda message=message: list(
                        server.compensation.StreamCompute(iter([service_pb.StreamComputeRequest(items=[message])]))
                    ),
                ):
                    with contextlib.suppress(grpc.RpcError):
                        call()
        text = server.output.getvalue()
        assert text.count('"event":"call"') == 6
        assert SUBSCRIBER_ID not in text
        assert SUBSCRIBER_ID[-11:] not in text


@pytest.mark.parametrize("format_", ["json", "text"])
def test_a_request_id_cannot_forge_a_line(policies: PolicySet, format_: LogFormat) -> None:
    output = io.StringIO()
    log = Log(output, format_, "info")
    log.info("call", request_id=printable('x\n{"event":"call","code":"OK"}'))
    log.close()
    assert len(output.getvalue().splitlines()) == 1


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("outages[2].ended_at", "outages[2].ended_at"),
        ('subscriber.attributes["138"]', 'subscriber.attributes["*"]'),
        ('subscriber.attributes["a"]b\n"].ratio', 'subscriber.attributes["*"]'),
    ],
)
def test_a_path_is_logged_without_the_keys_that_callers_choose(path: str, shown: str) -> None:
    assert field_paths((path,)) == [shown]


@pytest.mark.parametrize(("level", "events"), [("debug", 3), ("info", 3), ("warning", 2), ("error", 1)])
def test_events_below_the_level_are_left_out(level: server_log.LogLevel, events: int) -> None:
    output = io.StringIO()
    log = Log(output, "json", level)
    log.info("a")
    log.warning("b")
    log.error("c")
    log.close()
    assert len(output.getvalue().splitlines()) == events


def test_text_lines_are_for_people() -> None:
    output = io.StringIO()
    log = Log(output, "text", "info")
    log.info("draining", seconds=20)
    log.close()
    assert "draining seconds=20" in output.getvalue()


def test_lines_come_without_waiting_for_the_end() -> None:
    output = io.StringIO()
    log = Log(output, "json", "info")
    log.info("early")
    eventually(lambda: "early" in output.getvalue())
    log.close()


class Stalled(io.StringIO):
    """A reader who does not read until told."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = Event()

    def write(self, text: str) -> int:
        assert self.reads.wait(PATIENCE_SECONDS)
        return super().write(text)


def test_a_reader_who_stops_reading_holds_up_nobody_and_loses_only_what_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_log, "KEPT_EVENTS", 10)
    output = Stalled()
    log = Log(output, "json", "info")
    log.info("first")
    eventually(lambda: not log._events)
    for _ in range(25):
        log.info("later")
    output.reads.set()
    log.close()
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["first", *["later"] * 10, "log lines dropped"]
    assert lines[-1]["count"] == 15


class Full(io.StringIO):
    """A disk that is full for a while."""

    has_room = False

    def write(self, text: str) -> int:
        if not self.has_room:
            raise OSError(errno.ENOSPC, "no space left on device")
        return super().write(text)


def test_a_full_disk_loses_only_the_lines_that_it_had_no_room_for_and_they_are_counted() -> None:
    output = Full()
    log = Log(output, "json", "info")
    log.info("lost")
    eventually(lambda: log._dropped)
    output.has_room = True
    log.info("kept")
    log.close()
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    assert {line["event"] for line in lines} == {"kept", "log lines dropped"}
    assert sum(line.get("count", 0) for line in lines) >= 1


def test_a_decision_is_logged_as_it_was_when_the_call_ended() -> None:
    """Lines are made later, from what no longer changes."""
    with running(Rigged(lambda _: decision())) as server:
        for index in range(20):
            server.compensation.ComputeCompensation(question(f"r-{index}"))
        assert [line["request_id"] for line in calls(server)] == [f"r-{index}" for index in range(20)]


def test_a_line_by_template_says_what_any_line_says(policies: PolicySet) -> None:
    """Of whatever id a caller gives."""
    strange = 'x"\\\n\x00é{}'
    with running(policies) as server:
        for request_id in ("plain", strange):
            server.compensation.ComputeCompensation(question(request_id))
        plain, other = calls(server)
    assert plain.keys() == other.keys()
    assert other["request_id"] == printable(strange)
    stamp = policies.versions("cn-standard")[-1]
    call = Call("a/B", 0.0, strange, outcome="GRANTED", decision_id="d")
    call.stamps.add(Stamp("cn-standard", stamp.version, stamp.sha256, "1"))
    by_template = json.loads(f"{{{access_log._written(call, 'OK', 0.5, 'ipv4:1')}}}")
    assert by_template == access_log._known(call, "OK", 0.5, "ipv4:1")
