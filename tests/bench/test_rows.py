"""What is asked in batches, and that peers are asked the same."""

import pytest

from bench.bytes_to_bytes import answered
from bench.errors import NoFiguresError
from bench.handler import BatchHandler
from bench.handwritten import HEADROOM_TENTHS, SHARE_TENTHS, data_bytes
from bench.peers import float32, zen_engine
from bench.questions import request_of
from bench.rows import THIRD_PARTIES, Batch, explaining, of_length, own, questions_of, several, shared
from bench.stream_client import messages
from makegood.v1 import decision_pb2 as decision_pb
from policy import PolicySet

ROWS = 60
BATCHES = {
    "shared": shared(ROWS),
    "own": own(ROWS),
    "third parties": own(ROWS, THIRD_PARTIES),
    "several": several(ROWS, 5),
    "of length": of_length(ROWS, 400 * 24),
    "SUMMARY": explaining(own(ROWS), "SUMMARY"),
}


@pytest.fixture(scope="module")
def handler(policies: PolicySet) -> BatchHandler:
    return BatchHandler(policies)


@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_every_row_that_is_timed_is_granted(handler: BatchHandler, batch: Batch) -> None:
    outcomes = {result.decision.outcome for result in answered(handler, batch).results}
    assert outcomes == {decision_pb.OUTCOME_GRANTED}


def test_a_row_that_is_not_decided_is_noticed(handler: BatchHandler) -> None:
    batch = shared(ROWS)
    batch.items[3].ClearField("subscriber")
    with pytest.raises(NoFiguresError, match="59 of 60"):
        answered(handler, batch)


def test_rows_of_third_parties_have_recourse(handler: BatchHandler) -> None:
    assert all(result.decision.recourse for result in answered(handler, BATCHES["third parties"]).results)


@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_every_row_is_another_subscriber(batch: Batch) -> None:
    assert (
        len({item.subscriber.subscriber_id for item in batch.items}) == len({item.request_id for item in batch.items}) == ROWS
    )


def test_rows_with_outages_of_their_own_differ_in_id_and_time() -> None:
    outages = [item.outages[0] for item in own(ROWS).items]
    assert len({outage.outage_id for outage in outages}) == len({outage.started_at.seconds for outage in outages}) == ROWS


def test_a_batch_is_its_questions(policies: PolicySet, handler: BatchHandler) -> None:
    for name in ("shared", "own"):
        together = [result.decision.decision_id for result in answered(handler, BATCHES[name]).results]
        assert [policies.decide(request_of(question)).decision_id for question in questions_of(BATCHES[name])] == together


def test_hand_written_function_pays_the_same_for_outages_of_their_own(policies: PolicySet) -> None:
    for question in questions_of(own(ROWS)):
        request = request_of(question)
        assert data_bytes(request) == policies.decide(request).grants[0].quantity


def test_float32_is_off_by_a_unit_at_most(policies: PolicySet) -> None:
    requests = [request_of(question) for question in questions_of(own(ROWS))]
    paid = float32.amounts(float32.facts_of(requests))
    for row, request in enumerate(requests):
        granted = {grant.benefit: grant.quantity for grant in policies.decide(request).grants}
        for name, amounts in paid.items():
            assert abs(float(amounts[row]) - granted.get(name, 0) / zen_engine.UNITS[name]) <= 1


def test_tables_of_zen_engine_hold_what_the_hand_written_function_holds() -> None:
    by_row_and_fee = [row[-1] for row in zen_engine.HEADROOM[2:]]
    assert [round(10 * float(factor)) for factor in by_row_and_fee] == [tenths for row in HEADROOM_TENTHS for tenths in row]
    shares = {plan.strip('"'): round(10 * float(share)) for plan, share, _ in zen_engine.PLANS}
    assert shares == SHARE_TENTHS


def test_no_two_messages_of_a_stream_are_alike() -> None:
    sent = [message.SerializeToString() for message in messages(3)]
    assert len(set(sent)) == 3
