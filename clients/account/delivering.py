"""Delivers what the account booked to a ledger of clients.provisioning, and writes back what became of it.

What a settlement booked for a subscriber is delivered whole or refused whole. INVARIANT: a row leaves the outbox in the
transaction that writes what became of it, after the ledger has it on disk; and the ledger takes an id once. So a kill
between the two delivers again, which changes nothing, and of two that deliver at once the second finds all there.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection as Ledger
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from clients import alike
from clients.account.amounts import Of
from clients.account.database import Database
from clients.account.register import Said
from clients.account.tables import BOOKING, DELIVERED, DELIVERY, FORMER_BOOKING, OUTBOX, REFUSED
from clients.alike import Alike
from clients.provisioning import from_account
from clients.provisioning.from_account import Booking, Settled

PIECE: Final = 1000
"""Rows of the outbox that are delivered in a transaction, or as many as one settlement has."""
SEPARATOR: Final = "\x1f"


class Settlement(NamedTuple):
    """Which bookings: those of an account's revision. ``rows``: of the outbox; none where it was refused before."""

    subscriber_id: str
    account_revision: int
    rows: tuple[int, ...] = ()


@dataclass(slots=True)
class Delivery:
    """What became of bookings: numbers, and quantities by benefit of what was added and taken back."""

    delivered: int = 0
    refused: int = 0
    why: Alike = alike.NONE
    added: Counter[Of] = field(default_factory=Counter)
    taken_back: Counter[Of] = field(default_factory=Counter)


def waiting(connection: Connection) -> int:
    """Rows of the outbox."""
    return int(connection.execute(select(func.count()).select_from(OUTBOX)).scalar_one())


def booking_id(subscriber_id: str, account_revision: int, outage_id: str, benefit: str, cycle_started_at: int) -> str:
    """Of a booking, the same whenever it is delivered."""
    parts = ("makegood-booking-1", subscriber_id, str(account_revision), outage_id, benefit, str(cycle_started_at))
    return hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()[:32]


def deliver(database: Database, ledger: Ledger, name: str, said: Said, *, again: bool, show: Callable[[int], None]) -> Delivery:
    """All that waits; ``again``: also what was refused before. ``name``: of the ledger. ``show`` hears of rows."""
    found, seen = Delivery(), 0
    before = database.read(refused) if again else []
    for start in range(0, len(before), PIECE):
        _deliver(database, ledger, name, said, before[start : start + PIECE], found)
    while some := database.read(_next):
        _deliver(database, ledger, name, said, some, found)
        seen += sum(len(each.rows) for each in some)
        show(seen)
    return found


def _deliver(database: Database, ledger: Ledger, name: str, said: Said, some: Sequence[Settlement], found: Delivery) -> None:
    settled = database.read(lambda connection: _settled(connection, some))
    outcomes = from_account.put(ledger, settled, said.at)
    written = database.write(lambda connection: _write_back(connection, some, outcomes, name, said))
    for each, of, why in zip(some, settled, outcomes, strict=True):
        if each not in written:
            continue
        if why:
            found.refused += len(of.bookings)
            found.why = found.why.plus(alike.of([(found.refused, why)]))
            continue
        found.delivered += len(of.bookings)
        for booking in of.bookings:
            sums = found.added if booking.quantity > 0 else found.taken_back
            sums[Of(booking.kind, booking.benefit, booking.currency_code)] += abs(booking.quantity)


def _next(connection: Connection) -> list[Settlement]:
    """Settlements that wait, the first first; each whole."""
    number = PIECE
    while True:
        query = select(OUTBOX.c.sequence, OUTBOX.c.subscriber_id, OUTBOX.c.account_revision)
        rows = connection.execute(query.order_by(OUTBOX.c.sequence).limit(number)).all()
        groups: dict[tuple[str, int], list[int]] = {}
        for sequence, who, revision in rows:
            groups.setdefault((who, revision), []).append(sequence)
        if len(rows) == number:  # the last may go on
            if len(groups) == 1:
                number *= 2
                continue
            groups.popitem()
        return [Settlement(who, revision, tuple(sequences)) for (who, revision), sequences in groups.items()]


def refused(connection: Connection) -> list[Settlement]:
    """What was refused, and never delivered since."""
    done = DELIVERY.alias()
    same = (done.c.subscriber_id == DELIVERY.c.subscriber_id) & (done.c.account_revision == DELIVERY.c.account_revision)
    key = (DELIVERY.c.subscriber_id, DELIVERY.c.account_revision)
    delivered = select(done.c.attempt).where(same & (done.c.outcome == DELIVERED)).exists()
    query = select(*key).where((DELIVERY.c.outcome == REFUSED) & ~delivered).distinct().order_by(*key)
    return [Settlement(who, revision) for who, revision in connection.execute(query)]


def _settled(connection: Connection, some: Sequence[Settlement]) -> list[Settled]:
    """Their bookings, as they are delivered."""
    wanted = {(each.subscriber_id, each.account_revision) for each in some}
    ids = sorted({each.subscriber_id for each in some})
    bookings: dict[tuple[str, int], list[Booking]] = {}
    for row in _of(connection, BOOKING, ids):
        key = (row.subscriber_id, row.account_revision)
        if key in wanted:
            bookings.setdefault(key, []).append(_booking(row))
    keys: dict[str, set[str]] = {}
    for row in _of(connection, FORMER_BOOKING, ids):
        keys.setdefault(row.subscriber_id, set()).add(row.grant_key)
    return [
        Settled(tuple(sorted(bookings[each.subscriber_id, each.account_revision])), frozenset(keys.get(each.subscriber_id, ())))
        for each in some
    ]


def _booking(row: Any) -> Booking:
    return Booking(
        booking_id(row.subscriber_id, row.account_revision, row.outage_id, row.benefit, row.cycle_started_at),
        row.subscriber_id,
        row.benefit,
        row.kind,
        row.quantity,
        row.currency_code,
        row.valid_for_seconds,
        row.outage_id,
        f"{row.cycle_started_at}/{row.cycle_ended_at}",
        row.account_revision,
    )


def _write_back(
    connection: Connection, some: Sequence[Settlement], outcomes: Sequence[str], name: str, said: Said
) -> frozenset[Settlement]:
    """Of which it was written; of what another wrote meanwhile, nothing is."""
    sequences = [sequence for each in some for sequence in each.rows]
    there = set(connection.execute(select(OUTBOX.c.sequence).where(OUTBOX.c.sequence.in_(sequences))).scalars())
    last: dict[tuple[str, int], tuple[int, str]] = {}
    for row in _of(connection, DELIVERY, sorted({each.subscriber_id for each in some})):
        last[row.subscriber_id, row.account_revision] = (row.attempt, row.outcome)
    written, rows = set[Settlement](), list[dict[str, Any]]()
    for each, why in zip(some, outcomes, strict=True):
        attempt, outcome = last.get((each.subscriber_id, each.account_revision), (0, ""))
        if outcome == DELIVERED or not there.issuperset(each.rows):
            continue
        written.add(each)
        rows.append(
            {
                "subscriber_id": each.subscriber_id,
                "account_revision": each.account_revision,
                "attempt": attempt + 1,
                "outcome": REFUSED if why else DELIVERED,
                "why": why,
                "ledger": name,
                "said_by": said.by,
                "said_at": said.at,
            }
        )
    if rows:
        connection.execute(insert(DELIVERY), rows)
        gone = [sequence for each in written for sequence in each.rows]
        connection.execute(delete(OUTBOX).where(OUTBOX.c.sequence.in_(gone)))
    return frozenset(written)


def _of(connection: Connection, table: Any, ids: Iterable[str]) -> Sequence[Any]:
    query = select(table).where(table.c.subscriber_id.in_(ids))
    return connection.execute(query.order_by(*table.primary_key.columns)).all()
