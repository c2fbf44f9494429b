"""A CSV as it comes: what its bytes show is taken and said; what would be a guess is refused once, with what to type."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest

from clients.billing import outages
from clients.errors import BadInput, ExitCode
from clients.tables import dialect
from clients.tables.opening import notes, open_table, rows_of
from clients.tables.options import TableOptions
from tests.clients.conftest import Run
from tests.clients.files import HEADER, billing, result_rows, subscriber

TEXT = "id,area\n1,浦东\n2,闵行\n"
ROWS = [["1", "浦东"], ["2", "闵行"]]
GB18030 = TableOptions(encoding="gb18030")


def read(path: Path, options: TableOptions | None = None) -> tuple[tuple[str, ...], list[list[str]], list[str]]:
    """(columns, rows, what is said)."""
    table = open_table(path, options)
    rows = list(rows_of(table, chunk_rows=1))
    assert not [row for row in rows if row.error]
    return table.columns, [list(row.cells) for row in rows], notes(path, table)


RECOGNISED = {
    "as the contract has it": (TEXT.encode(), ""),
    "UTF-8 with its mark": (TEXT.encode("utf-8-sig"), ""),
    "UTF-16, little end first": (b"\xff\xfe" + TEXT.encode("utf-16-le"), "its encoding is utf-16-le"),
    "UTF-16, big end first": (b"\xfe\xff" + TEXT.encode("utf-16-be"), "its encoding is utf-16-be"),
    "lines of Windows": (TEXT.replace("\n", "\r\n").encode(), ""),
    "lines of an old Mac": (TEXT.replace("\n", "\r").encode(), "its lines end in CR alone"),
    "UTF-16 with lines of an old Mac": (b"\xff\xfe" + TEXT.replace("\n", "\r").encode("utf-16-le"), "CR alone"),
    "semicolons": (TEXT.replace(",", ";").encode(), "semicolons separate the columns"),
    "tabs": (TEXT.replace(",", "\t").encode(), "tabs separate the columns"),
    "bars": (TEXT.replace(",", "|").encode(), "| separate the columns"),
    "quotes around everything": ('"id","area"\n"1","浦东"\n"2","闵行"\n'.encode(), ""),
    "a separator that the header's names hold": (b"\xef\xbb\xbf" + '"id";"area"\n1;浦东\n2;闵行\n'.encode(), "semicolons"),
    "sep=": (("sep=,\r\n" + TEXT).encode(), "its first line says that commas"),
    "sep= of another": (("SEP=;\n" + TEXT.replace(",", ";")).encode(), "its first line says that semicolons"),
    "commas at the ends of all lines": (TEXT.replace("\n", ",\n").encode(), "its header ends with 1 column without a name"),
    "rows of nothing but commas": ((TEXT + ",\n,,,\n  \n\r\n\n").encode(), ""),
    "packed by gzip": (gzip.compress(TEXT.encode()), "it is packed (gzip)"),
    "packed in two pieces": (gzip.compress(TEXT[:5].encode()) + gzip.compress(TEXT[5:].encode()), "gzip"),
    "packed by zstd": (pa.compress(TEXT.encode(), "zstd", asbytes=True), "it is packed (zstd)"),
    "no end of the last line": (TEXT[:-1].encode(), "its last line has no line end; was the file cut off?"),
    "UTF-16 without an end of the last line": (TEXT[:-1].encode("utf-16"), "its last line has no line end"),
}


@pytest.mark.parametrize("name", RECOGNISED)
def test_dialect_that_shows_is_read_and_said(tmp_path: Path, name: str) -> None:
    """The rows are the same, from any row on; a person is told what was taken for granted."""
    content, says = RECOGNISED[name]
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    columns, rows, said = read(file)
    assert (columns, rows) == (("id", "area"), ROWS)
    assert says in " ".join(said)
    assert bool(says) == bool(said)
    table = open_table(file)
    first = next(iter(table.chunks(table.start, 1)))
    assert [list(row.cells) for chunk in table.chunks(first.after, 9) for row in chunk.rows()] == ROWS[1:]
    assert [chunk.after.offset for chunk in table.chunks(table.start, 99)] == [table.end]


@pytest.mark.parametrize("suffix", ["csv.gz", "csv.zst", "tsv", "CSV"])
def test_name_may_tell_of_packing_and_have_any_case(tmp_path: Path, suffix: str) -> None:
    content = {"csv.gz": gzip.compress(TEXT.encode()), "csv.zst": pa.compress(TEXT.encode(), "zstd", asbytes=True)}
    file = tmp_path / f"t.{suffix}"
    file.write_bytes(content.get(suffix, TEXT.encode()))
    assert read(file)[1:] == (ROWS, [])


REFUSED = {
    "GB18030": (TEXT.encode("gb18030"), "--encoding gb18030, if line 2 holds '浦东'"),
    "one Chinese word in GB18030": ("id,area\n1,联通\n".encode("gb18030"), "--encoding gb18030, if line 2 holds '联通'"),
    "a header in GB18030": ("号码,地区\n1,A\n".encode("gb18030"), "--encoding gb18030, if line 1 holds '号码'"),
    "a word of GB18030 that is UTF-8 too": (b"id,area\n1,\xd2\xb4\xc4\xbf\n", "say --encoding utf-8 or --encoding gb18030"),
    "Latin letters of Windows": (
        "id,area\n1,M\u00fcller\n".encode("cp1252") * 9,
        "--encoding cp1252, if line 2 holds 'Müller'",
    ),
    "UTF-16 without its mark": (TEXT.encode("utf-16-le"), "say --encoding utf-16-le"),
    "UTF-32": (TEXT.encode("utf-32"), "is UTF-32"),
    "a workbook": (b"PK\x03\x04\x14\x00", "is an Excel workbook"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old Excel workbook"),
    "a page": (b"<html><table>", "is a page or an XML document"),
    "a Parquet file": (b"PAR1abc", "is a Parquet file; give it a name"),
    "an empty first line": (b"\nid,area\n1,A\n", "the header has to be the first line"),
    "a packed file that was cut": (gzip.compress(TEXT.encode() * 99)[:-9], "is packed and not whole"),
    "another packed file that was cut": (pa.compress(TEXT.encode() * 99, "zstd", asbytes=True)[:-9], "is packed and not whole"),
    "packed and damaged": (gzip.compress(b"id\n")[:-8] + b"\0" * 8, "is packed and not whole"),
    "packed otherwise": (b"BZh91AY&SY", "packed with bzip2; unpack it"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_a_guess_is_refused_once_with_what_to_type(tmp_path: Path, name: str) -> None:
    """Not 2,000 times, and not by a wrong guess."""
    content, says = REFUSED[name]
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        read(file)
    assert says in str(refused.value)


def test_encoding_that_is_said_is_for_files_that_are_not_utf_8(tmp_path: Path) -> None:
    """One flag serves a run of which one file came out of a Chinese Windows and the other out of a database."""
    file = tmp_path / "t.csv"
    for content in (TEXT.encode("gb18030"), TEXT.encode(), TEXT.encode("utf-8-sig"), TEXT.encode("utf-16"), b"id,area\n1,A\n"):
        file.write_bytes(content)
        assert read(file, GB18030)[1] in (ROWS, [["1", "A"]])
    file.write_bytes("id,area\n1,联通\n".encode("gb18030"))
    assert read(file, GB18030)[1] == [["1", "联通"]]
    file.write_bytes(b"id,area\n1,\xd2\xb4\xc4\xbf\n")
    assert read(file, GB18030)[1] == [["1", "掖目"]]
    with pytest.raises(BadInput, match="--encoding GB: there is no such encoding"):
        read(file, TableOptions(encoding="GB"))


def test_document_of_outages_is_read_in_its_encoding(tmp_path: Path) -> None:
    """By its mark, as UTF-8, or as it is said; packed too; else it is refused with what to type."""
    fields = {"outage_id": "o", "started_at": "2026-03-04T08:00Z", "cause": "UNKNOWN", "impact": "LOSS", "areas": ["浦东"]}
    text = json.dumps([fields], ensure_ascii=False)
    file = tmp_path / "o.json"
    for content in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.encode("gb18030")):
        file.write_bytes(content)
        assert outages.load(file, GB18030).by_area == {"浦东": (0,)}
    with pytest.raises(BadInput, match="say in which encoding it is, for example --encoding gb18030"):
        outages.load(file)
    packed = tmp_path / "o.json.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert outages.load(packed).by_area == {"浦东": (0,)}


def test_separator_that_is_said_is_taken(tmp_path: Path) -> None:
    """Where the header cannot tell: it may have one column, or names with commas."""
    file = tmp_path / "t.csv"
    file.write_bytes("id:area\n1:浦东\n2:闵行\n".encode())
    assert read(file, TableOptions(delimiter=":"))[1] == ROWS


def test_damaged_line_among_sound_ones_is_its_own_error(tmp_path: Path) -> None:
    """One line of another encoding, put together with others, does not end the run."""
    file = tmp_path / "t.csv"
    file.write_bytes(TEXT.encode() + "3,徐汇\n".encode("gb18030"))
    rows = list(rows_of(open_table(file)))
    assert [list(row.cells) for row in rows[:2]] == ROWS
    assert rows[2].cells[0] == "3"
    assert "its bytes are not UTF-8" in getattr(rows[2].cells[1], "reason", "")


def test_what_stands_beyond_the_header_is_not_dropped(tmp_path: Path) -> None:
    """A column without a name may hold nothing; a row of more columns than the header is not cut: its cells may be shifted."""
    file = tmp_path / "t.csv"
    file.write_text("id,area,\n1,A,\n2,B,x\n3,C\n")
    errors = [row.error for row in rows_of(open_table(file))]
    assert errors == ["", "'x' stands in a column that has no name in the header", "it has 2 columns and the header has 3"]
    file.write_text("id,area\n1,A,\n")
    assert [row.error for row in rows_of(open_table(file))] == ["it has 3 columns and the header has 2 (the last is empty)"]


def test_all_of_a_large_file_is_looked_at_where_it_is_packed(tmp_path: Path) -> None:
    """Blocks cut lines and characters anywhere."""
    lines = "".join(f"{number},浦东{'x' * (number % 97)}\n" for number in range(20_000))
    for content in (gzip.compress(("id,area\n" + lines).encode()), ("id,area\n" + lines).encode("utf-16")):
        file = tmp_path / "t.csv"
        file.write_bytes(content)
        assert "".join(f"{','.join(row.cells)}\n" for row in rows_of(open_table(file))) == lines
    assert len(content) > dialect.SAMPLE_BYTES


def test_header_in_capitals_is_read_and_said(run: Run, tmp_path: Path) -> None:
    """As Oracle exports it, benefits' names too."""
    header = f"{HEADER},granted_this_cycle.data".upper()
    (tmp_path / "s.csv").write_text("\n".join((header, f"{subscriber(1)},5", "")))
    (tmp_path / "o.csv").write_text("OUTAGE_ID,STARTED_AT,CAUSE\no,2026-03-04T08:00Z,UNKNOWN\n")
    done = run("billing", *billing("r.csv", subscribers="s.csv", outages="o.csv"))
    assert (done.returncode, [row["status"] for row in result_rows(tmp_path / "r.csv")]) == (ExitCode.DONE, ["PROVISIONAL"])
    assert "SUBSCRIBER_ID is read as subscriber_id" in done.stderr
    assert "OUTAGE_ID is read as outage_id" in done.stderr


def test_columns_named_otherwise_are_mapped_by_flag_or_beside_the_file(run: Run, tmp_path: Path) -> None:
    """The mapping beside the file is part of what a run was asked: changed, a run that was begun does not go on with it."""
    (tmp_path / "s.csv").write_text("MSISDN,套餐,备注\n1,DATA,x\n")
    (tmp_path / "o.csv").write_text("ALARM,started_at,cause\no,2026-03-04T08:00Z,UNKNOWN\n")
    files = billing("r.csv", "--column", "outage_id=ALARM", "--ignore-column", "备注", subscribers="s.csv", outages="o.csv")
    refused = run("billing", *files)
    assert "'MSISDN': there is no such column" in refused.stderr
    assert "--column subscriber_id=NAME" in refused.stderr
    by_flags = run("billing", *files, "--column", "subscriber_id=msisdn", "--column", "plan_type=套餐")
    assert by_flags.returncode == ExitCode.DONE, by_flags.stderr
    assert "MSISDN is read as subscriber_id" in by_flags.stderr
    (tmp_path / "s.csv.columns").write_text("# of the CRM's export\nsubscriber_id=MSISDN\n\nplan_type=套餐\n")
    again = run("billing", *files)
    assert again.returncode == ExitCode.BAD_INPUT  # the flags were other ones
    beside = run("billing", *files, "--restart")
    assert (beside.returncode, result_rows(tmp_path / "r.csv")[0]["subscriber_id"]) == (ExitCode.DONE, "1")


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ("subscriber_id=MSISDM", "--column subscriber_id=MSISDM: there is no column MSISDM"),
        ("subscriber=MSISDN", "no table has a column subscriber (did you mean subscriber_id?)"),
        ("MSISDN", "maps no column; write subscriber_id=MSISDN"),
    ],
)
def test_mapping_that_maps_nothing_is_refused(run: Run, tmp_path: Path, mapping: str, says: str) -> None:
    (tmp_path / "s.csv").write_text("MSISDN,plan_type\n1,DATA\n")
    (tmp_path / "o.csv").write_text("outage_id,started_at,cause\no,2026-03-04T08:00Z,UNKNOWN\n")
    done = run("billing", *billing("r.csv", "--column", mapping, subscribers="s.csv", outages="o.csv"))
    assert done.returncode == ExitCode.BAD_INPUT
    assert says in done.stderr
