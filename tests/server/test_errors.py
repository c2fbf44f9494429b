"""The error table, each row reached by a real call; and what is not in it."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Final

import grpc
import pytest
from google.rpc import status_pb2

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import policy_service_pb2 as policy_pb
from policy import (
    Decision,
    InvalidRequest,
    NotInForce,
    OtherDigest,
    PolicySet,
    Request,
    SeveralVersions,
    UnknownPolicy,
    VersionOfOccasion,
    Violation,
)
from policy.calculator.checks import MAX_VIOLATIONS
from server.access.denials import Forbidden, RateExceeded, Unauthenticated
from server.errors import (
    MORE,
    TABLE,
    TRAILER_BUDGET_BYTES,
    AnswerTooLong,
    CannotFinish,
    DecisionLogFull,
    Draining,
    Fault,
    KeptWaiting,
    Overloaded,
    QueuedTooLong,
    ShortOfMemory,
    TooLarge,
    TooManyWaiting,
    TooManyWatchers,
    UnknownMethod,
    fitted,
    status,
)
from server.metadata import RECEIVES_KEY
from server.probes import MAX_WATCHERS_BY_CLIENT
from tests.access.jwt_tokens import token
from tests.access.secure import BY_TOKEN, access_file, asks
from tests.server.gates import Gate
from tests.server.messages import details_of, error_of
from tests.server.running import PATIENCE_SECONDS, Rigged, Running, code_name, eventually, refusal_or, refused, running
from tests.server.samples import GRANT, decision, question
from tests.server.slow import Silent


def invalid_request(policies: PolicySet) -> status_pb2.Status:
    message = question()
    message.outages[0].ended_at.seconds = 1
    with running(policies) as server:
        return refused(lambda: server.compensation.ComputeCompensation(message))


def unknown_policy(policies: PolicySet) -> status_pb2.Status:
    message = question()
    message.policy.policy_id = "nobody's"
    with running(policies) as server:
        return refused(lambda: server.compensation.ComputeCompensation(message))


def not_in_force(policies: PolicySet) -> status_pb2.Status:
    message = question()
    message.outages[0].started_at.seconds = 5
    with running(policies) as server:
        return refused(lambda: server.compensation.ComputeCompensation(message))


SEVERAL: Final = SeveralVersions(
    "small", [VersionOfOccasion(0, "1"), VersionOfOccasion(86_400, ""), VersionOfOccasion(90_000, "1")]
)


def several_versions(_: PolicySet) -> status_pb2.Status:
    def decide(_: Request) -> Decision:
        raise SEVERAL

    with running(Rigged(decide)) as server:
        return refused(lambda: server.compensation.ComputeCompensation(question()))


def known_callers(policies: PolicySet, rate: str, *sent: str) -> status_pb2.Status:
    """How the last of several calls ends, each with a token, of a server that knows its callers."""
    with TemporaryDirectory() as directory:
        file = access_file(Path(directory), BY_TOKEN + rate)
        with running(policies, access_file=str(file)) as server:
            *before, last = (asks(server.channel, question(), token) for token in sent)
            for call in before:
                call()
            return refused(last)


def unauthenticated(policies: PolicySet) -> status_pb2.Status:
    return known_callers(policies, "", "")


def forbidden(policies: PolicySet) -> status_pb2.Status:
    return known_callers(policies, "", token(sub="mallory"))


def rate_exceeded(policies: PolicySet) -> status_pb2.Status:
    return known_callers(policies, "    rate: {calls: 1 per hour}\n", token(sub="desk"), token(sub="desk"))


def other_digest(policies: PolicySet) -> status_pb2.Status:
    message = question()
    message.policy.expected_sha256 = "0" * 64
    with running(policies) as server:
        return refused(lambda: server.compensation.ComputeCompensation(message))


def decision_log_full(policies: PolicySet) -> status_pb2.Status:
    with TemporaryDirectory() as directory:
        log = str(Path(directory, "log"))
        with running(policies, decision_log=log, decision_log_when_full="shed") as server:
            server.process._service._decision_log._queue._limit_bytes = 0  # type: ignore[union-attr]
            return refused(lambda: server.compensation.ComputeCompensation(question()))


def overloaded(_: PolicySet) -> status_pb2.Status:
    busy, done = Event(), Event()

    def decide(_: Request) -> Decision:
        busy.set()
        done.wait(PATIENCE_SECONDS)
        return decision()

    with running(Rigged(decide), threads=1, max_concurrent_calls=1) as server:
        first = server.compensation.ComputeCompensation.future(question())
        assert busy.wait(PATIENCE_SECONDS)
        told = refused(lambda: server.compensation.ComputeCompensation(question()))
        done.set()
        assert first.result().decision.grants
        return told


def queued_too_long(_: PolicySet) -> status_pb2.Status:
    gate = Gate()
    with running(Rigged(gate.decide), threads=1, max_queue_millis=300) as server:
        first = server.compensation.ComputeCompensation.future(question())
        eventually(lambda: gate.inside)
        second = server.compensation.ComputeCompensation.future(question())
        eventually(lambda: server.metric("makegood_grpc_calls_in_flight") == 2)
        time.sleep(0.5)
        gate.opened.set()
        assert first.result().decision.grants
        return refused(second.result)


def too_many_waiting(_: PolicySet) -> status_pb2.Status:
    with running(Rigged(lambda _: decision())) as server:
        compute = server.streaming("/makegood.v1.CompensationService/ComputeCompensation")
        late = [compute(iter(Silent()), timeout=PATIENCE_SECONDS) for _ in range(4)]
        eventually(lambda: server.metric("makegood_pool_calls_waiting", pool="call") == 4)
        told = eventually(lambda: refusal(server))
        for call in late:
            call.cancel()
        return told


def refusal(server: Running) -> status_pb2.Status | None:
    answer = refusal_or(lambda: server.compensation.ComputeCompensation(question()))
    return answer if isinstance(answer, status_pb2.Status) else None


def kept_waiting(_: PolicySet) -> status_pb2.Status:
    with running(Rigged(lambda _: decision()), max_wait_seconds=1) as server:
        silent = server.streaming("/makegood.v1.CompensationService/StreamCompute")(iter(Silent()), timeout=PATIENCE_SECONDS)
        return refused(lambda: list(silent))


def short_of_memory(_: PolicySet) -> status_pb2.Status:
    busy, done = Event(), Event()

    def decide(_: Request) -> Decision:
        busy.set()
        done.wait(PATIENCE_SECONDS)
        return decision()

    with running(Rigged(decide), max_memory_bytes=1) as server:
        first = server.compensation.ComputeCompensation.future(question())
        assert busy.wait(PATIENCE_SECONDS)
        eventually(lambda: server.process._service._frame._warden._memory.is_short)
        told = refused(lambda: server.compensation.ComputeCompensation(question()))
        done.set()
        assert first.result().decision.grants  # what has begun is answered
        assert server.metric("makegood_grpc_calls_refused_total", reason="SHORT_OF_MEMORY") >= 1
        return told


def too_many_watchers(_: PolicySet) -> status_pb2.Status:
    with running(Rigged(lambda _: decision())) as server:
        watch: grpc.UnaryStreamMultiCallable[bytes, bytes] = server.channel.unary_stream("/grpc.health.v1.Health/Watch")
        calls = [watch(b"", timeout=PATIENCE_SECONDS) for _ in range(MAX_WATCHERS_BY_CLIENT)]
        for call in calls:
            next(call)
        return refused(lambda: list(watch(b"", timeout=PATIENCE_SECONDS)))


def cannot_finish(_: PolicySet) -> status_pb2.Status:
    def slowly(_: Request) -> Decision:
        time.sleep(2)
        return decision()

    long = service_pb.BatchComputeRequest(items=[question("x" * 20_000)])
    with running(Rigged(slowly)) as server:
        assert server.compensation.BatchCompute(long, timeout=PATIENCE_SECONDS).results
        return refused(lambda: server.compensation.BatchCompute(long, timeout=1.5))


def answer_too_long(_: PolicySet) -> status_pb2.Status:
    with running(Rigged(lambda _: decision())) as server:
        batch = service_pb.BatchComputeRequest(items=[question()] * 3)
        return refused(lambda: server.compensation.BatchCompute(batch, metadata=((RECEIVES_KEY, "200"),)))


def draining(_: PolicySet) -> status_pb2.Status:
    busy, done = Event(), Event()

    def decide(_: Request) -> Decision:
        busy.set()
        done.wait(PATIENCE_SECONDS)
        return decision()

    with running(Rigged(decide)) as server:
        first = server.compensation.ComputeCompensation.future(question())
        assert busy.wait(PATIENCE_SECONDS)
        stopping = Thread(target=server.stop)
        stopping.start()
        eventually(lambda: '"event":"draining"' in server.output.getvalue())
        told = refused(lambda: server.policies.ListPolicies(policy_pb.ListPoliciesRequest()))
        done.set()
        assert first.result().decision.grants
        stopping.join()
        return told


def unknown_method(policies: PolicySet) -> status_pb2.Status:
    with running(policies) as server:
        return refused(lambda: server.unary("/makegood.v1.CompensationService/Steal")(b""))


def too_large(_: PolicySet) -> status_pb2.Status:
    beyond = replace(GRANT, quantity=2**63)
    with running(Rigged(lambda _: decision(grants=(beyond,)))) as server:
        return refused(lambda: server.compensation.ComputeCompensation(question()))


def crash(_: Request) -> Decision:
    secret = "13800138000"
    raise KeyError(f"no such subscriber {secret}")


def fault(_: PolicySet) -> status_pb2.Status:
    with running(Rigged(crash)) as server:
        return refused(lambda: server.compensation.ComputeCompensation(question()))


REACHED: Final[dict[type, tuple[Callable[[PolicySet], status_pb2.Status], str, set[str]]]] = {
    InvalidRequest: (invalid_request, "INVALID_ARGUMENT", {"BadRequest"}),
    UnknownPolicy: (unknown_policy, "NOT_FOUND", {"ResourceInfo", "ErrorInfo"}),
    NotInForce: (not_in_force, "FAILED_PRECONDITION", {"PreconditionFailure", "ErrorInfo"}),
    Unauthenticated: (unauthenticated, "UNAUTHENTICATED", {"ErrorInfo"}),
    Forbidden: (forbidden, "PERMISSION_DENIED", {"ErrorInfo"}),
    RateExceeded: (rate_exceeded, "RESOURCE_EXHAUSTED", {"RetryInfo", "ErrorInfo"}),
    SeveralVersions: (several_versions, "FAILED_PRECONDITION", {"PreconditionFailure", "ErrorInfo"}),
    OtherDigest: (other_digest, "FAILED_PRECONDITION", {"PreconditionFailure", "ErrorInfo"}),
    Overloaded: (overloaded, "RESOURCE_EXHAUSTED", {"RetryInfo", "ErrorInfo"}),
    QueuedTooLong: (queued_too_long, "RESOURCE_EXHAUSTED", {"RetryInfo", "ErrorInfo"}),
    TooManyWaiting: (too_many_waiting, "RESOURCE_EXHAUSTED", {"RetryInfo", "ErrorInfo"}),
    KeptWaiting: (kept_waiting, "RESOURCE_EXHAUSTED", {"RetryInfo", "ErrorInfo"}),
    ShortOfMemory: (short_of_memory, "RESOURCE_EXHAUSTED", {"RetryInfo", "ErrorInfo"}),
    TooManyWatchers: (too_many_watchers, "RESOURCE_EXHAUSTED", {"RetryInfo", "ErrorInfo"}),
    DecisionLogFull: (decision_log_full, "RESOURCE_EXHAUSTED", {"RetryInfo", "ErrorInfo"}),
    CannotFinish: (cannot_finish, "DEADLINE_EXCEEDED", {"ErrorInfo"}),
    AnswerTooLong: (answer_too_long, "INVALID_ARGUMENT", {"BadRequest", "ErrorInfo"}),
    Draining: (draining, "UNAVAILABLE", {"RetryInfo", "ErrorInfo"}),
    UnknownMethod: (unknown_method, "UNIMPLEMENTED", {"ErrorInfo"}),
    TooLarge: (too_large, "OUT_OF_RANGE", {"ErrorInfo"}),
    Fault: (fault, "INTERNAL", {"ErrorInfo"}),
}


@pytest.mark.parametrize("happened", REACHED, ids=lambda kind: kind.__name__)
def test_each_error_has_its_code_and_details(policies: PolicySet, happened: type) -> None:
    provoke, code, details = REACHED[happened]
    told = provoke(policies)
    assert (code_name(told), set(details_of(told))) == (code, details)
    assert told.message


def test_every_row_of_the_table_is_reached() -> None:
    assert set(REACHED) == set(TABLE)


def test_occasions_of_several_versions_are_told_each_with_its_start(policies: PolicySet) -> None:
    told = several_versions(policies)
    error = error_of(told)
    assert isinstance(error, SeveralVersions)
    assert (error.policy_id, error.occasions) == (SEVERAL.policy_id, SEVERAL.occasions)
    failures = details_of(told)["PreconditionFailure"].violations
    assert [(each.type, each.subject, each.description) for each in failures] == [
        ("OCCASION_VERSION", "small/1", "what began at 1970-01-01T00:00:00Z has version 1"),
        ("OCCASION_VERSION", "small", "what began at 1970-01-02T00:00:00Z has no version in force"),
    ]


def test_an_unknown_policy_is_told_with_those_that_there_are(policies: PolicySet) -> None:
    error = error_of(unknown_policy(policies))
    assert isinstance(error, UnknownPolicy)
    assert (error.policy_id, error.known) == ("nobody's", policies.policy_ids)


def test_a_gap_is_told_with_the_spans_that_are_covered(policies: PolicySet) -> None:
    error = error_of(not_in_force(policies))
    assert isinstance(error, NotInForce)
    assert error.on.isoformat() == "1970-01-01"
    assert str(policies.versions("cn-standard")[0].in_force_from) in error.covered[0]


def test_another_digest_is_told_with_the_one_that_is_loaded(policies: PolicySet) -> None:
    error = error_of(other_digest(policies))
    assert isinstance(error, OtherDigest)
    loaded = policies.version("cn-standard", "2026-01").sha256
    assert (error.policy_id, error.version, error.expected, error.loaded) == ("cn-standard", "2026-01", "0" * 64, loaded)


@pytest.mark.parametrize("provoke", [overloaded, draining])
def test_a_call_that_may_be_repeated_says_when(policies: PolicySet, provoke: Callable[[PolicySet], status_pb2.Status]) -> None:
    retry = details_of(provoke(policies))["RetryInfo"]
    assert 0 < retry.retry_delay.ToMilliseconds() <= 5_000


# -------------------------------------------------------------------------------------------------------- our own fault


def test_our_fault_is_told_by_an_id_under_which_the_log_holds_the_traceback() -> None:
    with running(Rigged(crash)) as server:
        told = refused(lambda: server.compensation.ComputeCompensation(question()))
        incident = details_of(told)["ErrorInfo"].metadata["incident_id"]
        assert incident in told.message
        (line,) = [line for line in server.lines() if line["event"] == "fault"]
        (call,) = [line for line in server.lines() if line["event"] == "call"]
    assert (line["level"], line["incident_id"], call["incident_id"]) == ("error", incident, incident)
    assert "in crash" in line["traceback"]
    assert line["exception"] == ["builtins.KeyError"]


def test_our_fault_shows_nothing_of_the_inside_to_callers_or_values_to_the_log() -> None:
    with running(Rigged(crash)) as server:
        told = refused(lambda: server.compensation.ComputeCompensation(question()))
        logged = json.dumps(server.lines())
    assert "KeyError" not in str(told)
    assert "13800138000" not in str(told)
    assert "no such subscriber 1" not in logged


def test_a_fault_after_the_decision_carries_its_id() -> None:
    with running(Rigged(lambda _: decision(outcome="MAYBE"))) as server:
        told = refused(lambda: server.compensation.ComputeCompensation(question()))
    assert code_name(told) == "INTERNAL"
    assert details_of(told)["ErrorInfo"].metadata["decision_id"] == "d" * 32


# --------------------------------------------------------------------------------------------------- what trailers carry


@pytest.mark.parametrize("violations", [1, 10, 30, 60, 1_000])
@pytest.mark.parametrize("text", ["must not be negative", "不得为负数" * 5])
def test_a_status_always_fits_into_trailers(violations: int, text: str) -> None:
    whole = status(InvalidRequest([Violation(f"outages[{index}].started_at", text) for index in range(violations)]))
    cut = fitted(whole)
    assert cut.ByteSize() * 4 / 3 < TRAILER_BUDGET_BYTES
    kept = details_of(cut)["BadRequest"].field_violations
    if cut == whole:
        assert len(kept) == violations
    else:
        assert kept[-1].description == MORE
        assert f"{min(violations, MAX_VIOLATIONS)} fields in all" in cut.message


def test_as_many_violations_are_told_as_fit() -> None:
    """One more of those that were left out would not have fitted."""
    whole = status(InvalidRequest([Violation(f"outages[{index}].started_at", "is required") for index in range(1_000)]))
    assert fitted(whole).ByteSize() * 4 / 3 > TRAILER_BUDGET_BYTES * 0.9


def test_a_row_lists_violations_up_to_a_number_and_says_how_many_there_are() -> None:
    """A row's status has no other bound: a batch of bad rows would get an answer a hundred times its size."""
    for violations, told_of in (
        (MAX_VIOLATIONS, f"; {MAX_VIOLATIONS}"),
        (MAX_VIOLATIONS + 1, f"; more than {MAX_VIOLATIONS}"),
    ):
        told = status(InvalidRequest([Violation(f"outages[{index}].started_at", "is required") for index in range(violations)]))
        listed = [violation.description for violation in details_of(told)["BadRequest"].field_violations]
        assert listed[:MAX_VIOLATIONS] == ["is required"] * MAX_VIOLATIONS
        assert listed[MAX_VIOLATIONS:] == [MORE] * (violations - MAX_VIOLATIONS)
        assert f"{told_of} fields in all" in told.message


def test_a_text_as_long_as_a_caller_likes_does_not_break_the_answer(server: Running) -> None:
    message = question()
    message.policy.policy_id = "甲" * 50_000
    assert code_name(refused(lambda: server.compensation.ComputeCompensation(message))) in {"NOT_FOUND", "INVALID_ARGUMENT"}
