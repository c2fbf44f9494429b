"""Another program holds the lock of the account, or of the ledger it delivers to: it is waited for, and that is said."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest

from clients import locked
from clients.errors import ExitCode
from clients.provisioning import from_account
from tests.account.conftest import Run
from tests.account.test_deliveries import TO, a_night, held, wanted
from tests.account.test_killed_runs import COMMAND, prepare

SECONDS: Final = 1.0
"""For which it is held, after what is waited for is said to be."""
APPLY: Final = (*TO, "--wait", "30")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locked, "SECONDS", SECONDS / 4)


@pytest.fixture
def delivered_before(run_real: Run, ledger: str) -> None:
    """Both ledgers are there, and something waits to be delivered."""
    if "://" in ledger:
        pytest.skip("PostgreSQL does not lock a whole ledger")
    assert run_real(*TO)[0] == ExitCode.DONE
    a_night(run_real)


@contextmanager
def lock(path: str, seconds: float | None = None) -> Iterator[None]:
    """Another program's, for a time, or as long as the block."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(seconds or 0, lambda: other.execute("ROLLBACK"))
        if seconds is not None:
            timer.start()
        yield
        if seconds is None:
            other.execute("ROLLBACK")
        else:
            timer.join()


@pytest.mark.usefixtures("delivered_before")
@pytest.mark.parametrize("of", ["the account", "provisioning"])
def test_an_apply_waits_for_a_ledger_that_is_locked_and_says_so(run_real: Run, ledger: str, of: str) -> None:
    path = ledger if of == "the account" else "l.sqlite"
    with lock(path, SECONDS):
        code, _, err = run_real(*APPLY)
    assert (code, err) == (
        ExitCode.DONE,
        f"the ledger {Path(path).name} is locked by another program; waiting for it, as long as --wait says\n",
    )
    assert held() == wanted(ledger)
    assert len(held()) == 4


@pytest.mark.usefixtures("delivered_before")
@pytest.mark.parametrize("of", ["the account", "provisioning"])
def test_an_apply_that_waited_in_vain_says_so_and_goes_on_later(run_real: Run, ledger: str, of: str) -> None:
    with lock(ledger if of == "the account" else "l.sqlite"):
        code, out, err = run_real(*TO, "--wait", "0")
        assert (code, out) == (ExitCode.LEDGER_UNUSABLE, "")
        assert "it is locked by another program; wait for that one, or raise --wait" in err
        assert "run the same command again, nothing is booked twice" in err
    assert run_real(*TO)[0] == ExitCode.DONE
    assert held() == wanted(ledger)


@pytest.mark.usefixtures("delivered_before")
def test_an_apply_whose_account_is_locked_once_it_has_delivered_delivers_nothing_twice(
    run_real: Run, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger has it on disk, and the account could not write it down."""
    put, locks = from_account.put, []

    def then_locked(*arguments: object) -> list[str]:
        found = put(*arguments)  # type: ignore[arg-type]
        other = sqlite3.connect(ledger, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        locks.append(other)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(from_account, "put", then_locked)
        assert run_real(*TO, "--wait", "0")[0] == ExitCode.LEDGER_UNUSABLE
    assert len(held()) == 4
    locks[0].close()
    assert run_real(*TO)[0] == ExitCode.DONE
    assert held() == wanted(ledger)
    assert run_real("verify") == (ExitCode.DONE, "the account holds together\n", "")


def test_a_run_waits_for_a_ledger_that_is_locked_and_says_so(run_real: Run, ledger: str) -> None:
    if "://" in ledger:
        pytest.skip("PostgreSQL does not lock a whole ledger")
    prepare(run_real)
    with lock(ledger):
        code, _, err = run_real(*COMMAND, "--wait", "0")
        assert code == ExitCode.LEDGER_UNUSABLE
        assert "it is locked by another program; wait for that one, or raise --wait" in err
    with lock(ledger, SECONDS):
        code, _, err = run_real(*COMMAND)
    assert (code, err.count("is locked by another program; waiting for it")) == (ExitCode.DONE, 1)
