"""A check reads both files as a run would, without a server, and says what is in them and what is wrong."""

import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clients.billing import areas as check_areas
from clients.billing import check, outages
from clients.billing.subscribers import SubscriberReader
from clients.errors import ExitCode
from clients.tables.opening import open_table
from clients.tables.options import TableOptions
from tests.clients.conftest import Run
from tests.clients.fakes import FakeServer
from tests.clients.files import HEADER, OUTAGES, ROWS, billing, result_rows, subscriber, write_inputs

FILES = ("--subscribers", "subscribers.csv", "--outages", "outages.csv")


def report(run: Run, *more: str, code: ExitCode = ExitCode.DONE) -> dict[str, Any]:
    done = run("billing", "check", *FILES, "--json", *more)
    assert done.returncode == code, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_files_in_order_are_told_so_without_a_server(run: Run, inputs: Path, fake: FakeServer) -> None:
    """Nothing is asked and nothing is written."""
    found = report(run)
    assert found["in_order"] is True
    assert (found["subscribers"]["rows"], found["subscribers"]["rows_in_error"]) == (ROWS, 0)
    assert fake.calls == 0
    assert sorted(path.name for path in inputs.iterdir()) == ["outages.csv", "subscribers.csv"]


def test_check_and_run_find_the_same_rows_in_error(run: Run, inputs: Path) -> None:
    """They read with one reader: what a check lets pass is no BAD_ROW at night, and the other way round."""
    lines = [subscriber(number) for number in range(40)]
    lines[3], lines[7], lines[8] = "oops", lines[7] + "x", lines[8] + "x"
    lines[20] = lines[20].replace("CONVERGED", "CONVERGE")
    write_inputs(inputs, lines)
    found = report(run, code=ExitCode.ROWS_FAILED)["subscribers"]
    run("billing", *billing("r.csv"))
    bad = [row["line"] for row in result_rows(inputs / "r.csv") if row.get("error_code") == "BAD_ROW"]
    assert bad == [5, 9, 10, 22]
    assert found["rows_in_error"] == len(bad)
    assert [(each["rows"], each["first_lines"]) for each in found["errors_alike"]] == [(2, [9, 10]), (1, [5]), (1, [22])]


def test_what_is_in_the_files_is_counted_exactly(run: Run, inputs: Path) -> None:
    """Hits of each outage, areas that match nothing both ways, facts that are not known, how amounts lie."""
    (inputs / "outages.csv").write_text(OUTAGES + "out-3,2026-03-04T08:00Z,,UNKNOWN,a;B,\n")
    lines = [subscriber(number) for number in range(ROWS)]
    lines[0] = lines[0].rpartition(",")[0] + ","
    lines[1] = lines[1].replace("5901", "129")
    write = [*lines, subscriber(5)]
    write_inputs(inputs, write, (inputs / "outages.csv").read_text())
    found = report(run)
    by_area = {area: sum(1 for line in write if line.split(",")[1] == area) for area in "ABC"}
    assert found["outages"]["subscribers_hit"] == {
        "out-1": by_area["A"] + by_area["B"],
        "out-2": by_area["B"],
        "out-3": by_area["B"],
    }
    assert found["areas"] == {
        "of_outages_without_subscriber": ["a"],
        "of_subscribers_without_outage": {"C": by_area["C"]},
        "rows_of_rarer_ones_without_outage": 0,
    }
    subscribers = found["subscribers"]
    assert subscribers["rows_hit_by_no_outage"] == by_area["C"]
    assert subscribers["not_known"]["data_remaining_bytes"] == 1
    assert subscribers["not_known"]["billing_cycle"] == len(write)
    assert "data_allowance_bytes" not in subscribers["not_known"]
    assert subscribers["repeated_rows"] == 1
    assert sum(subscribers["plan_types"].values()) == len(write)
    fees = subscribers["monthly_fee_minor"]["CNY"]
    assert (fees["lowest"], fees["highest"], fees["steps"][0]) == (129, 5900 + ROWS - 1, {"from": 100, "rows": 1})
    assert sum(step["rows"] for step in fees["steps"]) == len(write)
    assert subscribers["data_allowance_bytes"]["steps"] == [{"from": 2**34, "rows": len(write)}]


def test_person_reads_the_same_in_tables_and_small_charts(run: Run, inputs: Path) -> None:
    lines = [subscriber(number) for number in range(40)]
    lines[3] = "oops"
    write_inputs(inputs, [*lines, subscriber(5)], OUTAGES + "out-3,2026-03-04T08:00Z,,UNKNOWN,a,\n")
    done = run("billing", "check", *FILES)
    assert done.returncode == ExitCode.ROWS_FAILED
    for said in (
        "subscribers.csv: 41 rows, 1 in error",
        "  line 5: it has 1 column",
        "  1 row with the subscriber of an earlier row (line 42 that of line 7)",
        "outages.csv: 3 outages, 1 still going on, 3 areas",
        "  out-3   0 rows  0.0 %",
        "  1 area of outages that no subscriber of the file is in: a",
        "  1 area of subscribers that no outage names: C (",
        "facts that are not known",
        "  billing_cycle",
        "monthly fee: 59.00 CNY to 59.39 CNY",
        "  from 50.00 CNY  40  ██████████████████████████████",
        "data allowance: 20 GiB to 20 GiB",
        "  from 16 GiB  40  ██████████████████████████████",
    ):
        assert said in done.stdout, said


def test_both_files_are_judged_though_the_outages_cannot_be_used(run: Run, inputs: Path) -> None:
    """Like errors of theirs once, with the first lines; the subscribers beside them; the exit code is that of a file."""
    (inputs / "outages.csv").write_text(OUTAGES.replace("+08:00", "") + "out-9,2026-03-04T08:00Z,,NOISE,A,\n")
    (inputs / "subscribers.csv").write_text(f"{HEADER}\n{subscriber(1)}\noops\n")
    found = report(run, code=ExitCode.BAD_INPUT)
    assert found["in_order"] is False
    assert found["subscribers"]["rows_in_error"] == 1
    problems = found["outages"]["problems"]
    assert "outages.csv has to be mended" in problems[0]
    assert any(problem.startswith("2 rows alike, lines 2, 3: started_at: ") for problem in problems)
    assert any(problem.startswith("line 4: cause: 'NOISE'") for problem in problems)
    shown = run("billing", "check", *FILES)
    assert (shown.returncode, "outages.csv: cannot be used" in shown.stdout) == (ExitCode.BAD_INPUT, True)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("subscriber_id,plan", "'plan'"),
        ("subscriber_id,plan_type", "has no column area"),
    ],
)
def test_subscribers_that_cannot_be_used_are_told_with_what_is_wrong_with_the_outages(
    run: Run, inputs: Path, header: str, said: str
) -> None:
    (inputs / "subscribers.csv").write_text(f"{header}\n1,DATA\n")
    done = run("billing", "check", *FILES)
    assert (done.returncode, done.stdout, said in done.stderr) == (ExitCode.BAD_INPUT, "", True), done.stderr


def test_files_of_another_format_are_checked_alike(run: Run, inputs: Path) -> None:
    text = [line.split(",") for line in (HEADER, *map(subscriber, range(ROWS)))]
    columns = {name: [row[index] for row in text[1:]] for index, name in enumerate(text[0])}
    whole = {
        name: [int(cell) for cell in cells] if name.endswith(("_minor", "_bytes")) else cells for name, cells in columns.items()
    }
    pq.write_table(pa.table(whole), inputs / "subscribers.parquet", row_group_size=64)
    from_csv = report(run)
    done = run("billing", "check", "--subscribers", "subscribers.parquet", "--outages", "outages.csv", "--json")
    from_parquet = json.loads(done.stdout)
    for found in (from_csv, from_parquet):
        found["subscribers"].pop("file")
    assert from_parquet == from_csv


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight times the rows, each in an area of its own and each with an error of its own: the same memory."""
    monkeypatch.setattr(check, "CHUNK_ROWS", 250)
    monkeypatch.setattr(check_areas, "KEPT_AREAS", 20)
    monkeypatch.setattr("clients.billing.subscribers.REMEMBERED_AREAS", 20)

    def peak(rows: int) -> int:
        lines: Sequence[str] = [f"{number},area-{number},DATA,x{number}" for number in range(rows)]
        (tmp_path / "s.csv").write_text("\n".join(("subscriber_id,area,plan_type,data_remaining_bytes", *lines)) + "\n")
        (tmp_path / "o.csv").write_text(OUTAGES)
        found = outages.load(tmp_path / "o.csv")
        table = open_table(tmp_path / "s.csv")
        reader = SubscriberReader(table, "s.csv", TableOptions(), found)
        tracemalloc.start()
        try:
            assert check.judge(table, reader, found, lambda offset, rows: None).rows_in_error == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few = peak(1000)
    assert peak(8000) < 1.3 * few
