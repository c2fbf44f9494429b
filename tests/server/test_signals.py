"""Signals that would end the server without a drain do nothing but leave a line; a stop comes to its end whatever is stuck."""

import os
import signal
import subprocess
import sys

import pytest

from server.process import STUCK
from server.signals import HELD_SIGNALS, RELOAD_SIGNAL, STOP_SIGNALS
from tests.server.processes import ROOT, START_SECONDS, STOP_SECONDS, started
from tests.server.running import eventually
from tests.server.two_workers import call, pids, two_workers

OTHERS = [number for number in HELD_SIGNALS if number not in STOP_SIGNALS and number != RELOAD_SIGNAL]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_other_signals_are_ignored_and_told(workers: str) -> None:
    with started("--workers", workers) as server:
        call(server)
        for number in OTHERS:
            server.process.send_signal(number)
        eventually(lambda: len(server.events("signal ignored")) == len(OTHERS))
        assert {line["signal"] for line in server.events("signal ignored")} == {number.name for number in OTHERS}
        call(server)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(STOP_SECONDS) == 0
        assert server.events("stopped")


def test_they_are_ignored_when_all_processes_get_them() -> None:
    """As when a terminal hangs up."""
    with two_workers() as server:
        for number in OTHERS:
            os.killpg(server.process.pid, number)
        eventually(lambda: len(server.events("signal ignored")) == len(OTHERS))
        call(server)
        assert not server.events("worker died")
        assert len(pids(server)) == 2


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_that_comes_while_it_loads_is_heeded_in_order(workers: str) -> None:
    with started("--workers", workers) as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(STOP_SECONDS) == 0
        assert server.lines()[-1]["event"] == "stopped"


ENDLESS = """
import ctypes, sys, threading
from server import process
from server.log import Log
from server.standard_streams import STDERR, Output

process.BEYOND_DRAIN_SECONDS = 1
process.end_within(0, Log(Output(STDERR), "json", "info"))
{stuck}
"""


@pytest.mark.parametrize(
    ("stuck", "status"),
    [
        ("threading.Event().wait()", STUCK),
        ("ctypes.PyDLL(None).sleep(600)", -signal.SIGALRM),
    ],
    ids=["a thread", "the interpreter"],
)
def test_what_is_stuck_does_not_outlive_the_drain(stuck: str, status: int) -> None:
    """Also a native part that never gives back the interpreter's lock."""
    done = subprocess.run(
        [sys.executable, "-c", ENDLESS.format(stuck=stuck)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert done.returncode == status
    assert ('"event":"stuck"' in done.stderr) == (status == STUCK)
