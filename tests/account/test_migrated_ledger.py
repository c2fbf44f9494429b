"""A ledger of clients.provisioning becomes part of an account: what it knows is booked, and what it does not know stays so."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from clients.account import tables
from clients.account.database import opened
from clients.errors import ExitCode
from clients.provisioning import ledger as of_provisioning
from clients.provisioning.grant_keys import grant_key
from tests.account.conftest import Run
from tests.account.test_runs import CYCLE, GIB, MARCH, MIB, O1, O2, PEOPLE, booked, enter, person, settle, write_people

MARCH_4 = "2026-03-03T17:00:00Z"
BOOKED_AT = 1_773_000_000


def put(
    key: str | None,
    who: str,
    quantity: int,
    *outages: str,
    before: int = 0,
    parts: dict[str, int] | None = None,
    started_at: str = MARCH_4,
    benefit: str = "data",
    path: str = "former.sqlite",
    booked_at: int = BOOKED_AT,
) -> None:
    """A booking as clients.provisioning apply writes it; under the key that follows where none is given."""
    key = grant_key("cn-standard", who, outages, benefit, before) if key is None else key
    shown = json.dumps({outages[0]: quantity} if parts is None and len(outages) == 1 else parts) if parts != {} else ""
    row = (
        key,
        who,
        benefit,
        "DATA_BYTES",
        quantity,
        "",
        0,
        "",
        "",
        json.dumps(outages),
        "d",
        "cn-standard",
        "2026-01",
        booked_at,
    )
    with of_provisioning.opened(Path(path), write=True) as opened_:
        columns = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
        opened_.execute(f"INSERT INTO booking VALUES ({columns}, ?, '', '', ?)", (*row, started_at, shown))


def migrate(run: Run, *more: str, path: str = "former.sqlite") -> tuple[int, list[dict[str, Any]], str]:
    code, out, err = run("migrate", path, "--reason", "as of August", "--by", "it", "--json", *more)
    assert code != ExitCode.UNEXPECTED, err
    return code, [json.loads(line) for line in out.splitlines()], err


def audit(run: Run, who: str = "1") -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("audit", who, "--json")[1].splitlines()]


def test_what_was_booked_before_is_booked_once_and_not_paid_again(run_real: Run) -> None:
    """o1 was paid 330 MiB: a run pays o2 alone, and running or migrating again does nothing."""
    enter(run_real, O1 + O2)
    put(None, "1", 330 * MIB, "o1")
    assert migrate(run_real)[:2] == (
        ExitCode.DONE,
        [
            {
                "ledger": "former.sqlite",
                "taken_over": 1,
                "there_before": 0,
                "outages_not_in_the_register": 0,
                "parts_unknown": 0,
                "keys_not_following": 0,
            },
            {"benefit": "data", "kind": "DATA_BYTES", "currency_code": "", "quantity": 330 * MIB},
        ],
    )
    write_people(person(1), person(2))
    _, told = settle(run_real)
    assert booked(told) == {"data": 3 * 330 * MIB}
    assert settle(run_real, "--everything")[1][-1] == {"booked": 0}
    assert migrate(run_real)[1][0]["there_before"] == 1
    assert settle(run_real)[1][-1] == {"booked": 0}
    assert audit(run_real)[-1]["balance"] == 660 * MIB
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")


def test_facts_that_differ_today_change_nothing_of_what_was_booked_before(run_real: Run) -> None:
    """Decided on facts of today, o1 would be 330 or 540 MiB; nothing was corrected, so that what was booked stands."""
    enter(run_real, O1)
    put(None, "1", 200 * MIB, "o1")
    migrate(run_real)
    for left in (12 * GIB, 1):
        write_people(person(1, left=left))
        assert settle(run_real)[1][-1] == {"booked": 0}
        assert settle(run_real, "--everything")[1][-1] == {"booked": 0}
    write_people(person(1))
    _, told = settle(run_real, "--corrected")
    assert booked(told) == {"data": 130 * MIB}, "unless it is said that these facts are better"


def test_a_revision_is_decided_anew_and_the_difference_is_booked(run_real: Run) -> None:
    """o1 grew from 3 h to 4 h: 440 MiB, of which 330 are there. Without any facts it is told as new."""
    enter(run_real, O1)
    put(None, "1", 330 * MIB, "o1")
    migrate(run_real)
    enter(run_real, O1.replace("04T04", "04T05"))
    code, out, _ = run_real("run", "--known", "--as-of", "2026-07-20T00:00:00Z", "--reason", "grew", "--json")
    assert json.loads(out.splitlines()[-1]) == {"booked": 0}
    assert "new since it was decided: subscriber 1, outage o1, revision 2 (decided 1)" in run_real("verify")[1]
    write_people(person(1))
    _, told = settle(run_real)
    assert (code, booked(told)) == (ExitCode.DONE, {"data": 110 * MIB})
    assert settle(run_real)[1][-1] == {"booked": 0}
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")


def test_what_was_none_after_all_is_over_granted(run_real: Run) -> None:
    """With or without facts of today; nothing has to be decided for it."""
    enter(run_real, O1)
    put(None, "1", 330 * MIB, "o1")
    put(None, "2", 330 * MIB, "o1")
    migrate(run_real)
    write_people(person(2))
    settle(run_real)
    code, _, err = run_real("reverse", "--outage", "o1", "--reason", "none", "--as-of", "2026-07-20T00:00:00Z")
    assert (code, err) == (ExitCode.DONE, "")
    for who in ("1", "2"):
        assert [each["over_granted"] for each in audit(run_real, who) if "over_granted" in each] == [330 * MIB]
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")


def test_it_counts_under_the_cap_of_its_cycle_also_for_an_outage_that_nobody_knows(run_real: Run) -> None:
    """29 of 30 GiB of March went to outages of which the register knows one: of what is owed for o9, 1 GiB fits."""
    long = O1.replace("o1", "o9").replace("04T01:00", "10T00:00").replace("04T04:00", "13T00:00")
    enter(run_real, O1 + long)
    put(None, "1", 15 * GIB, "o1")
    put(None, "1", 14 * GIB, "never-registered", started_at="2026-03-20T00:00:00Z")
    migrate(run_real)
    write_people(person(1, left=0))
    _, told = settle(run_real)
    assert booked(told) == {"data": GIB}
    said = run_real("verify")[1]
    assert said == (
        "of an unknown outage: data 14 GiB of 1 subscriber, taken over from a ledger; never-registered is not in the register;"
        " it stands as it is, and counts in its cycle\nthe account holds together\n"
    )


def test_an_outage_that_comes_into_the_register_later_has_what_was_booked_for_it(run_real: Run) -> None:
    enter(run_real, O2)
    put(None, "1", 330 * MIB, "o1")
    migrate(run_real)
    write_people(person(1))
    assert booked(settle(run_real)[1]) == {"data": 330 * MIB}
    enter(run_real, O1)
    assert settle(run_real)[1][-1] == {"booked": 0}
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")


def test_outages_that_were_booked_together_with_unknown_parts_count_as_one_sum(run_real: Run) -> None:
    """A ledger from before parts: 600 MiB for o1 and o2. o2 grew to 5 h, 550 MiB: with o1 880, so that 280 are missing."""
    enter(run_real, O1 + O2)
    put(None, "1", 600 * MIB, "o1", "o2", parts={})
    with closing(sqlite3.connect("former.sqlite")) as one:
        for name in of_provisioning.ADDED:
            one.execute(f"ALTER TABLE booking DROP COLUMN {name}")
        one.execute(f"PRAGMA application_id = {of_provisioning.WITHOUT_PARTS}")
    assert migrate(run_real)[1][0]["parts_unknown"] == 1
    write_people(person(1))
    assert settle(run_real)[1][-1] == {"booked": 0}
    assert "it was booked for several outages together" in run_real("verify")[1]
    enter(run_real, O2.replace("10T04", "10T06"))
    assert booked(settle(run_real)[1]) == {"data": 280 * MIB}
    assert settle(run_real)[1][-1] == {"booked": 0}


def test_an_outage_that_touches_one_that_was_booked_is_decided_with_it(run_real: Run) -> None:
    """o1, 3 h, and half an hour that touches it are one interruption: 385 MiB, where the half hour alone gives nothing."""
    enter(run_real, O1)
    put(None, "1", 330 * MIB, "o1")
    migrate(run_real)
    enter(run_real, O1.replace("o1", "o7").replace("04T04:00", "04T04:30").replace("04T01:00", "04T04:00"))
    write_people(person(1))
    assert booked(settle(run_real)[1]) == {"data": 55 * MIB}


def test_an_account_that_has_decided_already_sees_what_was_booked_twice(run_real: Run) -> None:
    enter(run_real, O1)
    write_people(person(1))
    settle(run_real)
    put(None, "1", 330 * MIB, "o1")
    migrate(run_real)
    settle(run_real)
    assert [each["over_granted"] for each in audit(run_real) if "over_granted" in each] == [330 * MIB]


def test_a_cycle_that_becomes_known_later_takes_what_began_in_it(run_real: Run, ledger: str) -> None:
    """The first file tells no cycle, and o1 grows meanwhile; once March is known, both stand in it, and none is paid twice."""
    enter(run_real, O1)
    put(None, "1", 330 * MIB, "o1")
    migrate(run_real)
    enter(run_real, O1.replace("04T04", "04T05"))
    head = "subscriber_id,area,plan_type,monthly_fee_minor,currency_code,data_allowance_bytes,data_remaining_bytes"
    write_people(person(1, more=""), head=head)
    assert booked(settle(run_real)[1]) == {"data": 110 * MIB}
    write_people(person(1))
    settle(run_real, "--everything")
    with opened(ledger, create=False) as database:
        sums = database.read(lambda c: [row.quantity for row in c.execute(select(tables.BOOKING))])
    assert sum(sums) == 440 * MIB
    assert run_real("verify")[0] == ExitCode.DONE


def test_a_figure_of_the_extract_that_was_taken_over_does_not_contradict(run_real: Run) -> None:
    enter(run_real, O1)
    put(None, "1", 100 * MIB, "o1", booked_at=BOOKED_AT)
    put(None, "1", 230 * MIB, "o1", before=100 * MIB, booked_at=BOOKED_AT + 1)
    migrate(run_real)
    head = f"{PEOPLE},{CYCLE},granted_this_cycle.data"
    for held, code in ((330 * MIB, ExitCode.DONE), (100 * MIB, ExitCode.DONE), (5, ExitCode.ROWS_FAILED)):
        write_people(person(1, more=f"{MARCH},{held}"), head=head)
        assert settle(run_real)[0] == code


def test_an_audit_says_what_is_not_known(run: Run) -> None:
    put(None, "1", 330 * MIB, "o1")
    migrate(run)
    taken, of, balance = audit(run)
    assert taken["taken_over_from"] == "former.sqlite"
    assert (taken["facts"], taken["policy"]["sha256"], taken["key_follows"]) == ("unknown", "unknown", True)
    assert (of["booking"], of["outage_id"], of["billing_cycle"]) == (330 * MIB, "o1", "unknown")
    assert of["booked_at"] == "2026-03-08T20:00:00Z"
    assert balance["balance"] == 330 * MIB
    lines = run("audit", "1")[1].splitlines()
    assert lines[0].endswith(
        "taken over from former.sqlite by it: as of August; booked there for o1, on facts that are not known"
    )
    assert lines[1] == "  booked: data 330 MiB for o1, of no known cycle"


def test_a_key_that_does_not_follow_from_its_booking_is_an_error_of_the_ledger(run: Run) -> None:
    put(None, "1", 330 * MIB, "o1")
    put("0" * 32, "2", 330 * MIB, "o1")
    code, told, err = migrate(run)
    assert (code, told) == (ExitCode.BAD_INPUT, [])
    assert "the keys of 1 of 2 bookings do not follow from them; nothing was taken over" in err
    assert f"{'0' * 32}: data of subscriber 2 for o1" in err
    code, told, _ = migrate(run, "--keys-unchecked")
    assert (code, told[0]["taken_over"], told[0]["keys_not_following"]) == (ExitCode.DONE, 2, 1)
    assert audit(run, "2")[0]["key_follows"] is False


def _damaged() -> None:
    put(None, "1", 330 * MIB, "o1")
    content = bytearray(Path("former.sqlite").read_bytes())
    content[4096:8000] = b"\xff" * (8000 - 4096)
    Path("former.sqlite").write_bytes(content)


def _of_something_else() -> None:
    with closing(sqlite3.connect("former.sqlite")) as one:
        one.execute("CREATE TABLE anything (x)")


def _newer() -> None:
    put(None, "1", 330 * MIB, "o1")
    with closing(sqlite3.connect("former.sqlite")) as one:
        one.execute(f"PRAGMA application_id = {0x6D676C39}")


def _not_understood() -> None:
    put(None, "1", 330 * MIB, "o1", parts={"o1": 5})


@pytest.mark.parametrize(
    ("make", "says", "code"),
    [
        (lambda: None, "there is no ledger former.sqlite", ExitCode.LEDGER_UNUSABLE),
        (lambda: Path("former.sqlite").write_text("x" * 5000), "it is not an SQLite database", ExitCode.LEDGER_UNUSABLE),
        (_of_something_else, "is an SQLite database, and not a ledger of this command", ExitCode.LEDGER_UNUSABLE),
        (_newer, "has a newer form than this program knows; use a newer makegood", ExitCode.LEDGER_UNUSABLE),
        (_damaged, "damaged", None),
        (_not_understood, "its parts are not those of its outages, or do not sum to it", ExitCode.BAD_INPUT),
    ],
)
def test_what_is_no_whole_ledger_is_refused_in_a_sentence(run: Run, make: Any, says: str, code: int | None) -> None:
    make()
    found, told, err = migrate(run)
    assert found in ((code,) if code is not None else (ExitCode.LEDGER_UNUSABLE, ExitCode.BAD_INPUT))
    assert (told, says in err, "Traceback" in err) == ([], True, False), err


def test_an_account_is_not_taken_for_a_former_ledger(run: Run, tmp_path: Path) -> None:
    enter(run, O1)
    other = str(tmp_path / "other.sqlite")
    run("outages", "import", "o.csv", "--reason", "x", on=other)
    code, _, err = migrate(run, path=other)
    assert (code, "not a ledger of this command" in err) == (ExitCode.LEDGER_UNUSABLE, True)
