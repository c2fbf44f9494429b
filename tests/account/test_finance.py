"""What finance takes: statements of third parties, days that are closed, exports; and what is erased of persons."""

import csv
import json
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select, update

from clients.account import erasing, finance, run_commands, tables
from clients.account.database import opened
from clients.account.register import Said
from clients.errors import BadInput, ExitCode
from tests.account.conftest import Run
from tests.account.test_runs import AS_OF, MIB, O1, O2, booked, enter, person, settle, write_people

ZONE = ZoneInfo("Asia/Shanghai")
IN_ZONE = ("--time-zone", "Asia/Shanghai")
DAY = 86400


def today(shift: int = 0) -> str:
    return (datetime.now(ZONE) + timedelta(days=shift)).date().isoformat()


def test_a_statement_has_claims_and_credit_notes_by_month(run_real: Run) -> None:
    """Two customers, o2 of grid: 13.20 claimed; then o2 was the operator's own fault: 13.20 credited."""
    enter(run_real, O1 + O2)
    write_people(person(1), person(2))
    settle(run_real)
    enter(run_real, O2.replace("POWER_SUPPLY,grid", "EQUIPMENT_FAILURE,"))
    run_real("run", "--known", *AS_OF, "--reason", "own fault", "--by", "noc")
    code, out, _ = run_real("recourse", "grid", *IN_ZONE, "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert code == ExitCode.DONE
    assert [(each["what"], each["amount_minor"], each["subscribers"]) for each in told if "what" in each] == [
        ("claim", 1320, 2),
        ("credit_note", -1320, 2),
    ]
    assert told[-2] == {
        "month": today()[:7],
        "currency_code": "CNY",
        "claimed_minor": 1320,
        "credited_minor": 1320,
        "due_minor": 0,
    }
    assert run_real("recourse", "grid", *IN_ZONE, "--language", "zh-CN")[1].splitlines()[0] == (
        "grid 对账单，日期按 Asia/Shanghai"
    )
    assert run_real("recourse", "grid", *IN_ZONE, "--from", today(1))[1] == "nothing was claimed from grid in that time\n"
    assert run_real("recourse", "nobody", *IN_ZONE)[1] == "nothing was claimed from nobody in that time\n"


def test_a_run_that_takes_many_seconds_is_one_line_of_a_statement(run_real: Run, ledger: str) -> None:
    """It books by part, each with an instant of its own: a claim is not told by second."""
    enter(run_real, O2)
    write_people(person(1))
    settle(run_real)
    of = finance.days("Asia/Shanghai")
    with opened(ledger, create=False) as database:
        row = database.read(lambda c: c.execute(select(tables.RECOURSE)).mappings().one())
        second = row["booked_at"] + (1 if of.day(row["booked_at"] + 1) == of.day(row["booked_at"]) else -1)
        later = {**row, "subscriber_id": "2", "booked_at": second}
        database.write(lambda c: c.execute(tables.RECOURSE.insert(), later))
        (line,) = database.read(lambda c: finance.statement(c, "grid", of))
    assert (line.outage_id, line.amount_minor, line.subscribers) == ("o2", 2 * row["amount_minor"], 2)


def test_an_outage_is_reversed_by_withdrawing_and_settling_it(run_real: Run) -> None:
    """Under set off the customer keeps it, over-granted, and what else is owed in the cycle is set off against it."""
    enter(run_real, O1 + O2)
    write_people(person(1), person(2))
    settle(run_real)
    code, out, _ = run_real("reverse", "--outage", "o1", "--reason", "a test of the alarm", "--json")
    assert code == ExitCode.DONE
    assert json.loads(out.splitlines()[-1]) == {"booked": 0}
    assert "over-granted: data 330 MiB for o1" in run_real("audit", "1")[1]
    enter(run_real, O1.replace("o1", "o3").replace("-04T", "-20T"))
    assert settle(run_real)[1][-1] == {"booked": 0}
    assert "over-granted" not in run_real("audit", "1")[1]
    assert run_real("reverse", "--outage", "o9", "--reason", "x")[0] == ExitCode.BAD_INPUT


def test_an_export_sums_by_day_benefit_and_cost_centre(run_real: Run) -> None:
    enter(run_real, O1 + O2)
    write_people(person(1), person(2))
    settle(run_real)
    Path("c.csv").write_text("benefit,cost_centre\ndata,4711\nrecourse,4712\n")
    for name in ("e.csv", "e.parquet"):
        assert run_real("export", "--out", name, *IN_ZONE, "--cost-centres", "c.csv")[0] == ExitCode.DONE
    with Path("e.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {**_row("4712", "", "grid", "RECOURSE", "CNY"), "added": "1320", "taken_back": "0", "bookings": "2"},
        {**_row("4711", "data", "", "DATA_BYTES", ""), "added": str(1320 * MIB), "taken_back": "0", "bookings": "4"},
    ]
    typed = pq.read_table("e.parquet").to_pylist()
    assert [{name: str(value) for name, value in row.items()} for row in typed] == rows
    Path("c.csv").write_text("benefit,cost_centre\ndata,4711\n")
    code, _, err = run_real("export", "--out", "e.csv", *IN_ZONE, "--cost-centres", "c.csv")
    assert (code, "no cost centre is given for recourse" in err) == (ExitCode.BAD_INPUT, True)


def _row(centre: str, benefit: str, party: str, kind: str, currency: str) -> dict[str, str]:
    days = {"day": today(), "time_zone": "Asia/Shanghai", "cost_centre": centre}
    return {**days, "benefit": benefit, "responsible_party": party, "kind": kind, "currency_code": currency}


def test_a_closed_period_never_changes_and_a_correction_is_of_the_open_one(run_real: Run, ledger: str) -> None:
    """Booked in what is then closed; what comes after, by a clock that goes wrong too, is booked behind it."""
    enter(run_real, O1)
    write_people(person(1))
    settle(run_real)
    with opened(ledger, create=False) as database:
        last = max(database.read(lambda c: list(c.execute(select(tables.BOOKING.c.booked_at)).scalars())))
        until = last + 1
        while time.time() < until:
            time.sleep(0.1)
        said = Said("finance", "July", int(time.time()))
        before = database.write(lambda c: finance.close(c, until, "Asia/Shanghai", said))
        before_rows = database.read(lambda c: finance.postings(c, finance.days("Asia/Shanghai"), None))
    enter(run_real, O1.replace("04T04", "04T05"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_commands, "time", SimpleNamespace(time=lambda: until - 1000.0))
        run_real("run", "--known", "--as-of", "2026-07-20T00:00:00Z", "--reason", "grew")
    with opened(ledger, create=False) as database:
        bookings = database.read(lambda c: c.execute(select(tables.BOOKING.c.booked_at, tables.BOOKING.c.quantity)).all())
        assert sorted(tuple(each) for each in bookings) == [(last, 330 * MIB), (until, 110 * MIB)]
        assert database.read(lambda c: finance.fingerprint(c, until)) == (before.bookings, before.sha256)
        assert database.read(lambda c: finance.postings(c, finance.days("Asia/Shanghai"), None)) != before_rows
    assert run_real("verify")[0] == ExitCode.DONE


def test_what_is_booked_while_a_period_is_closed_is_booked_behind_it(run_real: Run, ledger: str) -> None:
    """A transaction that looked before the closing cannot end after it with an instant before it."""
    enter(run_real, O1)
    write_people(person(1))
    settle(run_real)
    until = int(time.time()) + 1
    looked, closed = threading.Event(), threading.Event()
    tries: list[int] = []
    with opened(ledger, create=False) as database:

        def book(connection: Any) -> None:
            known = connection.execute(select(tables.CLOSED_PERIOD.c.closed_until)).scalars().all()
            tries.append(1)
            looked.set()
            if database.engine.dialect.name == "postgresql":
                closed.wait(10)
            row = connection.execute(select(tables.BOOKING)).mappings().first()
            new = {**row, "account_revision": 2, "booked_at": max([until - 1, *known])}
            connection.execute(tables.BOOKING.insert(), new)

        thread = threading.Thread(target=lambda: database.write(book))
        thread.start()
        assert looked.wait(10)
        said = Said("finance", "July", until)
        result = database.write(lambda c: finance.close(c, until, "UTC", said))
        closed.set()
        thread.join()
        assert database.read(lambda c: finance.fingerprint(c, until)) == (result.bookings, result.sha256)
        assert len(tries) == (2 if database.engine.dialect.name == "postgresql" else 1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--until", "2090-01-01", *IN_ZONE), "that day has not come yet"),
        (("--until", "July", *IN_ZONE), "'July' is not a day; write it as 2026-07-01"),
        (("--until", "2026-01-01", "--time-zone", "Mars"), "there is no such zone; write it as Asia/Shanghai"),
    ],
)
def test_a_period_that_cannot_be_closed_is_refused(run: Run, words: tuple[str, ...], says: str) -> None:
    enter(run, O1)
    code, _, err = run("close", *words, "--reason", "x")
    assert (code, says in err) == (ExitCode.BAD_INPUT, True)


def test_a_period_is_closed_once(run: Run) -> None:
    enter(run, O1)
    command = ("close", "--until", "2026-01-01", *IN_ZONE, "--reason", "x", "--by", "finance")
    assert run(*command)[1].startswith("closed until 2026-01-01 (Asia/Shanghai): 0 bookings, sha256 ")
    assert "that period was closed before" in run(*command)[2]


def test_erasing_a_person_leaves_amounts_and_a_tombstone(run_real: Run, ledger: str) -> None:
    enter(run_real, O1)
    write_people(person("13800000001"), person(2))
    settle(run_real)
    assert run_real("erase", "13800000001", "--reason", "asked to", "--by", "privacy")[0] == ExitCode.DONE
    _, out, _ = run_real("audit", "13800000001")
    assert "330 MiB in all" in out
    assert "facts erased, by privacy: asked to" in out
    assert "the facts of this person were erased" in out
    assert run_real("verify")[0] == ExitCode.DONE
    with opened(ledger, create=False) as database:
        for table in (tables.PERSON_FACT, tables.PERSON_QUESTION):
            whose = select(table.c.subscriber_id).distinct()
            assert database.read(lambda c, whose=whose: list(c.execute(whose).scalars())) == ["2"]  # type: ignore[misc]
    assert run_real("erase", "13800000001", "--reason", "again")[1] == "nothing of 13800000001 is there to be erased\n"
    if "://" not in ledger:
        facts = 12 * 2**30 + 77
        write_people(person(3, left=facts))
        settle(run_real)
        assert _varint(facts) in _bytes(ledger)
        run_real("erase", "3", "--reason", "asked to")
        assert _varint(facts) not in _bytes(ledger)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _bytes(ledger: str) -> bytes:
    return b"".join(path.read_bytes() for path in Path(ledger).parent.glob(Path(ledger).name + "*"))


def test_nothing_is_decided_any_more_for_who_was_erased(run_real: Run) -> None:
    """A row of that id is an error; a run over those whom the account knows passes it by, also where the outage grew."""
    enter(run_real, O1)
    write_people(person(1))
    settle(run_real)
    run_real("erase", "1", "--reason", "asked to")
    code, told = settle(run_real)
    assert (code, told[2]["error"]) == (ExitCode.ROWS_FAILED, erasing.GONE)
    enter(run_real, O1.replace("04T04", "04T05"))
    code, out, _ = run_real("run", "--known", *AS_OF, "--reason", "grew", "--json")
    assert code == ExitCode.DONE
    assert json.loads(out.splitlines()[1]) == {"rows": 1, "rows_untouched": 1}


def test_what_was_decided_long_ago_loses_its_facts_and_waits_when_it_is_revised(run_real: Run, ledger: str) -> None:
    """Retention by age: amounts stay; o1, revised, waits, and so does o2 of the same cycle; o3 of another is settled."""
    enter(run_real, O1 + O2)
    write_people(person(1))
    settle(run_real)
    soon = datetime.fromtimestamp(int(time.time()) + 2, ZoneInfo("UTC")).isoformat()
    code, out, _ = run_real("erase", "--decided-before", soon, "--reason", "two years", "--by", "privacy")
    assert (code, out.startswith("the facts of 2 outages that were decided before")) == (ExitCode.DONE, True)
    assert settle(run_real)[1][-1] == {"booked": 0}
    o3 = O1.replace("o1", "o3").replace("2026-03", "2026-06")
    enter(run_real, O1.replace("04T04", "04T05") + O2.replace("10T04", "10T05") + o3)
    june = "2026-06-01T00:00:00+08:00,2026-07-01T00:00:00+08:00"
    write_people(person(1, more=june))
    _, told = settle(run_real)
    assert booked(told) == {"data": 330 * MIB}
    _, out, _ = run_real("queue", "--json")
    waits = {each["outage_id"]: each["why"] for each in map(json.loads, out.splitlines())}
    assert set(waits) == {"o1", "o2"}
    assert all("its facts were erased" in why for why in waits.values())
    out = run_real("audit", "1")[1]
    assert "facts erased of o1, by privacy: two years" in out
    assert "data: 990 MiB in all" in out


def test_a_run_that_the_ledger_does_not_hold_as_it_counted_is_found(run_real: Run, ledger: str) -> None:
    enter(run_real, O1)
    write_people(person(1))
    settle(run_real)
    assert run_real("verify")[0] == ExitCode.DONE
    with opened(ledger, create=False) as database:
        counted = database.read(lambda c: c.execute(select(tables.RUN.c.counted)).scalar_one())
        wrong = counted.replace(str(330 * MIB), "5")
        database.write(lambda c: c.execute(update(tables.RUN).values(counted=wrong)))
    code, out, _ = run_real("verify")
    assert (code, out) == (ExitCode.ROWS_FAILED, "problem: run 1 does not hold what it counted\n")


def test_days_are_of_the_zone_that_is_named() -> None:
    of = finance.days("Asia/Shanghai", "2026-07-01", "2026-08-01")
    first, after = of.instants()
    assert (after - first) // DAY == 31
    assert of.day(first).isoformat() == "2026-07-01"
    assert of.day(first - 1).isoformat() == "2026-06-30"
    with pytest.raises(BadInput, match="is not after"):
        finance.days("UTC", "2026-07-01", "2026-07-01")
