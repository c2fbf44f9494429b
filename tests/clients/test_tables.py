"""Tables too large for memory: read in pieces from any position on, and a bad row spoils nothing but itself."""

import io
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clients.errors import BadInput
from clients.tables import cells
from clients.tables.csv_table import MAX_LINE_BYTES
from clients.tables.opening import open_table, rows_of
from clients.tables.rows import Row


def csv_rows(tmp_path: Path, content: bytes, chunk_rows: int = 3) -> list[Row]:
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    return list(rows_of(open_table(file), chunk_rows=chunk_rows))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"1", "it has 1 column and the header has 2"),
        (b"1,2,3", "it has 3 columns and the header has 2"),
        (b'"1,2', "its quotes do not match"),
        (b"1," + b"x" * MAX_LINE_BYTES, "the line is longer than"),
    ],
)
def test_bad_line_is_an_error_of_its_row(tmp_path: Path, line: bytes, said: str) -> None:
    """The rows before and after keep their cells and their line numbers."""
    rows = csv_rows(tmp_path, b"a,b\n1,2\n" + line + b"\n3,4\n")
    assert [(row.line, list(row.cells)) for row in rows if not row.error] == [(2, ["1", "2"]), (4, ["3", "4"])]
    (bad,) = [row for row in rows if row.error]
    assert bad.line == 3
    assert said in bad.error


def test_bytes_that_are_no_text_spoil_their_cell_alone(tmp_path: Path) -> None:
    """The cells beside it are read; the cell says which byte is none, and its row carries that as an error of its column."""
    rows = csv_rows(tmp_path, b"a,b\n1,2\n\xff,4\n5,6\n")
    assert [row.error for row in rows] == ["", "", ""]
    damaged, sound = rows[1].cells
    assert sound == "4"
    with pytest.raises(ValueError, match=r"its bytes are not UTF-8 \(0xFF\)"):
        cells.identity(damaged)


def test_bad_line_is_told_by_the_line_number_of_an_editor(tmp_path: Path) -> None:
    """However far into the file it is, and whatever empty lines stand before it."""
    content = io.BytesIO()
    content.write(b"a,b\n\n")
    content.write(b"1,2\n" * 250_000)
    content.write(b"oops\n1,2\n")
    rows = csv_rows(tmp_path, content.getvalue(), chunk_rows=10_000)
    assert [row.line for row in rows if row.error] == [250_003]
    assert len(rows) == 250_002


def test_byte_order_mark_carriage_returns_and_quotes_are_read(tmp_path: Path) -> None:
    """What spreadsheets write."""
    rows = csv_rows(tmp_path, b'\xef\xbb\xbfa,b\r\n"x,y","say ""z"""\r\n1,2')
    assert [list(row.cells) for row in rows] == [["x,y", 'say "z"'], ["1", "2"]]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", b"", "the header cannot be read"),
        ("t.xlsx", b"", "has to end in .csv"),
        ("t.parquet", b"", "is not a whole Parquet file"),
        ("t.parquet", b"a,b\n1,2\n", "is not a whole Parquet file"),
    ],
)
def test_file_that_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=said):
        open_table(tmp_path / name)


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "t.csv", "there is no such file"), (tmp_path, "is not a plain file")):
        with pytest.raises(BadInput, match=said):
            open_table(path)


@pytest.mark.parametrize(("suffix", "group_rows"), [("csv", 0), ("parquet", 9), ("parquet", 2)])
def test_table_is_read_on_from_any_chunk(tmp_path: Path, suffix: str, group_rows: int) -> None:
    """What stands after a position is the same, whether the reading began there or at the start; row groups do not show."""
    file = tmp_path / f"t.{suffix}"
    if suffix == "csv":
        file.write_text("a,b\n" + "".join(f"{number},{'x' * (number % 7)}\n" for number in range(100)))
    else:
        pq.write_table(
            pa.table({"a": range(100), "b": ["x" * (number % 7) for number in range(100)]}), file, row_group_size=group_rows
        )
    table = open_table(file)
    chunks = list(table.chunks(table.start, 7))
    assert [len(list(chunk.rows())) for chunk in chunks] == [7] * 14 + [2]
    assert chunks[-1].after.offset == table.end
    for index, chunk in enumerate(chunks):
        rest = [list(each.rows()) for each in table.chunks(chunk.after, 7)]
        assert rest == [list(each.rows()) for each in chunks[index + 1 :]]


def test_a_file_of_many_small_row_groups_is_not_held_in_memory(tmp_path: Path) -> None:
    """Of 200 row groups of 40 KB, those of the chunk that is read."""
    file = tmp_path / "t.parquet"
    texts = [random.Random(number).randbytes(400).hex() for number in range(10_000)]
    pq.write_table(pa.table({"a": texts}), file, row_group_size=50, compression="none", use_dictionary=False)
    table = open_table(file)
    before = pa.total_allocated_bytes()
    chunks = table.chunks(table.start, 50)
    assert next(chunks).after.line == 51
    assert pa.total_allocated_bytes() - before < file.stat().st_size // 10


def parquet_file(tmp_path: Path) -> Path:
    file = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [f"row {number}" for number in range(20_000)]}), file, row_group_size=5000)
    return file


def test_truncated_parquet_file_is_refused_at_once(tmp_path: Path) -> None:
    """Cut off anywhere, it is refused before a row of it is read."""
    file = parquet_file(tmp_path)
    whole = file.read_bytes()
    for length in (4, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(BadInput, match="is not a whole Parquet file; was it cut off"):
            open_table(file)


def test_parquet_file_that_is_broken_inside_says_after_which_row(tmp_path: Path) -> None:
    """The rows before the broken place are read, and what to do is said."""
    file = parquet_file(tmp_path)
    start = pq.ParquetFile(file).metadata.row_group(2).column(0).data_page_offset
    content = bytearray(file.read_bytes())
    content[start : start + 40] = b"\xff" * 40
    file.write_bytes(content)
    table = open_table(file)
    chunks = table.chunks(table.start, 5000)
    assert sum(len(list(next(chunks).rows())) for _ in range(2)) == 10_000
    with pytest.raises(BadInput, match=r"is broken after row 10000; write it anew"):
        next(chunks)
