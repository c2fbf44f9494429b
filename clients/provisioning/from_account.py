"""Puts what an account booked into the ledger: all of a settlement or nothing, each booking once, under its id."""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from clients import units
from clients.provisioning.ledger import transaction

_FIND: Final = (
    "SELECT booking_id, subscriber_id, benefit, kind, quantity, currency_code, valid_for_seconds, outage_id, billing_cycle,"
    " account_revision FROM account_booking WHERE booking_id = ?"
)
_PUT: Final = (
    "INSERT INTO account_booking (booking_id, subscriber_id, benefit, kind, quantity, currency_code, valid_for_seconds,"
    " outage_id, billing_cycle, account_revision, booked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_BALANCE: Final = "SELECT benefit, kind, currency_code, quantity FROM balance WHERE subscriber_id = ?"
_BY_RESULTS: Final = "SELECT grant_key, benefit, kind, currency_code, quantity, outage_ids FROM booking WHERE subscriber_id = ?"


class Booking(NamedTuple):
    """One booking of an account. ``quantity`` in base units, below 0 where it is taken back; ``billing_cycle`` start/end."""

    booking_id: str
    subscriber_id: str
    benefit: str
    kind: str
    quantity: int
    currency_code: str
    valid_for_seconds: int
    outage_id: str
    billing_cycle: str
    account_revision: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement booked for one subscriber. ``taken_over``: keys of this ledger that the account knows of."""

    bookings: tuple[Booking, ...]
    taken_over: Collection[str]


def put(ledger: sqlite3.Connection, settlements: Sequence[Settled], now: int) -> list[str]:
    """Put some in, in one transaction; what is there stays. Returns of each why it is refused, or "". It is on disk then."""
    with transaction(ledger):
        return [_put(ledger, each, now) for each in settlements]


def _put(ledger: sqlite3.Connection, settled: Settled, now: int) -> str:
    there = {each.booking_id: ledger.execute(_FIND, (each.booking_id,)).fetchone() for each in settled.bookings}
    new = [each for each in settled.bookings if there[each.booking_id] is None]
    other = next((each for each in settled.bookings if there[each.booking_id] not in (None, tuple(each))), None)
    if other is not None:
        held = Booking(*there[other.booking_id])
        return (
            f"booking {other.booking_id} is there with {_shown(held)} of {held.benefit}, and not with {_shown(other)};"
            " it is of another account, or of one before it was restored"
        )
    why = next(_reasons(ledger, new, settled.taken_over), "")
    if not why:
        ledger.executemany(_PUT, [(*each, now) for each in new])
    return why


def _reasons(ledger: sqlite3.Connection, new: Sequence[Booking], taken_over: Collection[str]) -> Iterator[str]:
    """Why bookings of one subscriber are not put in."""
    if not new:
        return
    subscriber_id = new[0].subscriber_id
    paid = {(each.benefit, each.outage_id) for each in new if each.quantity > 0}
    for key, benefit, kind, currency, quantity, outage_ids in ledger.execute(_BY_RESULTS, (subscriber_id,)):
        shared = [each for each in json.loads(outage_ids) if (benefit, each) in paid]
        if shared and key not in taken_over:
            yield (
                f"OVERLAPS: {benefit} {units.plain(kind, quantity, currency)} are booked for {', '.join(shared)} by a result,"
                f" under key {key}, of which the account does not know; take this ledger over: clients.account migrate"
            )
    yield from _below_zero({tuple(row[:3]): row[3] for row in ledger.execute(_BALANCE, (subscriber_id,))}, new)


def _below_zero(balance: Mapping[tuple[str, str, str], int], new: Sequence[Booking]) -> Iterator[str]:
    sums: Counter[tuple[str, str, str]] = Counter()
    for each in new:
        sums[each.benefit, each.kind, each.currency_code] += each.quantity
    for (benefit, kind, currency), quantity in sums.items():
        held = balance.get((benefit, kind, currency), 0)
        if quantity < 0 and held + quantity < 0:
            shown = [units.plain(kind, each, currency) for each in (-quantity, held)]
            yield f"{benefit} {shown[0]} would be taken back, and {shown[1]} are there; what it takes back was never put here"


def _shown(booking: Booking) -> str:
    return units.signed(booking.kind, booking.quantity, booking.currency_code)
