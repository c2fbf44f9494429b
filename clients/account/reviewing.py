"""What waits for a person: outages that could not be decided for a subscriber, and what the policy leaves to a person.

What a person decided waits no more, until the outage is revised or something else becomes of it. Nor does what stands no more:
an outage that was withdrawn, that others took the place of, or that does not hit any more the areas for which it waited.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from clients.account import desk_claims, reading, register
from clients.account.records import NO_CYCLE, Account, Benefit, Cycle, Place, Settlement, Verdict
from clients.account.tables import BOOKING, CANNOT_DECIDE, DESK_CLAIM, PERSON_WAITING, THRESHOLD, VERDICT, WAITING
from clients.account.units import cycle_of
from clients.errors import BadInput
from makegood.v1 import facts_pb2

BY_HAND: Final = "by-hand."
"""Before a benefit's name: the limit of what one person may decide of it, among the thresholds."""
LETTERS: Final = 8


@dataclass(frozen=True, slots=True)
class Item:
    """An outage of a subscriber that waits. ``claims``: numbers of those filed for it. ``entered_by``: all who ran or filed."""

    subscriber_id: str
    outage_id: str
    outcome: str
    why: str
    since: int
    revision: int
    claims: tuple[int, ...]
    entered_by: frozenset[str]

    @property
    def reference(self) -> str:
        """By which it is decided: the same for an outage of a subscriber whenever it waits."""
        digest = hashlib.sha256(f"makegood-queue-1\x1f{self.subscriber_id}\x1f{self.outage_id}".encode()).digest()
        return base64.b32encode(digest).decode()[:LETTERS]

    @property
    def references(self) -> frozenset[str]:
        """Its own, and those of its claims."""
        return frozenset((self.reference, *map(desk_claims.reference, self.claims)))


def items(connection: Connection, subscriber_id: str | None = None) -> list[Item]:
    """All that waits, the longest first; of one subscriber, or of all."""

    def of(table: Any) -> Any:
        found = select(table)
        return found if subscriber_id is None else found.where(table.c.subscriber_id == subscriber_id)

    at = WAITING.c
    waiting = connection.execute(of(WAITING).order_by(at.since, at.subscriber_id, at.outage_id)).all()
    latest = {outage_id: register.latest(connection, outage_id) for outage_id in {row.outage_id for row in waiting}}
    areas = {(row.subscriber_id, row.outage_id): json.loads(row.areas) for row in connection.execute(of(PERSON_WAITING))}
    decided: dict[tuple[str, str], tuple[int, str]] = {}
    for row in connection.execute(of(VERDICT).order_by(VERDICT.c.account_revision)):
        decided[row.subscriber_id, row.outage_id] = (row.outage_revision, row.outcome)
    claims: dict[tuple[str, str], dict[tuple[int, int], str]] = {}
    for row in connection.execute(of(DESK_CLAIM)):
        for outage_id in json.loads(row.outages):
            claims.setdefault((row.subscriber_id, outage_id), {})[row.claim_number, row.step] = row.said_by
    found = []
    for row in waiting:
        key, of_now = (row.subscriber_id, row.outage_id), latest[row.outage_id]
        if of_now is None or decided.get(key) == (of_now.revision, row.outcome) or not register.hits(of_now, areas.get(key)):
            continue
        of_desk = claims.get(key, {})
        numbers = tuple(sorted({number for number, _ in of_desk}))
        entered = frozenset((row.said_by, *of_desk.values()))
        found.append(Item(*key, row.outcome, row.why, row.since, of_now.revision, numbers, entered))
    return found


def item(connection: Connection, reference: str) -> Item:
    """What waits under a reference. Raises BadInput."""
    wanted = reference.upper()
    found = [each for each in items(connection) if wanted in each.references]
    if not found:
        raise BadInput(
            f"nothing waits under the reference {reference}; queue lists what does, and audit shows what was decided"
        )
    if len(found) > 1:
        lines = [f"  {each.reference}: subscriber {each.subscriber_id}, outage {each.outage_id}" for each in found]
        raise BadInput(f"{reference} is about several outages; decide each by its own reference", lines)
    return found[0]


def limits(connection: Connection) -> dict[str, int]:
    """How much of a benefit one person may decide for an outage, by benefit."""
    last = {row.benefit: row.quantity for row in connection.execute(select(THRESHOLD).order_by(THRESHOLD.c.number))}
    prefix = len(BY_HAND)
    return {name[prefix:]: limit for name, limit in last.items() if name.startswith(BY_HAND) and limit is not None}


def verdict(
    connection: Connection, of: Item, amounts: dict[str, int], benefits: dict[str, Benefit], by: str
) -> tuple[Verdict, int]:
    """What a person decides, if that person may, and the account's revision. ``amounts`` empty: rejected. Raises BadInput."""
    if item(connection, of.reference) != of:
        raise BadInput(f"{of.reference} changed meanwhile; look at the queue, and decide again")
    if by in of.entered_by:
        raise BadInput(f"{of.reference} was entered by {by}; a second person decides it")
    allowed = limits(connection)
    for name, quantity in sorted(amounts.items()):
        if name not in benefits:
            raise BadInput(f"the policy has no benefit {name}; it has {', '.join(sorted(benefits))}")
        if name not in allowed:
            raise BadInput(f"no limit says how much of {name} a person may decide; threshold {BY_HAND}{name}=… sets one")
        if quantity > allowed[name]:
            raise BadInput(f"{name}={quantity} is above {allowed[name]}, the most that a person may decide of it for an outage")
    account = reading.account(connection, of.subscriber_id)
    if of.outcome == CANNOT_DECIDE and not amounts and any(place.outage_id == of.outage_id for place in account.booked):
        raise BadInput(
            f"something is booked for outage {of.outage_id} already; --grant what {of.subscriber_id} is to have for it in all,"
            " or withdraw it"
        )
    cycle = _cycle(connection, account, of.outage_id) if amounts else NO_CYCLE
    places = {Place(of.outage_id, name, cycle): quantity for name, quantity in amounts.items() if quantity}
    known = {name: benefits[name] for name in amounts}
    return Verdict(of.outage_id, of.revision, of.outcome == CANNOT_DECIDE, places, known), account.revision


def with_time_limits(connection: Connection, benefits: dict[str, Benefit], names: Iterable[str]) -> dict[str, Benefit]:
    """How long each of ``names`` can be used, as booked last for anybody: the service does not tell it but with a grant."""
    found = dict(benefits)
    for name in names:
        last = select(BOOKING.c.valid_for_seconds).where(BOOKING.c.benefit == name).order_by(BOOKING.c.booked_at.desc())
        if name in found and (valid := connection.execute(last.limit(1)).scalar()) is not None:
            found[name] = found[name]._replace(valid_for_seconds=valid)
    return found


def areas(connection: Connection, outage_id: str) -> tuple[str, ...]:
    """All that an outage hit."""
    latest = register.latest(connection, outage_id)
    return () if latest is None else tuple(latest.ends)


def waited(connection: Connection, account: Account, settlement: Settlement, of: Item, seen: int) -> bool:
    """Whether what a verdict was settled with is what the person saw. ``account``: before it; ``seen``: its revision then."""
    latest = register.latest(connection, of.outage_id)
    same = latest is not None and latest.revision == of.revision and account.revision == seen
    return same and (of.outcome == CANNOT_DECIDE or of.outage_id in settlement.reviews)


def _cycle(connection: Connection, account: Account, outage_id: str) -> Cycle:
    """The cycle that an outage is booked in. Raises BadInput."""
    kept = account.kept.get(outage_id)
    if kept is not None and kept.cycles:
        return min(kept.cycles)
    found = register.latest(connection, outage_id)
    start = facts_pb2.Outage.FromString(found.message).started_at.seconds if found is not None else 0
    cycle = cycle_of(start, account.cycles)
    if cycle is None:
        raise BadInput(
            f"outage {outage_id} begins outside of every billing cycle that is known of {account.subscriber_id};"
            " crm claim or a run says it"
        )
    return cycle
