"""What is asked again, when, and for how long."""

import time
from collections.abc import Callable
from itertools import pairwise

import grpc
import pytest
from google.rpc import code_pb2

from clients import channel, retry
from clients.errors import CallFailed, ExitCode
from clients.status import Violation
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest, ComputeCompensationResponse
from makegood.v1.compensation_service_pb2_grpc import CompensationServiceStub
from tests.clients.fakes import FakeServer, bad_request, failing, retry_info

HANG_SECONDS = 30
"""No claim, only a guard: what takes so long would never end."""


def ask(
    fake: FakeServer,
    *,
    timeout_seconds: float = 5,
    attempts: int | None = None,
    on_attempt: Callable[[float], None] = lambda seconds: None,
) -> ComputeCompensationResponse:
    """One unary call under the retry policy; ``on_attempt`` is told the seconds that each attempt is given."""
    to = channel.Connection(fake.address, timeout_seconds, 2**20, None)
    with channel.open_channel(to) as opened:
        stub = CompensationServiceStub(opened)

        def attempt(seconds: float) -> ComputeCompensationResponse:
            on_attempt(seconds)
            return stub.ComputeCompensation(ComputeCompensationRequest(request_id="7"), timeout=seconds)

        return retry.within(timeout_seconds, attempt, address=to.address, attempts=attempts)


@pytest.mark.parametrize("code", [code_pb2.UNAVAILABLE, code_pb2.CANCELLED])
def test_server_that_goes_down_is_asked_again_until_it_answers(fake: FakeServer, code: int) -> None:
    """Two refusals of a server that goes down cost two more attempts and no error."""
    fake.failures.extend([failing(code, "going down")] * 2)
    assert ask(fake).request_id == "7"
    assert fake.calls == 3


def test_overload_with_a_time_is_asked_again_and_not_before(fake: FakeServer) -> None:
    """RESOURCE_EXHAUSTED with RetryInfo is repeated, and the delay that the server names is kept."""
    fake.failures.append(failing(code_pb2.RESOURCE_EXHAUSTED, "too many calls", retry_info(0.4)))
    begun = time.monotonic()
    assert ask(fake).request_id == "7"
    assert time.monotonic() - begun >= 0.4
    assert fake.calls == 2


@pytest.mark.parametrize(
    "code",
    [
        code_pb2.INVALID_ARGUMENT,
        code_pb2.NOT_FOUND,
        code_pb2.FAILED_PRECONDITION,
        code_pb2.PERMISSION_DENIED,
        code_pb2.INTERNAL,
        code_pb2.RESOURCE_EXHAUSTED,  # without RetryInfo
        code_pb2.DEADLINE_EXCEEDED,
    ],
)
def test_nothing_else_is_asked_again(fake: FakeServer, code: int) -> None:
    """A refusal that time does not heal reaches the caller after one attempt."""
    fake.failures.append(failing(code, "no"))
    with pytest.raises(CallFailed):
        ask(fake)
    assert fake.calls == 1


def test_only_a_server_that_says_when_to_come_back_is_overloaded(fake: FakeServer) -> None:
    """Without a time, RESOURCE_EXHAUSTED is a refusal that names the limits on size; with one, trying again later helps."""
    fake.failures.append(failing(code_pb2.RESOURCE_EXHAUSTED, "Received message larger than max"))
    with pytest.raises(CallFailed) as failed:
        ask(fake)
    assert failed.value.exit_code is ExitCode.REFUSED
    assert "--max-message" in failed.value.lines[0]
    fake.failures.append(failing(code_pb2.RESOURCE_EXHAUSTED, "too many calls", retry_info(60)))
    with pytest.raises(CallFailed, match="too much to do, try again in 60 s: too many calls") as failed:
        ask(fake)
    assert failed.value.exit_code is ExitCode.OVERLOADED


def test_deadline_bounds_all_attempts_together(fake: FakeServer) -> None:
    """A server that never recovers is given up before the deadline, and no attempt gets more than what is left of it."""
    fake.failures.extend([failing(code_pb2.UNAVAILABLE, "draining")] * 10_000)
    left: list[float] = []
    begun = time.monotonic()
    with pytest.raises(CallFailed) as failed:
        ask(fake, timeout_seconds=1, on_attempt=left.append)
    assert time.monotonic() - begun < HANG_SECONDS
    assert failed.value.exit_code is ExitCode.UNREACHABLE
    assert left[0] <= 1
    assert all(later < earlier for earlier, later in pairwise(left))
    # Each attempt's share went out with the call; the last of them may have run out before the server took it up.
    assert len(left) - 1 <= fake.calls <= len(left)
    assert None not in fake.deadlines


def test_delay_that_passes_the_deadline_is_not_waited_for(fake: FakeServer) -> None:
    """A server that says "in an hour" is not waited for by a caller that has five seconds."""
    fake.failures.append(failing(code_pb2.UNAVAILABLE, "draining", retry_info(3600)))
    begun = time.monotonic()
    with pytest.raises(CallFailed):
        ask(fake)
    assert time.monotonic() - begun < HANG_SECONDS
    assert fake.calls == 1


def test_attempts_can_be_limited(fake: FakeServer) -> None:
    """Where a person waits, the attempts are counted as well."""
    fake.failures.extend([failing(code_pb2.UNAVAILABLE, "draining")] * 100)
    with pytest.raises(CallFailed):
        ask(fake, attempts=2)
    assert fake.calls == 2


def test_waits_are_scattered(fake: FakeServer) -> None:
    """Callers that were sent away together do not come back together."""
    waits: set[float] = set()
    to = channel.Connection(fake.address, 5, 2**20, None)
    with channel.open_channel(to) as opened:
        stub = CompensationServiceStub(opened)
        for _ in range(5):
            fake.failures.append(failing(code_pb2.UNAVAILABLE, "draining", retry_info(0.01)))
            retry.within(
                5,
                lambda seconds: stub.ComputeCompensation(ComputeCompensationRequest(), timeout=seconds),
                address=to.address,
                on_wait=lambda _, seconds: waits.add(seconds),
            )
    assert len(waits) == 5
    assert all(0.01 <= seconds <= 0.01 * (1 + retry.RETRY_INFO_JITTER) for seconds in waits)


def test_every_offending_field_reaches_the_caller(fake: FakeServer) -> None:
    """The violations of a BadRequest are one line each, and the exit code says that the question is refused."""
    details = bad_request(("outages[0].ended_at", "must be after started_at"), ("mode", "must be given"))
    fake.failures.append(failing(code_pb2.INVALID_ARGUMENT, "2 fields are malformed", details))
    with pytest.raises(CallFailed) as failed:
        ask(fake)
    assert failed.value.refusal.violations == (
        Violation("outages[0].ended_at", "must be after started_at"),
        Violation("mode", "must be given"),
    )
    assert failed.value.lines == ("  outages[0].ended_at: must be after started_at", "  mode: must be given")
    assert failed.value.exit_code is ExitCode.REFUSED


def test_details_that_contradict_the_code_do_not_hide_it(fake: FakeServer) -> None:
    """A proxy that rewrites the status leaves details of another code behind; the call's own code stands."""

    def contradict(context: grpc.ServicerContext) -> None:
        context.set_trailing_metadata((("grpc-status-details-bin", b"\x08\x03"),))
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "not for you")

    fake.failures.append(contradict)
    with pytest.raises(CallFailed) as failed:
        ask(fake)
    assert failed.value.refusal.code == "PERMISSION_DENIED"
