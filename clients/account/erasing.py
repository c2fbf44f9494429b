"""Takes the facts of persons out of an account. Amounts stay, and a tombstone says what is gone, since when, and who said so.

What a person can be known by stands in the tables that begin with ``person_``, and in the times of claims. Without them nothing
that was decided can be decided again: an outage that is revised later waits for a person.

INVARIANT: an account from which facts are taken is at its next revision, so that what was worked out with them before is not
written after.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from clients.account import reading, tables
from clients.account.register import Said

GONE: Final = "the facts of this person were erased; nothing is decided for that id any more"
EVERYTHING: Final = ""


def erase(connection: Connection, subscriber_id: str, said: Said) -> bool:
    """All of a person. False where it was erased before, or the account does not know it."""
    at = tables.ACCOUNT.c
    known = connection.execute(select(at.revision).where(at.subscriber_id == subscriber_id)).scalar_one_or_none()
    if known is None or erased(connection, [subscriber_id]):
        return False
    _move(connection, at.subscriber_id == subscriber_id)
    of_person = (tables.PERSON_FACT, tables.PERSON_QUESTION, tables.PERSON_CLAIM, tables.PERSON_WAITING)
    for table in (*of_person, tables.CLAIM, tables.WAITING):
        connection.execute(delete(table).where(table.c.subscriber_id == subscriber_id))
    _tombstones(connection, [(subscriber_id, EVERYTHING)], said)
    return True


def retain(connection: Connection, kept_before: int, said: Said) -> int:
    """Only what was decided at ``kept_before`` or later keeps its facts. Returns of how many outages they were erased."""
    fact, asked = tables.PERSON_FACT.c, tables.PERSON_QUESTION
    old = select(fact.subscriber_id, fact.outage_id).where(fact.kept_at < kept_before)
    gone = [(who, outage_id) for who, outage_id in connection.execute(old)]
    whose = select(fact.subscriber_id).where(fact.kept_at < kept_before)
    _move(connection, tables.ACCOUNT.c.subscriber_id.in_(whose))
    connection.execute(delete(tables.PERSON_FACT).where(fact.kept_at < kept_before))
    for table in (asked, tables.PERSON_CLAIM, tables.PERSON_WAITING):
        connection.execute(delete(table).where(table.c.kept_at < kept_before))
    _tombstones(connection, gone, said)
    return len(gone)


def erased(connection: Connection, subscriber_ids: Collection[str]) -> set[str]:
    """Whose facts were erased as a whole."""
    at = tables.TOMBSTONE.c
    of_ids = reading.among(connection, at.subscriber_id, subscriber_ids) & (at.outage_id == EVERYTHING)
    return set(connection.execute(select(at.subscriber_id).where(of_ids)).scalars())


def _move(connection: Connection, whose: ColumnElement[bool]) -> None:
    connection.execute(update(tables.ACCOUNT).where(whose).values(revision=tables.ACCOUNT.c.revision + 1))


def _tombstones(connection: Connection, gone: Iterable[tuple[str, str]], said: Said) -> None:
    rows: list[dict[str, Any]] = [
        {"subscriber_id": who, "outage_id": outage_id, "erased_at": said.at, "said_by": said.by, "reason": said.reason}
        for who, outage_id in gone
    ]
    if rows:
        connection.execute(insert(tables.TOMBSTONE), rows)
