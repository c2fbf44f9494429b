"""Streams: each message is a batch of its own, answered before the next is asked for."""

from collections.abc import Iterator
from threading import Event

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from policy import PolicySet
from tests.server.rows import bare, batch, defaults
from tests.server.running import PATIENCE_SECONDS, Running, code_name, refused, running
from tests.server.samples import ENDED_AT, GRANTED_BYTES, question

# ------------------------------------------------------------------------------------------------------------- streams


def pieces(count: int, rows: int) -> Iterator[service_pb.StreamComputeRequest]:
    for piece in range(count):
        yield service_pb.StreamComputeRequest(items=[question(f"{piece}-{row}") for row in range(rows)])


def test_a_stream_answers_each_message_in_order(server: Running) -> None:
    answers = [[result.request_id for result in answer.results] for answer in server.compensation.StreamCompute(pieces(7, 3))]
    assert answers == [[f"{piece}-{row}" for row in range(3)] for piece in range(7)]


def test_a_stream_answers_a_message_before_the_next_one_is_sent(server: Running) -> None:
    """A caller that waits for each answer gets it: nothing is gathered."""
    may_send = Event()

    def one_by_one() -> Iterator[service_pb.StreamComputeRequest]:
        yield from pieces(1, 1)
        assert may_send.wait(PATIENCE_SECONDS)
        yield from pieces(1, 1)

    answers = server.compensation.StreamCompute(one_by_one(), timeout=PATIENCE_SECONDS)
    assert len(next(answers).results) == 1
    may_send.set()
    assert len(list(answers)) == 1


def test_defaults_of_a_stream_hold_for_their_own_message_only(server: Running) -> None:
    with_defaults = service_pb.StreamComputeRequest(defaults=defaults(), items=[bare("a")])
    without = service_pb.StreamComputeRequest(items=[bare("b")])
    first, second = server.compensation.StreamCompute(iter([with_defaults, without]))
    assert first.results[0].WhichOneof("result") == "decision"
    assert second.results[0].WhichOneof("result") == "error"


def test_a_message_over_the_limit_ends_the_stream_and_is_named(policies: PolicySet) -> None:
    with running(policies, max_batch_rows=3) as server:
        answers = server.compensation.StreamCompute(iter([*pieces(2, 3), *pieces(1, 4), *pieces(1, 1)]))
        received: list[service_pb.StreamComputeResponse] = []
        status = refused(lambda: received.extend(answers))
    assert code_name(status) == "INVALID_ARGUMENT"
    assert "4 items in the message at index 2" in status.message
    assert "limit is 3" in status.message


def test_answers_before_a_broken_message_arrive(policies: PolicySet) -> None:
    with running(policies, max_batch_rows=3) as server:
        answers = server.compensation.StreamCompute(iter([*pieces(2, 3), *pieces(1, 4)]))
        assert len(next(answers).results) == 3
        assert len(next(answers).results) == 3
        assert code_name(refused(lambda: next(answers))) == "INVALID_ARGUMENT"


def test_rows_and_failed_rows_are_counted(policies: PolicySet) -> None:
    with running(policies) as server:
        server.compensation.BatchCompute(batch(question(), service_pb.ComputeCompensationRequest(), question()))
        method = "makegood.v1.CompensationService/BatchCompute"
        assert server.metric("makegood_batch_rows_sum", method=method) == 3
        assert server.metric("makegood_rows_in_error_total", method=method, code="INVALID_ARGUMENT") == 1


def test_ends_of_outages_are_read_from_the_wire(server: Running) -> None:
    """The sample is the worked example: a second less of outage is a little less data."""
    shorter = question()
    shorter.outages[0].ended_at.seconds = ENDED_AT - 3600
    decided = server.compensation.ComputeCompensation(shorter).decision
    assert decided.outcome == decision_pb.OUTCOME_GRANTED
    assert decided.grants[0].quantity < GRANTED_BYTES
