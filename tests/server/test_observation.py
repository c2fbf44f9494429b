"""Every call is measured and logged as it ended, whoever ended it, and for as long as it took."""

import time
from collections.abc import Iterator
from threading import Event

import grpc
import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from server.access_log import Logged
from tests.server.frames import COMPUTE, STREAM, framed
from tests.server.running import METHODS, PATIENCE_SECONDS, Running, code_name, ended, eventually, refused
from tests.server.samples import question

SLOW_SECONDS = 0.2
GIVEN_SECONDS = 1.5
"""How long a caller waits."""
OVER_SECONDS = GIVEN_SECONDS + 0.3
"""From when its call is there, until its time is over for the server as well."""
CANCELLED_OFTEN = 20
"""Some of them would pass for streams that came to their end, if the server did not look twice."""


def slow(_: service_pb.ComputeCompensationRequest, __: grpc.ServicerContext) -> service_pb.ComputeCompensationResponse:
    time.sleep(SLOW_SECONDS)
    return service_pb.ComputeCompensationResponse()


def aborting(_: service_pb.ComputeCompensationRequest, context: grpc.ServicerContext) -> service_pb.ComputeCompensationResponse:
    time.sleep(SLOW_SECONDS)
    context.abort(grpc.StatusCode.ALREADY_EXISTS, "it is there")


def raising(_: service_pb.ComputeCompensationRequest, __: grpc.ServicerContext) -> service_pb.ComputeCompensationResponse:
    time.sleep(SLOW_SECONDS)
    raise LookupError("nobody expects this")


class Held:
    """A handler that answers when it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.enough = Event()

    def __call__(
        self, request: service_pb.ComputeCompensationRequest, _: grpc.ServicerContext
    ) -> service_pb.ComputeCompensationResponse:
        self.begun.append(request.request_id)
        assert self.enough.wait(PATIENCE_SECONDS)
        return service_pb.ComputeCompensationResponse()


def test_a_slow_call_is_measured_to_its_end() -> None:
    with framed(slow) as up:
        up.stub.ComputeCompensation(question())
        assert up.calls(COMPUTE, "OK") == 1
        assert SLOW_SECONDS <= up.seconds(COMPUTE, "OK") < SLOW_SECONDS + 2


def test_an_aborted_call_is_measured_to_its_end_with_its_code() -> None:
    with framed(aborting) as up:
        assert code_name(refused(lambda: up.stub.ComputeCompensation(question()))) == "ALREADY_EXISTS"
        assert up.calls(COMPUTE, "ALREADY_EXISTS") == 1
        assert up.seconds(COMPUTE, "ALREADY_EXISTS") >= SLOW_SECONDS
        assert up.in_flight(COMPUTE) == 0


def test_a_call_that_raises_is_measured_as_internal() -> None:
    with framed(raising) as up:
        assert code_name(refused(lambda: up.stub.ComputeCompensation(question()))) == "INTERNAL"
        assert up.calls(COMPUTE, "INTERNAL") == 1
        assert up.seconds(COMPUTE, "INTERNAL") >= SLOW_SECONDS


def test_a_code_that_a_method_sets_itself_is_the_one_that_is_measured() -> None:
    def setting(
        _: service_pb.ComputeCompensationRequest, context: grpc.ServicerContext
    ) -> service_pb.ComputeCompensationResponse:
        context.set_code(grpc.StatusCode.DATA_LOSS)
        return service_pb.ComputeCompensationResponse()

    with framed(setting) as up:
        assert code_name(refused(lambda: up.stub.ComputeCompensation(question()))) == "DATA_LOSS"
        assert up.calls(COMPUTE, "DATA_LOSS") == 1


def test_a_call_whose_deadline_passes_is_measured_as_that() -> None:
    held = Held()
    with framed(held) as up:
        pending = up.stub.ComputeCompensation.future(question(), timeout=GIVEN_SECONDS)
        eventually(lambda: held.begun)
        time.sleep(OVER_SECONDS)
        assert code_name(refused(pending.result)) == "DEADLINE_EXCEEDED"
        held.enough.set()
        eventually(lambda: up.calls(COMPUTE, "DEADLINE_EXCEEDED") == 1)
        assert up.seconds(COMPUTE, "DEADLINE_EXCEEDED") >= GIVEN_SECONDS, "it worked to its end, though nobody waited"


def test_a_call_that_its_caller_cancels_is_measured_as_that() -> None:
    held = Held()
    with framed(held) as up:
        pending = up.stub.ComputeCompensation.future(question())
        eventually(lambda: held.begun)
        pending.cancel()
        time.sleep(SLOW_SECONDS)
        held.enough.set()
        eventually(lambda: up.calls(COMPUTE, "CANCELLED") == 1)


def test_a_call_that_is_given_up_while_it_queues_is_measured_and_does_no_work() -> None:
    held = Held()
    with framed(held, threads=1) as up:
        first = up.stub.ComputeCompensation.future(question("first"))
        eventually(lambda: held.begun)
        queued = up.stub.ComputeCompensation.future(question("queued"), timeout=GIVEN_SECONDS)
        eventually(lambda: up.in_flight(COMPUTE) == 2)
        time.sleep(OVER_SECONDS)
        assert code_name(refused(queued.result)) == "DEADLINE_EXCEEDED"
        held.enough.set()
        first.result()
        eventually(lambda: up.calls(COMPUTE, "DEADLINE_EXCEEDED") == 1)
        assert up.in_flight(COMPUTE) == 0
        assert held.begun == ["first"]


def test_time_in_the_queue_counts() -> None:
    held = Held()
    with framed(held, threads=1) as up:
        both = [up.stub.ComputeCompensation.future(question()) for _ in range(2)]
        eventually(lambda: up.in_flight(COMPUTE) == 2)
        time.sleep(SLOW_SECONDS)
        held.enough.set()
        for call in both:
            call.result()
        assert up.seconds(COMPUTE, "OK") >= 2 * SLOW_SECONDS, "one ran for so long, the other one waited for it"


def test_calls_in_flight_are_seen_while_they_are() -> None:
    held = Held()
    with framed(held) as up:
        pending = up.stub.ComputeCompensation.future(question())
        eventually(lambda: up.in_flight(COMPUTE) == 1)
        held.enough.set()
        pending.result()
        assert up.in_flight(COMPUTE) == 0


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_measured_under_its_name(server: Running, method: str) -> None:
    before = server.metric("makegood_grpc_call_duration_seconds_count", method=method)
    ended(server, method)
    assert server.metric("makegood_grpc_call_duration_seconds_count", method=method) == before + 1
    assert server.metric("makegood_grpc_calls_in_flight", method=method) == 0


def test_refused_calls_are_counted_and_logged() -> None:
    held = Held()
    with framed(held, threads=1, max_concurrent_calls=1) as up:
        first = up.stub.ComputeCompensation.future(question())
        eventually(lambda: up.in_flight(COMPUTE) == 1)
        assert code_name(refused(lambda: up.stub.ComputeCompensation(question()))) == "RESOURCE_EXHAUSTED"
        assert up.calls(COMPUTE, "RESOURCE_EXHAUSTED") == 1
        held.enough.set()
        first.result()
        eventually(lambda: '"code":"RESOURCE_EXHAUSTED"' in up.stream.getvalue())


# ------------------------------------------------------------------------------------------------------------- streams


def messages(count: int, pause: float = 0.0) -> Iterator[service_pb.StreamComputeRequest]:
    for _ in range(count):
        yield service_pb.StreamComputeRequest()
        time.sleep(pause)


def test_a_stream_is_measured_to_its_last_message() -> None:
    with framed() as up:
        assert len(list(up.stub.StreamCompute(messages(4, SLOW_SECONDS / 4)))) == 4
        eventually(lambda: up.calls(STREAM, "OK") == 1)
        assert up.seconds(STREAM, "OK") >= SLOW_SECONDS


def test_a_stream_that_fails_midway_is_measured_with_its_code() -> None:
    def failing(
        requests: Iterator[service_pb.StreamComputeRequest], _: grpc.ServicerContext
    ) -> Iterator[service_pb.StreamComputeResponse]:
        next(requests)
        yield service_pb.StreamComputeResponse()
        raise LookupError("midway")

    with framed(stream=failing) as up:
        answers = up.stub.StreamCompute(messages(2))
        next(answers)
        assert code_name(refused(lambda: next(answers))) == "INTERNAL"
        assert up.calls(STREAM, "INTERNAL") == 1


@pytest.mark.parametrize("waits_for", ["request", "reader"])
def test_a_stream_that_its_caller_cancels_is_measured_as_that(waits_for: str) -> None:
    """While the server waits for the next request, and while it has an answer that nobody takes."""
    hold = Event()

    def held() -> Iterator[service_pb.StreamComputeRequest]:
        yield service_pb.StreamComputeRequest()
        hold.wait(PATIENCE_SECONDS)

    def endless(
        requests: Iterator[service_pb.StreamComputeRequest], _: grpc.ServicerContext
    ) -> Iterator[service_pb.StreamComputeResponse]:
        for _request in requests:
            yield service_pb.StreamComputeResponse()
            while waits_for == "reader":
                yield service_pb.StreamComputeResponse(results=[{"request_id": "x" * 10_000}])  # type: ignore[list-item]

    with framed(stream=endless) as up:
        for count in range(1, CANCELLED_OFTEN + 1):
            answers = up.stub.StreamCompute(held())
            next(answers)
            answers.cancel()
            eventually(lambda count=count: up.calls(STREAM, "CANCELLED") == count)  # type: ignore[misc]
        assert up.in_flight(STREAM) == 0
        hold.set()


# ------------------------------------------------------------------------------------------------------------- logging


@pytest.mark.parametrize(("logged", "codes"), [("all", ["OK", "INTERNAL"]), ("failed", ["INTERNAL"]), ("none", [])])
def test_which_calls_are_logged_can_be_chosen(logged: Logged, codes: list[str]) -> None:
    def at_choice(
        request: service_pb.ComputeCompensationRequest, _: grpc.ServicerContext
    ) -> service_pb.ComputeCompensationResponse:
        if request.request_id == "bad":
            raise LookupError
        return service_pb.ComputeCompensationResponse()

    with framed(at_choice, log_calls=logged) as up:
        up.stub.ComputeCompensation(question("good"))
        refused(lambda: up.stub.ComputeCompensation(question("bad")))
    lines = [line for line in up.stream.getvalue().splitlines() if '"event":"call"' in line]
    assert [line.partition('"code":"')[2].partition('"')[0] for line in lines] == codes
