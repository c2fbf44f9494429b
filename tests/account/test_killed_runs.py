"""Runs that are killed, meet each other, a full disk or a locked ledger: nothing is lost, and nothing is booked twice."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from clients.account import reading, running, tables
from clients.account.database import opened
from clients.errors import ExitCode
from tests.account.conftest import Run
from tests.account.test_runs import AS_OF, GIB, MIB, O1, O2, enter, person, settle, write_people
from tests.clients.conftest import command_environment
from tests.clients.server_process import ServerProcess

PEOPLE: Final = 24
POINTS: Final = 20
COMMAND: Final = ("run", "--subscribers", "s.csv", *AS_OF, "--reason", "a night", "--by", "billing", "--json", "--piece", "3")
KILLED: Final = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from clients.account.cli import main
count, at = 0, int(sys.argv.pop(1))

def step(*_, **__):
    global count
    count += 1
    if count == at:
        os.kill(os.getpid(), signal.SIGKILL)

for name in ("before_cursor_execute", "after_cursor_execute", "commit", "begin"):
    event.listen(Engine, name, step)
try:
    main(sys.argv[1:])
finally:
    Path("steps").write_text(str(count))
"""
FULL: Final = """
import resource, signal, sys
from clients.account.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
main(sys.argv[1:])
"""


def child(server: ServerProcess, script: str, number: int, ledger: str, *words: str) -> "subprocess.Popen[str]":
    arguments = [sys.executable, "-c", script, str(number), *words, "--ledger", ledger]
    environment = command_environment(server.address)
    return subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def content(ledger: str) -> tuple[dict[str, Any], list[Any]]:
    """What accounts hold, by subscriber, and the outbox; but for revisions and instants."""
    at = tables.OUTBOX.c
    with opened(ledger, create=False) as database:
        ids = database.read(lambda c: sorted(c.execute(select(tables.ACCOUNT.c.subscriber_id)).scalars()))
        accounts = database.read(lambda c: reading.accounts(c, ids))
        out = database.read(lambda c: sorted(map(tuple, c.execute(select(at.subscriber_id, at.outage_id, at.benefit)).all())))
    return {who: (each.booked, each.claimed, each.kept, each.cycles) for who, each in accounts.items()}, out


def prepare(run: Run) -> None:
    enter(run, O1 + O2)
    write_people(*(person(n) for n in range(PEOPLE)))


def copied(ledger: str, name: str) -> str:
    """An SQLite file once more, as a backup is made."""
    target = str(Path(name).absolute())
    with closing(sqlite3.connect(ledger)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
    Path(target).chmod(0o600)
    return target


def test_a_run_that_is_killed_at_any_point_goes_on_to_the_same_account(
    run_real: Run, ledger: str, server: ServerProcess, new_ledger: Any
) -> None:
    """Killed at twenty points, before and after statements and commits; then gone on with by the same command."""
    prepare(run_real)
    is_file = "://" not in ledger
    whole = child(server, KILLED, -1, copied(ledger, "whole.sqlite") if is_file else ledger, *COMMAND)
    told = whole.communicate(timeout=60)[0].splitlines()
    assert whole.returncode == ExitCode.DONE
    wanted = content("whole.sqlite" if is_file else ledger)
    steps = int(Path("steps").read_text())
    assert steps > 10 * POINTS
    for point in range(POINTS if is_file else POINTS // 5):
        at = 1 + steps * point // (POINTS if is_file else POINTS // 5)
        on = copied(ledger, f"{point}.sqlite") if is_file else new_ledger()
        if not is_file:
            run_real("outages", "import", "o.csv", "--reason", "reports", "--by", "noc", on=on)
        killed = child(server, KILLED, at, on, *COMMAND)
        killed.communicate(timeout=60)
        assert killed.returncode == -9
        code, out, _ = run_real(*COMMAND, on=on)
        assert code == ExitCode.DONE
        assert content(on) == wanted
        report = [json.loads(line) for line in out.splitlines()]
        assert report[1:] == [json.loads(line) for line in told][1:], "the report is not that of a run that was never stopped"
        assert run_real("verify", on=on)[:2] == (ExitCode.DONE, "the account holds together\n")


def test_runs_at_once_over_different_outages_keep_the_cycle_s_cap(run_real: Run, ledger: str, server: ServerProcess) -> None:
    """Four outages worth 10 GiB each of a cycle that has 30, run in four programs at once."""
    days = ("02", "05", "10", "16")
    rows = [O1.replace("o1", f"o{day}").replace("04T01", f"{day}T00") for day in days]
    enter(run_real, "".join(row.replace("04T04:00", f"{int(day) + 2:02}T00:00") for row, day in zip(rows, days, strict=True)))
    write_people(*(person(n, left=GIB) for n in range(6)))
    programs = [child(server, KILLED, -1, ledger, *COMMAND, "--outage", f"o{day}") for day in days]
    for each in programs:
        out, err = each.communicate(timeout=120)
        assert each.returncode == ExitCode.DONE, out + err
    with opened(ledger, create=False) as database:
        accounts = database.read(lambda c: reading.accounts(c, map(str, range(6))))
    assert {sum(each.booked.values()) for each in accounts.values()} == {30 * GIB}
    assert settle(run_real)[1][-1] == {"booked": 0}
    assert run_real("verify")[0] == ExitCode.DONE


def test_the_same_run_at_once_in_two_programs_is_booked_once(run_real: Run, ledger: str, server: ServerProcess) -> None:
    """They go on with one run, and one of them sees that the other does; or they make a run each. Nobody is paid twice."""
    prepare(run_real)
    programs = [child(server, KILLED, -1, ledger, *COMMAND) for _ in range(2)]
    ended = [(each.communicate(timeout=120)[1], each.returncode) for each in programs]
    assert all(code == ExitCode.DONE or "is gone on with by another program" in err for err, code in ended), ended
    settle(run_real)
    held, _ = content(ledger)
    assert {sum(booked.values()) for booked, *_ in held.values()} == {660 * MIB}
    assert run_real("verify")[0] == ExitCode.DONE


def test_a_full_disk_loses_nothing(run_real: Run, ledger: str, server: ServerProcess) -> None:
    """The run stops with a sentence; with room again, the same command goes on. At five sizes, of file and journal."""
    if "://" in ledger:
        pytest.skip("the disk of a PostgreSQL is its own matter")
    prepare(run_real)
    whole = copied(ledger, "whole.sqlite")
    assert run_real(*COMMAND, on=whole)[0] == ExitCode.DONE
    wanted = content(whole)
    begin = Path(ledger).stat().st_size
    stopped = 0
    for number in range(5):
        on = copied(ledger, f"{number}.sqlite")
        full = child(server, FULL, begin + 20_000 + 60_000 * number, on, *COMMAND)
        err = full.communicate(timeout=60)[1]
        if full.returncode != ExitCode.DONE:
            stopped += 1
            assert full.returncode == ExitCode.LEDGER_UNUSABLE, err
            assert "the disk reports an error, or it is full" in err or "the disk is full; free some space" in err
            assert "run the same command again, nothing is booked twice" in err
        assert run_real(*COMMAND, on=on)[0] == ExitCode.DONE
        assert content(on) == wanted
        assert run_real("verify", on=on)[0] == ExitCode.DONE
    assert stopped >= 3


def test_a_backup_that_is_restored_is_settled_to_the_same_account(run_real: Run, ledger: str) -> None:
    """A backup of the first day, put back on the third: the files that came since are read again, and the rest is booked."""
    if "://" in ledger:
        pytest.skip("a backup of PostgreSQL is its own matter")
    prepare(run_real)
    settle(run_real, "--outage", "o1")
    backup = copied(ledger, "backup.sqlite")
    enter(run_real, O1.replace("04T04", "04T05"))
    settle(run_real)
    wanted = content(ledger)
    shutil.copy(backup, "restored.sqlite")
    restored = str(Path("restored.sqlite").absolute())
    run_real("outages", "import", "o.csv", "--reason", "reports", on=restored)
    assert run_real("run", "--subscribers", "s.csv", *AS_OF, "--reason", "again", on=restored)[0] == ExitCode.DONE
    assert content(restored)[0] == wanted[0]


def test_a_run_that_is_interrupted_says_where_it_goes_on(run_real: Run, ledger: str, server: ServerProcess) -> None:
    """By Ctrl-C and by kill alike."""
    enter(run_real, O1)
    write_people(*(person(n) for n in range(1500)))
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        before = _line(ledger)
        program = child(server, KILLED, -1, ledger, *COMMAND)
        deadline = time.monotonic() + 60
        while _line(ledger) == before:
            assert program.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        program.send_signal(signal_number)
        out, err = program.communicate(timeout=60)
        assert (program.returncode, out) == (ExitCode.INTERRUPTED, ""), err
        assert f"the same command goes on at line {_line(ledger)}" in err
    assert run_real(*COMMAND[:-1], "500")[0] == ExitCode.DONE
    assert f"booked data: {1500 * 330} MiB for 1500 subscribers" in run_real("report", "1")[1].splitlines()


def _line(ledger: str) -> int:
    """Where the run is."""
    with opened(ledger, create=False) as database:
        return database.read(lambda c: c.execute(select(tables.RUN.c.line)).scalar_one_or_none()) or 0


def test_a_database_that_goes_down_under_a_run_loses_nothing(
    run_real: Run, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All its connections end, twice, as where PostgreSQL is restarted; the same command goes on each time."""
    if "://" not in ledger:
        pytest.skip("SQLite has no connections to lose")
    prepare(run_real)
    write = running.Running._written
    pieces = 0

    def going_down(*arguments: Any) -> Any:
        nonlocal pieces
        pieces += 1
        if pieces in (3, 6):
            everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            with opened(ledger, create=False) as other, other.engine.connect() as connection:
                connection.exec_driver_sql(f"{everybody} AND pid <> pg_backend_pid()")
        return write(*arguments)

    monkeypatch.setattr(running.Running, "_written", going_down)
    for line in (8, 14):
        code, _, err = run_real(*COMMAND)
        assert code == ExitCode.LEDGER_UNUSABLE
        assert "what was booked before stays booked; run the same command again, nothing is booked twice" in err
        assert _line(ledger) == line
    assert run_real(*COMMAND)[0] == ExitCode.DONE
    held, _ = content(ledger)
    assert {sum(booked.values()) for booked, *_ in held.values()} == {660 * MIB}
    assert f"booked data: {PEOPLE * 660} MiB for {PEOPLE} subscribers" in run_real("report", "1")[1].splitlines()
    assert run_real("verify")[0] == ExitCode.DONE
