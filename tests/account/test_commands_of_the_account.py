"""The account's command line: what a person and a program read, and what is refused with one sentence that says what to do."""

import json
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from clients.account import settling, tables
from clients.account.database import opened
from clients.account.records import Work
from clients.account.store import Written
from clients.errors import ExitCode
from policy import PolicySet
from tests.account.calculator import real
from tests.account.conftest import Run
from tests.account.kept_in import SUBSCRIBER
from tests.account.test_second_day import JUNE, MARCH, NOW, data_plan

HEAD = "outage_id,started_at,ended_at,cause,impact,responsible_party,areas\n"
O1 = "o1,2026-03-04T01:00:00+08:00,2026-03-04T04:00:00+08:00,POWER_SUPPLY,LOSS,grid,PUDONG\n"


def write(text: str, name: str = "o.csv") -> str:
    Path(name).write_text(text)
    return name


def enter(run: Run, text: str) -> str:
    code, out, err = run("outages", "import", write(HEAD + text), "--reason", "first reports", "--by", "noc")
    assert (code, err) == (ExitCode.DONE, "")
    return out


def settle(ledger: str, policies: PolicySet, areas: tuple[str, ...] = ("PUDONG",)) -> None:
    work = Work(NOW, data_plan(), areas=areas, cycles=(MARCH, JUNE))
    with opened(ledger, create=True) as database:
        settling.run(database, SUBSCRIBER, work, real(policies), Written("billing", "run 7", "cn-standard", NOW, NOW))


def test_a_file_makes_revisions_only_of_what_it_changes(run: Run) -> None:
    assert enter(run, O1) == "o1: entered (revision 1)\n"
    assert enter(run, O1) == "1 outage as the register has it\n"
    assert enter(run, O1.replace("04:00:00", "05:00:00")) == "o1: grew (revision 2)\n"
    assert enter(run, O1.replace("04:00:00", "03:00:00").replace("POWER_SUPPLY", "SOFTWARE_FAULT")) == (
        "o1: shrank, cause (revision 3)\n"
    )
    assert enter(run, O1.replace("2026-03-04T04:00:00+08:00", "")) == "o1: grew, cause (revision 4)\n"


def test_an_outage_may_end_area_by_area(run: Run, ledger: str, policies: PolicySet) -> None:
    """Pudong has 3 h, Minhang 5 h: a subscriber there is owed 550 MiB, and one here 330."""
    assert enter(run, O1 + O1.replace("04T04", "04T06").replace("PUDONG", "MINHANG")) == "o1: entered (revision 1)\n"
    settle(ledger, policies, ("MINHANG",))
    code, out, _ = run("audit", SUBSCRIBER)
    assert code == ExitCode.DONE
    assert "booked: data 550 MiB for o1" in out


def test_two_ends_for_one_area_are_refused(run: Run) -> None:
    code, _, err = run("outages", "import", write(HEAD + O1 + O1.replace("04T04", "04T06")), "--reason", "x")
    assert code == ExitCode.BAD_INPUT
    assert "rows of outage 'o1' say two ends for PUDONG" in err


def test_what_has_not_come_yet_is_not_on_record(run: Run) -> None:
    code, _, err = run("outages", "import", write(HEAD + O1.replace("2026-03-04T04", "2090-03-04T04")), "--reason", "x")
    assert code == ExitCode.BAD_INPUT
    assert "has not come yet" in err


def test_an_id_that_was_retired_never_comes_back(run: Run) -> None:
    enter(run, O1)
    new = write(HEAD + O1.replace("o1", "n1") + O1.replace("o1", "n2").replace("T01", "T02"), "new.csv")
    code, out, _ = run("outages", "replace", "o1", "--with", new, "--reason", "two faults", "--by", "noc")
    assert (code, out) == (
        ExitCode.DONE,
        "o1: split (revision 2)\nn1: entered, split (revision 1)\nn2: entered, split (revision 1)\n",
    )
    code, _, err = run("outages", "import", write(HEAD + O1), "--reason", "again")
    assert code == ExitCode.BAD_INPUT
    assert "o1 was retired (split) by noc, and an id is never used again" in err
    code, _, err = run("outages", "replace", "o1", "--with", new, "--reason", "again")
    assert "o1 was retired" in err
    code, _, err = run("outages", "replace", "n1", "--with", write(HEAD + O1.replace("o1", "n2")), "--reason", "again")
    assert "n2 is in the register already" in err


def test_an_outage_is_shown_with_who_said_what_and_what_is_booked(run: Run, ledger: str, policies: PolicySet) -> None:
    enter(run, O1)
    settle(ledger, policies)
    run("outages", "withdraw", "o1", "--reason", "a test of the alarm", "--by", "noc")
    code, out, _ = run("outages", "show", "o1")
    assert code == ExitCode.DONE
    first, second, booked = out.splitlines()
    assert first.startswith(
        "o1 revision 1, current: entered; POWER_SUPPLY from 2026-03-03T17:00:00Z, PUDONG until 2026-03-03T20:00:00Z"
    )
    assert second.startswith("o1 revision 2, withdrawn: withdrawn;")
    assert second.endswith("by noc: a test of the alarm)")
    assert booked == "  data: 330 MiB are booked for 1 subscriber"
    code, out, _ = run("outages", "show", "o1", "--json")
    assert [json.loads(line).get("state") for line in out.splitlines()] == ["current", "withdrawn", None]


def test_an_audit_says_what_was_decided_why_and_what_is_over_granted(run: Run, ledger: str, policies: PolicySet) -> None:
    enter(run, O1)
    settle(ledger, policies)
    run("outages", "withdraw", "o1", "--reason", "none", "--by", "noc")
    settle(ledger, policies)
    code, out, _ = run("audit", SUBSCRIBER)
    assert code == ExitCode.DONE
    lines = out.splitlines()
    assert "GRANTED under cn-standard 2026-01" in lines[0]
    assert lines[0].endswith("by billing: run 7")
    assert lines[1:] == [
        "  booked: data 330 MiB for o1, cycle from 2026-02-28T16:00:00Z",
        "  claimed from grid: 6.60 CNY for o1",
        "2026-07-19T16:00:00Z  settled by billing: run 7",
        "  credited to grid: 6.60 CNY for o1",
        "over-granted: data 330 MiB for o1, cycle from 2026-02-28T16:00:00Z",
        "data: 330 MiB in all",
    ]
    code, out, _ = run("audit", SUBSCRIBER, "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert [each["booking"] for each in told if "booking" in each] == [330 * 2**20]
    assert [each["recourse"] for each in told if "recourse" in each] == [660, -660]


def test_an_audit_says_that_facts_were_erased(run: Run, ledger: str, policies: PolicySet) -> None:
    enter(run, O1)
    settle(ledger, policies)
    with opened(ledger, create=False) as database:
        database.write(lambda connection: connection.execute(delete(tables.PERSON_QUESTION)))
    _, out, _ = run("audit", SUBSCRIBER)
    assert "the facts of this person were erased" in out.splitlines()[0]


def test_verify_finds_what_does_not_hold_together(run: Run, ledger: str, policies: PolicySet) -> None:
    enter(run, O1)
    settle(ledger, policies)
    assert run("verify") == (ExitCode.DONE, "the account holds together\n", "")
    enter(run, O1.replace("04T04", "04T05"))
    code, out, _ = run("verify")
    assert (code, out.splitlines()[0]) == (
        ExitCode.DONE,
        f"new since it was decided: subscriber {SUBSCRIBER}, outage o1, revision 2 (decided 1)",
    )
    stray = {column.name: 5 if column.type.python_type is int else "stray" for column in tables.BOOKING.columns}
    with opened(ledger, create=False) as database:
        database.write(lambda connection: connection.execute(insert(tables.BOOKING), {**stray, "quantity": -5}))
    code, out, _ = run("verify", "--json")
    assert code == ExitCode.ROWS_FAILED
    problems = [json.loads(line).get("problem", "") for line in out.splitlines()]
    assert "subscriber stray: of stray for outage stray more was taken back than was booked" in problems
    assert "subscriber stray: booking holds a row of a revision that the account does not have" in problems
    assert "outage stray of booking is not in the register" in problems


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("outages", "show", "nowhere"), "outage nowhere is not in the register; outages import brings it in"),
        (("outages", "withdraw", "nowhere", "--reason", "x"), "outage nowhere is not in the register"),
        (("outages", "withdraw", "o1"), "--reason"),
        (("outages", "import", "nowhere.csv", "--reason", "x"), "nowhere.csv"),
    ],
)
def test_what_is_refused_says_what_to_do(run: Run, words: tuple[str, ...], says: str) -> None:
    enter(run, O1)
    code, out, err = run(*words)
    assert (code, out) == (ExitCode.BAD_INPUT, "")
    assert says in err


def test_a_bad_row_enters_nothing_of_its_file(run: Run) -> None:
    code, _, _ = run("outages", "import", write(HEAD + O1 + O1.replace("o1", "o2").replace("LOSS", "LOST")), "--reason", "x")
    assert code == ExitCode.BAD_INPUT
    code, _, err = run("verify")
    assert code == ExitCode.LEDGER_UNUSABLE
    assert "no account yet" in err or "No such file" in err


def test_who_is_never_asked_about_was_decided_nothing(run: Run) -> None:
    enter(run, O1)
    assert run("audit", "13900000009")[1] == "nothing was decided for 13900000009\n"
