"""Rows that are read by columns, held to the same rows read one by one."""

from collections.abc import Sequence

from clients.billing import read_rows
from clients.billing.outages import Outages
from clients.billing.read_rows import ReadRows
from clients.billing.subscriber_columns import SubscriberColumns
from clients.billing.subscribers import Asked, SubscriberReader
from clients.tables.rows import Table
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest


def both_ways(table: Table, reader: SubscriberReader, found: Outages, rows: int = 10_000) -> list[Asked]:
    """All rows of a table, read one by one; that they are the same by columns is asserted."""
    asked: list[Asked] = []
    for chunk in table.chunks(table.start, rows):
        one_by_one = [reader.read(row) for row in chunk.rows()]
        asked += one_by_one
        assert_same(SubscriberColumns(reader, found).read(chunk), read_rows.of_asked(_sent(one_by_one), found))
    return asked


def assert_same(by_columns: ReadRows, one_by_one: ReadRows) -> None:
    assert [column.to_pylist() for column in by_columns.columns] == [column.to_pylist() for column in one_by_one.columns]
    assert _messages(by_columns) == _messages(one_by_one)
    assert by_columns.refusals == one_by_one.refusals
    sent = [place for place, item in enumerate(one_by_one.items.to_pylist()) if item is not None]
    assert [by_columns.outages[place] for place in sent] == [one_by_one.outages[place] for place in sent]
    assert by_columns.areas == one_by_one.areas


def _sent(rows: Sequence[Asked]) -> list[Asked]:
    """As a run sends them: not where no outage hit."""
    return [Asked(row.line, row.subscriber_id, areas=row.areas) if row.item and not row.outages else row for row in rows]


def _messages(rows: ReadRows) -> list[ComputeCompensationRequest | None]:
    return [None if item is None else ComputeCompensationRequest.FromString(item) for item in rows.items.to_pylist()]
