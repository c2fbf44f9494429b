"""What billing writes of a decision, provisioning books: every key follows from its row, whatever policy and question are."""

from pathlib import Path
from random import Random
from typing import Final

import pyarrow as pa
import pytest

from clients.billing import answers, read_rows, results, totals
from clients.billing.spool import format_of
from clients.billing.subscribers import Asked
from clients.provisioning import bookings
from clients.provisioning.bookings import Booking
from clients.tables import opening
from makegood.v1 import decision_pb2
from makegood.v1.compensation_service_pb2 import BatchResult, StreamComputeResponse
from policy.calculator.errors import CalculatorError
from policy.calculator.request import Request
from server.errors import TooLarge
from server.translate.decisions import DecisionWriter
from tests.judge.against import Pair, made_up_pair, pairs
from tests.server.messages import message_of

QUESTIONS: Final = 40
PAIRS: Final = (*pairs(), *(made_up_pair(f"rows {number}") for number in range(20)))
WRITER: Final = DecisionWriter()


def decided(pair: Pair, purpose: str) -> list[tuple[Request, decision_pb2.Decision]]:
    """Questions that chance made up, with the answers that a server would send."""
    random, found = Random(f"{purpose} of {pair.name}"), list[tuple[Request, decision_pb2.Decision]]()
    for _ in range(QUESTIONS):
        request, message = pair.generator.request(random), decision_pb2.Decision()
        try:
            WRITER.write(pair.policies.decide(request), message)
        except (CalculatorError, TooLarge):
            continue
        found.append((request, message))
    return found


def written(folder: Path, name: str, decisions: list[tuple[Request, decision_pb2.Decision]]) -> list[Booking]:
    """A result with a row of each, as provisioning reads it."""
    messages = [message_of(request, "") for request, _ in decisions]
    asked = [Asked(line, message.subscriber.subscriber_id, item=message) for line, message in enumerate(messages, start=2)]
    ids = [[outage.outage_id for outage in message.outages] for message in messages]
    answer = StreamComputeResponse(results=[BatchResult(decision=decision) for _, decision in decisions])
    found = answers.results([len(decisions)], pa.array([""] * len(decisions)), [answer.SerializeToString()])
    rows = results.batch(read_rows.first_columns(asked, ids), found.field("decision"), {})
    layout, file = format_of(folder / name), folder / name
    spool = folder / f"{name}.partial"
    spool.write_bytes(layout.head() + layout.encoded(rows))
    with layout.finishing(spool, file) as result:
        result.follow(spool.stat().st_size)
        result.finish(totals.in_last_row(totals.count(rows)))
    return [booking for _, chunk in bookings.read(opening.open_table(file), str(file), 1000) for booking in chunk]


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{number} {pair.name}" for number, pair in enumerate(PAIRS)])
def test_every_grant_can_be_booked_from_its_row(pair: Pair, tmp_path: Path) -> None:
    """As CSV and as Parquet: the same grants with the same parts, and no quote among them."""
    decisions = decided(pair, "rows")
    for name in ("r.csv", "r.parquet"):
        read = written(tmp_path, name, decisions)
        assert [booking.problem for booking in read] == [""] * len(decisions)
        for booking, (_, decision) in zip(read, decisions, strict=True):
            assert [(each.grant_key, each.quantity, each.parts) for each in booking.grants] == [
                (each.grant_key, each.quantity, tuple((part.outage_id, part.quantity) for part in each.parts))
                for each in decision.grants
            ]
            assert len(booking.quotes) == len(decision.quotes)
