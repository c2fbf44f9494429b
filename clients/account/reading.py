"""Reads accounts as they stand, many at a time: one question to the database for each table, however many accounts."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import JSON, Column, ColumnElement, Connection, Table, Text, cast, func, literal, select

from clients.account import tables
from clients.account.records import UNKNOWN_CYCLE, Account, Benefit, Claim, Cycle, Due, Former, Kept, Place, Verdict


def account(connection: Connection, subscriber_id: str) -> Account:
    """One account as it stands; one of revision 0 where there is none."""
    return accounts(connection, [subscriber_id])[subscriber_id]


def accounts(connection: Connection, subscriber_ids: Iterable[str]) -> dict[str, Account]:
    """The same of several."""
    return with_bookings(connection, without_bookings(connection, subscriber_ids))


def without_bookings(connection: Connection, subscriber_ids: Iterable[str]) -> dict[str, Account]:
    """What was decided for several, which tells whether anything is new, and not what is booked, claimed or over-granted."""
    wanted = list(dict.fromkeys(subscriber_ids))
    found = {each: Account(each) for each in wanted}
    heads = {row.subscriber_id: row for row in rows(connection, tables.ACCOUNT, wanted)}
    if not heads:
        return found
    there = sorted(heads)
    cycles: dict[str, list[Cycle]] = {}
    for who, *cycle in rows(connection, tables.ACCOUNT_CYCLE, there):
        cycles.setdefault(who, []).append(Cycle(*cycle))
    kept = _kept(connection, there)
    claims = _grouped(rows(connection, tables.CLAIM, there))
    verdicts = _verdicts(connection, there)
    former, elsewhere = _former(connection, there), _elsewhere(connection, there)
    for each, head in heads.items():
        found[each] = Account(
            each,
            head.revision,
            tuple(sorted(cycles.get(each, ()))),
            kept.get(each, {}),
            tuple(sorted(map(_claim, claims.get(each, ())), key=lambda claim: (claim.started_at, claim.claim_id))),
            claws_back=head.claws_back,
            verdicts=verdicts.get(each, {}),
            former=former.get(each, ()),
            elsewhere=elsewhere.get(each, {}),
        )
    return found


def with_bookings(connection: Connection, some: Mapping[str, Account]) -> dict[str, Account]:
    """The rest of them, from the same state of the database."""
    there = sorted(each for each, account in some.items() if account.revision)
    if not there:
        return dict(some)
    sums, due, benefits = _booked(connection, there), _claimed(connection, there), _benefits(connection, there)
    over = over_granted(connection, there)
    found = dict(some)
    for each in there:
        found[each] = replace(
            some[each],
            booked=sums.get(each, {}),
            claimed=due.get(each, {}),
            benefits=benefits.get(each, {}),
            over_granted=over.get(each, {}),
        )
    return found


def booked(connection: Connection, subscriber_id: str) -> dict[Place, int]:
    """Sums of bookings by outage, benefit and cycle, where they are not 0."""
    return _booked(connection, [subscriber_id]).get(subscriber_id, {})


def claimed(connection: Connection, subscriber_id: str) -> dict[Due, int]:
    """Sums of what third parties were asked for, less credit notes, where they are not 0."""
    return _claimed(connection, [subscriber_id]).get(subscriber_id, {})


def over_granted(connection: Connection, subscriber_ids: Sequence[str]) -> dict[str, dict[Place, int]]:
    """By subscriber, what is booked beyond what stands, and stays so, as it was told last."""
    last: dict[str, dict[Place, int]] = {}
    for row in sorted(rows(connection, tables.OVER_GRANTED, subscriber_ids), key=lambda row: row.account_revision):
        place = Place(row.outage_id, row.benefit, Cycle(row.cycle_started_at, row.cycle_ended_at))
        last.setdefault(row.subscriber_id, {})[place] = row.quantity
    return {who: {place: quantity for place, quantity in told.items() if quantity} for who, told in last.items()}


def sums_in_time(connection: Connection, subscriber_id: str, cycle: Cycle, former: Collection[int]) -> dict[str, list[int]]:
    """What a cycle was granted in all of each benefit, after each revision of the account that changed it.

    ``former``: revisions by which former bookings were taken over that lie in it.
    """
    at = tables.BOOKING.c
    of_cycle = (at.cycle_started_at == cycle.start) & (at.cycle_ended_at == cycle.end)
    in_it = (at.subscriber_id == subscriber_id) & (of_cycle | at.account_revision.in_(former))
    by_revision = select(at.benefit, func.sum(at.quantity)).where(in_it).group_by(at.benefit, at.account_revision)
    found: dict[str, list[int]] = {}
    for benefit, quantity in connection.execute(by_revision.order_by(at.account_revision)):
        sums = found.setdefault(benefit, [])
        sums.append((sums[-1] if sums else 0) + int(quantity))
    return found


def elsewhere_in_time(connection: Connection, subscriber_id: str, cycle: Cycle) -> dict[str, list[int]]:
    """What others granted a cycle in all of each benefit, after each time that something was said of it."""
    at = tables.GRANTED_ELSEWHERE.c
    of_cycle = (at.subscriber_id == subscriber_id) & (at.cycle_started_at == cycle.start) & (at.cycle_ended_at == cycle.end)
    query = select(tables.GRANTED_ELSEWHERE).where(of_cycle).order_by(at.account_revision)
    last: dict[tuple[str, str], int] = {}
    found: dict[str, list[int]] = {}
    for row in connection.execute(query):
        last[row.benefit, row.reference] = row.quantity
        total = sum(quantity for (benefit, _), quantity in last.items() if benefit == row.benefit)
        found.setdefault(row.benefit, []).append(total)
    return found


def _elsewhere(connection: Connection, subscriber_ids: Sequence[str]) -> dict[str, dict[tuple[str, Cycle], int]]:
    """What others granted by benefit and cycle, as it was said last."""
    last: dict[tuple[str, str, str, Cycle], int] = {}
    said = rows(connection, tables.GRANTED_ELSEWHERE, subscriber_ids)
    for row in sorted(said, key=lambda row: row.account_revision):
        cycle = Cycle(row.cycle_started_at, row.cycle_ended_at)
        last[row.subscriber_id, row.reference, row.benefit, cycle] = row.quantity
    found: dict[str, dict[tuple[str, Cycle], int]] = {}
    for (who, _, benefit, cycle), quantity in last.items():
        of_one = found.setdefault(who, {})
        of_one[benefit, cycle] = of_one.get((benefit, cycle), 0) + quantity
    return found


def _booked(connection: Connection, subscriber_ids: Sequence[str]) -> dict[str, dict[Place, int]]:
    at = tables.BOOKING.c
    key = (at.subscriber_id, at.outage_id, at.benefit, at.cycle_started_at, at.cycle_ended_at)
    sums = select(*key, func.sum(at.quantity)).where(among(connection, at.subscriber_id, subscriber_ids)).group_by(*key)
    found: dict[str, dict[Place, int]] = {}
    for who, outage, benefit, start, end, total in connection.execute(sums).all():
        if total:
            found.setdefault(who, {})[Place(outage, benefit, Cycle(start, end))] = int(total)
    return found


def _claimed(connection: Connection, subscriber_ids: Sequence[str]) -> dict[str, dict[Due, int]]:
    at = tables.RECOURSE.c
    key = (at.subscriber_id, at.party, at.outage_id, at.currency_code)
    sums = select(*key, func.sum(at.amount_minor)).where(among(connection, at.subscriber_id, subscriber_ids)).group_by(*key)
    found: dict[str, dict[Due, int]] = {}
    for who, party, outage, currency, total in connection.execute(sums).all():
        if total:
            found.setdefault(who, {})[Due(party, outage, currency)] = int(total)
    return found


def _benefits(connection: Connection, subscriber_ids: Sequence[str]) -> dict[str, dict[str, Benefit]]:
    at = tables.BOOKING.c
    columns = (at.subscriber_id, at.benefit, at.kind, at.currency_code, at.valid_for_seconds)
    in_time = select(*columns).where(among(connection, at.subscriber_id, subscriber_ids)).order_by(at.account_revision)
    found: dict[str, dict[str, Benefit]] = {}
    for who, benefit, kind, currency, valid in connection.execute(in_time).all():
        found.setdefault(who, {})[benefit] = Benefit(kind, currency, valid)
    return found


def _kept(connection: Connection, subscriber_ids: Sequence[str]) -> dict[str, dict[str, Kept]]:
    """INVARIANT: what is kept without facts had them erased."""
    facts = {
        (who, outage): (them, areas) for who, outage, them, areas, _ in rows(connection, tables.PERSON_FACT, subscriber_ids)
    }
    cycles: dict[tuple[str, str], frozenset[Cycle]] = {}
    for who, outage, start, end in rows(connection, tables.KEPT_CYCLE, subscriber_ids):
        cycles[who, outage] = cycles.get((who, outage), _NONE) | {Cycle(start, end)}
    found: dict[str, dict[str, Kept]] = {}
    for who, outage, automatic, unsettled, revision, _ in rows(connection, tables.KEPT, subscriber_ids):
        key = (who, outage)
        them, areas = facts.get(key, (None, "[]"))
        found.setdefault(who, {})[outage] = Kept(them, _texts(areas), automatic, revision, cycles.get(key, _NONE), unsettled)
    return found


_NONE: Final = frozenset[Cycle]()


@lru_cache(1000)
def _texts(document: str) -> tuple[str, ...]:
    """A list from JSON. There are few of them, and many rows."""
    return tuple(json.loads(document))


def _verdicts(connection: Connection, subscriber_ids: Sequence[str]) -> dict[str, dict[str, Verdict]]:
    """The last of each outage."""
    amounts: dict[tuple[str, str, int], dict[Place, int]] = {}
    for row in rows(connection, tables.VERDICT_AMOUNT, subscriber_ids):
        place = Place(row.outage_id, row.benefit, Cycle(row.cycle_started_at, row.cycle_ended_at))
        amounts.setdefault((row.subscriber_id, row.outage_id, row.account_revision), {})[place] = row.quantity
    found: dict[str, dict[str, Verdict]] = {}
    decided = rows(connection, tables.VERDICT, subscriber_ids)
    waited = rows(connection, tables.PERSON_WAITING, subscriber_ids) if decided else ()
    areas = {(row.subscriber_id, row.outage_id): _texts(row.areas) for row in waited}
    for row in sorted(decided, key=lambda row: row.account_revision):
        key = (row.subscriber_id, row.outage_id, row.account_revision)
        instead = row.outcome == tables.CANNOT_DECIDE
        found.setdefault(row.subscriber_id, {})[row.outage_id] = Verdict(
            row.outage_id, row.outage_revision, instead, amounts.get(key, {}), areas=areas.get(key[:2])
        )
    return found


def _former(connection: Connection, subscriber_ids: Sequence[str]) -> dict[str, tuple[Former, ...]]:
    booked = rows(connection, tables.FORMER_BOOKING, subscriber_ids)
    if not booked:
        return {}
    places = {(row.subscriber_id, row.account_revision): row for row in rows(connection, tables.FORMER_PLACE, subscriber_ids)}
    parts: dict[tuple[str, int], dict[str, int]] = {}
    benefits: dict[tuple[str, int], str] = {}
    at = tables.BOOKING.c
    unknown = among(connection, at.subscriber_id, subscriber_ids) & (at.cycle_started_at == UNKNOWN_CYCLE.start)
    for row in connection.execute(select(tables.BOOKING).where(unknown)):
        key = (row.subscriber_id, row.account_revision)
        parts.setdefault(key, {})[row.outage_id] = row.quantity
        benefits[key] = row.benefit
    found: dict[str, list[Former]] = {}
    for row in sorted(booked, key=lambda row: row.account_revision):
        key = (row.subscriber_id, row.account_revision)
        of_it = row if row.cycle_started_at is not None else places.get(key)
        cycle = None if of_it is None else Cycle(of_it.cycle_started_at, of_it.cycle_ended_at)
        revisions = json.loads(row.outage_revisions)
        outages = {outage_id: revisions.get(outage_id, 1) for outage_id in json.loads(row.outage_ids)}
        former = Former(row.account_revision, benefits[key], parts[key], outages, row.started_at, cycle)
        found.setdefault(row.subscriber_id, []).append(former)
    return {who: tuple(each) for who, each in found.items()}


def _claim(row: Any) -> Claim:
    return Claim(row.claim_id, row.channel, row.claimed_at, row.started_at, row.ended_at)


def rows(connection: Connection, table: Table, subscriber_ids: Collection[str]) -> Sequence[Any]:
    """Rows of some subscribers, with all columns."""
    return connection.execute(select(table).where(among(connection, table.c.subscriber_id, subscriber_ids))).all()


def among(connection: Connection, column: "Column[str]", texts: Collection[str]) -> ColumnElement[bool]:
    """Whether a column holds one of many texts. They go as one value, for SQLAlchemy and databases look at each of many."""
    document = literal(json.dumps(list(texts)), Text)
    if connection.dialect.name == "sqlite":
        each = func.json_each(document)
    else:
        each = func.json_array_elements_text(cast(document, JSON))
    return column.in_(select(each.table_valued("value").c.value))


def _grouped(rows: Iterable[Any]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.subscriber_id, []).append(row)
    return found
