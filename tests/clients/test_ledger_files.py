"""Files that are no ledger or no result are named and left alone."""

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from clients.errors import ExitCode, LedgerUnusable
from clients.provisioning import applying, cli, ledger
from clients.provisioning.apply import Applied, apply
from clients.provisioning.bookings import Booking
from tests.clients.conftest import Run
from tests.clients.ledgers import (
    BOOKED,
    granted,
    held,
    write_result,
)


def test_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """It is recognised by its mark, not by its tables' names."""
    with contextlib.closing(sqlite3.connect(tmp_path / "l.sqlite")) as other:
        other.execute("CREATE TABLE booking (grant_key)")
    with pytest.raises(LedgerUnusable, match="not a ledger of this command"), ledger.opened(tmp_path / "l.sqlite", write=True):
        pass


def test_locked_ledger_is_waited_for_and_then_named(run: Run, tmp_path: Path, book: sqlite3.Connection) -> None:
    """Another program that holds the ledger for too long ends the run; nothing is lost, and it says what to do."""
    write_result(tmp_path / "r.csv", [granted(1)])
    book.execute("BEGIN IMMEDIATE")
    done = run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite", "--wait", "0.1")
    assert done.returncode == ExitCode.LEDGER_UNUSABLE
    assert "it is locked by another program; wait for that one, or raise --wait" in done.stderr
    assert "nothing is booked twice" in done.stderr
    book.execute("ROLLBACK")
    assert run("provisioning", "apply", "r.csv", "--ledger", "l.sqlite").returncode == ExitCode.DONE


def test_ledger_that_cannot_be_made_is_named(run: Run, tmp_path: Path) -> None:
    write_result(tmp_path / "r.csv", [granted(1)])
    done = run("provisioning", "apply", "r.csv", "--ledger", "nowhere/l.sqlite")
    assert (done.returncode, "it cannot be opened" in done.stderr) == (ExitCode.LEDGER_UNUSABLE, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("r.csv", "--ledger", "r.csv"), "have to be different files"),
        (("r.csv", "--ledger", "l.sqlite", "--report", "./r.csv"), "have to be different files"),
        (("other.csv", "--ledger", "l.sqlite"), "other.csv is not a result of billing: it has no column line"),
        (("r.csv.partial", "--ledger", "l.sqlite"), "there is no such file"),
        (("r.csv", "--ledger", "l.sqlite", "--report", "nowhere/p.csv"), "--report nowhere/p.csv cannot be written"),
    ],
)
def test_wrong_files_are_refused_before_anything_is_booked(
    run: Run, tmp_path: Path, arguments: Sequence[str], said: str
) -> None:
    before = write_result(tmp_path / "r.csv", [granted(1)]).read_bytes()
    (tmp_path / "other.csv").write_text("subscriber_id,status\n1,GRANTED\n")
    done = run("provisioning", "apply", *arguments)
    assert (done.returncode, said in done.stderr) == (ExitCode.BAD_INPUT, True), done.stderr
    assert (tmp_path / "r.csv").read_bytes() == before
    assert not (tmp_path / "l.sqlite").exists()


def test_interrupted_run_says_that_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C ends the run after whole rows and says how to go on."""
    write_result(tmp_path / "r.csv", [granted(number) for number in range(3000)])
    calls = 0

    def interrupted(opened: sqlite3.Connection, chunk: Sequence[Booking], now: int) -> Applied:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return apply(opened, chunk, now)

    monkeypatch.setattr(applying, "apply", interrupted)
    with pytest.raises(SystemExit) as ended:
        cli.main(["apply", str(tmp_path / "r.csv"), "--ledger", str(tmp_path / "l.sqlite")])
    assert ended.value.code == ExitCode.INTERRUPTED
    assert capsys.readouterr().err.splitlines() == [
        "provisioning: interrupted",
        "  what was booked before stays booked; run the same command again, nothing is booked twice",
    ]
    assert len(held(tmp_path / "l.sqlite", BOOKED)) == 4000
