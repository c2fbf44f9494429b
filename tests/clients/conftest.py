"""What the tests of the callers share: a fake server, and the commands as processes."""

import importlib
import io
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from clients.provisioning import ledger
from tests.clients.fakes import FakeServer, serving
from tests.clients.files import ROWS, subscriber, write_inputs
from tests.clients.server_process import ROOT, ServerProcess, server_process

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    """A server of canned decisions."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A real server on the default policy, in a process of its own."""
    with server_process(tmp_path_factory.mktemp("server")) as up:
        yield up


def command_environment(address: str) -> dict[str, str]:
    """The environment of a command: where the server is, and the rooms on the path."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKEGOOD_")}
    return {**inherited, "MAKEGOOD_ADDRESS": address, "PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"}


@pytest.fixture
def run(fake: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs the command `python -m clients.NAME …` against the fake server, in a folder of its own."""
    yield from _commands(fake.address, tmp_path, monkeypatch)


@pytest.fixture
def run_real(server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The same against a real server."""
    yield from _commands(server.address, tmp_path, monkeypatch)


def _commands(address: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """In this process, which is far quicker than a new one; what ends a process is tested with processes."""
    monkeypatch.chdir(folder)
    for name in os.environ.keys() - command_environment(address).keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("MAKEGOOD_ADDRESS", address)
    before = signal.getsignal(signal.SIGTERM)

    def run_command(name: str, *arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        words = [str(argument) for argument in arguments]
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            importlib.import_module(f"clients.{name}.cli").main(words)
        code = ended.value.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())

    yield run_command
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with ledger.opened(tmp_path / "l.sqlite", write=True) as opened:
        yield opened


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A folder with 400 subscribers and two outages."""
    write_inputs(tmp_path, map(subscriber, range(ROWS)))
    return tmp_path
