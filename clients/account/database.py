"""The account's database: opened, set up or refused, and written in whole transactions.

SQLite takes its lock at the start of a transaction that writes, for a lock that is first needed in the middle can no longer be
waited for, and has on disk what is reported as booked. PostgreSQL is SERIALIZABLE, and repeats what it could not serialize.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from clients import locked
from clients.errors import LedgerUnusable
from clients.provisioning import ledger as of_provisioning

APPLICATION_ID: Final = 0x6D616B41
"""Marks an SQLite file as an account."""
FORMS: Final = ("0001", "0002", "0003")
"""Of an account, in order; the last is today's. They stand here because to ask alembic is to load it, in every command."""
REPEATED: Final = frozenset(("40001", "40P01", "23505"))
"""What PostgreSQL says to one of two transactions: it could not serialize it, a deadlock, a unique key; the last where both
set up one account."""
DEFAULT_WAIT_SECONDS: Final = 60.0
_KEPT: Final = "  what was booked before stays booked; run the same command again, nothing is booked twice"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Database:
    """An account that is open."""

    engine: Engine
    name: str
    """Without a password."""
    wait_seconds: float

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Look at one state of it."""
        with _refusing(self.name), self.engine.connect() as connection, connection.begin():
            return work(connection)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """All of ``work`` or nothing; it may be run several times, and holds no state of its own."""
        again = Retrying(
            retry=retry_if_exception(_is_repeated),
            stop=stop_after_delay(self.wait_seconds),
            wait=wait_random(0.001, 0.05),
            reraise=True,
        )

        def once() -> Result:
            writing = self.engine.execution_options(makegood_writes=True)
            with writing.connect() as connection, connection.begin():
                return work(connection)

        with _refusing(self.name):
            return again(once)

    def forget(self) -> None:
        """What was deleted is not to be found in the database's files either. PostgreSQL does that by itself, later."""
        if self.engine.dialect.name == "sqlite":
            with _refusing(self.name), closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def opened(
    ledger: str, *, create: bool, writes: bool = False, wait_seconds: float = DEFAULT_WAIT_SECONDS
) -> Iterator[Database]:
    """A database by the path of an SQLite file or a postgresql:// URL, set up with ``create`` where there is none.

    What ``writes``, and what may create one, brings it to the form of today. Raises LedgerUnusable, which says what to do.
    """
    url = _url(ledger)
    name = url.render_as_string(hide_password=True) if url.get_backend_name() == "postgresql" else str(url.database)
    with _refusing(name):
        engine = _postgresql(url) if url.get_backend_name() == "postgresql" else _sqlite(url, wait_seconds, create=create)
    try:
        database = Database(engine, name, wait_seconds)
        if create:
            database.write(lambda connection: _set_up(connection, name))
            _readers_do_not_wait(database)
        else:
            if writes and database.read(lambda connection: _form(connection, name)) not in (None, FORMS[-1]):
                database.write(lambda connection: _set_up(connection, name))
            database.read(lambda connection: _check(connection, name))
        yield database
    finally:
        engine.dispose()


def _url(ledger: str) -> URL:
    if "://" not in ledger:
        return URL.create("sqlite+pysqlite", database=ledger)
    try:
        url = make_url(ledger)
    except ArgumentError as error:
        raise LedgerUnusable(f"the ledger {ledger!r} is no URL; write postgresql://USER@HOST/DATABASE, or a path") from error
    if url.get_backend_name() != "postgresql":
        raise LedgerUnusable(f"a ledger is a file of SQLite or a postgresql:// URL, not {url.get_backend_name()}://")
    return url.set(drivername="postgresql+psycopg")


def _postgresql(url: URL) -> Engine:
    return create_engine(url, isolation_level="SERIALIZABLE", pool_pre_ping=True)


def _sqlite(url: URL, wait_seconds: float, *, create: bool) -> Engine:
    path = str(url.database)
    try:
        # The journals beside it get the file's own permissions from SQLite.
        os.close(os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600))
    except OSError as error:
        hint = "" if create else "; outages import, or a run, sets one up"
        raise LedgerUnusable(f"the ledger {path} cannot be used: {error.strerror}{hint}") from error
    engine = create_engine(url, connect_args={"timeout": wait_seconds, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin below, and not at the first change
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA secure_delete = ON")  # what is erased of a person is overwritten
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        if not connection.get_execution_options().get("makegood_writes"):
            connection.exec_driver_sql("BEGIN")
            return
        with locked.told(Path(path).name):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _readers_do_not_wait(database: Database) -> None:
    """Write-ahead journal. SQLite does not wait here: of two that would switch, each holds what the other waits for."""
    if database.engine.dialect.name != "sqlite":
        return
    again = Retrying(
        retry=retry_if_exception(_is_busy),
        stop=stop_after_delay(database.wait_seconds),
        wait=wait_random(0.005, 0.05),
        reraise=True,
    )
    with _refusing(database.name), closing(database.engine.raw_connection()) as connection:
        again(connection.cursor().execute, "PRAGMA journal_mode = WAL")


def _set_up(connection: Connection, name: str) -> None:
    """Bring the database to the form of today, whoever else does so at the same time."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPLICATION_ID})")
    if _form(connection, name) != FORMS[-1]:
        from clients.account import migrations  # noqa: PLC0415 -- alembic takes as long to load as a run's first hundred rows

        migrations.upgrade(connection)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def _check(connection: Connection, name: str) -> None:
    """Refuse what cannot be read as it is."""
    form = _form(connection, name)
    if form is None:
        raise LedgerUnusable(f"{name} is empty and no account yet; outages import, or a run, sets it up")
    if form != FORMS[-1]:
        raise LedgerUnusable(f"the account {name} has an older form ({form}); any command that writes brings it to today's")


def _form(connection: Connection, name: str) -> str | None:
    """Which form the database has; None: it is empty. Raises LedgerUnusable where it is something else."""
    if connection.dialect.name == "sqlite":
        application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        if application in of_provisioning.FORMS:
            raise LedgerUnusable(
                f"{name} is a ledger of clients.provisioning, and not an account; give the account another file"
            )
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    noted = "SELECT version_num FROM alembic_version"
    form = connection.exec_driver_sql(noted).scalar() if "alembic_version" in tables else None
    if form is None or "booking" not in tables:
        raise LedgerUnusable(f"{name} is a database of something else, and not an account; give the account its own")
    if form not in FORMS:
        raise LedgerUnusable(f"the account {name} has a newer form ({form}) than this program knows; use a newer makegood")
    return str(form)


def _is_repeated(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in REPEATED


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def _is_of_a_stop(error: BaseException) -> bool:
    """Whether Ctrl-C came before it: what was under way is then cancelled, and may fail as it is rolled back."""
    before = error.__context__
    return before is not None and (isinstance(before, KeyboardInterrupt) or _is_of_a_stop(before))


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Says of an error of the database which it is, and what to do."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        if _is_of_a_stop(error):
            raise KeyboardInterrupt from error
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(cause, "sqlite_errorname", "") or getattr(cause, "sqlstate", "") or ""
        meanings = of_provisioning.MEANINGS.items()
        meaning = next((text for known, text in meanings if code.startswith(known)), " ".join(str(cause).split()))
        raise LedgerUnusable(f"the account {name} cannot be used: {meaning} ({code or 'no code'})", [_KEPT]) from error
