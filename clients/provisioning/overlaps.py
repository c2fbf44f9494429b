"""Finds what is booked for outages that a new grant is for as well: the danger of paying twice that no grant key shows.

A grant key is made of the whole set of outages, so a decision on outages A and B has another key than one on A alone. It is
a top-up where its question said what was granted before (already_granted); where it did not, A would be paid twice.
"""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

_BOOKED: Final = "SELECT quantity, outage_ids FROM booking WHERE subscriber_id = ? AND policy_id = ? AND benefit = ?"


@dataclass(frozen=True, slots=True)
class Overlap:
    """What is booked for any of some outages. ``quantity``: its sum. ``outage_ids``: of these bookings, ascending."""

    quantity: int
    outage_ids: tuple[str, ...]


def booked_for(
    ledger: sqlite3.Connection, subscriber_id: str, policy_id: str, benefit: str, outage_ids: Collection[str]
) -> Overlap:
    """The bookings of a subscriber under a policy that share an outage with ``outage_ids``; quantity 0: there are none."""
    wanted, quantity, ids = set(outage_ids), 0, set[str]()
    for booked, text in ledger.execute(_BOOKED, (subscriber_id, policy_id, benefit)):
        booked_ids = json.loads(text)
        if not wanted.isdisjoint(booked_ids):
            quantity += booked
            ids.update(booked_ids)
    return Overlap(quantity, tuple(sorted(ids)))
