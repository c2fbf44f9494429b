"""The ledger: an SQLite file of what was booked, by grant key, and the outbox of messages.

INVARIANT: a grant key stands in `booking` at most once and its row is never changed, so that booking twice is impossible, not
merely avoided; nor the id of an account's booking in `account_booking`. A balance is the sum over both and is stored nowhere.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from clients import locked
from clients.errors import LedgerUnusable

APPLICATION_ID = 0x6D676C33
"""Marks the file as a ledger of this command ("mgl3")."""
WITHOUT_ACCOUNT = 0x6D676C32
"""Marks one that takes no bookings of an account ("mgl2")."""
WITHOUT_PARTS = 0x6D676C31
"""Marks one whose bookings do not hold the part of each outage ("mgl1")."""

FORMS = (APPLICATION_ID, WITHOUT_ACCOUNT, WITHOUT_PARTS)
BITS_OF_A_FORM = 8
"""In which the ids of forms differ."""

ADDED = ("occasion_started_at", "month", "billing_cycle", "parts")
"""Columns that it lacks. What it does not know of its bookings stays empty."""

OF_ACCOUNT = (
    """
    CREATE TABLE account_booking (
      booking_id TEXT PRIMARY KEY CHECK (booking_id <> ''),
      subscriber_id TEXT NOT NULL,
      benefit TEXT NOT NULL,
      kind TEXT NOT NULL,
      quantity INTEGER NOT NULL CHECK (quantity <> 0),  -- as in booking; below 0: taken back
      currency_code TEXT NOT NULL,
      valid_for_seconds INTEGER NOT NULL,
      outage_id TEXT NOT NULL,
      billing_cycle TEXT NOT NULL,                      -- start/end, seconds since 1970 UTC
      account_revision INTEGER NOT NULL,
      booked_at INTEGER NOT NULL,                       -- by this ledger, seconds since 1970 UTC
      UNIQUE (subscriber_id, booking_id)
    ) STRICT, WITHOUT ROWID
    """,
    "DROP VIEW IF EXISTS balance",
    """
    CREATE VIEW balance AS
      SELECT subscriber_id, benefit, kind, currency_code, count(*) AS bookings, sum(quantity) AS quantity
      FROM (SELECT subscriber_id, benefit, kind, currency_code, quantity FROM booking
            UNION ALL SELECT subscriber_id, benefit, kind, currency_code, quantity FROM account_booking)
      GROUP BY subscriber_id, benefit, kind, currency_code
    """,
)
"""What an account books, by the id of its booking."""

TABLES = (
    """
    CREATE TABLE booking (
      grant_key TEXT PRIMARY KEY CHECK (grant_key <> ''),
      subscriber_id TEXT NOT NULL,
      benefit TEXT NOT NULL,
      kind TEXT NOT NULL,
      quantity INTEGER NOT NULL CHECK (quantity > 0),   -- bytes, seconds, days, minor units, basis points, by kind
      currency_code TEXT NOT NULL,
      valid_for_seconds INTEGER NOT NULL,               -- from booked_at on, 0 is no limit
      window_started_at TEXT NOT NULL,
      window_ended_at TEXT NOT NULL,
      outage_ids TEXT NOT NULL,                         -- JSON list: those of what it is for
      decision_id TEXT NOT NULL,
      policy_id TEXT NOT NULL,
      policy_version TEXT NOT NULL,
      booked_at INTEGER NOT NULL,                       -- seconds since 1970 UTC
      occasion_started_at TEXT NOT NULL DEFAULT '',     -- of what it is for, UTC
      month TEXT NOT NULL DEFAULT '',                   -- "2026-03" where a month is what it is for
      billing_cycle TEXT NOT NULL DEFAULT '',           -- start/end, seconds since 1970 UTC, where that is what it is for
      parts TEXT NOT NULL DEFAULT ''                    -- JSON object: quantity by outage; empty: not known
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX booking_by_subscriber ON booking (subscriber_id)",
    """
    CREATE TABLE outbox (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,       -- a sender remembers the last one that it sent
      grant_set TEXT NOT NULL,
      subscriber_id TEXT NOT NULL,
      channel TEXT NOT NULL,
      language TEXT NOT NULL,
      title TEXT NOT NULL,
      body TEXT NOT NULL,
      segments INTEGER NOT NULL,
      encoding TEXT NOT NULL,
      written_at INTEGER NOT NULL,                      -- seconds since 1970 UTC
      UNIQUE (grant_set, channel, language)
    ) STRICT
    """,
    *OF_ACCOUNT,
    f"PRAGMA application_id = {APPLICATION_ID}",
)

MEANINGS = {
    "SQLITE_BUSY": "it is locked by another program; wait for that one, or raise --wait",
    "SQLITE_LOCKED": "it is locked by another program; wait for that one, or raise --wait",
    "SQLITE_READONLY": "it cannot be written; check its permissions and those of its folder",
    "SQLITE_FULL": "the disk is full; free some space",
    "SQLITE_IOERR": "the disk reports an error, or it is full",
    "SQLITE_CANTOPEN": "it cannot be opened; check that its folder exists and can be written",
    "SQLITE_NOTADB": "it is not an SQLite database",
    "SQLITE_CORRUPT": "it is damaged; restore it from a backup and apply the results again",
    "SQLITE_PERM": "it may not be opened; check its permissions",
}
"""By the first two words of SQLite's error name."""


@contextmanager
def opened(path: Path, *, write: bool, wait_seconds: float = 10, one_thread: bool = True) -> Iterator[sqlite3.Connection]:
    """The ledger; made when it is to be written and is not there. Raises LedgerUnusable, also for what SQLite raises inside.

    ``one_thread`` False: several use it, and see to it that they do so one at a time.
    """
    try:
        if not write and not path.is_file():
            raise LedgerUnusable(f"there is no ledger {path}")
        # isolation_level None: transactions begin and end where the code says so.
        uri = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
        ledger = sqlite3.connect(uri, uri=True, timeout=wait_seconds, isolation_level=None, check_same_thread=one_thread)
        try:
            _check(ledger, path, wait_seconds, write=write)
            yield ledger
        finally:
            ledger.close()
    except OSError as error:
        if error.filename != str(path):
            raise
        raise LedgerUnusable(f"the ledger {path} cannot be used: {error.strerror}") from error
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        meaning = next((text for known, text in MEANINGS.items() if name.startswith(known)), str(error))
        lines = ["  what was booked before stays booked; run the same command again, nothing is booked twice"] if write else []
        raise LedgerUnusable(f"the ledger {path} cannot be used: {meaning} ({name or error})", lines) from error


@contextmanager
def transaction(ledger: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. The lock is taken at the start: a lock that is first needed in the middle can no longer be waited for."""
    with locked.told(Path(ledger.execute("PRAGMA database_list").fetchone()[2]).name):
        ledger.execute("BEGIN IMMEDIATE")
    try:
        yield
        ledger.execute("COMMIT")
    except BaseException:
        if ledger.in_transaction:  # SQLite itself rolls back when the disk is full
            ledger.execute("ROLLBACK")
        raise


def _check(ledger: sqlite3.Connection, path: Path, wait_seconds: float, *, write: bool) -> None:
    """Refuse a database that is something else; set up one that is empty."""
    # One statement: between two, another run may set the ledger up.
    found = "SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)"
    application, tables = ledger.execute(found).fetchone()
    empty = tables == 0
    if application not in FORMS and application >> BITS_OF_A_FORM == APPLICATION_ID >> BITS_OF_A_FORM:
        raise LedgerUnusable(f"the ledger {path} has a newer form than this program knows; use a newer makegood")
    if application not in FORMS and not (empty and write):
        raise LedgerUnusable(f"{path} is an SQLite database, and not a ledger of this command")
    if write:
        # SQLite does not wait here by itself: of two that would switch at once, each holds what the other waits for.
        again = Retrying(
            retry=retry_if_exception(_is_busy), stop=stop_after_delay(wait_seconds), wait=wait_random(0.005, 0.05), reraise=True
        )
        again(ledger.execute, "PRAGMA journal_mode = WAL")
        ledger.execute("PRAGMA synchronous = FULL")  # what is reported as booked survives a power cut
    if application in (WITHOUT_PARTS, WITHOUT_ACCOUNT) and write:
        _bring_to_today(ledger)
    if empty and application != APPLICATION_ID:
        with transaction(ledger):
            # Another run may have set it up while this one waited for the lock.
            if ledger.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
                for statement in TABLES:
                    ledger.execute(statement)


def _bring_to_today(ledger: sqlite3.Connection) -> None:
    """Bring a ledger from before to the form of today, once, whoever else does so at the same time."""
    with transaction(ledger):
        form = ledger.execute("PRAGMA application_id").fetchone()[0]
        if form == WITHOUT_PARTS:
            for name in ADDED:
                ledger.execute(f"ALTER TABLE booking ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
        if form != APPLICATION_ID:
            for statement in OF_ACCOUNT:
                ledger.execute(statement)
            ledger.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
