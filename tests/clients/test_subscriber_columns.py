"""A table that is read by columns asks what its rows ask one by one, to the byte, and each distinct cell is read once."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clients.billing import read_rows
from clients.billing.outages import Outages
from clients.billing.subscriber_columns import SubscriberColumns
from clients.billing.subscribers import SubscriberReader
from clients.tables import cells
from clients.tables.opening import open_table
from clients.tables.options import TableOptions
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest
from tests.clients.by_columns import both_ways

FOUND = Outages((facts_pb2.Outage(outage_id="out-1"), facts_pb2.Outage(outage_id="out-2")), (), {"A": (0,), "B": (0, 1)})
EVERY_COLUMN: dict[str, list[Any]] = {
    "time_zone": ["Asia/Urumqi", None, "Asia/Shanghai", "Asia/Urumqi"],
    "area": ["A", "B", "C", "A;B"],
    "attributes.grade": ["GROSS", "3/2", None, "yes"],
    "attributes.level": [1, None, 3, 1],
    "granted_by_month.2026-03.credit": [250, 250, None, 0],
    "granted_by_month.2026-03.data": [None, 7, None, 7],
    "granted_by_month.2026-04.credit": [1, 1, 1, 1],
    "granted_this_cycle.data": [0, 1, None, 2**40],
    "granted_this_cycle.voice": [None, 60, None, 0],
    "value_added_services": ["MUSIC", "MUSIC;VIDEO", None, ""],
    "billing_cycle_ended_at": ["2026-04-01T00:00:00+08:00", None, None, "2026-04-01T00:00:00+08:00"],
    "billing_cycle_started_at": ["2026-03-01T00:00:00+08:00", "2026-03-01T00:00:00+08:00", None, "2026-03-01T00:00:00+08:00"],
    "currency_code": ["CNY", "CNY", None, "CNY"],
    "payment": ["PREPAID", None, "POSTPAID", ""],
    "monthly_fee_minor": [5900, 5901, None, None],
    "data_allowance_bytes": [0, 2**40, None, 1],
    "plan_type": ["DATA", "VOICE", "CONVERGED", "PLAN_TYPE_DATA"],
    "subscriber_id": ["013800000001", "PUDONG-1", "客户1", "s 4"],
}


def written(folder: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), folder / "s.parquet")
    return folder / "s.parquet"


def test_every_column_is_asked_as_a_row_alone_would_be(tmp_path: Path) -> None:
    """In the order of a message's fields, with all benefits of a month and both ends of a cycle in one message."""
    table = open_table(written(tmp_path, EVERY_COLUMN))
    reader = SubscriberReader(table, "s", TableOptions(), FOUND)
    (chunk,) = table.chunks(table.start, 100)
    rows = [reader.read(row) for row in chunk.rows()]
    assert [row.error for row in rows] == [""] * 4
    items = SubscriberColumns(reader, FOUND).read(chunk).items.to_pylist()
    assert items[2] is None  # no outage hit it
    for item, row in zip(items, rows, strict=True):
        assert item is None or ComputeCompensationRequest.FromString(item) == row.item
    without_maps = SubscriberReader(
        table, "s", TableOptions(ignored=tuple(name for name in EVERY_COLUMN if "." in name)), FOUND
    )
    for item, cells_ in zip(SubscriberColumns(without_maps, FOUND).read(chunk).items.to_pylist(), chunk.rows(), strict=True):
        asked = without_maps.read(cells_).item
        assert asked is not None
        assert item in (None, asked.SerializeToString())


@pytest.mark.parametrize("null", [(), ("NULL", "nan")])
@pytest.mark.parametrize("rows", [1, 3, 100])
def test_rows_in_error_stand_among_the_others_in_order(tmp_path: Path, null: tuple[str, ...], rows: int) -> None:
    """From texts, from numbers that have gaps, from lists and from repeated values kept apart, in parts of any length."""
    number = 12
    ids = [f"s-{each}" for each in range(number)]
    ids[2], ids[7] = "\u200bx", ""
    columns = {
        "subscriber_id": pa.array(ids),
        "plan_type": pa.array(["DATA", None, "VOICE", "NULL"] * 3).dictionary_encode(),
        "area": pa.array([["A"], ["A", "B"], [], None] * 3),
        "monthly_fee_minor": pa.array([5900.0, float("nan"), None, 5901.0] * 3),
        "currency_code": pa.array(["CNY", "cny", "CNY"] * 4),
        "data_remaining_bytes": pa.array(["1", " 2 ", "x", "1"] * 3, pa.large_string()),
    }
    columns["of another system"] = pa.array([{"a": [1]}] * number)
    options = TableOptions(null=frozenset(null), ignored=("of another system",))
    table = open_table(written(tmp_path, columns), options)
    asked = both_ways(table, SubscriberReader(table, "s", options, FOUND), FOUND, rows)
    assert 0 < sum(bool(row.error) for row in asked) < number


@pytest.mark.parametrize("short", [True, False])
def test_what_was_granted_before_is_told_by_outage(tmp_path: Path, short: bool) -> None:
    """Also where it is said in short, of the one outage that hit the row; nothing of a row that is not sent."""
    columns: dict[str, Any] = {
        "subscriber_id": ["a", "b", "c", "d", "e", "f"],
        "plan_type": ["DATA"] * 6,
        "area": ["A", "B", "C", "A", "A", ""],
        "granted_before.data": ["out-1=7;out-2=0", None, "out-1=1", "out-1=x", "out-1@2026-03=8", "out-1=1"],
        "granted_before.credit": ["out-1=9", "out-2=3", None, None, None, None],
    }
    if short:
        columns |= {"already_granted.voice": [60, 61, 62, 63, None, 64], "already_granted.credit": [1, None, 1, 1, 0, 1]}
    table = open_table(written(tmp_path, columns))
    reader = SubscriberReader(table, "s", TableOptions(), FOUND)
    asked = both_ways(table, reader, FOUND)
    assert [bool(row.error) for row in asked] == [False, False, False, True, False, True]
    (chunk,) = table.chunks(table.start, 100)
    told = SubscriberColumns(reader, FOUND).read(chunk).columns[5].to_pylist()
    of_two = [("out-1", 7), ("out-2", 0), ("out-1", 9)] + ([("out-1", 1), ("out-1", 60)] if short else [])
    assert [(each["outage_id"], each["quantity"]) for each in told[0]] == of_two
    assert [each["outage_id"] for each in told[1]] == ["out-2", *([""] if short else [])]  # two outages hit it
    assert told[2] == told[3] == told[5] == []
    assert told[4][0] == {"outage_id": "out-1", "benefit": "data", "quantity": 8, "month": "2026-03"}


def test_a_damaged_line_of_a_csv_is_read_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    lines = [
        b"subscriber_id,area,plan_type",
        b"s-1,A,DATA",
        b"s-2,A",
        b"",
        b"s-\xff,A,DATA",
        b's-4,"B,DATA',
        b"s-5,B,VOICE,",
        b"s-6,C,DATA",
    ]
    file.write_bytes(b"\n".join([*lines, b""]))
    table = open_table(file)
    asked = both_ways(table, SubscriberReader(table, "s", TableOptions(), FOUND), FOUND)
    assert [(row.line, bool(row.error)) for row in asked] == [
        (2, False),
        (3, True),
        (5, True),
        (6, True),
        (7, True),
        (8, False),
    ]


def test_a_file_of_nothing_but_errors_is_read(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_bytes(b"subscriber_id,area,plan_type\ns-2,A\ns-3\n")
    table = open_table(file)
    assert len(both_ways(table, SubscriberReader(table, "s", TableOptions(), FOUND), FOUND)) == 2


def test_a_cell_is_read_once_however_many_rows_hold_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[cells.Cell] = []
    whole = cells.whole

    def counted(cell: cells.Cell) -> int:
        read.append(cell)
        return whole(cell)

    monkeypatch.setattr(cells, "whole", counted)
    columns = {"subscriber_id": [f"s-{each}" for each in range(1000)], "plan_type": ["DATA"] * 1000, "area": ["A"] * 1000}
    table = open_table(written(tmp_path, columns | {"data_allowance_bytes": [7, 8] * 500}))
    reader = SubscriberReader(table, "s", TableOptions(), FOUND)
    (chunk,) = table.chunks(table.start, 1000)
    found = SubscriberColumns(reader, FOUND).read(chunk)
    assert sorted(read) == [7, 8]
    assert found.items.null_count == 0


def test_others_are_put_where_they_stood(tmp_path: Path) -> None:
    """A row of its own keeps its refusal, wherever it stands."""
    table = open_table(
        written(tmp_path, {"subscriber_id": ["a", "", "c", ""], "plan_type": ["DATA"] * 4, "area": ["A", "A", "B", "C"]})
    )
    reader = SubscriberReader(table, "s", TableOptions(), FOUND)
    (chunk,) = table.chunks(table.start, 100)
    found: read_rows.ReadRows = SubscriberColumns(reader, FOUND).read(chunk)
    assert list(found.refusals) == [1, 3]
    assert [item is None for item in found.items.to_pylist()] == [False, True, False, True]
    assert [found.outages[place] for place in (0, 2)] == [(0,), (0, 1)]
