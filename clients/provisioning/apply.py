"""Applies bookings to the ledger: a row whole or not at all, some rows to a transaction."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from clients import units
from clients.provisioning import overlaps
from clients.provisioning.bookings import GRANTED, NOTHING_BOOKED, Booking, Grant
from clients.provisioning.ledger import transaction
from clients.provisioning.overlaps import Booked, PartsNotKnown

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
    " window_started_at, window_ended_at, outage_ids, decision_id, policy_id, policy_version, booked_at,"
    " occasion_started_at, month, billing_cycle, parts)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_HOW_TO_TELL: Final = "billing's --already-granted-from LEDGER, or crm's --granted-before"
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
    applied.counts["quotes, never booked"] += len(booking.quotes)
    if booking.status != GRANTED:
        applied.counts["rows without a grant"] += 1
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
        text += f" (if {more} more are owed, say that {before} were granted before: {_HOW_TO_TELL})"
    return text


def _overlaps(ledger: sqlite3.Connection, booking: Booking, new: Sequence[Grant]) -> list[str]:
    """Which new grants would pay again what is booked for some of their outages, and what to do about each.

    INVARIANT: of each outage, a new grant tops up no less than what is booked for it, so that no outage is paid twice.
    """
    if not new:
        return []
    booked = overlaps.bookings(ledger, booking.subscriber_id, booking.policy_id)
    return [found for grant in new if (found := _overlap(booked, booking, grant))]


def _overlap(booked: Sequence[Booked], booking: Booking, grant: Grant) -> str:
    """What of ``booked`` the question of a grant was not told; nothing where it was."""
    occasion = booking.occasions.all[grant.occasion]
    told: Counter[str] = Counter()
    for before in booking.occasions.before:
        if before.benefit == grant.benefit and overlaps.may_be_one(before.month, occasion.month):
            told[before.outage_id] += before.quantity
    cycle = "" if occasion.cycle is None else str(occasion.cycle)
    of_outage: Counter[str] = Counter()
    for each in booked:
        if each.benefit != grant.benefit or not overlaps.may_be_one(each.month, occasion.month):
            continue
        if overlaps.may_be_one(each.billing_cycle, cycle):
            try:
                of_outage.update(each.of(occasion.outage_ids))
            except PartsNotKnown as error:
                return f"OVERLAPS: {error}"
    untold = {outage_id: quantity for outage_id, quantity in of_outage.items() if told[outage_id] < quantity}
    if not untold:
        return ""

    def said(quantities: Iterable[tuple[str, int]]) -> str:
        return ", ".join(
            f"{units.plain(grant.kind, quantity, grant.currency_code)} for {outage_id}" for outage_id, quantity in quantities
        )

    were = said((outage_id, told[outage_id]) for outage_id in sorted(untold))
    return (
        f"OVERLAPS: of {grant.benefit} are booked {said(sorted(untold.items()))}, and this row was decided as if it were {were}"
        f" (decide it again for {', '.join(occasion.outage_ids)} together, and say what is booked: {_HOW_TO_TELL})"
    )


def _book(ledger: sqlite3.Connection, grant: Grant, booking: Booking, now: int) -> None:
    occasion = booking.occasions.all[grant.occasion]
    ids = json.dumps(occasion.outage_ids, ensure_ascii=False)
    source = (ids, booking.decision_id, booking.policy_id, booking.policy_version, now)
    started_at = Timestamp(seconds=occasion.started_at).ToJsonString()
    cycle = "" if occasion.cycle is None else str(occasion.cycle)
    whose = (started_at, occasion.month, cycle, json.dumps(dict(grant.parts), ensure_ascii=False))
    ledger.execute(_BOOK, (grant.grant_key, *_defining(grant, booking), *source, *whose))


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
