"""Billing runs that are stopped on the way."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.clients.conftest import command_environment
from tests.clients.fakes import FakeServer
from tests.clients.files import ROWS, billing, rows_on_record


def begin(fake: FakeServer, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """A run of its own, so that it can be killed."""
    command = [sys.executable, "-m", "clients.billing", *arguments]
    return subprocess.Popen(command, cwd=folder, env=command_environment(fake.address), stderr=subprocess.PIPE, text=True)


def begin_and_hold(fake: FakeServer, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """A run that has asked for its first rows, and is not answered until it is let go on."""
    fake.hold_after = 0
    process = begin(fake, folder, *arguments)
    deadline = time.monotonic() + 20
    while not fake.messages:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def let_go_on(fake: FakeServer) -> None:
    """Answers what is held, and all that comes."""
    fake.hold_after = None
    fake.pause.set()


def stop_in_the_middle(fake: FakeServer, folder: Path, out: str, how: signal.Signals) -> tuple[int, str]:
    """Begin a run, let it decide some parts, hold it there, and stop it: its exit code and what it said."""
    fake.hold_after = len(fake.messages) + 12
    process = begin(fake, folder, *billing(out, "--part", "20", "--batch", "10", "--streams", "1"))
    deadline = time.monotonic() + 20
    while not 40 <= rows_on_record(folder, out) < ROWS:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(how)
    errors = process.communicate(timeout=20)[1]
    let_go_on(fake)
    return process.returncode, errors
