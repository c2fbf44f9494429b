"""The ledger: what is granted is booked once, whole, and by nobody twice, whatever is killed or run again."""

import json
import re
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from clients.billing.granted_before import GrantedBefore
from clients.errors import ExitCode
from clients.parsing import interval
from clients.provisioning import ledger
from clients.provisioning.apply import apply
from clients.provisioning.bookings import Booking, Grant
from clients.provisioning.occasions import Before, Cycle, Occasion, Occasions
from makegood.v1.facts_pb2 import Subscriber
from tests.clients.conftest import Run, command_environment
from tests.clients.ledgers import BOOKED, MESSAGES, NOW, grant, granted, held, keys, notice, quote, row, write_result


def start_applying(folder: Path, file: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "clients.provisioning", "apply", file, "--ledger", "l.sqlite"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=folder, env=command_environment("localhost:1"), text=True, **pipes)  # type: ignore[call-overload, no-any-return]


HANG = "SELECT count(*) FROM booking, booking, booking, booking"
"""Takes longer than anybody waits."""


def test_killed_half_way_loses_nothing_and_a_rerun_completes(run: Run, tmp_path: Path) -> None:
    """kill -9 leaves whole rows only; the same command books the rest, and the ledger is that of a run that went through."""
    rows = [granted(number) for number in range(4000)]
    write_result(tmp_path / "r.csv", rows)
    stuck = rows[2500]["grants"][1]["grant_key"]
    with ledger.opened(tmp_path / "l.sqlite", write=True) as opened:
        # The run stands still in the middle of a row in the middle of a transaction.
        opened.execute(f"CREATE TRIGGER hang AFTER INSERT ON booking WHEN NEW.grant_key = '{stuck}' BEGIN {HANG}; END")
    process = start_applying(tmp_path, "r.csv")
    deadline = time.monotonic() + 30
    while (half := held(tmp_path / "l.sqlite", "SELECT count(*) FROM booking")[0][0]) < 4000:
        assert process.poll() is None
        assert time.monotonic() < deadline
    process.kill()
    process.communicate()
    with ledger.opened(tmp_path / "l.sqlite", write=True) as opened:
        opened.execute("DROP TRIGGER hang")
    assert half == 4000, "two transactions of a thousand rows"
    assert len(held(tmp_path / "l.sqlite", BOOKED)) == 2 * len(held(tmp_path / "l.sqlite", MESSAGES)) == half
    done = run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite")
    assert done.returncode == ExitCode.DONE
    assert f"grants booked before: {half}\n" in done.stdout
    assert f"grants booked: {2 * len(rows) - half}\n" in done.stdout
    assert [key for key, *_ in held(tmp_path / "l.sqlite", BOOKED)] == keys(*rows)
    assert len(held(tmp_path / "l.sqlite", MESSAGES)) == len(rows)


def test_two_processes_at_once_book_each_grant_once(tmp_path: Path) -> None:
    """Two runs of one file together book what one run books; what one booked, the other finds."""
    rows = [granted(number) for number in range(2500)]
    write_result(tmp_path / "r.csv", rows)
    both = [start_applying(tmp_path, "r.csv") for _ in range(2)]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [ExitCode.DONE] * 2, said
    assert len(held(tmp_path / "l.sqlite", BOOKED)) == 2 * len(rows)
    assert len(held(tmp_path / "l.sqlite", MESSAGES)) == len(rows)
    booked = [int(number) for out, _ in said for number in re.findall("grants booked: ([0-9]+)\n", out)]
    assert sum(booked) == 2 * len(rows)


def test_new_ledger_is_set_up_once_by_many_at_once(tmp_path: Path) -> None:
    """Runs that begin together on a ledger that is not there yet do not stand in each other's way."""
    ready, problems = threading.Barrier(6), []

    def begin() -> None:
        ready.wait()
        try:
            with ledger.opened(tmp_path / "l.sqlite", write=True) as opened:
                opened.execute(BOOKED).fetchall()
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is the claim's counterexample
            problems.append(error)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


def test_new_ledger_that_another_is_setting_up_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself says at once that it is locked, where the journal would have to change."""
    path = tmp_path / "l.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    letting_go = threading.Timer(0.2, other.execute, ["COMMIT"])
    letting_go.start()
    with ledger.opened(path, write=True) as opened:
        assert opened.execute(BOOKED).fetchall() == []
    letting_go.join()
    other.close()


def booking(*grants: Grant, who: str = "s-1", status: str = "GRANTED", quotes: int = 0) -> Booking:
    occasions = Occasions((Occasion(0, 60, ("out-1",), tuple(grant.benefit for grant in grants)),))
    return Booking(2, who, ("out-1",), status, grants, ((0, "data"),) * quotes, occasions=occasions)


def test_quotes_and_empty_keys_are_never_booked(book: sqlite3.Connection) -> None:
    """A quote is counted, not booked, alone or beside a grant; a GRANTED row without a key or a subscriber is a problem."""
    good = Grant("k", "data", "DATA_BYTES", 5, "", 0, "", "")
    done = apply(book, [booking(quotes=2, status="PROVISIONAL"), booking(status="NEEDS_REVIEW")], NOW)
    assert done.counts == {"rows": 2, "rows without a grant": 2, "quotes, never booked": 2}
    keyless = replace(good, grant_key="")
    for bad in (booking(keyless), booking(good, keyless), booking(good, who=""), booking()):
        (problem,) = apply(book, [bad], NOW).problems
        assert "such a row is never booked" in problem[2]
    assert book.execute(BOOKED).fetchall() == []
    beside = apply(book, [booking(good, quotes=1)], NOW)
    assert beside.counts == {"rows": 1, "grants booked": 1, "quotes, never booked": 1}


def test_quote_that_was_put_among_the_grants_is_refused(run: Run, tmp_path: Path) -> None:
    """It has no key, and none that somebody makes up follows from the row; neither does a row become GRANTED by hand."""
    for number, key in enumerate(("", "0" * 32)):
        made_up = quote() | {"grant_key": key, "parts": [{"outage_id": "out-1", "quantity": 2**20}]}
        rows = [row(2, "s", made_up), row(3, "s", grant(), status="PROVISIONAL")]
        write_result(tmp_path / f"r{number}.csv", rows)
        done = run("provisioning", "apply", f"r{number}.csv", "--ledger", "l.sqlite")
        assert "line 2: the grant key of data does not follow from the row" in done.stderr
        assert "line 3: it has grants, and its status is PROVISIONAL" in done.stderr
        assert held(tmp_path / "l.sqlite", BOOKED) == []


def test_key_that_is_booked_with_something_else_is_reported_and_left(book: sqlite3.Connection) -> None:
    """A second decision with a larger quantity under the same key is not booked; what to do about it is said, and the row's
    other grants wait with it."""
    data = Grant("k", "data", "DATA_BYTES", 1900 * 2**20, "", 0, "", "")
    apply(book, [booking(data)], NOW)
    more = Grant("k", "data", "DATA_BYTES", 2000 * 2**20, "", 0, "", "")
    ((line, who, problem),) = apply(
        book, [booking(Grant("v", "voice", "VOICE_SECONDS", 60, "", 0, "", ""), more)], NOW
    ).problems
    assert (line, who) == (2, "s-1")
    assert "is booked with quantity 1992294400, here 2097152000" in problem
    assert problem.endswith("; nothing of this row is booked")
    assert f"if 100 MiB more are owed, say that {1900 * 2**20} were granted before: billing's --already-granted-from" in problem
    assert [key for key, *_ in book.execute(BOOKED)] == ["k"]
    ((_, _, problem),) = apply(book, [booking(data, who="s-2")], NOW).problems
    assert "subscriber_id 's-1', here 's-2'" in problem


def test_top_up_has_a_key_of_its_own_and_a_notice_of_its_own(run: Run, tmp_path: Path) -> None:
    """What is granted on top of an earlier grant is booked and announced; the earlier notice is not sent again."""
    write_result(tmp_path / "r1.csv", [row(2, "s", grant(2**20), notices=[notice("first")])])
    more = row(2, "s", grant(2**21), notices=[notice("second"), notice("zweite", "de")], told={"data": 2**20})
    write_result(tmp_path / "r2.csv", [more])
    for file in ("r1.csv", "r2.csv", "r1.csv"):
        assert run("provisioning", "apply", file, "--ledger", "l.sqlite").returncode == ExitCode.DONE
    balance = run("provisioning", "balance", "s", "--ledger", "l.sqlite").stdout
    assert balance.startswith("data: 3 MiB in 2 bookings\n")
    assert [body for *_, body in held(tmp_path / "l.sqlite", MESSAGES)] == ["zweite", "first", "second"]


@pytest.mark.parametrize("name", ["r.csv", "r.parquet"])
def test_outage_that_is_booked_is_not_booked_again_with_others(run: Run, tmp_path: Path, name: str) -> None:
    """Billed with outage A, then with A and B as if nothing had been granted: the second is left, with its notice, and it is
    said what to tell; told so, what is granted on top is booked, and each file can be applied again."""
    old = row(2, "s", grant(1900 * 2**20), outages=["A"])
    blind = row(2, "s", grant(3800 * 2**20), outages=["A", "B"], notices=[notice()])
    topped = row(2, "s", grant(1900 * 2**20), outages=["A", "B"], told={"data": 1900 * 2**20})
    for file, each in (("old", old), ("blind", blind), ("topped", topped)):
        write_result(tmp_path / f"{file}-{name}", [each])
    codes = {}
    for file in ("old", "blind", "topped", "old", "blind", "topped"):
        done = run("provisioning", "apply", f"{file}-{name}", "--ledger", "l.sqlite", "--report", "p.csv")
        codes[file] = done.returncode
        if file == "blind":
            assert "OVERLAPS: " in done.stderr
            assert "00 MiB for A, and this row was decided as if it were 0 B for A" in done.stderr
            assert "decide it again for A, B together, and say what is booked" in done.stderr
            assert "OVERLAPS" in (tmp_path / "p.csv").read_text()
    assert codes == {"old": ExitCode.DONE, "blind": ExitCode.ROWS_FAILED, "topped": ExitCode.DONE}
    assert [key for key, *_ in held(tmp_path / "l.sqlite", BOOKED)] == keys(old, topped)
    assert held(tmp_path / "l.sqlite", MESSAGES) == []


def of(
    key: str, parts: dict[str, int], *before: Before, benefit: str = "data", month: str = "", cycle: Cycle | None = None
) -> Booking:
    """A row with one grant, of one occasion."""
    quantity = sum(parts.values())
    kept = Grant(key, benefit, "DATA_BYTES", quantity, "", 0, "", "", 0, tuple(parts.items()))
    occasions = Occasions((Occasion(0, 60, tuple(parts), (benefit,), month, cycle),), cycle, before)
    return Booking(2, "s-1", tuple(parts), "GRANTED", (kept,), policy_id="p", occasions=occasions)


@pytest.mark.parametrize(
    ("second", "booked"),
    [
        (of("k2", {"A": 4, "B": 5}), False),
        (of("k2", {"A": 4, "B": 5}, Before("A", "data", 4, "")), False),
        (of("k2", {"A": 4, "B": 5}, Before("A", "voice", 5, "")), False),
        (of("k2", {"A": 4, "B": 5}, Before("B", "data", 5, "")), False),
        (of("k2", {"A": 4, "B": 5}, Before("A", "data", 5, "")), True),
        (of("k2", {"A": 4, "B": 5}, Before("A", "data", 6, "")), True),
        (of("k2", {"A": 0, "B": 5}), False),
        (replace(of("k2", {"A": 4, "B": 5}), subscriber_id="s-2"), True),
        (replace(of("k2", {"A": 4, "B": 5}), policy_id="goodwill"), True),
        (of("k2", {"B": 4, "C": 5}), True),
        (of("k2", {"A": 4, "B": 5}, benefit="voice"), True),
    ],
)
def test_overlap_is_of_one_subscriber_policy_benefit_and_outage(
    book: sqlite3.Connection, second: Booking, booked: bool
) -> None:
    """It is one unless the question was told at least what is booked for that outage; anything else is no matter."""
    apply(book, [of("k1", {"A": 5})], NOW)
    done = apply(book, [second], NOW)
    assert (done.counts["grants booked"] == 1, bool(done.problems)) == (booked, not booked)


def test_every_booking_that_overlaps_counts(book: sqlite3.Connection) -> None:
    """A and B booked one by one, then decided together with C: each has to be told."""
    apply(book, [of("kA", {"A": 5}), of("kB", {"B": 6})], NOW)
    for told, left in ((5, 1), (6, 0)):
        row = of("k9", {"A": 5, "B": 6, "C": 9}, Before("A", "data", 5, ""), Before("B", "data", told, ""))
        assert len(apply(book, [row], NOW).problems) == left


def test_part_of_an_outage_is_what_the_next_occasion_is_told(book: sqlite3.Connection) -> None:
    """o1 and o2 booked together: of o2 alone its part, so that o3 is paid what is its own."""
    apply(book, [of("k1", {"o1": 600, "o2": 700})], NOW)
    before = GrantedBefore(book, "p").told(Subscriber(subscriber_id="s-1"), ["o2", "o3"])
    assert [(each.outage_id, each.benefit, each.quantity) for each in before] == [("o2", "data", 700)]


def test_month_and_cycle_are_booked_apart(book: sqlite3.Connection) -> None:
    """An outage over the end of a month, or of a cycle, is granted for each; neither is the other's."""
    march, april = Cycle(0, 60), Cycle(60, 120)
    rows = [of("k1", {"A": 5}, month="2026-03"), of("k2", {"A": 6}, month="2026-04")]
    rows += [of("k3", {"B": 7}, cycle=march), of("k4", {"B": 8}, cycle=april)]
    assert apply(book, rows, NOW).counts["grants booked"] == 4
    who = Subscriber(subscriber_id="s-1", billing_cycle=interval(60, 120))
    told = GrantedBefore(book, "p").told(who, ["A", "B"])
    assert [(each.outage_id, each.quantity, each.month) for each in told] == [
        ("A", 5, "2026-03"),
        ("A", 6, "2026-04"),
        ("B", 8, ""),
    ]
    book.execute("ROLLBACK")  # the snapshot
    assert apply(book, [of("k5", {"A": 1}, month="2026-03")], NOW).problems


def test_bad_rows_are_reported_and_the_others_booked(run: Run, tmp_path: Path) -> None:
    """A row that cannot be understood is named with its line, also in the report; the exit code says so."""
    write_result(tmp_path / "r.csv", [granted(number) for number in range(5)])
    lines = (tmp_path / "r.csv").read_text().splitlines(keepends=True)
    lines[2] = lines[2].replace('""quantity"":2097152', '""quantity"":-1')
    lines[4] = lines[4].replace(",", ";", 1)
    (tmp_path / "r.csv").write_text("".join(lines))
    done = run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite", "--report", "problems.csv")
    assert done.returncode == ExitCode.ROWS_FAILED
    assert "provisioning: line 3: the row cannot be understood: quantity is -1 and not a whole number" in done.stderr
    assert "provisioning: line 5: " in done.stderr
    assert "grants booked: 6\n" in done.stdout
    assert "rows not booked for a problem: 2" in done.stdout
    assert [line.split(",")[0] for line in (tmp_path / "problems.csv").read_text().splitlines()] == ["line", "3", "5"]


def test_problems_that_are_alike_are_told_once_and_another_beside_them(run: Run, tmp_path: Path) -> None:
    """With their number, the first lines, one of them in full, and how to get all; nothing else is hidden by them."""
    rows = [row(number, "") for number in range(2, 5002)]
    rows[4321] = row(4323, "s-1", grant(), status="APPROVED")
    write_result(tmp_path / "r.csv", rows)
    done = run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite", "--report", "p.csv")
    alike, other = done.stderr.splitlines()
    assert alike.startswith("provisioning: 4999 rows alike, lines 2, 3, 4, …: GRANTED without a subscriber")
    assert other.startswith("provisioning: line 4323: status 'APPROVED' is unknown")
    assert (tmp_path / "p.csv").read_text().count("\n") == 5001
    assert "--report FILE writes all of them" in run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite").stdout


def test_empty_result_is_applied_where_it_is_said_to_be_empty(run: Run, tmp_path: Path) -> None:
    """A header alone may be all that is left of a result."""
    for name in ("r.csv", "r.parquet"):
        write_result(tmp_path / name, [])
        assert run("provisioning", "apply", name, "--ledger", "l.sqlite").returncode == ExitCode.BAD_INPUT
        done = run("provisioning", "apply", name, "--ledger", "l.sqlite", "--rows", "0")
        assert (done.returncode, done.stdout) == (ExitCode.DONE, f"{name} applied to l.sqlite: 0 rows\n")


def test_outbox_is_read_on_from_what_was_sent(run: Run, tmp_path: Path) -> None:
    """A sender asks for what comes after the last message that it sent, as lines or as JSON."""
    write_result(tmp_path / "r.csv", [granted(number) for number in range(3)])
    run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite")
    first = run("provisioning", "outbox", "--ledger", "l.sqlite", "--limit", "1", "--json")
    (message,) = map(json.loads, first.stdout.splitlines())
    assert (message["sequence"], message["subscriber_id"], message["body"], message["segments"]) == (1, "s-0", "sorry", 1)
    rest = run("provisioning", "outbox", "--ledger", "l.sqlite", "--after", str(message["sequence"]))
    assert [line.split()[:3] for line in rest.stdout.splitlines()] == [["2", "s-1", "SMS"], ["3", "s-2", "SMS"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no ledger l.sqlite"),
        (
            b"no database at all, however long this text may be; SQLite looks at the first hundred bytes of it, at least." * 9,
            "NOTADB",
        ),
    ],
)
def test_ledger_that_is_none_is_left_alone(run: Run, tmp_path: Path, content: bytes | None, said: str) -> None:
    """Reading makes no ledger, and another file is never written to."""
    if content is not None:
        (tmp_path / "l.sqlite").write_bytes(content)
    done = run("provisioning", "balance", "s", "--ledger", "l.sqlite")
    assert done.returncode == ExitCode.LEDGER_UNUSABLE
    assert said in done.stderr
    assert (tmp_path / "l.sqlite").exists() == (content is not None)


@pytest.mark.parametrize("name", ["r.csv", "r.parquet"])
def test_result_applied_twice_changes_nothing(run: Run, tmp_path: Path, name: str) -> None:
    """The first time everything is booked, the second time it says that all was there; the ledger is the same."""
    write_result(tmp_path / name, [granted(number) for number in range(5)])
    first = run("provisioning", "apply", name, "--ledger", "l.sqlite")
    assert (first.returncode, first.stderr) == (ExitCode.DONE, "")
    for part in ("5 rows", "grants booked: 10\n", "notices written: 5\n", "booked data: 15 MiB", "booked voice: 5 min"):
        assert part in first.stdout
    before = held(tmp_path / "l.sqlite", "SELECT * FROM booking"), held(tmp_path / "l.sqlite", "SELECT * FROM outbox")
    second = run("provisioning", "apply", name, "--ledger", "l.sqlite")
    assert second.returncode == ExitCode.DONE
    assert "nothing new: every grant and every notice of this file was there before" in second.stdout
    assert "grants booked before: 10\n" in second.stdout
    assert (held(tmp_path / "l.sqlite", "SELECT * FROM booking"), held(tmp_path / "l.sqlite", "SELECT * FROM outbox")) == before
