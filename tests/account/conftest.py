"""The databases that an account is kept in, SQLite and, where it can be started here, PostgreSQL; a server; the commands."""

import signal
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from clients.account.cli import main
from clients.account.database import Database, opened
from tests.account.postgresql import CannotStart, started
from tests.clients.server_process import ServerProcess, server_process

NewLedger = Callable[[], str]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewLedger]:
    """Names an empty database, another each time, as --ledger does."""
    if request.param == "sqlite":
        folder, names = tmp_path_factory.mktemp("ledgers"), (str(number) for number in range(10_000))
        yield lambda: str(folder / f"{next(names)}.sqlite")
        return
    try:
        with started() as server:
            yield server.new_database
    except CannotStart as error:
        pytest.skip(f"PostgreSQL cannot be started here: {error}")


@pytest.fixture
def ledger(new_ledger: NewLedger) -> str:
    """An empty database."""
    return new_ledger()


@pytest.fixture
def database(ledger: str) -> Iterator[Database]:
    """The same, set up and open."""
    with opened(ledger, create=True) as it:
        yield it


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger: str) -> Iterator[Run]:
    """Runs a command in a folder of its own, on both databases in turn: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)

    def command(*words: str, on: str = ledger) -> tuple[int, str, str]:
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main([*words, "--ledger", on])
        return int(ended.value.code or 0), out.getvalue(), err.getvalue()

    yield command
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A real server on the default policy, in a process of its own."""
    with server_process(tmp_path_factory.mktemp("server")) as up:
        yield up


@pytest.fixture
def run_real(run: Run, server: ServerProcess, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same, with the server behind it."""
    monkeypatch.setenv("MAKEGOOD_ADDRESS", server.address)
    return run
