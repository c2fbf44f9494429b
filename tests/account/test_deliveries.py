"""What is booked is put into provisioning's ledger: nothing is lost on the way, nothing comes twice, and a refusal is none."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select, update

from clients.account import tables
from clients.account.database import opened
from clients.errors import ExitCode
from clients.provisioning import cli as of_provisioning
from clients.provisioning import from_account
from tests.account.conftest import NewLedger, Run
from tests.account.test_killed_runs import KILLED
from tests.account.test_migrated_ledger import migrate, put
from tests.account.test_runs import AS_OF, HEAD, MIB, O1, O2, enter, person, settle, write_people
from tests.clients.conftest import command_environment

TO: Final = ("apply", "--to", "l.sqlite", "--by", "it", "--json")
HELD: Final = "SELECT subscriber_id, benefit, outage_id, sum(quantity) FROM account_booking GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
POINTS: Final = 12
IN_PIECES: Final = """
from clients.account import delivering
delivering.PIECE = 6
"""
KILLED_WITHIN: Final = """
import os, signal, sys
from clients.account.cli import main
from clients.provisioning import from_account
put, left = from_account._put, [int(sys.argv.pop(1))]

def step(*arguments):
    left[0] -= 1
    found = put(*arguments)
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return found

from_account._put = step
main(sys.argv[1:])
"""


def apply(run: Run, *more: str) -> tuple[int, list[dict[str, Any]]]:
    code, out, err = run(*TO, *more)
    assert err == "", err
    return code, [json.loads(line) for line in out.splitlines()]


def held(path: str = "l.sqlite") -> list[Any]:
    with closing(sqlite3.connect(path)) as one:
        return one.execute(HELD).fetchall()


def wanted(ledger: str) -> list[Any]:
    """What the account holds, in the same form."""
    sums: dict[tuple[str, str, str], int] = {}
    with opened(ledger, create=False) as database:
        for row in database.read(lambda c: c.execute(select(tables.BOOKING)).all()):
            key = (row.subscriber_id, row.benefit, row.outage_id)
            sums[key] = sums.get(key, 0) + row.quantity
    return [(*key, quantity) for key, quantity in sorted(sums.items())]


def of_run(run: Run, number: int = 1) -> dict[str, int]:
    told = [json.loads(line) for line in run("report", str(number), "--json")[1].splitlines()]
    return {
        f"{what} {each[what]}": each["quantity"]
        for each in told
        for what in ("delivered", "refused", "waiting")
        if what in each
    }


def a_night(run: Run, people: int = 2) -> None:
    enter(run, O1 + O2)
    write_people(*(person(n) for n in range(people)))
    settle(run)


def test_what_is_booked_is_delivered_once_and_its_run_says_so(run_real: Run, ledger: str) -> None:
    a_night(run_real)
    assert of_run(run_real) == {"waiting data": 4 * 330 * MIB}
    code, told = apply(run_real)
    assert (code, told[0]) == (ExitCode.DONE, {"ledger": "l.sqlite", "bookings_delivered": 4, "bookings_refused": 0})
    assert told[1]["delivered"] == "data"
    assert held() == wanted(ledger)
    assert of_run(run_real) == {"delivered data": 4 * 330 * MIB}
    assert apply(run_real)[1] == [{"ledger": "l.sqlite", "bookings_delivered": 0, "bookings_refused": 0}]
    assert held() == wanted(ledger)
    assert run_real("audit", "1")[1].splitlines()[-2].startswith("  delivered ")
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")


def test_what_is_moved_to_another_cycle_is_delivered_with_both_signs(run_real: Run, ledger: str) -> None:
    """The first file knew no cycle: March takes what was booked without one, and the sum at the customer stays."""
    head = "subscriber_id,area,plan_type,monthly_fee_minor,currency_code,data_allowance_bytes,data_remaining_bytes"
    enter(run_real, O1)
    write_people(person(1, more=""), head=head)
    settle(run_real)
    apply(run_real)
    write_people(person(1))
    settle(run_real, "--everything")
    with opened(ledger, create=False) as database:
        signs = database.read(lambda c: sorted(row.quantity for row in c.execute(select(tables.BOOKING))))
    assert signs == [-330 * MIB, 330 * MIB, 330 * MIB]
    code, told = apply(run_real)
    assert (code, told[0]["bookings_delivered"]) == (ExitCode.DONE, 2)
    assert [each["quantity"] for each in told[1:]] == [330 * MIB, 330 * MIB]
    assert held() == wanted(ledger) == [("1", "data", "o1", 330 * MIB)]
    with pytest.raises(SystemExit):
        of_provisioning.main(["balance", "1", "--ledger", "l.sqlite"])


def test_a_refusal_is_not_told_as_delivered_and_is_tried_again_on_demand(run_real: Run, ledger: str) -> None:
    """A result was booked there for o1 of subscriber 0, of which the account knows only once it takes that ledger over."""
    put(None, "0", 330 * MIB, "o1", path="l.sqlite")
    a_night(run_real)
    code, told = apply(run_real)
    assert (code, told[0]) == (ExitCode.ROWS_FAILED, {"ledger": "l.sqlite", "bookings_delivered": 2, "bookings_refused": 2})
    assert "OVERLAPS: data 330 MiB are booked for o1 by a result" in told[-1]["refused"]
    assert of_run(run_real) == {"delivered data": 660 * MIB, "refused data": 660 * MIB}
    assert apply(run_real) == (ExitCode.DONE, [{"ledger": "l.sqlite", "bookings_delivered": 0, "bookings_refused": 0}])
    assert "not delivered: 1 settlement, refused; apply --again tries them anew" in run_real("verify")[1]
    assert apply(run_real, "--again")[0] == ExitCode.ROWS_FAILED
    assert migrate(run_real, path="l.sqlite")[0] == ExitCode.DONE
    code, told = apply(run_real, "--again")
    assert (code, told[0]["bookings_delivered"]) == (ExitCode.DONE, 2)
    assert of_run(run_real) == {"delivered data": 4 * 330 * MIB}
    settle(run_real)
    over = [json.loads(line) for line in run_real("audit", "0", "--json")[1].splitlines()]
    assert [each["over_granted"] for each in over if "over_granted" in each] == [330 * MIB], "it was paid twice, and is told so"
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")


def test_what_was_taken_over_goes_on_from_what_the_ledger_holds(run_real: Run) -> None:
    put(None, "0", 330 * MIB, "o1", path="l.sqlite")
    enter(run_real, O1 + O2)
    migrate(run_real, path="l.sqlite")
    write_people(person(0), person(1))
    settle(run_real)
    assert apply(run_real)[1][0] == {"ledger": "l.sqlite", "bookings_delivered": 3, "bookings_refused": 0}
    assert held() == [("0", "data", "o2", 330 * MIB), ("1", "data", "o1", 330 * MIB), ("1", "data", "o2", 330 * MIB)]


def test_an_account_that_was_begun_anew_delivers_nothing_twice(run_real: Run, ledger: str, new_ledger: NewLedger) -> None:
    """The same bookings have the same ids; of others under these ids, nothing is put in."""
    a_night(run_real)
    apply(run_real)
    before = held()
    for rows, code in ((O1 + O2, ExitCode.DONE), (O1.replace("04T04", "04T05") + O2, ExitCode.ROWS_FAILED)):
        other = new_ledger()
        Path("o.csv").write_text(HEAD + rows)
        run_real("outages", "import", "o.csv", "--reason", "reports", on=other)
        run_real("run", "--subscribers", "s.csv", *AS_OF, "--reason", "a night", on=other)
        found, out, _ = run_real(*TO, on=other)
        assert (found, "it is of another account, or of one before it was restored" in out) == (code, code != ExitCode.DONE)
        assert held() == before


def test_what_was_never_there_is_not_taken_back(run_real: Run, ledger: str) -> None:
    a_night(run_real, people=1)
    with opened(ledger, create=False) as database, database.engine.begin() as connection:
        drop = (
            "DROP TRIGGER booking_no_UPDATE"
            if connection.dialect.name == "sqlite"
            else "DROP TRIGGER booking_is_only_added_to ON booking"
        )
        connection.exec_driver_sql(drop)
        connection.execute(update(tables.BOOKING).values(quantity=-tables.BOOKING.c.quantity))
    code, told = apply(run_real)
    assert code == ExitCode.ROWS_FAILED
    assert "data 660 MiB would be taken back, and 0 B are there; what it takes back was never put here" in told[-1]["refused"]
    assert held() == []


def test_an_apply_that_comes_late_changes_nothing(run_real: Run, ledger: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It read what waits, another delivered it all, and then it goes on."""
    a_night(run_real)
    put_in, others = from_account.put, [0]

    def late(*arguments: Any) -> list[str]:
        if not others[0]:
            others[0] += 1
            assert apply(run_real)[1][0]["bookings_delivered"] == 4
        return put_in(*arguments)

    monkeypatch.setattr(from_account, "put", late)
    assert apply(run_real)[1] == [{"ledger": "l.sqlite", "bookings_delivered": 0, "bookings_refused": 0}]
    assert held() == wanted(ledger)
    assert of_run(run_real) == {"delivered data": 4 * 330 * MIB}


def child(script: str, number: int, ledger: str, *words: str) -> "subprocess.Popen[str]":
    arguments = [sys.executable, "-c", script, str(number), *words, "--ledger", ledger]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(arguments, env=command_environment("localhost:1"), **pipes)


def test_an_apply_that_is_killed_at_any_point_goes_on_to_the_same_ledger(
    run_real: Run, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In small pieces, before and after statements of the account, and in the middle of what the ledger writes."""
    a_night(run_real, people=12)
    killed = []
    for at in (*range(4, 4 + 5 * POINTS, 5), *range(-2, -14, -3)):
        program = child(IN_PIECES + (KILLED if at > 0 else KILLED_WITHIN), abs(at), ledger, *TO)
        program.communicate(timeout=60)
        killed.append(program.returncode)
        assert program.returncode in (-9, ExitCode.DONE)
        if program.returncode == ExitCode.DONE:
            break
    assert killed.count(-9) >= POINTS // 2
    assert apply(run_real)[0] == ExitCode.DONE
    assert held() == wanted(ledger)
    assert of_run(run_real) == {"delivered data": 24 * 330 * MIB}
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")


def test_two_applies_at_once_deliver_everything_once(run_real: Run, ledger: str) -> None:
    a_night(run_real, people=30)
    programs = [child(IN_PIECES + KILLED, -1, ledger, *TO) for _ in range(2)]
    told = []
    for each in programs:
        out, err = each.communicate(timeout=120)
        assert each.returncode == ExitCode.DONE, err
        told.append(json.loads(out.splitlines()[0])["bookings_delivered"])
    assert sum(told) == 60
    assert held() == wanted(ledger)
    assert of_run(run_real) == {"delivered data": 60 * 330 * MIB}
