"""Holds the account against itself and against the register: what has to be true of any account, whatever happened to it."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select, true

from clients.account import finance, reading, run_records, tables, telling, telling_runs
from clients.account.records import UNKNOWN_CYCLE
from clients.account.register import WITHDRAWN


def problems(connection: Connection) -> list[str]:
    """Each a sentence that names the subscriber or outage; none where all holds."""
    return [
        *_below_zero(connection),
        *_beyond_revision(connection),
        *_unknown_outages(connection),
        *_overlapping(connection),
        *_not_as_closed(connection),
        *_not_as_counted(connection),
        *_lost_on_the_way(connection),
    ]


def new_outages(connection: Connection) -> list[tuple[str, str, int, int]]:
    """What a run has still to decide again: subscriber, outage, revision that was decided, revision in the register."""
    newest = select(tables.OUTAGE_REVISION.c.outage_id, func.max(tables.OUTAGE_REVISION.c.revision).label("revision"))
    last = newest.group_by(tables.OUTAGE_REVISION.c.outage_id).subquery()
    kept = tables.KEPT.c
    query = (
        select(kept.subscriber_id, kept.outage_id, kept.outage_revision, last.c.revision)
        .join(last, kept.outage_id == last.c.outage_id)
        .where((kept.outage_revision < last.c.revision) | kept.unsettled)
        .order_by(kept.subscriber_id, kept.outage_id)
    )
    found = [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]
    return sorted([*found, *_taken_over_and_revised(connection, last)])


def _taken_over_and_revised(connection: Connection, last: Any) -> Iterator[tuple[str, str, int, int]]:
    """The same of what a ledger of before booked, and the account has not decided."""
    at, former, kept, newest_of = tables.BOOKING.c, tables.FORMER_BOOKING.c, tables.KEPT.c, tables.OUTAGE_REVISION.c
    same = (at.subscriber_id == former.subscriber_id) & (at.account_revision == former.account_revision)
    decided = (kept.subscriber_id == at.subscriber_id) & (kept.outage_id == at.outage_id)
    newest = (newest_of.outage_id == last.c.outage_id) & (newest_of.revision == last.c.revision)
    query = (
        select(at.subscriber_id, at.outage_id, former.outage_revisions, last.c.revision, newest_of.state)
        .join(tables.FORMER_BOOKING, same)
        .join(last, at.outage_id == last.c.outage_id)
        .join(tables.OUTAGE_REVISION, newest)
        .join(tables.KEPT, decided, isouter=True)
        .where(kept.outage_id.is_(None) & (last.c.revision > 1))
    )
    for who, outage_id, revisions, revision, state in connection.execute(query.distinct()):
        decided_in = json.loads(revisions).get(outage_id, 1)
        if decided_in < revision and not (state == WITHDRAWN and _nothing_stands(connection, who, outage_id)):
            yield who, outage_id, decided_in, revision


def _nothing_stands(connection: Connection, who: str, outage_id: str) -> bool:
    """Whether what was booked for an outage was taken back, or told as over-granted: no facts are wanted for that."""
    stands: Counter[str] = Counter()
    for place, quantity in reading.booked(connection, who).items():
        stands[place.benefit] += quantity if place.outage_id == outage_id else 0
    for place, quantity in reading.over_granted(connection, [who]).get(who, {}).items():
        stands[place.benefit] -= quantity if place.outage_id == outage_id else 0
    return not any(stands.values())


def _below_zero(connection: Connection) -> Iterator[str]:
    at = tables.BOOKING.c
    key = (at.subscriber_id, at.outage_id, at.benefit, at.cycle_started_at)
    # What was taken over stands there without its cycle.
    taken_over = {
        (who, outage_id, benefit, start): int(quantity)
        for who, outage_id, benefit, start, quantity in connection.execute(_found_to_lie())
    }
    for row in connection.execute(select(*key, func.sum(at.quantity)).group_by(*key).having(func.sum(at.quantity) < 0)):
        if row[4] + taken_over.get(tuple(row[:4]), 0) >= 0:
            continue
        yield f"subscriber {row[0]}: of {row[2]} for outage {row[1]} more was taken back than was booked"
    due = tables.RECOURSE.c
    key_of_party = (due.subscriber_id, due.outage_id, due.party, due.currency_code)
    sums = select(*key_of_party).group_by(*key_of_party).having(func.sum(due.amount_minor) < 0)
    for who, outage_id, party, _ in connection.execute(sums):
        yield f"subscriber {who}: {party or 'a party without a name'} was credited more for outage {outage_id} than it owed"


def _found_to_lie() -> Any:
    """Sums of what was taken over by the cycle in which it was found to lie, or that it is for as a whole."""
    at, former, place = tables.BOOKING.c, tables.FORMER_BOOKING, tables.FORMER_PLACE
    same = (at.subscriber_id == former.c.subscriber_id) & (at.account_revision == former.c.account_revision)
    found = (place.c.subscriber_id == former.c.subscriber_id) & (place.c.account_revision == former.c.account_revision)
    start = func.coalesce(former.c.cycle_started_at, place.c.cycle_started_at)
    key = (at.subscriber_id, at.outage_id, at.benefit, start)
    joined = tables.BOOKING.join(former, same).outerjoin(place, found)
    return select(*key, func.sum(at.quantity)).select_from(joined).where(start.is_not(None)).group_by(*key)


def _beyond_revision(connection: Connection) -> Iterator[str]:
    """A row of a revision that the account never had was written by something else."""
    for table in (
        tables.BOOKING,
        tables.RECOURSE,
        tables.DECISION,
        tables.OVER_GRANTED,
        tables.CLAIM,
        tables.KEPT,
        tables.VERDICT,
    ):
        beyond = (tables.ACCOUNT.c.revision.is_(None)) | (table.c.account_revision > tables.ACCOUNT.c.revision)
        joined = table.outerjoin(tables.ACCOUNT, tables.ACCOUNT.c.subscriber_id == table.c.subscriber_id)
        for (who,) in connection.execute(select(table.c.subscriber_id).select_from(joined).where(beyond).distinct()):
            yield f"subscriber {who}: {table.name} holds a row of a revision that the account does not have"


def _unknown_outages(connection: Connection) -> Iterator[str]:
    known = select(tables.OUTAGE_REVISION.c.outage_id)
    for table in (tables.BOOKING, tables.KEPT, tables.RECOURSE):
        unknown = select(table.c.outage_id).where(table.c.outage_id.not_in(known))
        if table is tables.BOOKING:  # what was taken over is told of by itself
            unknown = unknown.where(table.c.cycle_started_at != UNKNOWN_CYCLE.start)
        for (outage_id,) in connection.execute(unknown.distinct().order_by(table.c.outage_id)):
            yield f"outage {outage_id} of {table.name} is not in the register"
    kept, at = tables.KEPT.c, tables.OUTAGE_REVISION.c
    newest = select(func.max(at.revision)).where(at.outage_id == kept.outage_id).scalar_subquery()
    for row in connection.execute(select(kept.subscriber_id, kept.outage_id).where(kept.outage_revision > newest)):
        yield f"subscriber {row[0]}: outage {row[1]} was decided in a revision that the register does not have"


def _overlapping(connection: Connection) -> Iterator[str]:
    one, other = tables.ACCOUNT_CYCLE.alias(), tables.ACCOUNT_CYCLE.alias()
    same = (one.c.subscriber_id == other.c.subscriber_id) & (one.c.started_at < other.c.started_at)
    for (who,) in connection.execute(
        select(one.c.subscriber_id).join(other, same).where(other.c.started_at < one.c.ended_at).distinct()
    ):
        yield f"subscriber {who}: billing cycles overlap"


def _not_as_closed(connection: Connection) -> Iterator[str]:
    """What was closed is what was there when it was closed."""
    for closed in finance.closings(connection):
        if finance.fingerprint(connection, closed.until) != (closed.bookings, closed.sha256):
            yield f"the period that was closed until {telling.when(closed.until)} does not hold what it held then"


def _not_as_counted(connection: Connection) -> Iterator[str]:
    """What a run counted as it went on is what the ledger holds of it."""
    for run in run_records.everything(connection):
        held = {of: amount for of, amount, _ in telling_runs.held(connection, run.run_id)}
        if run.state == run_records.FINISHED and held != {of: n for of, n in run.counted.booked.items() if any(n)}:
            yield f"run {run.run_id} does not hold what it counted"


def _lost_on_the_way(connection: Connection) -> Iterator[str]:
    """What was booked waits in the outbox, was delivered or refused, or came from a ledger that had it already."""
    at = tables.BOOKING.c
    joined: Any = tables.BOOKING
    missing: Any = true()
    for table in (tables.OUTBOX, tables.DELIVERY, tables.FORMER_BOOKING):
        key = select(table.c.subscriber_id, table.c.account_revision).distinct().subquery()
        same = (key.c.subscriber_id == at.subscriber_id) & (key.c.account_revision == at.account_revision)
        joined, missing = joined.outerjoin(key, same), missing & key.c.subscriber_id.is_(None)
    query = select(at.subscriber_id, at.account_revision).select_from(joined).where(missing)
    for who, revision in connection.execute(query.distinct().order_by(at.subscriber_id, at.account_revision)):
        yield f"subscriber {who}: what was booked at revision {revision} neither waits to be delivered nor was"
