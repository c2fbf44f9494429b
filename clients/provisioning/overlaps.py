"""Finds what is booked for outages that a new grant is for as well: the danger of paying twice that no grant key shows.

A grant key is made of all outages of an occasion, so a decision on outages A and B that touch has another key than one on A
alone. It is a top-up where its question said what was granted before for A; where it did not, A would be paid twice.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

_BOOKED: Final = (
    "SELECT grant_key, benefit, quantity, outage_ids, {parts} FROM booking WHERE subscriber_id = ? AND policy_id = ?"
)
_OF_ACCOUNT: Final = (
    "SELECT booking_id, benefit, quantity, outage_id, billing_cycle FROM account_booking WHERE subscriber_id = ?"
)
_HAS_PARTS: Final = "SELECT count(*) FROM pragma_table_info('booking') WHERE name = 'parts'"

NO_CYCLE: Final = "0/0"
"""Of an account that knows no billing cycle of the subscriber."""


class PartsNotKnown(Exception):
    """It was booked before bookings held the part of each outage."""


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking. ``parts``: base units by outage; None: not known. ``month``, ``billing_cycle``: where it is for one."""

    grant_key: str
    benefit: str
    quantity: int
    outage_ids: frozenset[str]
    parts: Mapping[str, int] | None
    month: str
    billing_cycle: str

    def of(self, outage_ids: Collection[str]) -> Mapping[str, int]:
        """What of it is for some outages. Raises PartsNotKnown where that was not booked, and does not follow."""
        if self.outage_ids.isdisjoint(outage_ids):
            return {}
        if self.parts is None:
            ids = ", ".join(sorted(self.outage_ids))
            raise PartsNotKnown(
                f"{self.benefit} was booked for {ids} together (key {self.grant_key}) before bookings held the part of each"
                " outage, so what was granted before for each is not known; say it in a column granted_before."
                f"{self.benefit}"
            )
        return {outage_id: self.parts[outage_id] for outage_id in outage_ids if outage_id in self.parts}


def bookings(ledger: sqlite3.Connection, subscriber_id: str, policy_id: str) -> list[Booked]:
    """All of a subscriber under a policy, and those of an account, whatever its policy."""
    has_parts = ledger.execute(_HAS_PARTS).fetchone()[0]
    query = _BOOKED.format(parts="parts, month, billing_cycle" if has_parts else "'', '', ''")
    of_account = ledger.execute(_OF_ACCOUNT, (subscriber_id,)) if takes_accounts(ledger) else ()
    found = [
        Booked(key, benefit, quantity, frozenset((outage_id,)), {outage_id: quantity}, "", cycle if cycle != NO_CYCLE else "")
        for key, benefit, quantity, outage_id, cycle in of_account
    ]
    return found + [
        Booked(key, benefit, quantity, ids, _parts(parts, ids, quantity), month, billing_cycle)
        for key, benefit, quantity, text, parts, month, billing_cycle in ledger.execute(query, (subscriber_id, policy_id))
        for ids in [frozenset(json.loads(text))]
    ]


def takes_accounts(ledger: sqlite3.Connection) -> bool:
    """Whether it has a place for bookings of an account; apply makes one."""
    return bool(ledger.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'account_booking'").fetchone()[0])


def may_be_one(place: str, other: str) -> bool:
    """Whether two can be of one month or billing cycle; what names none can be of any."""
    return place == other or not place or not other


def _parts(text: str, outage_ids: frozenset[str], quantity: int) -> Mapping[str, int] | None:
    """A booking of one outage is all of that one, also where it was booked before parts were."""
    if text:
        parts: dict[str, int] = json.loads(text)
        return parts
    return dict.fromkeys(outage_ids, quantity) if len(outage_ids) == 1 else None
