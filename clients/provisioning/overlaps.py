"""Finds what is booked for outages that a new grant is for as well: the danger of paying twice that no grant key shows.

A grant key is made of the whole set of outages, so a decision on outages A and B has another key than one on A alone. It is
a top-up where its question said what was granted before (already_granted); where it did not, A would be paid twice.
"""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

_BOOKED: Final = "SELECT benefit, quantity, outage_ids FROM booking WHERE subscriber_id = ? AND policy_id = ?"


@dataclass(slots=True)
class Overlap:
    """What is booked of a benefit for any of some outages: the sum, in base units, and all the outages of these bookings."""

    quantity: int = 0
    outage_ids: set[str] = field(default_factory=set)


def booked_for(
    ledger: sqlite3.Connection, subscriber_id: str, policy_id: str, outage_ids: Collection[str]
) -> dict[str, Overlap]:
    """By benefit, the bookings of a subscriber under a policy that share an outage with ``outage_ids``."""
    wanted = set(outage_ids)
    found: dict[str, Overlap] = {}
    for benefit, quantity, text in ledger.execute(_BOOKED, (subscriber_id, policy_id)):
        ids = json.loads(text)
        if not wanted.isdisjoint(ids):
            overlap = found.setdefault(benefit, Overlap())
            overlap.quantity += quantity
            overlap.outage_ids.update(ids)
    return found
