"""Before it is booked: what a dry run shows, and what a threshold and a second person do."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq

from clients.account import run_records
from clients.account.database import opened
from clients.errors import ExitCode
from tests.account.conftest import Run
from tests.account.test_runs import AS_OF, MIB, O1, O2, booked, enter, person, settle, write_people

DRY = ("run", "--subscribers", "s.csv", *AS_OF, "--reason", "a night", "--by", "billing", "--dry-run")


def test_a_dry_run_lists_by_subscriber_what_a_run_would_book_and_books_nothing(run_real: Run) -> None:
    enter(run_real, O1 + O2)
    write_people(person(1), person(2, "MINHANG"), person(3, "XUHUI"))
    code, out, err = run_real(*DRY, "--list", "list.csv")
    assert (code, err) == (ExitCode.DONE, "")
    assert "would book data: 990 MiB for 2 subscribers" in out
    assert "would claim from grid: 13.20 CNY for 2 subscribers" in out
    with Path("list.csv").open() as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert rows == [
        ("2", "1", "data", "", "DATA_BYTES", "", str(660 * MIB), "0", "0"),
        ("2", "1", "", "grid", "RECOURSE", "CNY", "660", "0", "0"),
        ("3", "2", "data", "", "DATA_BYTES", "", str(330 * MIB), "0", "0"),
        ("3", "2", "", "grid", "RECOURSE", "CNY", "660", "0", "0"),
    ]
    assert run_real("runs")[1] == ""
    assert run_real("audit", "1")[1] == "nothing was decided for 1\n"
    assert booked(settle(run_real)[1]) == {"data": 990 * MIB}
    assert "a run would book nothing new" in run_real(*DRY)[1]


def test_a_dry_run_shows_reversals_credit_notes_and_what_is_over_granted(run_real: Run) -> None:
    """Under set off nothing is reversed: o2, withdrawn, is over-granted, and its party has a credit note."""
    enter(run_real, O1 + O2)
    write_people(person(1))
    settle(run_real)
    run_real("outages", "withdraw", "o2", "--reason", "none")
    code, out, _ = run_real(*DRY, "--list", "list.parquet", "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert code == ExitCode.DONE
    assert booked(told, "over_granted") == {"data": 330 * MIB}
    assert booked(told, "credited") == {"grid": 660}
    rows = pq.read_table("list.parquet").to_pylist()
    assert [(row["over_granted"], row["taken_back"]) for row in rows] == [(330 * MIB, 0), (0, 660)]


def test_a_dry_run_shows_the_hundred_largest_and_how_amounts_lie(run_real: Run) -> None:
    """120 subscribers; those with less than 10 % left are owed 450 MiB, the others 330."""
    enter(run_real, O1)
    write_people(*(person(n, left=0 if n % 2 else 12 * 2**30) for n in range(120)))
    told = [json.loads(line) for line in run_real(*DRY, "--json")[1].splitlines()]
    (largest,) = [each for each in told if "largest" in each]
    quantities = [row["added"] // MIB for row in largest["rows"]]
    assert quantities == [540] * 60 + [330] * 40
    assert [row["line"] for row in largest["rows"]][:2] == [3, 5]
    (lie,) = [each for each in told if "distribution" in each]
    assert lie["steps"] == [{"from": 256 * MIB, "rows": 60}, {"from": 512 * MIB, "rows": 60}]
    assert run_real(*DRY)[1].count("█") == 60


def test_a_dry_run_counts_a_subscriber_as_often_as_he_stands_in_the_file_and_says_so(run_real: Run) -> None:
    """In one piece and in several; what was approved of it is never too little to be booked."""
    enter(run_real, O1 + O2.replace("PUDONG;", ""))
    write_people(person(1), person(2), person(1, "MINHANG"), person(1))
    for piece in ("1", "100"):
        told = [json.loads(line) for line in run_real(*DRY, "--json", "--piece", piece)[1].splitlines()]
        (repeated,) = [each for each in told if "repeated_rows" in each]
        assert (repeated["repeated_rows"], repeated["lines"]) == (2, [[4, 2], [5, 2]])
        assert booked(told) == {"data": 4 * 330 * MIB}
    run_real("threshold", "data=1MiB", "--reason", "a limit")
    assert settle(run_real)[0] == ExitCode.WANTS_APPROVAL
    run_real("approve", "1", "--by", "finance", "--reason", "fine")
    assert booked(settle(run_real)[1]) == {"data": 3 * 330 * MIB}


def test_above_a_threshold_a_second_person_has_to_approve(run_real: Run) -> None:
    """Nothing is booked until then; whoever began the run is no second person."""
    enter(run_real, O1 + O2)
    write_people(person(1), person(2))
    limits = ("threshold", "data=1GiB", "recourse.CNY=100.00 CNY", "--reason", "as the board says")
    assert run_real(*limits)[0] == ExitCode.DONE
    code, told = settle(run_real)
    assert code == ExitCode.WANTS_APPROVAL
    assert told == [
        {"above_threshold": "data", "amount": 1320 * MIB, "threshold": 1024 * MIB},
        {"run": 1, "state": "waits"},
    ]
    assert settle(run_real)[0] == ExitCode.WANTS_APPROVAL
    assert run_real("audit", "1")[1] == "nothing was decided for 1\n"
    shown = run_real("report", "1")[1].splitlines()
    assert shown[-2:] == ["proposes data: +1320 MiB", "proposes grid: +13.20 CNY"]
    code, _, err = run_real("approve", "1", "--by", "billing", "--reason", "fine")
    assert (code, "a second person has to approve it" in err) == (ExitCode.BAD_INPUT, True)
    assert run_real("approve", "1", "--by", "finance", "--reason", "checked the list")[0] == ExitCode.DONE
    code, told = settle(run_real)
    assert (code, booked(told)) == (ExitCode.DONE, {"data": 1320 * MIB})
    assert told[0]["approved_by"] == "finance"
    assert "does not wait for a second person" in run_real("approve", "1", "--by", "finance", "--reason", "again")[2]


def test_below_a_threshold_one_person_is_enough_and_none_can_be_taken_away(run_real: Run) -> None:
    enter(run_real, O1)
    write_people(person(1), person(2))
    run_real("threshold", "data=660MiB", "--reason", "a limit")
    assert booked(settle(run_real)[1]) == {"data": 660 * MIB}
    run_real("threshold", "data=1MiB", "--reason", "a limit")
    write_people(person(3), person(4))
    assert settle(run_real)[0] == ExitCode.WANTS_APPROVAL
    assert run_real("threshold", "data=none", "--reason", "no limit")[1] == "data: no threshold\n"
    assert booked(settle(run_real, "--restart")[1]) == {"data": 660 * MIB}


def test_an_approved_run_books_no_more_than_was_approved(run_real: Run, ledger: str) -> None:
    """The outage grew between proposal and booking: the run stops before it books above what was approved."""
    enter(run_real, O1)
    write_people(person(1), person(2))
    run_real("threshold", "data=1MiB", "--reason", "a limit")
    settle(run_real)
    run_real("approve", "1", "--by", "finance", "--reason", "fine")
    enter(run_real, O1.replace("04T04", "04T05"))
    command = ("run", "--subscribers", "s.csv", *AS_OF, "--reason", "a night", "--by", "billing")
    code, _, err = run_real(*command)
    assert code == ExitCode.BAD_INPUT
    assert f"run 1 would book {880 * MIB} of data in all, above {660 * MIB}" in err
    assert run_real("audit", "1")[1] == "nothing was decided for 1\n"
    with opened(ledger, create=False) as database:
        assert database.read(run_records.thresholds) == {"data": MIB}
    assert settle(run_real, "--restart")[0] == ExitCode.WANTS_APPROVAL


def test_a_threshold_that_cannot_be_read_is_refused(run_real: Run) -> None:
    code, _, err = run_real("threshold", "data", "--reason", "x")
    assert (code, "is not BENEFIT=QUANTITY" in err) == (ExitCode.BAD_INPUT, True)
