"""A column is judged by its type once, before anything is asked; a cell that holds no value of it is the error of its row."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clients.billing import outages
from clients.billing.outages import Outages
from clients.billing.subscribers import Asked, SubscriberReader
from clients.errors import BadInput
from clients.tables.opening import open_table, rows_of
from clients.tables.options import TableOptions
from tests.clients.by_columns import both_ways

EVERYWHERE = Outages((), (), {})
BY_AREA = Outages((), (), {"A": ()})
MAJOR = TableOptions(fee_in_major_units=True)
OUTWARD = TableOptions(round_times_outward=True)


def parquet(folder: Path, **columns: Any) -> Path:
    """A table of subscribers with these columns beside the needed ones."""
    count = len(next(iter(columns.values())))
    needed = {"subscriber_id": [str(number) for number in range(count)], "plan_type": ["DATA"] * count}
    pq.write_table(pa.table(needed | columns), folder / "t.parquet")
    return folder / "t.parquet"


def csv_file(folder: Path, header: str, *rows: str) -> Path:
    (folder / "t.csv").write_text("\n".join((header, *rows, "")), encoding="utf-8")
    return folder / "t.csv"


def read(path: Path, options: TableOptions | None = None, found: Outages = EVERYWHERE) -> list[Asked]:
    options = options or TableOptions()
    table = open_table(path, options)
    reader = SubscriberReader(table, path.name, options, found)
    return both_ways(table, reader, found)


def refusal(path: Path, options: TableOptions | None = None) -> str:
    with pytest.raises(BadInput) as refused:
        read(path, options)
    return str(refused.value)


def fees(asked: Sequence[Asked]) -> list[int | None]:
    return [row.item.subscriber.monthly_fee.amount_minor if row.item else None for row in asked]


def errors(asked: Sequence[Asked]) -> list[list[str]]:
    return [[each.field for each in row.fields] for row in asked]


NO_TYPE_FOR = {
    "nested area": ({"area": pa.array([[["A"]]])}, "write it as a string"),
    "struct as area": ({"area": pa.array([{"code": "A"}])}, "write it as a string"),
    "map as services": ({"value_added_services": pa.array([[("a", 1)]], pa.map_("string", "int64"))}, "as a string"),
    "bytes as id": ({"subscriber_id": pa.array([b"1"])}, "is binary; write it as a string"),
    "bytes of one length as area": ({"area": pa.array([b"1"], pa.binary(1))}, "write it as a string"),
    "double as id": ({"subscriber_id": pa.array([13800000001.0])}, "loses digits and leading zeros"),
    "yes as id": ({"subscriber_id": pa.array([True])}, "write it as a string"),
    "number as code": ({"payment": pa.array([1])}, "a code is wanted"),
    "date as instant": ({"billing_cycle_started_at": pa.array([20_000], pa.date32())}, "write it as a timestamp in UTC"),
    "timestamp without a zone": ({"billing_cycle_started_at": pa.array([0], pa.timestamp("us"))}, "which has no zone"),
    "timestamp of no zone": (
        {"billing_cycle_started_at": pa.array([0], pa.timestamp("us", "Mars/Phobos"))},
        "there is no zone",
    ),
    "double as attribute": ({"attributes.rate": pa.array([0.5])}, "exactly (3/2, 4.30 CNY)"),
    "length of time as attribute": ({"attributes.x": pa.array([1], pa.duration("s"))}, "no value that an attribute can have"),
    "yes as bytes": ({"data_allowance_bytes": pa.array([True])}, "a whole number is wanted; write it as int64"),
    "decimal with a scale as bytes": ({"data_allowance_bytes": pa.array([Decimal("20.00")])}, "a whole number is wanted"),
}


@pytest.mark.parametrize("name", NO_TYPE_FOR)
def test_type_that_cannot_be_read_without_a_guess_is_refused_as_a_column(tmp_path: Path, name: str) -> None:
    """Once, before a row of it is read, with the type to write instead."""
    columns, says = NO_TYPE_FOR[name]
    problem = refusal(parquet(tmp_path, **columns))
    assert f"{next(iter(columns))} is " in problem
    assert says in problem


IN_MAJOR_UNITS: dict[str, tuple[Any, str]] = {
    "doubles": (pa.array([129.0, 99.5]), "line 2 holds 99.5, so it is in CNY; 9950 is wanted"),
    "a double far down": (pa.array([12900.0] * 70_000 + [99.5]), "line 70001 holds 99.5"),
    "decimals with a scale, however round": (
        pa.array([Decimal("129.00")]),
        "line 1 holds 129.00, so it is in CNY; 12900 is wanted",
    ),
    "decimals with a scale that may be minor": (pa.array([Decimal("12900.00")]), "holds 12900.00"),
    "texts": (pa.array(["129", "99.50"]), "line 2 holds 99.50, so it is in CNY; 9950 is wanted"),
    "texts with a decimal comma": (pa.array(["99,5"]), "holds 99,5, so it is in CNY; 9950 is wanted"),
    "floats beyond what they hold exactly": (pa.array([2.0**24 + 2], pa.float32()), "line 1 holds 16777218"),
    "half floats": (pa.array([4096.0], pa.float16()), "line 1 holds 4096"),
}


@pytest.mark.parametrize("name", IN_MAJOR_UNITS)
def test_minor_units_with_decimals_are_refused_as_a_column(tmp_path: Path, name: str) -> None:
    """None of its numbers can be trusted then, also not those without decimals."""
    column, says = IN_MAJOR_UNITS[name]
    path = parquet(tmp_path, monthly_fee_minor=column, currency_code=["CNY"] * len(column))
    assert says in refusal(path)


@pytest.mark.parametrize("amount", ["129.00", "12900.0", '"99,50"', "-99.5", " 99.50 "])
def test_minor_units_with_decimals_are_refused_in_a_csv_too(tmp_path: Path, amount: str) -> None:
    """Also where the rows before have none: 129 beside 99.50 is in yuan."""
    rows = ["1,DATA,129,CNY"] * 20_000
    problem = refusal(
        csv_file(tmp_path, "subscriber_id,plan_type,monthly_fee_minor,currency_code", *rows, f"2,DATA,{amount},CNY")
    )
    assert "monthly_fee_minor: line 20002 holds" in problem
    assert "so it is in CNY" in problem
    assert "--fee-in-major-units" in problem


def test_decimals_elsewhere_in_a_csv_are_no_decimals_of_the_fee(tmp_path: Path) -> None:
    header = "subscriber_id,plan_type,monthly_fee_minor,currency_code,attributes.code"
    assert fees(read(csv_file(tmp_path, header, "1,DATA,12900,CNY,v1.5"))) == [12900]


@pytest.mark.parametrize("column", [pa.array([12900.0, None]), pa.array([Decimal(12900), None]), pa.array([12900, None])])
def test_whole_numbers_of_any_type_are_read(tmp_path: Path, column: Any) -> None:
    """Doubles too: a column of whole numbers with a gap is one in pandas. A gap is a fact that is not known."""
    asked = read(parquet(tmp_path, monthly_fee_minor=column, currency_code=["CNY", "CNY"]))
    assert fees(asked) == [12900, 0]
    assert [row.item is not None and row.item.subscriber.HasField("monthly_fee") for row in asked] == [True, False]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([Decimal("129.00"), Decimal("99.50")]), [12900, 9950]),
        (pa.array([129.0, 99.95]), [12900, 9995]),
        (pa.array([129, 99]), [12900, 9900]),
        (pa.array(["129.00", "99.5"]), [12900, 9950]),
        (pa.array(["129.005", "1.29e2"]), [None, None]),
        (pa.array([129.005, 1e300]), [None, None]),
    ],
)
def test_fee_that_is_said_to_be_in_major_units_is_converted_exactly(
    tmp_path: Path, column: Any, expected: list[int | None]
) -> None:
    """Or its row is an error: nothing is rounded."""
    asked = read(parquet(tmp_path, monthly_fee_minor=column, currency_code=["CNY", "CNY"]), MAJOR)
    assert fees(asked) == expected
    yen = read(parquet(tmp_path, monthly_fee_minor=pa.array([980]), currency_code=["JPY"]), MAJOR)
    assert fees(yen) == [980]


def test_float_is_no_amount_in_major_units(tmp_path: Path) -> None:
    """99.95 is no float; which decimal was meant, it does not tell."""
    path = parquet(tmp_path, monthly_fee_minor=pa.array([99.95], pa.float32()), currency_code=["CNY"])
    assert "an amount in major units is wanted; write it as decimal" in refusal(path, MAJOR)


@pytest.mark.parametrize("column", ["data_allowance_bytes", "granted_this_cycle.data", "already_granted.data"])
@pytest.mark.parametrize("cells", [pa.array([20.5]), pa.array([2.0**53 + 2]), pa.array([2.0**24 + 2], pa.float32())])
def test_number_that_a_floating_type_does_not_hold_is_refused_as_a_column(tmp_path: Path, column: str, cells: Any) -> None:
    assert "is not whole, or not exact in its type; write int64" in refusal(parquet(tmp_path, **{column: cells}))


def strings(*cells: bytes) -> pa.Array:
    """Texts as a program writes them that does not look at their bytes."""
    return pa.Array.from_buffers(pa.string(), len(cells), pa.array(cells, pa.binary()).buffers())


CELLS: dict[str, tuple[str, Any, str]] = {
    "bytes that are no text": ("area", strings(b"A", "浦".encode("gbk"), b"A"), "its bytes are not UTF-8 (0xC6)"),
    "the same as a repeated value": (
        "area",
        strings(b"A", b"\xff", b"A").dictionary_encode(),
        "its bytes are not UTF-8 (0xFF)",
    ),
    "infinity": ("billing_cycle_ended_at", pa.array([0, 2**63 - 1, 0], pa.timestamp("us", "UTC")), "infinity is not a time"),
    "minus infinity": ("billing_cycle_ended_at", pa.array([0, -(2**63) + 1, 0], pa.timestamp("us", "UTC")), "infinity is not"),
    "a nanosecond": ("billing_cycle_ended_at", pa.array([0, 1, 0], pa.timestamp("ns", "UTC")), "has a fraction of a second"),
    "a number beyond 64 bits": ("data_allowance_bytes", pa.array([0, 2**64 - 1, 0], pa.uint64()), "that fits 64 bits"),
    "a text among numbers": ("data_allowance_bytes", pa.array(["0", "20 GB", "0"]), "is not a whole number"),
    "not a number": ("data_allowance_bytes", pa.array([0.0, float("nan"), 0.0]), "--null 'nan'"),
    "a list with a separator": ("area", pa.array([["A"], ["A;B"], ["A"]]), "make each a text of its own"),
}


@pytest.mark.parametrize("name", CELLS)
def test_cell_that_holds_no_value_is_the_error_of_its_row(tmp_path: Path, name: str) -> None:
    """With its column; the rows beside it are read, and nothing ends by it."""
    column, cells, says = CELLS[name]
    asked = read(parquet(tmp_path, **{"area": ["A"] * 3, column: cells}), found=BY_AREA)
    assert errors(asked) == [[], [column], []]
    assert says in asked[1].fields[0].message


MARKS = ["NULL", "null", r"\N", "None", "nan", "NaN", "N/A", "NA", "<NA>", "-", "无", "[]", "(null)", "NaT"]
EVERY_COLUMN = {
    "subscriber_id": "1",
    "area": "A",
    "plan_type": "DATA",
    "monthly_fee_minor": "1",
    "currency_code": "CNY",
    "data_allowance_bytes": "1",
    "data_remaining_bytes": "1",
    "value_added_services": "MUSIC",
    "customer_type": "CONSUMER",
    "payment": "POSTPAID",
    "time_zone": "Asia/Urumqi",
    "billing_cycle_started_at": "2026-03-01T00:00Z",
    "billing_cycle_ended_at": "2026-04-01T00:00Z",
    "granted_this_cycle.data": "1",
    "already_granted.data": "1",
    "attributes.code": "GROSS",
}
REQUIRED = ("subscriber_id", "plan_type", "area")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("mark", MARKS)
def test_null_mark_is_an_error_in_every_column(tmp_path: Path, mark: str, suffix: str) -> None:
    """It is never a service, an area, an id or a code; where it is said to be one, its cell is empty, and missed if needed."""
    rows = [{**EVERY_COLUMN, name: mark} for name in EVERY_COLUMN]
    path = csv_file(tmp_path, ",".join(EVERY_COLUMN), *(",".join(row.values()) for row in rows))
    if suffix == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path := tmp_path / "t.parquet")
    assert errors(read(path, found=BY_AREA)) == [[name] for name in EVERY_COLUMN]
    asked = read(path, TableOptions(null=frozenset((mark,))), BY_AREA)
    missed = {name: name for name in REQUIRED} | {"currency_code": "currency_code"}
    assert errors(asked) == [[missed[name]] if name in missed else [] for name in EVERY_COLUMN]


@pytest.mark.parametrize("stray", ["\r", "\t", "\x0b", "\x1f", "\u00a0", "\u3000"], ids=ascii)
def test_number_beside_a_stray_character_is_not_read_without_it(tmp_path: Path, stray: str) -> None:
    """It may stand where a digit was: only plain spaces are dropped."""
    rows = [f"1,DATA,1073741{stray},1", f"1,DATA,1,{stray}824", f"1,DATA,{stray},1", "1,DATA, 1 , 1 "]
    header = "subscriber_id,plan_type,data_allowance_bytes,data_remaining_bytes"
    found = errors(read(csv_file(tmp_path, header, *rows)))
    assert found == [["data_allowance_bytes"], ["data_remaining_bytes"], ["data_allowance_bytes"], []]


@pytest.mark.parametrize("cell", ["0", '["MUSIC"]', "{MUSIC}"])
def test_what_says_none_or_several_in_another_way_is_no_service(tmp_path: Path, cell: str) -> None:
    """A number of services, and a list as another program writes it."""
    path = parquet(tmp_path, value_added_services=pa.array([cell]))
    assert errors(read(path)) == [["value_added_services"]]


@pytest.mark.parametrize("name", ["subscriber_id", "plan_type", "area"])
def test_needed_cell_is_looked_at_also_where_no_outage_hits(tmp_path: Path, name: str) -> None:
    """An empty area is not known, and no proof that nothing was lost."""
    row = {"subscriber_id": "1", "plan_type": "DATA", "area": "elsewhere", name: ""}
    asked = read(csv_file(tmp_path, ",".join(row), ",".join(row.values())), found=BY_AREA)
    assert errors(asked) == [[name]]


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2026-03-04T08:00:00.001Z", "2026-03-04T09:00:00.001Z", 3601),
        ("2026-03-04T08:00:00.999999999Z", "2026-03-04T09:00:00.000000001Z", 3601),
        ("2026-03-04T08:00:00.000Z", "2026-03-04T09:00:00.000Z", 3600),
        ("2026-03-04T08:00:00.5+08:00", "2026-03-04T09:00:00+08:00", 3600),
    ],
)
def test_fraction_of_a_second_is_rounded_outward_where_that_is_said(tmp_path: Path, start: str, end: str, seconds: int) -> None:
    """A start goes down and an end goes up, in a table and in a document; without the flag such a time is refused."""
    (tmp_path / "o.csv").write_text(f"outage_id,started_at,ended_at,cause\no,{start},{end},UNKNOWN\n")
    fields = f'"outage_id": "o", "started_at": "{start}", "ended_at": "{end}", "cause": "UNKNOWN", "impact": "LOSS"'
    (tmp_path / "o.json").write_text(f"[{{{fields}}}]")
    for name in ("o.csv", "o.json"):
        (outage,) = outages.load(tmp_path / name, OUTWARD).messages
        assert outage.ended_at.seconds - outage.started_at.seconds == seconds
        if seconds != 3600 or ".5" in start:
            with pytest.raises(BadInput, match="has a fraction of a second"):
                outages.load(tmp_path / name)


def test_fraction_of_a_typed_column_is_rounded_alike(tmp_path: Path) -> None:
    columns = {
        "billing_cycle_started_at": pa.array([10**9 + 1], pa.timestamp("ns", "UTC")),
        "billing_cycle_ended_at": pa.array([5 * 10**9 + 1], pa.timestamp("ns", "Asia/Shanghai")),
    }
    path = parquet(tmp_path, **columns)
    (asked,) = read(path, OUTWARD)
    assert asked.item is not None
    cycle = asked.item.subscriber.billing_cycle
    assert (cycle.started_at.seconds, cycle.ended_at.seconds) == (1, 6)
    assert errors(read(path)) == [["billing_cycle_started_at", "billing_cycle_ended_at"]]


def test_folder_of_parts_is_one_table_or_says_what_it_is_not(tmp_path: Path) -> None:
    """A job that is not done, parts that differ, columns that are kept in the names of folders."""
    folder = tmp_path / "t.parquet"
    folder.mkdir()
    with pytest.raises(BadInput, match=r"is a folder without \.parquet files"):
        open_table(folder)
    for part in (2, 1):
        pq.write_table(pa.table({"a": [part]}), folder / f"part-{part}.parquet")
    (folder / "_SUCCESS").touch()
    assert [list(row.cells) for row in rows_of(open_table(folder))] == [[1], [2]]
    pq.write_table(pa.table({"a": ["3"]}), folder / "part-3.parquet")
    with pytest.raises(BadInput, match=r"part-3.parquet are not those of part-1.parquet: it has a column a of type string"):
        open_table(folder)
    (folder / "area=A").mkdir()
    with pytest.raises(BadInput, match="has folders in it"):
        open_table(folder)
    (folder / "_temporary").mkdir()
    with pytest.raises(BadInput, match="is still being written"):
        open_table(folder)


@pytest.mark.parametrize("cut", [1, 100, 400])
def test_arrow_file_that_was_cut_is_refused_at_once(tmp_path: Path, cut: int) -> None:
    for writer in (pa.ipc.new_file, pa.ipc.new_stream):
        path = tmp_path / "t.arrow"
        with writer(str(path), pa.schema({"a": pa.int64()})) as opened:
            opened.write_table(pa.table({"a": range(1000)}), max_chunksize=100)
        path.write_bytes(path.read_bytes()[:-cut])
        if writer is pa.ipc.new_stream and cut == 1:
            continue  # its end is a mark that readers do not need
        with pytest.raises(BadInput, match="is not a whole Arrow file"):
            open_table(path)


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_name_of_a_column_that_is_no_text_is_refused_with_its_file(tmp_path: Path, suffix: str) -> None:
    """It cannot even be shown as a column that there is not."""
    path = tmp_path / f"t.{suffix}"
    table = pa.table({"subscriber_id": ["1"], "plan_type": ["DATA"]})
    if suffix == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
    path.write_bytes(path.read_bytes().replace(b"plan_type", b"plan\xfftype"))
    with pytest.raises(BadInput, match=r"the name of a column is not UTF-8|is not a whole"):
        read(path)
