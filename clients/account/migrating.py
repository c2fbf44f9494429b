"""Takes over a ledger of clients.provisioning: what it knows is booked, and what it does not know is marked, and never made up.

Each of its bookings becomes a revision of its subscriber's account, on the day on which it was booked there; nothing of it
goes to the outbox, for it was put there already. How settlements go on from it, former.py says. INVARIANT: a key is taken
over once, so that the same ledger may be taken over again, after a kill or once more is booked in it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, func, insert, select, update

from clients.account import tables
from clients.account.database import Database
from clients.account.former_ledger import Booked, FormerLedger
from clients.account.records import UNKNOWN_CYCLE, UNKNOWN_OUTAGE
from clients.account.register import Said
from clients.errors import BadInput

PIECE: Final = 500
"""Subscribers in a transaction."""
SHOWN: Final = 5
Item = TypeVar("Item")


@dataclass(slots=True)
class Migrated:
    """Numbers of bookings, and quantities of those that are new, by benefit, kind and currency."""

    new: int = 0
    before: int = 0
    keys_not_following: int = 0
    outages_not_registered: int = 0
    parts_unknown: int = 0
    quantities: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, other: "Migrated") -> None:
        """Those of another piece."""
        self.new += other.new
        self.before += other.before
        self.keys_not_following += other.keys_not_following
        self.outages_not_registered += other.outages_not_registered
        self.parts_unknown += other.parts_unknown
        self.quantities.update(other.quantities)


def check(of: FormerLedger, *, keys_unchecked: bool) -> None:
    """Raises BadInput before anything is taken over: where it is damaged, or a key does not follow from its booking."""
    of.check()
    number, shown = 0, list[str]()
    for some in of.subscribers():
        for each in some:
            if not each.key_follows:
                number += 1
                if len(shown) < SHOWN:
                    ids = ", ".join(each.outage_ids)
                    shown.append(f"  {each.grant_key}: {each.benefit} of subscriber {each.subscriber_id} for {ids}")
    if number and not keys_unchecked:
        raise BadInput(
            f"the keys of {number} of {of.bookings} bookings do not follow from them; nothing was taken over",
            [
                *shown,
                "  they were changed since; or hold what the ledger does not: what a person said was granted before",
                "  look at them, and where they are right take them over as they are, marked: --keys-unchecked",
            ],
        )


def migrate(database: Database, of: FormerLedger, name: str, said: Said, show: Callable[[int], None]) -> Migrated:
    """Take over all that is not there yet. ``name``: of the ledger; ``show`` is told how many bookings were looked at."""
    found, seen = Migrated(), 0
    for piece in _in_pieces(of.subscribers()):
        bookings = [each for some in piece for each in some]
        found.add(database.write(lambda connection: _take_over(connection, bookings, name, said)))  # noqa: B023 -- run at once
        seen += len(bookings)
        show(seen)
    return found


def _in_pieces(many: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(many)
    while piece := list(islice(rest, PIECE)):
        yield piece


def _take_over(connection: Connection, bookings: Sequence[Booked], name: str, said: Said) -> Migrated:
    ids = list(dict.fromkeys(each.subscriber_id for each in bookings))
    of_ids = tables.FORMER_BOOKING.c.subscriber_id.in_(ids)
    there = set(connection.execute(select(tables.FORMER_BOOKING.c.grant_key).where(of_ids)).scalars())
    new = [each for each in bookings if each.grant_key not in there]
    found = Migrated(before=len(bookings) - len(new))
    if not new:
        return found
    at = tables.ACCOUNT.c
    heads = connection.execute(select(at.subscriber_id, at.revision).where(at.subscriber_id.in_(ids)))
    revisions = {row.subscriber_id: row.revision for row in heads}
    known = {**revisions}
    registered = _registered(connection, {outage_id for each in new for outage_id in each.outage_ids})
    closed = connection.execute(select(func.max(tables.CLOSED_PERIOD.c.closed_until))).scalar_one() or 0
    former, booked = list[dict[str, Any]](), list[dict[str, Any]]()
    for each in new:
        revision = revisions[each.subscriber_id] = revisions.get(each.subscriber_id, 0) + 1
        former.append(_former(each, revision, registered, name, said))
        booked += _booked(each, revision, max(each.booked_at, closed), said)
        found.new += 1
        found.keys_not_following += not each.key_follows
        found.parts_unknown += UNKNOWN_OUTAGE in each.parts
        found.outages_not_registered += not set(each.outage_ids) <= set(registered)
        found.quantities[each.benefit, each.kind, each.currency_code] += each.quantity
    connection.execute(insert(tables.FORMER_BOOKING), former)
    connection.execute(insert(tables.BOOKING), booked)
    _advance(connection, new, known, revisions)
    return found


def _registered(connection: Connection, outage_ids: Iterable[str]) -> dict[str, int]:
    """The latest revisions of outages that are in the register."""
    at = tables.OUTAGE_REVISION.c
    found: dict[str, int] = {}
    for some in _in_pieces(sorted(outage_ids)):
        newest = select(at.outage_id, func.max(at.revision)).where(at.outage_id.in_(some)).group_by(at.outage_id)
        found |= {row[0]: row[1] for row in connection.execute(newest)}
    return found


def _former(each: Booked, revision: int, registered: Mapping[str, int], name: str, said: Said) -> dict[str, Any]:
    known = {outage_id: registered[outage_id] for outage_id in each.outage_ids if outage_id in registered}
    return {
        "subscriber_id": each.subscriber_id,
        "account_revision": revision,
        "grant_key": each.grant_key,
        "outage_ids": json.dumps(each.outage_ids, ensure_ascii=False),
        "outage_revisions": json.dumps(known, ensure_ascii=False),
        "key_follows": each.key_follows,
        "started_at": each.started_at,
        "cycle_started_at": None if each.cycle is None else each.cycle.start,
        "cycle_ended_at": None if each.cycle is None else each.cycle.end,
        "month": each.month,
        "window_started_at": each.window[0],
        "window_ended_at": each.window[1],
        "decision_id": each.decision_id,
        "policy_id": each.policy_id,
        "policy_version": each.policy_version,
        "booked_at": each.booked_at,
        "ledger": name,
        "taken_over_at": said.at,
    }


def _booked(each: Booked, revision: int, booked_at: int, said: Said) -> list[dict[str, Any]]:
    """A row for each outage whose part is known, or one for all of them."""
    rest = {
        "subscriber_id": each.subscriber_id,
        "account_revision": revision,
        "benefit": each.benefit,
        "cycle_started_at": UNKNOWN_CYCLE.start,
        "cycle_ended_at": UNKNOWN_CYCLE.end,
        "kind": each.kind,
        "currency_code": each.currency_code,
        "valid_for_seconds": each.valid_for_seconds,
        "run_id": 0,
        "booked_at": booked_at,
        "effective_at": each.booked_at,
        "said_by": said.by,
        "reason": said.reason,
    }
    return [{**rest, "outage_id": outage_id, "quantity": quantity} for outage_id, quantity in sorted(each.parts.items())]


def _advance(connection: Connection, new: Sequence[Booked], before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """New revisions. Whose account has decided something already is decided again: it did not know what was granted before."""
    policies = {each.subscriber_id: each.policy_id for each in new}
    first = [who for who in policies if who not in before]
    if first:
        rows = [
            {"subscriber_id": who, "revision": after[who], "policy_id": policies[who], "claws_back": False} for who in first
        ]
        connection.execute(insert(tables.ACCOUNT), rows)
    at, kept = tables.ACCOUNT.c, tables.KEPT
    for who in policies:
        if who in before:
            connection.execute(update(tables.ACCOUNT).where(at.subscriber_id == who).values(revision=after[who]))
            connection.execute(update(kept).where(kept.c.subscriber_id == who).values(unsettled=True))
