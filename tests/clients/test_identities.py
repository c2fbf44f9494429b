"""An identity is the same by CSV, Parquet, JSON, flags and call: taken as it stands, or refused with what is wrong."""

import csv
import json
import sys
import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clients import identity
from clients.errors import ExitCode
from clients.tables import cells
from policy.calculator import identity as contract
from tests.clients.conftest import Run
from tests.clients.files import billing, result_rows
from tests.support import identities

COLUMNS = ("subscriber_id", "plan_type", "area")
OUTAGE = {
    "outage_id": "out-1",
    "started_at": "2026-03-04T08:00Z",
    "ended_at": "2026-03-04T11:30Z",
    "cause": "UNKNOWN",
    "impact": "LOSS",
}
REFUSED = [*identities.refused(), *identities.refused_in_tables()]


def test_tables_have_the_rule_of_the_contract() -> None:
    """For every character, at the beginning, within, and at the end."""
    for point in range(sys.maxunicode + 1):
        for text in (f"{chr(point)}a", f"a{chr(point)}a", f"a{chr(point)}"):
            assert identity.problem(text) == contract.problem(text)


def test_format_characters_and_variation_selectors_are_refused_whatever_edition_of_unicode_knows_them() -> None:
    """The rule is written out; what this edition calls a format character or a selector must be in it."""
    for point in range(sys.maxunicode + 1):
        character = chr(point)
        invisible = unicodedata.category(character) in ("Cf", "Cc", "Zl", "Zp")
        if invisible or "VARIATION SELECTOR" in unicodedata.name(character, "") or character.isspace():
            assert contract.problem(f"a{character}"), hex(point)


def write_subscribers(path: Path, texts: list[str], area: str = "A") -> None:
    rows = [(text, "DATA", area) for text in texts]
    if path.suffix == ".parquet":
        columns = list(zip(*rows, strict=True))
        pq.write_table(pa.table(dict(zip(COLUMNS, map(list, columns), strict=True))), path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


def write_outages(path: Path, **changes: object) -> None:
    path.write_text(json.dumps([{**OUTAGE, "areas": ["A"], **changes}]), encoding="utf-8")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_row_of_a_damaged_id_is_an_error_and_is_asked_of_nobody(run: Run, tmp_path: Path, suffix: str) -> None:
    """It names the column and what is wrong; the rows beside it are decided under their ids as they stand."""
    texts = [*identities.taken(), *(case.text for case in REFUSED if "\n" not in case.text)]
    write_subscribers(tmp_path / f"s.{suffix}", texts)
    write_outages(tmp_path / "o.json")
    done = run("billing", *billing("r.csv", subscribers=f"s.{suffix}", outages="o.json"))
    assert done.returncode == ExitCode.ROWS_FAILED, done.stderr
    rows = result_rows(tmp_path / "r.csv")
    assert [row["subscriber_id"] for row in rows if row["status"] != "ERROR"] == identities.taken()
    for row, case in zip(rows[len(identities.taken()) :], REFUSED, strict=True):
        assert [each["field"] for each in row["error_fields"]] == ["subscriber_id"], case
        assert case.says in row["error_fields"][0]["message"]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: ascii(case.text))
def test_cell_of_a_list_is_held_to_the_same(case: identities.Refused) -> None:
    """An area, an affected area, a service: alone, and one of several."""
    for cell in (
        case.text,
        ["A", case.text],
        f"A;B;{case.text.strip(' ')}" if case.text.strip(" ") == case.text else case.text,
    ):
        with pytest.raises(ValueError, match=r".+") as refused:
            cells.several(cell)
        assert case.says in str(refused.value)


def test_area_of_a_row_that_no_outage_hits_is_looked_at(run: Run, tmp_path: Path) -> None:
    """It could have been hit, if it were read as it was meant."""
    write_subscribers(tmp_path / "s.csv", ["1"], area="A\u200b")
    write_outages(tmp_path / "o.json")
    run("billing", *billing("r.csv", subscribers="s.csv", outages="o.json"))
    (row,) = result_rows(tmp_path / "r.csv")
    assert (row["status"], row["error_fields"][0]["field"]) == ("ERROR", "area")


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: ascii(case.text))
def test_outages_with_a_damaged_identity_are_refused_with_its_place(run: Run, tmp_path: Path, case: identities.Refused) -> None:
    """In a table by line and column, in JSON by path; all of them at once, before anything is asked."""
    write_subscribers(tmp_path / "s.csv", ["1"])
    write_outages(tmp_path / "o.json", outage_id=case.text, responsible_party=case.text, areas=[case.text])
    row = {**OUTAGE, "outage_id": case.text, "responsible_party": case.text, "areas": ["A", case.text]}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "o.parquet")
    for file, place in (("o.json", "outages[0]."), ("o.parquet", "line 1: ")):
        done = run("billing", *billing("r.csv", subscribers="s.csv", outages=file))
        assert done.returncode == ExitCode.BAD_INPUT
        for name in ("outage_id", "responsible_party", "areas"):
            assert any(line.strip().startswith(f"{place}{name}") and case.says in line for line in done.stderr.splitlines()), (
                name
            )


@pytest.mark.parametrize("text", ["138\u200b", "１３８", "138 "], ids=ascii)
def test_desk_is_told_the_same_by_flag_and_by_file(run_real: Run, tmp_path: Path, text: str) -> None:
    """The server is the judge of what a desk asks."""
    facts = ("--plan-type", "DATA", "--fee", "129.00", "--allowance", "20GiB", "--remaining", "1GiB")
    outage = "2026-03-04T08:00+08:00/2026-03-04T11:30+08:00,EQUIPMENT_FAILURE"
    by_flag = run_real("crm", "quote", "--subscriber", text, *facts, "--outage", outage)
    document = {"subscriber": {"subscriber_id": text, "plan_type": "DATA"}, "outages": [OUTAGE]}
    (tmp_path / "q.json").write_text(json.dumps(document))
    by_file = run_real("crm", "quote", "q.json")
    for done in (by_flag, by_file):
        assert done.returncode == ExitCode.REFUSED
        assert "subscriber.subscriber_id: holds U+" in done.stderr
