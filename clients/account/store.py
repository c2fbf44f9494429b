"""Reads a subscriber's account, and writes a settlement in one transaction, against the revision that it was worked out on."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from clients.account import tables
from clients.account.records import Account, Benefit, Claim, Cycle, Due, Kept, Place, Settlement


class Moved(Exception):
    """The account is at another revision than the one that was asked about; nothing was written. It is to be asked again."""


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


def read(connection: Connection, subscriber_id: str) -> Account:
    """The account as it stands; one of revision 0 where there is none."""
    row = _rows(connection, tables.ACCOUNT, subscriber_id).one_or_none()
    if row is None:
        return Account(subscriber_id)
    return Account(
        subscriber_id,
        row.revision,
        tuple(sorted(Cycle(each.started_at, each.ended_at) for each in _rows(connection, tables.ACCOUNT_CYCLE, subscriber_id))),
        _kept(connection, subscriber_id),
        tuple(
            sorted(
                (
                    Claim(each.claim_id, each.channel, each.claimed_at, each.started_at, each.ended_at)
                    for each in _rows(connection, tables.CLAIM, subscriber_id)
                ),
                key=lambda claim: (claim.started_at, claim.claim_id),
            )
        ),
        booked(connection, subscriber_id),
        claimed(connection, subscriber_id),
        {
            each.benefit: Benefit(each.kind, each.currency_code, each.valid_for_seconds)
            for each in connection.execute(
                select(tables.BOOKING)
                .where(tables.BOOKING.c.subscriber_id == subscriber_id)
                .order_by(tables.BOOKING.c.account_revision)
            )
        },
        row.claws_back,
    )


def booked(connection: Connection, subscriber_id: str) -> dict[Place, int]:
    """Sums of bookings by outage, benefit and cycle, where they are not 0."""
    at = tables.BOOKING.c
    key = (at.outage_id, at.benefit, at.cycle_started_at, at.cycle_ended_at)
    sums = select(*key, func.sum(at.quantity)).where(at.subscriber_id == subscriber_id).group_by(*key)
    found = connection.execute(sums)
    return {Place(outage, benefit, Cycle(start, end)): int(total) for outage, benefit, start, end, total in found if total}


def claimed(connection: Connection, subscriber_id: str) -> dict[Due, int]:
    """Sums of what third parties were asked for, less credit notes, where they are not 0."""
    at = tables.RECOURSE.c
    key = (at.party, at.outage_id, at.currency_code)
    sums = select(*key, func.sum(at.amount_minor)).where(at.subscriber_id == subscriber_id).group_by(*key)
    return {Due(party, outage, currency): int(total) for party, outage, currency, total in connection.execute(sums) if total}


def over_granted(connection: Connection, subscriber_id: str) -> dict[Place, int]:
    """What is booked beyond what stands, and stays so, as it was told last."""
    rows = _rows(connection, tables.OVER_GRANTED, subscriber_id)
    last = {
        Place(row.outage_id, row.benefit, Cycle(row.cycle_started_at, row.cycle_ended_at)): row.quantity
        for row in sorted(rows, key=lambda row: row.account_revision)
    }
    return {place: quantity for place, quantity in last.items() if quantity}


def write(connection: Connection, account: Account, settlement: Settlement, written: Written) -> int:
    """Book what is missing. Returns the account's revision after it; nothing is written where nothing changed. Raises Moved.

    INVARIANT: what ``account`` was read with still holds. The database serializes, so that one comparison shows it.
    """
    found = connection.execute(
        select(tables.ACCOUNT.c.revision).where(tables.ACCOUNT.c.subscriber_id == account.subscriber_id)
    ).scalar_one_or_none()
    if (found or 0) != account.revision:
        raise Moved
    over = _over_granted_now(connection, account, settlement)
    if not _changes(account, settlement, over):
        _write_waiting(connection, account, settlement, written)
        return account.revision
    writing = _Writing(connection, account, written)
    writing.account(settlement)
    writing.bookings(settlement)
    writing.kept(settlement)
    writing.decisions(settlement)
    writing.texts(settlement)
    writing.rows(tables.OVER_GRANTED, ({**_place(place), "quantity": quantity} for place, quantity in over.items()))
    _write_waiting(connection, account, settlement, written)
    return account.revision + 1


def _changes(account: Account, settlement: Settlement, over: Mapping[Place, int]) -> bool:
    """Whether there is anything to write: running the same again writes nothing, not even a decision."""
    kept = any(account.kept.get(each) != what for each, what in settlement.kept.items())
    new_claim = settlement.accepted is not None and settlement.accepted not in account.claims
    cycles = set(settlement.cycles) - set(account.cycles)
    return bool(settlement.bookings or settlement.recourse or over or kept or new_claim or cycles)


class _Writing:
    """The rows of one new revision."""

    def __init__(self, connection: Connection, account: Account, written: Written) -> None:
        self._connection, self._before, self._written = connection, account, written
        self._at = {"subscriber_id": account.subscriber_id, "account_revision": account.revision + 1}
        self._said = {"said_by": written.by, "reason": written.reason}

    def rows(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows of the revision."""
        if found := [{**self._at, **row} for row in rows]:
            self._connection.execute(insert(table), found)

    def account(self, settlement: Settlement) -> None:
        """The revision itself, and the cycles that are known."""
        after = {
            "revision": self._before.revision + 1,
            "policy_id": self._written.policy_id,
            "claws_back": settlement.claws_back,
        }
        one = self._before.subscriber_id
        if self._before.revision:
            self._connection.execute(update(tables.ACCOUNT).where(tables.ACCOUNT.c.subscriber_id == one).values(after))
        else:
            self._connection.execute(insert(tables.ACCOUNT), {"subscriber_id": one, **after})
        new = sorted(set(settlement.cycles) - set(self._before.cycles))
        if new:
            cycles = [{"subscriber_id": one, "started_at": each.start, "ended_at": each.end} for each in new]
            self._connection.execute(insert(tables.ACCOUNT_CYCLE), cycles)
        if settlement.accepted is not None and settlement.accepted not in self._before.claims:
            self.rows(tables.CLAIM, [settlement.accepted._asdict()])

    def bookings(self, settlement: Settlement) -> None:
        """What is given and taken back, what parties owe, and the same for those who deliver it."""
        instants = {"booked_at": self._written.at, "effective_at": self._written.as_of}
        booked = []
        for place, quantity in sorted(settlement.bookings.items()):
            booked.append({**_place(place), "quantity": quantity, **settlement.benefits[place.benefit]._asdict()})
        self.rows(tables.BOOKING, ({**each, **instants, **self._said} for each in booked))
        out = ("outage_id", "benefit", "cycle_started_at")
        self.rows(tables.OUTBOX, ({**{name: each[name] for name in out}, "written_at": self._written.at} for each in booked))
        self.rows(
            tables.RECOURSE,
            (
                {**due._asdict(), "amount_minor": amount, **instants, **self._said}
                for due, amount in settlement.recourse.items()
            ),
        )

    def kept(self, settlement: Settlement) -> None:
        """What is kept of each outage that was settled."""
        one = self._before.subscriber_id
        ids = sorted(settlement.kept)
        for table in (tables.KEPT, tables.KEPT_CYCLE, tables.PERSON_FACT):
            of_ids = (table.c.subscriber_id == one) & table.c.outage_id.in_(ids)
            self._connection.execute(delete(table).where(of_ids))
        kept = [(outage_id, settlement.kept[outage_id]) for outage_id in ids]
        flags = ("automatic", "unsettled")
        self.rows(
            tables.KEPT,
            (
                {"outage_id": each, "outage_revision": what.revision, **{name: getattr(what, name) for name in flags}}
                for each, what in kept
            ),
        )
        cycles = [
            {"subscriber_id": one, "outage_id": each, "started_at": cycle.start, "ended_at": cycle.end}
            for each, what in kept
            for cycle in sorted(what.cycles)
        ]
        facts = [
            {"subscriber_id": one, "outage_id": each, "facts": what.facts, "areas": json.dumps(what.areas, ensure_ascii=False)}
            for each, what in kept
        ]
        for table, rows in ((tables.KEPT_CYCLE, cycles), (tables.PERSON_FACT, facts)):
            if rows:
                self._connection.execute(insert(table), rows)

    def decisions(self, settlement: Settlement) -> None:
        """What was asked, apart, and what was answered."""
        numbered = list(enumerate(settlement.decisions, 1))
        self.rows(tables.PERSON_QUESTION, ({"number": number, "question": each.question} for number, each in numbered))
        self.rows(
            tables.DECISION,
            (
                {
                    "number": number,
                    "outcome": each.outcome,
                    "reasons": json.dumps(each.reasons),
                    **dict(zip(_POLICY, each.policy, strict=True)),
                    "question_sha256": hashlib.sha256(each.question).hexdigest(),
                    "answer": each.answer,
                    "as_of": self._written.as_of,
                    "decided_at": self._written.at,
                    **self._said,
                }
                for number, each in numbered
            ),
        )

    def texts(self, settlement: Settlement) -> None:
        """The text of each version that decided, once for all subscribers."""
        known = tables.POLICY_TEXT.c.sha256
        stamps = {each.policy[2]: each.policy for each in settlement.decisions if each.policy[2] in self._written.texts}
        there = set(self._connection.execute(select(known).where(known.in_(sorted(stamps)))).scalars())
        for sha256 in sorted(set(stamps) - there):
            policy_id, version, _, _ = stamps[sha256]
            row = {"sha256": sha256, "policy_id": policy_id, "policy_version": version, "content": self._written.texts[sha256]}
            self._connection.execute(insert(tables.POLICY_TEXT), row)


_POLICY: Final = ("policy_id", "policy_version", "policy_sha256", "engine_version")


def _over_granted_now(connection: Connection, account: Account, settlement: Settlement) -> dict[Place, int]:
    """What is told otherwise than before, in the cycles that were settled; 0 where it is no more."""
    before = {
        place: quantity
        for place, quantity in over_granted(connection, account.subscriber_id).items()
        if place.cycle in settlement.settled
    }
    places = sorted({*before, *settlement.over_granted})
    now = {place: settlement.over_granted.get(place, 0) for place in places}
    return {place: quantity for place, quantity in now.items() if quantity != before.get(place, 0)}


def _write_waiting(connection: Connection, account: Account, settlement: Settlement, written: Written) -> None:
    """Why outages stay new. It is no part of the account's history: what is there is what waits now."""
    ids = sorted({*settlement.waiting, *settlement.kept})
    of_ids = (tables.WAITING.c.subscriber_id == account.subscriber_id) & tables.WAITING.c.outage_id.in_(ids)
    connection.execute(delete(tables.WAITING).where(of_ids))
    rows = [
        {"subscriber_id": account.subscriber_id, "outage_id": each, "why": why, "since": written.at}
        for each, why in sorted(settlement.waiting.items())
    ]
    if rows:
        connection.execute(insert(tables.WAITING), rows)


def _kept(connection: Connection, subscriber_id: str) -> dict[str, Kept]:
    facts = {row.outage_id: row for row in _rows(connection, tables.PERSON_FACT, subscriber_id)}
    cycles: dict[str, set[Cycle]] = {}
    for row in _rows(connection, tables.KEPT_CYCLE, subscriber_id):
        cycles.setdefault(row.outage_id, set()).add(Cycle(row.started_at, row.ended_at))
    return {
        row.outage_id: Kept(
            facts[row.outage_id].facts,
            tuple(json.loads(facts[row.outage_id].areas)),
            row.automatic,
            row.outage_revision,
            frozenset(cycles.get(row.outage_id, ())),
            row.unsettled,
        )
        for row in _rows(connection, tables.KEPT, subscriber_id)
    }


def _rows(connection: Connection, table: Table, subscriber_id: str) -> Any:
    return connection.execute(select(table).where(table.c.subscriber_id == subscriber_id))


def _place(place: Place) -> dict[str, Any]:
    return {
        "outage_id": place.outage_id,
        "benefit": place.benefit,
        "cycle_started_at": place.cycle.start,
        "cycle_ended_at": place.cycle.end,
    }
