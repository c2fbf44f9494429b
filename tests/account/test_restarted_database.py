"""PostgreSQL is restarted, and crashes, while a run books and an apply delivers: nothing is lost, nothing comes twice."""

import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from sqlalchemy import select

from clients.account import tables
from clients.account.database import opened
from clients.errors import ExitCode
from tests.account.conftest import Run
from tests.account.postgresql import CannotStart, Server, started
from tests.account.test_deliveries import IN_PIECES, TO, held, wanted
from tests.account.test_killed_runs import COMMAND, KILLED, child, content
from tests.account.test_runs import O1, O2, enter, person, write_people
from tests.clients.server_process import ServerProcess

PEOPLE: Final = 300
RESTARTS: Final = 4
AGAIN_AND_AGAIN: Final = """
import sys
from clients.account.cli import main
sys.argv.pop(1)
while True:
    try:
        main(sys.argv[1:])
    except SystemExit as ended:
        if ended.code:
            raise
"""


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    """One that no other test uses meanwhile."""
    try:
        with started() as server:
            yield server
    except CannotStart as error:
        pytest.skip(f"PostgreSQL cannot be started here: {error}")


def _booked(ledger: str) -> int:
    with opened(ledger, create=False) as database:
        return len(database.read(lambda c: c.execute(select(tables.BOOKING.c.benefit)).all()))


@contextmanager
def _ended(*programs: "subprocess.Popen[str]") -> Iterator[None]:
    """However the block ends, they do."""
    try:
        yield
    finally:
        for each in programs:
            with each:
                each.kill()


@pytest.mark.parametrize("new_ledger", ["postgresql"], indirect=True)
def test_a_run_and_an_apply_go_on_where_the_database_was_restarted_under_them(
    run_real: Run, postgresql: Server, server: ServerProcess
) -> None:
    """They end with a sentence, and the same commands go on; at the end all is as in a database that never went down."""
    still, on = postgresql.new_database(), postgresql.new_database()
    write_people(*(person(n) for n in range(PEOPLE)))
    for each in (still, on):
        enter(lambda *words, to=each: run_real(*words, on=to), O1 + O2)
    assert run_real(*COMMAND[:-1], "100", on=still)[0] == ExitCode.DONE
    dice, stopped = random.Random(7), {"run": 0, "apply": 0}
    for number in range(RESTARTS):
        applying = child(server, IN_PIECES + AGAIN_AND_AGAIN, -1, on, *TO)
        running = child(server, KILLED, -1, on, *COMMAND)
        with _ended(applying, running):
            before, deadline = _booked(on), time.monotonic() + 60
            while running.poll() is None and _booked(on) < before + 10 and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(dice.random() / 5)
            postgresql.restart(at_once=number % 2 == 1)
            for name, program in (("run", running), ("apply", applying)):
                try:
                    err = program.communicate(timeout=30 if name == "run" else 2)[1]
                except subprocess.TimeoutExpired:
                    program.kill()  # nothing of it was under way in the database just then
                    program.communicate()
                    continue
                assert program.returncode in (ExitCode.DONE, ExitCode.LEDGER_UNUSABLE), err
                if program.returncode == ExitCode.LEDGER_UNUSABLE:
                    stopped[name] += 1
                    assert "cannot be used" in err
                    assert "run the same command again, nothing is booked twice" in err
    assert min(stopped.values()) >= RESTARTS // 2, stopped
    assert run_real(*COMMAND, on=on)[0] == ExitCode.DONE
    assert content(on)[0] == content(still)[0]
    assert run_real(*TO, on=on)[0] == ExitCode.DONE
    assert held() == wanted(on) == wanted(still)
    assert (len(held()), content(on)[1]) == (2 * PEOPLE, [])
    assert f"booked data: {PEOPLE * 660} MiB for {PEOPLE} subscribers" in run_real("report", "1", on=on)[1].splitlines()
    assert run_real("verify", on=on) == (ExitCode.DONE, "the account holds together\n", "")
