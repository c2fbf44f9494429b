"""Writes settlements, many in one transaction, each against the revision of the account that it was worked out on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Delete, Insert, Table, Update, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import registry
from sqlalchemy.sql.compiler import SQLCompiler

from clients.account import reading, rows, tables
from clients.account.records import Account, Settlement
from clients.account.rows import Row, Rows

NO_RUN: Final = 0


class Moved(Exception):
    """An account is at another revision than the one that was asked about; nothing was written. It is to be asked again."""


@dataclass(frozen=True, slots=True)
class Written:
    """Who settles, why, under which policy; the record is looked at ``as_of`` and written ``at``."""

    by: str
    reason: str
    policy_id: str
    as_of: int
    at: int
    texts: Mapping[str, str] = field(default_factory=dict)
    """Of the policy's versions, by SHA-256 of their canonical form."""
    run_id: int = NO_RUN


def write(connection: Connection, account: Account, settlement: Settlement, written: Written) -> None:
    """Book what is missing in one account. Raises Moved."""
    write_all(connection, rows.of([(account, settlement)], written.policy_id), written)


def write_all(connection: Connection, found: Rows, written: Written) -> None:
    """Book what is missing in all of them. Raises Moved where any of the accounts has moved.

    INVARIANT: what an account was read with still holds. The database serializes, so that one comparison shows it.
    """
    ids = list(found.revisions)
    of_ids = reading.among(connection, tables.ACCOUNT.c.subscriber_id, ids)
    revisions = dict(connection.execute(select(*_REVISION).where(of_ids)).all())
    if any(revisions.get(who, 0) != revision for who, revision in found.revisions.items()):
        raise Moved
    last = _last_columns(connection, written)
    for name, pairs in found.gone.items():
        _take_away(connection, tables.METADATA.tables[name], pairs)
    _many(connection, _moving, tables.ACCOUNT, [(*rest, who) for who, *rest in found.moved])
    for name, new in found.added.items():
        _insert(connection, tables.METADATA.tables[name], new, last.get(name, ()))
    _write_waiting(connection, found, last[tables.WAITING.name])
    _write_texts(connection, found, written.texts)


_REVISION: Final = (tables.ACCOUNT.c.subscriber_id, tables.ACCOUNT.c.revision)


def _last_columns(connection: Connection, written: Written) -> dict[str, Row]:
    """What all rows of a table end with."""
    # A correction of what was closed is booked in the period that is open, whatever the clock says.
    closed = connection.execute(select(func.max(tables.CLOSED_PERIOD.c.closed_until))).scalar_one()
    booked_at = max(written.at, closed or 0)
    said = (written.by, written.reason)
    booked = (written.run_id, booked_at, written.as_of, *said)
    return {
        tables.BOOKING.name: booked,
        tables.RECOURSE.name: booked,
        tables.OUTBOX.name: (booked_at,),
        tables.PERSON_FACT.name: (written.at,),
        tables.PERSON_QUESTION.name: (written.at,),
        tables.DECISION.name: (written.as_of, written.at, *said),
        tables.VERDICT.name: (*said, written.at),
        tables.WAITING.name: (written.at, written.by),
    }


def _write_waiting(connection: Connection, found: Rows, last: Row) -> None:
    """Why outages stay new, or need a person. It is no part of the account's history: what is there is what waits now."""
    there = {(who, each): (outcome, why) for who, each, outcome, why, *_ in _there(connection, tables.WAITING, found)}
    now = {(who, each): wait[:2] for who, waits in found.waits.items() for each, wait in waits.items()}
    settled = {key for key in there if key[1] in found.kept[key[0]]}
    _put(connection, tables.WAITING, there, now, settled, last)
    if not there and not now:
        return
    known = {(who, each): (areas,) for who, each, areas, _ in _there(connection, tables.PERSON_WAITING, found)}
    told = {
        (who, each): (wait[2],) for who, waits in found.waits.items() for each, wait in waits.items() if wait[2] is not None
    }
    _put(connection, tables.PERSON_WAITING, known, told, settled - now.keys(), last[:1])


def _there(connection: Connection, table: Table, found: Rows) -> Sequence[Any]:
    return reading.rows(connection, table, found.revisions)


def _put(
    connection: Connection,
    table: Table,
    there: Mapping[tuple[str, str], Row],
    now: Mapping[tuple[str, str], Row],
    gone: Collection[tuple[str, str]],
    last: Row,
) -> None:
    """Rows as they are ``now``, by subscriber and outage, and none of what is ``gone``."""
    changed = sorted(key for key in {*now, *gone} if there.get(key) != now.get(key))
    _take_away(connection, table, [key for key in changed if key in there])
    _insert(connection, table, [(*key, *now[key]) for key in changed if key in now], last)


def _write_texts(connection: Connection, found: Rows, texts: Mapping[str, str]) -> None:
    """The text of each version that decided, once for all subscribers."""
    known = tables.POLICY_TEXT.c.sha256
    wanted = sorted(set(found.policies) & set(texts))
    there = set(connection.execute(select(known).where(known.in_(wanted))).scalars()) if wanted else set()
    new = [(sha256, *found.policies[sha256][:2], texts[sha256]) for sha256 in wanted if sha256 not in there]
    _insert(connection, tables.POLICY_TEXT, new)


def _take_away(connection: Connection, table: Table, pairs: Sequence[tuple[str, str]]) -> None:
    _many(connection, _taking_away, table, pairs)


def _insert(connection: Connection, table: Table, new: Sequence[Row], last: Row = ()) -> None:
    _many(connection, _inserting, table, [(*row, *last) for row in new] if last else new)


def _inserting(table: Table) -> tuple[Insert, list[str]]:
    names = [each.name for each in table.columns if each.autoincrement is not True]
    return insert(table).inline().values({name: bindparam(name) for name in names}), names


def _taking_away(table: Table) -> tuple[Delete, list[str]]:
    key = (table.c.subscriber_id == bindparam("subscriber_id")) & (table.c.outage_id == bindparam("outage_id"))
    return delete(table).where(key), ["subscriber_id", "outage_id"]


def _moving(table: Table) -> tuple[Update, list[str]]:
    values: dict[str, Any] = {name: bindparam(name) for name in ("revision", "policy_id", "claws_back")}
    return update(table).where(table.c.subscriber_id == bindparam("who")).values(values), [*values, "who"]


Statement = Callable[[Table], tuple[Insert | Update | Delete, list[str]]]
"""Of a table, with the names of its values."""


def _many(connection: Connection, statement: Statement, table: Table, values: Sequence[Row]) -> None:
    """As the driver takes them: SQLAlchemy looks at every value of each row, which costs more than to write them."""
    if values:
        connection.exec_driver_sql(_text(statement, table, connection.dialect.name), list(values))


@cache
def _text(statement: Statement, table: Table, dialect: str) -> str:
    """What the driver is given, values by their place. To write it takes as long as to insert a hundred rows."""
    of_table, names = statement(table)
    driver, style = ("sqlite.pysqlite", "qmark") if dialect == "sqlite" else ("postgresql.psycopg", "format")
    compiled = of_table.compile(dialect=registry.load(driver)(paramstyle=style))
    assert isinstance(compiled, SQLCompiler)  # INVARIANT: it is no DDL
    assert compiled.positiontup == names  # INVARIANT: values stand in the order of columns
    return str(compiled)
