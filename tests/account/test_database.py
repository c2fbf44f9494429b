"""The account's database: alike on SQLite and PostgreSQL, written whole or not at all, refused where it is something else."""

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from clients.account import erasing, reading, register, settling, store, tables, verifying
from clients.account.database import Database, opened
from clients.account.records import Account, Answer, Cycle, Question, Work
from clients.account.register import Said
from clients.account.store import Moved, Written
from clients.errors import BadInput, LedgerUnusable
from clients.provisioning import ledger as of_provisioning
from makegood.v1 import facts_pb2
from tests.account.kept_in import SUBSCRIBER
from tests.account.simple_service import HOUR, MOST_IN_CYCLE, SimpleService

NOW = 130 * HOUR
SAID = Said("a test", "to see", 1)
WRITTEN = Written("a test", "to see", "a-policy", NOW, 1)
FACTS = facts_pb2.Subscriber(data_remaining_bytes=1).SerializeToString()
WORK = Work(NOW, FACTS, cycles=(Cycle(0, 200 * HOUR),))


def outage(outage_id: str, start: int, hours: int) -> facts_pb2.Outage:
    made = facts_pb2.Outage(outage_id=outage_id, cause=facts_pb2.CAUSE_SOFTWARE_FAULT)
    made.started_at.seconds, made.ended_at.seconds = start * HOUR, (start + hours) * HOUR
    return made


def enter(database: Database, *outages: facts_pb2.Outage) -> None:
    database.write(lambda connection: register.enter(connection, [register.entry([each]) for each in outages], SAID))


def booked(database: Database) -> int:
    return sum(
        quantity
        for place, quantity in database.read(lambda connection: reading.booked(connection, SUBSCRIBER)).items()
        if place.benefit == "data"
    )


def _execute(statement: Any, connection: Connection) -> None:
    connection.execute(statement)


def test_migrations_make_the_tables_that_the_program_writes(database: Database) -> None:
    def compared(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), tables.METADATA)

    assert database.read(compared) == []


_NOT_WRITTEN_BY_IT: Final = (
    "recourse", "over_granted", "outage_before", "threshold", "closed_period", "tombstone", "desk_claim", "verdict",
    "verdict_amount", "former_booking", "former_place", "delivery",
    "granted_elsewhere",
)  # fmt: skip
"""Tables in which a settlement of these two outages leaves no row to be changed."""


@pytest.mark.parametrize("name", tables.APPENDED)
def test_rows_that_are_only_added_to_cannot_be_changed_or_taken_away(database: Database, name: str) -> None:
    """The database itself refuses, whatever program asks."""
    enter(database, outage("o1", 1, 9), outage("o2", 20, 9))
    settling.run(database, SUBSCRIBER, WORK, SimpleService(claws_back=False), WRITTEN)
    table = tables.METADATA.tables[name]
    if name in _NOT_WRITTEN_BY_IT:
        row = {column.name: {int: 0, bool: True}.get(column.type.python_type, "x") for column in table.columns}
        database.write(lambda connection: connection.execute(insert(table), row))
    column = next(iter(table.primary_key.columns))
    for statement in (delete(table), update(table).values({column.name: column})):
        with pytest.raises(LedgerUnusable, match="only added to"):
            database.write(partial(_execute, statement))


def test_running_again_writes_no_row_at_all(database: Database) -> None:
    enter(database, outage("o1", 1, 9))
    service = SimpleService(claws_back=False)

    def rows(connection: Connection) -> dict[str, int]:
        return {name: len(connection.execute(select(table)).all()) for name, table in tables.METADATA.tables.items()}

    settling.run(database, SUBSCRIBER, WORK, service, WRITTEN)
    before = database.read(rows)
    settling.run(database, SUBSCRIBER, replace(WORK, everything=True), service, WRITTEN)
    assert database.read(rows) == before
    assert before["booking"] == before["outbox"] == 2


def test_a_settlement_of_an_older_account_is_not_written(database: Database) -> None:
    enter(database, outage("o1", 1, 9))
    service = SimpleService(claws_back=False)
    outages = database.read(settling.Outages.read)
    account, settlement = settling.propose(database, outages, SUBSCRIBER, WORK, service)
    database.write(lambda connection: store.write(connection, account, settlement, WRITTEN))
    with pytest.raises(Moved):
        database.write(lambda connection: store.write(connection, account, settlement, WRITTEN))
    assert booked(database) == 90


@pytest.mark.parametrize("how", ["the person", "by age"])
def test_what_was_worked_out_before_facts_were_erased_does_not_bring_them_back(database: Database, how: str) -> None:
    enter(database, outage("o1", 1, 9))
    service = SimpleService(claws_back=False)
    settling.run(database, SUBSCRIBER, WORK, service, WRITTEN)
    enter(database, outage("o1", 1, 10))
    outages = database.read(settling.Outages.read)
    account, settlement = settling.propose(database, outages, SUBSCRIBER, WORK, service)
    if how == "by age":
        assert database.write(lambda connection: erasing.retain(connection, WRITTEN.at + 1, SAID)) == 1
    else:
        assert database.write(lambda connection: erasing.erase(connection, SUBSCRIBER, SAID))
        with pytest.raises(BadInput, match="the facts of this person were erased"):
            settling.run(database, SUBSCRIBER, WORK, service, WRITTEN)
    with pytest.raises(Moved):
        database.write(lambda connection: store.write(connection, account, settlement, WRITTEN))
    assert database.read(lambda connection: connection.execute(select(tables.PERSON_FACT)).all()) == []
    assert database.read(verifying.problems) == []


def test_what_the_policy_leaves_to_a_person_stands_in_the_queue_until_it_is_decided_otherwise(database: Database) -> None:
    """It is decided, and holds nothing else of the cycle back; it stays there as long as it is so, since it came to be."""
    enter(database, outage("o1", 1, 9), outage("o2", 20, 3))
    simple = SimpleService(claws_back=False)

    def at_discretion(question: Question) -> Answer:
        answer = simple(question)
        if question.cycle is None or "o1" not in {each.outage_id for each in question.outages}:
            return answer
        return replace(answer, outcome="NEEDS_REVIEW", reasons=("AMOUNT_AT_DISCRETION",), grants=(), due={})

    def queue() -> list[tuple[str, str, str, int]]:
        at = tables.WAITING.c
        rows = select(at.outage_id, at.outcome, at.why, at.since)
        return database.read(lambda connection: [tuple(row) for row in connection.execute(rows)])

    settling.run(database, SUBSCRIBER, WORK, at_discretion, WRITTEN)
    assert booked(database) == 30
    assert queue() == [("o1", "NEEDS_REVIEW", "AMOUNT_AT_DISCRETION", 1)]
    settling.run(database, SUBSCRIBER, replace(WORK, everything=True), at_discretion, replace(WRITTEN, at=2))
    assert queue() == [("o1", "NEEDS_REVIEW", "AMOUNT_AT_DISCRETION", 1)]
    settling.run(database, SUBSCRIBER, replace(WORK, everything=True), simple, replace(WRITTEN, at=3))
    assert (booked(database), queue()) == (120, [])


def test_a_revision_that_comes_between_asking_and_booking_stays_new(database: Database) -> None:
    enter(database, outage("o1", 1, 5))
    service = SimpleService(claws_back=False)
    outages = database.read(settling.Outages.read)
    account, settlement = settling.propose(database, outages, SUBSCRIBER, WORK, service)
    enter(database, outage("o1", 1, 9))
    database.write(lambda connection: store.write(connection, account, settlement, WRITTEN))
    assert database.read(verifying.new_outages) == [(SUBSCRIBER, "o1", 1, 2)]
    settling.run(database, SUBSCRIBER, WORK, service, WRITTEN)
    assert booked(database) == 90
    assert database.read(verifying.new_outages) == []


def test_runs_at_once_on_different_outages_keep_the_cycle_s_cap(ledger: str) -> None:
    """Three outages of 100, 100 and 50, a cap of 150, and all four runs begin at one time: whoever is late asks again."""
    with opened(ledger, create=True) as database:
        enter(database, outage("o1", 1, 10), outage("o2", 20, 10), outage("o3", 40, 5))
    together = threading.Barrier(4)
    failed: list[BaseException] = []

    def settle(scope: frozenset[str] | None) -> None:
        service = SimpleService(claws_back=True)
        first = True

        def ask(question: Question) -> Answer:
            nonlocal first
            if first:
                first = False
                together.wait(timeout=30)
            return service(question)

        try:
            with opened(ledger, create=True) as database:
                settling.run(database, SUBSCRIBER, replace(WORK, scope=scope), ask, WRITTEN)
        except BaseException as error:  # noqa: BLE001 -- told to the test
            failed.append(error)

    scopes = (frozenset(("o1",)), frozenset(("o2",)), frozenset(("o3",)), None)
    threads = [threading.Thread(target=settle, args=(scope,)) for scope in scopes]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failed
    with opened(ledger, create=False) as database:
        assert booked(database) == MOST_IN_CYCLE
        account = database.read(lambda connection: reading.account(connection, SUBSCRIBER))
        sums = {place.outage_id: quantity for place, quantity in account.booked.items() if place.benefit == "data"}
        assert sums == {"o1": 100, "o2": 50}
        assert account.kept.keys() == {"o1", "o2", "o3"}
        assert database.read(verifying.problems) == []


def test_what_fails_in_the_middle_leaves_nothing(database: Database) -> None:
    enter(database, outage("o1", 1, 9))
    account, settlement = settling.propose(
        database, database.read(settling.Outages.read), SUBSCRIBER, WORK, SimpleService(claws_back=False)
    )

    def broken(connection: Connection) -> None:
        store.write(connection, account, settlement, WRITTEN)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        database.write(broken)
    assert database.read(lambda connection: reading.account(connection, SUBSCRIBER)) == Account(SUBSCRIBER)


def test_what_is_read_is_what_was_settled(database: Database) -> None:
    """Facts, areas, cycles, how it was decided: all of what a later settlement reads comes back as it was."""
    enter(database, outage("o1", 1, 9))
    work = replace(WORK, areas=())
    found = settling.run(database, SUBSCRIBER, work, SimpleService(claws_back=True), WRITTEN)
    account = database.read(lambda connection: reading.account(connection, SUBSCRIBER))
    assert account.kept == found.kept
    assert account.cycles == found.cycles == WORK.cycles
    assert account.claws_back
    assert account.booked == found.bookings


def test_facts_of_a_person_stand_apart(database: Database) -> None:
    """Without the tables of persons, amounts and decisions still stand, and nothing in them holds the facts."""
    enter(database, outage("o1", 1, 9))
    settling.run(database, SUBSCRIBER, WORK, SimpleService(claws_back=False), WRITTEN)
    holding: list[str] = []

    def look(connection: Connection) -> None:
        for name, table in tables.METADATA.tables.items():
            for row in connection.execute(select(table)):
                holding.extend(name for value in row if isinstance(value, bytes) and FACTS in value)

    database.read(look)
    assert set(holding) == {"person_fact"}


# Files of SQLite.


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account.sqlite"


def test_only_its_owner_reads_a_file_and_its_journals(path: Path) -> None:
    previous = os.umask(0o000)
    try:
        with opened(str(path), create=True) as database:
            enter(database, outage("o1", 1, 9))
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    finally:
        os.umask(previous)
    assert "account.sqlite-wal" in modes
    assert set(modes.values()) == {0o600}


def test_what_is_reported_as_booked_survives_a_power_cut(path: Path) -> None:
    with opened(str(path), create=True) as database:

        def settings(connection: Connection) -> list[object]:
            return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")]

        assert database.read(settings) == ["wal", 2]


def test_a_transaction_that_writes_takes_the_lock_at_its_start(path: Path) -> None:
    with opened(str(path), create=True) as database:

        def locked(connection: Connection) -> None:
            with closing(sqlite3.connect(path, timeout=0)) as other, pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")

        database.write(locked)


def test_a_ledger_that_stays_locked_is_named(path: Path) -> None:
    with opened(str(path), create=True):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnusable, match="locked by another program"), opened(str(path), create=True, wait_seconds=0.1):
            pass


def _of_provisioning(path: Path) -> None:
    with of_provisioning.opened(path, write=True, wait_seconds=1):
        pass


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE customers (name TEXT)")


def _newer(path: Path) -> None:
    with opened(str(path), create=True) as database:
        database.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))


def _corrupt(path: Path) -> None:
    path.write_bytes(b"not a database, and long enough to be looked at as one" * 100)


BAD = {
    "a ledger of clients.provisioning": _of_provisioning,
    "a database of something else": _foreign,
    "newer form": _newer,
    "cannot be used": _corrupt,
}


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("says", BAD)
def test_what_is_no_account_is_refused_and_left_as_it_is(path: Path, says: str, create: bool) -> None:
    make: Callable[[Path], None] = BAD[says]
    make(path)
    before = path.read_bytes()
    with pytest.raises(LedgerUnusable, match=says), opened(str(path), create=create):
        pass
    assert path.read_bytes() == before


def test_a_ledger_that_is_not_there_is_not_made_by_reading(path: Path) -> None:
    with pytest.raises(LedgerUnusable, match="No such file"), opened(str(path), create=False):
        pass
    assert not path.exists()


@pytest.mark.parametrize(
    ("ledger", "says"),
    [("mysql://localhost/a", "a file of SQLite or a postgresql:// URL"), ("postgresql://localhost:1/none", "cannot be used")],
)
def test_a_database_that_cannot_be_used_is_named(ledger: str, says: str) -> None:
    with pytest.raises(LedgerUnusable, match=says), opened(ledger, create=True, wait_seconds=1):
        pass


def test_a_password_is_never_said() -> None:
    with pytest.raises(LedgerUnusable) as caught, opened("postgresql://me:secret@localhost:1/none", create=True):
        pass
    assert "secret" not in str(caught.value)


def test_errors_of_a_database_are_not_hidden(database: Database) -> None:
    with pytest.raises(LedgerUnusable) as caught:
        database.read(lambda connection: connection.execute(text("SELECT * FROM nowhere")))
    assert isinstance(caught.value.__cause__, DBAPIError)


@pytest.mark.parametrize("then", ["nothing", "the rollback fails"])
def test_who_stops_a_run_is_not_told_that_the_ledger_cannot_be_used(database: Database, then: str) -> None:
    """What is under way is cancelled, and may fail as it is rolled back."""

    def work(connection: Connection) -> None:
        connection.execute(select(tables.RUN))
        try:
            raise KeyboardInterrupt
        finally:
            if then != "nothing":
                connection.execute(text("select no_such_column from run"))

    with pytest.raises(KeyboardInterrupt):
        database.write(work)
