"""Runs that work out pieces in processes of their own: they settle the same, and end with the run, however it ends."""

import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import pytest

from clients import channel, processes
from clients.account import pieces, running, service
from clients.account.asking import PolicyMoved
from clients.account.extract import Subject
from clients.account.job import Job
from clients.account.proposing import How
from clients.account.sources import Piece
from clients.errors import CallFailed, ClientError, ExitCode
from clients.processes import ProcessEnded, Processes
from clients.status import Refusal
from clients.tables.rows import Position
from makegood.v1 import facts_pb2
from tests.account.conftest import Run
from tests.account.test_killed_runs import COMMAND, content
from tests.account.test_runs import GIB, MIB, O1, booked, enter, person, write_people
from tests.clients.conftest import command_environment
from tests.clients.in_processes import counted, killed_in_the_middle
from tests.clients.server_process import ServerProcess

PEOPLE: Final = 90
GROWN: Final = O1.replace("04T04", "04T05")
COMMAND_IN: Final = (*COMMAND, "--processes", "2")
IN_PROCESSES: Final = """
import os, sys, time
from pathlib import Path
from clients import processes
from clients.account import pieces as of_run, running
from clients.account.cli import main

begin, written, pieces = processes.Processes.begin, running.Running._written, 0
of_run.SECONDS_ALONE = 0

def begin_and_wait(self):
    has_begun = begin(self)
    deadline = time.monotonic() + 600
    while self._begun and self._free.qsize() < self.number and time.monotonic() < deadline:
        time.sleep(0.01)
    Path("children").write_text(" ".join(str(each.pid) for each in self._begun))
    return has_begun

def slowly(*arguments):
    global pieces
    pieces += 1
    if pieces == 15:
        Path("in the middle").touch()
        time.sleep(120)
    return written(*arguments)

if __name__ == "__main__":
    processes.Processes.begin, running.Running._written = begin_and_wait, slowly
    main(sys.argv[1:])
"""
"""A run that stands still at its fifteenth piece, when its processes have worked out some."""


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lets a run begin its processes soon, and wait until they are ready. Returns how many rows they worked out each time."""
    monkeypatch.setattr(pieces, "SECONDS_ALONE", 0)
    return counted(monkeypatch, lambda worked: worked.counted.total)


def prepare(run: Run) -> None:
    enter(run, O1)
    write_people(*(person(n) for n in range(PEOPLE)))


def test_a_run_in_processes_books_what_one_in_none_does(run_real: Run, ledger: str, new_ledger: Any, begun: list[int]) -> None:
    """Also a dry run, and one that wants to be approved."""
    prepare(run_real)
    alone = new_ledger()
    run_real("outages", "import", "o.csv", "--reason", "reports", "--by", "noc", on=alone)
    dry = [run_real(*COMMAND, "--processes", number, "--dry-run", on=on)[:2] for number, on in (("1", alone), ("2", ledger))]
    assert begun
    assert dry[0] == dry[1]
    for on in (alone, ledger):
        run_real("threshold", "data=1MiB", "--reason", "a limit", on=on)
        assert run_real(*COMMAND_IN, on=on)[0] == ExitCode.WANTS_APPROVAL
        run_real("approve", "1", "--by", "finance", "--reason", "fine", on=on)
    begun.clear()
    told = [run_real(*COMMAND, "--processes", "1", on=alone)]
    assert begun == []
    told.append(run_real(*COMMAND_IN))
    assert sum(begun) > PEOPLE // 2
    assert content(ledger) == content(alone)
    reports = [[json.loads(line) for line in out.splitlines()][1:] for _, out, _ in told]
    assert reports[0] == reports[1]
    assert booked(reports[0]) == {"data": PEOPLE * 330 * MIB}
    assert multiprocessing.active_children() == []


def test_a_revision_that_comes_while_they_work_is_seen_by_them(
    run_real: Run, ledger: str, begun: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """o1 grew from 330 to 440 MiB: the last rows are settled by the revision, and the first when it is run again."""
    prepare(run_real)
    book, pieces = running.Running._booked, 0

    def revised(*arguments: Any) -> Any:
        nonlocal pieces
        pieces += 1
        if pieces == 10:
            enter(run_real, GROWN)
        return book(*arguments)

    monkeypatch.setattr(running.Running, "_booked", revised)
    code, out, _ = run_real(*COMMAND_IN)
    assert (code, begun != []) == (ExitCode.DONE, True)
    (first,) = booked([json.loads(line) for line in out.splitlines()]).values()
    more = (first - PEOPLE * 330 * MIB) // (110 * MIB)
    assert PEOPLE // 3 < more < PEOPLE - 10
    (second,) = booked([json.loads(line) for line in run_real(*COMMAND_IN)[1].splitlines()]).values()
    assert first + second == PEOPLE * 440 * MIB


def test_a_process_that_is_killed_ends_the_run_which_goes_on_by_the_same_command(
    run_real: Run, ledger: str, begun: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(run_real)
    with killed_in_the_middle(monkeypatch, begun):
        code, _, err = run_real(*COMMAND_IN)
    assert code == ExitCode.UNEXPECTED
    assert "a process of this run was ended from outside, or was out of memory; what was done until then is kept" in err
    assert "the same command goes on at line" in err
    assert multiprocessing.active_children() == []
    assert run_real(*COMMAND_IN)[0] == ExitCode.DONE
    held, _ = content(ledger)
    assert [sum(of_one) for of_one in (each[0].values() for each in held.values())] == [330 * MIB] * PEOPLE


@pytest.mark.parametrize("how", ["killed", "interrupted"])
def test_processes_end_with_a_run_that_is_stopped(run_real: Run, ledger: str, server: ServerProcess, how: str) -> None:
    """By kill -9 of its own process alone; and by Ctrl-C, which reaches all of them, without a traceback of any."""
    prepare(run_real)
    Path("a_run.py").write_text(IN_PROCESSES)
    command = [sys.executable, "a_run.py", *COMMAND_IN, "--ledger", ledger]
    environment = {**command_environment(server.address), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    program = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    _until(Path("in the middle").exists, program)
    children = [int(pid) for pid in Path("children").read_text().split()]
    assert len(children) == 2
    assert all(map(_runs, children))
    if how == "killed":
        program.kill()
    else:
        os.killpg(program.pid, signal.SIGINT)
    out, err = program.communicate(timeout=300)
    assert (program.returncode, out) == (-9 if how == "killed" else ExitCode.INTERRUPTED, "")
    assert "Traceback" not in err, err
    _until(lambda: not any(map(_runs, children)))
    assert run_real(*COMMAND_IN)[0] == ExitCode.DONE
    held, _ = content(ledger)
    assert [sum(of_one) for of_one in (each[0].values() for each in held.values())] == [330 * MIB] * PEOPLE


def test_what_a_process_cannot_do_is_an_error_of_the_run(
    run_real: Run, ledger: str, server: ServerProcess, begun: list[int]
) -> None:
    """Here another version decides than those that the run began with; and a ledger is not there."""
    prepare(run_real)
    to = channel.Connection(server.address, 60, 2**26, None)
    with service.opened(to) as asked:
        how = How(2_000_000_000, policy_id=asked.policy_id)
        versions = frozenset(asked.texts)
    facts = facts_pb2.Subscriber(plan_type=facts_pb2.PLAN_TYPE_DATA, data_allowance_bytes=GIB, data_remaining_bytes=0)
    facts.monthly_fee.currency_code, facts.monthly_fee.amount_minor = "CNY", 9900
    piece = Piece(Position(2, 1), (Subject(1, "1", facts.SerializeToString(), ("PUDONG",)),))
    missing = "postgresql://nobody@127.0.0.1:1/none" if "://" in ledger else "missing.sqlite"
    for of, wanted in (
        (Job(ledger, 5, to, frozenset(), "", how, None), PolicyMoved),
        (Job(missing, 1, to, versions, "", how, None), ClientError),
    ):
        several = Processes(of, 2)
        several.begin()
        try:
            with pytest.raises(wanted) as raised:
                several.answer((piece, False))
        finally:
            several.end()
        assert raised.value.message


def test_errors_of_callers_go_from_process_to_process_as_they_are() -> None:
    for error in (
        CallFailed(Refusal("UNAVAILABLE", "no"), "there", "a hint"),
        PolicyMoved("this, and then that"),
        ProcessEnded(),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert (str(again), again.message, again.lines, again.exit_code) == (
            *(str(error), error.message, error.lines, error.exit_code),
        )
    assert str(processes._sendable(_Odd(1, 2))) == "_Odd: 1 2"


class _Odd(Exception):
    """Cannot be put together again."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} {two}")


def _runs(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _until(holds: Any, program: "subprocess.Popen[str] | None" = None) -> None:
    deadline = time.monotonic() + 600
    while not holds():
        assert time.monotonic() < deadline
        assert program is None or program.poll() is None, program.communicate()
        time.sleep(0.02)
