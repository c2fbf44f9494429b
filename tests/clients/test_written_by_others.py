"""Files that pandas, Polars, DuckDB and Spark wrote themselves are read alike, whatever types and packing they chose."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clients.billing import outages
from clients.billing.subscribers import Asked, SubscriberReader
from clients.tables.opening import notes, open_table
from clients.tables.options import TableOptions
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest
from tests.clients.by_columns import both_ways

WRITTEN = Path(__file__).parent / "written"
SUBSCRIBERS = sorted(path.name for path in WRITTEN.glob("subscribers.*"))
OUTAGES = sorted(path.name for path in WRITTEN.glob("outages.*"))


def at(month: int, day: int, hour: int = 0) -> int:
    return int(datetime(2026, month, day, hour, tzinfo=UTC).timestamp())


def subscriber(number: int, plan: "facts_pb2.PlanType.ValueType", fee: int) -> facts_pb2.Subscriber:
    fee_minor = facts_pb2.Money(currency_code="CNY", amount_minor=fee)
    return facts_pb2.Subscriber(subscriber_id=f"01380000000{number}", plan_type=plan, monthly_fee=fee_minor)


def expected() -> list[facts_pb2.Subscriber]:
    first = subscriber(1, facts_pb2.PLAN_TYPE_DATA, 12900)
    second = subscriber(2, facts_pb2.PLAN_TYPE_CONVERGED, 9900)
    third = subscriber(3, facts_pb2.PLAN_TYPE_VOICE, 3900)
    first.data_allowance_bytes = second.data_allowance_bytes = 20 * 2**30
    first.data_remaining_bytes = 2**30
    third.data_allowance_bytes = third.data_remaining_bytes = 0
    for each in (first, second):
        each.billing_cycle.started_at.seconds, each.billing_cycle.ended_at.seconds = at(3, 1), at(4, 1)
    return [first, second, third]


def read(path: Path, found: outages.Outages) -> list[Asked]:
    table = open_table(path)
    reader = SubscriberReader(table, path.name, TableOptions(), found)
    return both_ways(table, reader, found)


def message(asked: Asked) -> ComputeCompensationRequest:
    assert asked.item is not None, asked
    return asked.item


@pytest.mark.parametrize("name", SUBSCRIBERS)
def test_subscribers_are_the_same_whoever_wrote_them(name: str) -> None:
    """Every fact, and a gap as a fact that is not known, never as 0."""
    found = outages.load(WRITTEN / "outages.polars.parquet")
    asked = read(WRITTEN / name, found)
    assert [message(row).subscriber for row in asked] == expected()
    assert [found.ids(row.outages) for row in asked] == [["out-1"], ["out-1", "out-2"], []]


@pytest.mark.parametrize("name", OUTAGES)
def test_outages_are_the_same_whoever_wrote_them(name: str) -> None:
    """Instants in UTC, whatever zone or type they were kept in; lists as areas; a gap as an outage that goes on."""
    found = outages.load(WRITTEN / name)
    assert [outage.outage_id for outage in found.messages] == ["out-1", "out-2"]
    first, second = found.messages
    assert (first.started_at.seconds, first.ended_at.seconds) == (at(3, 4), at(3, 4, 3))
    assert (second.started_at.seconds, second.HasField("ended_at")) == (at(3, 5), False)
    assert found.by_area == {"A": (0,), "浦东": (0, 1)}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("subscribers.spark-int96.parquet", "INT96 as Spark writes it, so in UTC"),
        ("subscribers.spark-int96.parquet", "a folder of 2 parts"),
        ("subscribers.pandas-index.parquet", "__index_level_0__ is an index of pandas and not read"),
    ],
)
def test_what_was_taken_for_granted_is_said(name: str, says: str) -> None:
    """A person who knows better can object."""
    path = WRITTEN / name
    assert any(says in line for line in notes(path, open_table(path)))


@pytest.mark.parametrize("name", SUBSCRIBERS)
def test_file_is_read_on_from_any_row(name: str) -> None:
    """Across parts, batches and packing: what stands after a position does not depend on where the reading began."""
    table = open_table(WRITTEN / name)
    chunks = list(table.chunks(table.start, 1))
    rows = [[list(row.cells) for row in chunk.rows()] for chunk in chunks]
    assert [len(each) for each in rows] == [1, 1, 1]
    assert chunks[-1].after.offset == table.end
    for index, chunk in enumerate(chunks):
        rest = [[list(row.cells) for row in each.rows()] for each in table.chunks(chunk.after, 1)]
        assert rest == rows[index + 1 :]
