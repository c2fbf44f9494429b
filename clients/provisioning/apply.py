"""Applies bookings to the ledger: a row whole or not at all, some rows to a transaction."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from clients import units
from clients.provisioning import overlaps
from clients.provisioning.bookings import NOTHING_BOOKED, Booking, Grant
from clients.provisioning.ledger import transaction

GRANTED: Final = "GRANTED"
_DEFINING: Final = (
    "subscriber_id",
    "benefit",
    "kind",
    "quantity",
    "currency_code",
    "valid_for_seconds",
    "window_started_at",
    "window_ended_at",
)
_FIND: Final = (
    "SELECT subscriber_id, benefit, kind, quantity, currency_code, valid_for_seconds, window_started_at, window_ended_at"
    " FROM booking WHERE grant_key = ?"
)
_BOOK: Final = (
    "INSERT INTO booking (grant_key, subscriber_id, benefit, kind, quantity, currency_code, valid_for_seconds,"
    " window_started_at, window_ended_at, outage_ids, decision_id, policy_id, policy_version, booked_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ANNOUNCE: Final = (
    "INSERT OR IGNORE INTO outbox (grant_set, subscriber_id, channel, language, title, body, segments, encoding, written_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(slots=True)
class Applied:
    """What became of the rows. ``counts`` by word; ``booked`` by benefit, kind and currency; ``problems`` by line."""

    counts: Counter[str] = field(default_factory=Counter)
    booked: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    problems: list[tuple[int, str, str]] = field(default_factory=list)
    """(line, subscriber, what is wrong), one for each row that is not booked."""

    def add(self, other: "Applied") -> None:
        """Add what another part did."""
        self.counts.update(other.counts)
        self.booked.update(other.booked)
        self.problems += other.problems


def apply(ledger: sqlite3.Connection, bookings: Sequence[Booking], now: int) -> Applied:
    """Book some rows in one transaction. ``now``: seconds since 1970 UTC. What is returned is on disk."""
    applied = Applied()
    with transaction(ledger):
        for booking in bookings:
            applied.counts["rows"] += 1
            _apply_row(ledger, booking, now, applied)
    return applied


def _apply_row(ledger: sqlite3.Connection, booking: Booking, now: int, applied: Applied) -> None:
    """Book one row, or say why not."""
    if booking.problem:
        applied.problems.append((booking.line, booking.subscriber_id, booking.problem))
        return
    if booking.status != GRANTED:
        applied.counts["rows without a grant"] += 1
        applied.counts["quotes, never booked"] += len(booking.grants)
        return
    if not booking.subscriber_id or not booking.grants or any(not grant.grant_key for grant in booking.grants):
        what = "GRANTED without a subscriber, a grant or a grant key; such a row is never booked"
        applied.problems.append((booking.line, booking.subscriber_id, what))
        return
    known = [_known(ledger, grant, booking) for grant in booking.grants]
    problems = [difference for difference in known if isinstance(difference, str)]
    problems += _overlaps(
        ledger, booking, [grant for grant, is_known in zip(booking.grants, known, strict=True) if not is_known]
    )
    if problems:
        what = "; ".join((*problems, NOTHING_BOOKED))
        applied.problems.append((booking.line, booking.subscriber_id, what))
        return
    for grant, already in zip(booking.grants, known, strict=True):
        if already:
            applied.counts["grants booked before"] += 1
        else:
            _book(ledger, grant, booking, now)
            applied.counts["grants booked"] += 1
            applied.booked[grant.benefit, grant.kind, grant.currency_code] += grant.quantity
    for notice in booking.notices:
        message = (notice.channel, notice.language, notice.title, notice.body, notice.segments, notice.encoding)
        written = ledger.execute(_ANNOUNCE, (booking.grant_set, booking.subscriber_id, *message, now)).rowcount
        applied.counts["notices written" if written else "notices written before"] += 1


def _known(ledger: sqlite3.Connection, grant: Grant, booking: Booking) -> bool | str:
    """Whether the grant is booked; a text where its key is booked with something else."""
    found = ledger.execute(_FIND, (grant.grant_key,)).fetchone()
    if found is None:
        return False
    wanted = _defining(grant, booking)
    if found == wanted:
        return True
    pairs = zip(_DEFINING, found, wanted, strict=True)
    shown = [f"{name} {booked!r}, here {new!r}" for name, booked, new in pairs if booked != new]
    text = f"grant {grant.grant_key} of {grant.benefit} is booked with {'; '.join(shown)}"
    before, after = found[3], grant.quantity
    if found[:3] == wanted[:3] and before < after:
        more = units.plain(grant.kind, after - before, grant.currency_code)
        text += f" (if {more} more are owed, run billing with already_granted.{grant.benefit} = {before})"
    return text


def _overlaps(ledger: sqlite3.Connection, booking: Booking, new: Sequence[Grant]) -> list[str]:
    """Which new grants would pay again what is booked for some of their outages, and what to do about each.

    INVARIANT: a new grant tops up no less than what is booked for its outages, so that no outage is paid twice.
    """
    found: list[str] = []
    booked = overlaps.booked_for(ledger, booking.subscriber_id, booking.policy_id, booking.outage_ids) if new else {}
    for grant in new:
        before, told = booked.get(grant.benefit), booking.already_granted.get(grant.benefit, 0)
        if before is not None and told < before.quantity:
            together = ", ".join(sorted(before.outage_ids.union(booking.outage_ids)))
            are, were = (units.plain(grant.kind, each, grant.currency_code) for each in (before.quantity, told))
            found.append(
                f"OVERLAPS: {are} of {grant.benefit} are booked for {', '.join(sorted(before.outage_ids))}, and this row was"
                f" decided as if it were {were} (decide it again for {together} together,"
                f" with already_granted.{grant.benefit} = {before.quantity})"
            )
    return found


def _book(ledger: sqlite3.Connection, grant: Grant, booking: Booking, now: int) -> None:
    ids = json.dumps(booking.outage_ids, ensure_ascii=False)
    source = (ids, booking.decision_id, booking.policy_id, booking.policy_version)
    ledger.execute(_BOOK, (grant.grant_key, *_defining(grant, booking), *source, now))


def _defining(grant: Grant, booking: Booking) -> tuple[str | int, ...]:
    """What one grant key stands for, as _DEFINING names it."""
    return (
        booking.subscriber_id,
        grant.benefit,
        grant.kind,
        grant.quantity,
        grant.currency_code,
        grant.valid_for_seconds,
        grant.window_started_at,
        grant.window_ended_at,
    )
