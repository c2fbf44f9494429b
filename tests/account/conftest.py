"""The databases that an account is kept in: SQLite, and PostgreSQL where it can be started here."""

from collections.abc import Callable, Iterator

import pytest

from clients.account.database import Database, opened
from tests.account.postgresql import CannotStart, started

NewLedger = Callable[[], str]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewLedger]:
    """Names an empty database, another each time, as --ledger does."""
    folder = tmp_path_factory.mktemp("ledgers")
    names = (str(number) for number in range(10_000))
    if request.param == "sqlite":
        yield lambda: str(folder / f"{next(names)}.sqlite")
        return
    try:
        with started(folder) as server:
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
