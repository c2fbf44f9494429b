"""Section 6: what third parties owe for the grants, in fen, outage by outage."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import floor

from tests.reference.facts import Outage
from tests.reference.liability import THIRD_PARTY, liability_class

COST_FEN = {"data": Fraction(2, 2**20), "voice": Fraction(10, 60), "value_added": Fraction(100)}


def recourse_fen(grants: Iterable[tuple[str, Mapping[str, int]]], outages: Mapping[str, Outage]) -> dict[str, dict[str, int]]:
    """6: by party and outage, of grants by benefit and their parts by outage; amounts of 0 are left out."""
    owed: dict[str, dict[str, int]] = {}
    for outage_id, value in value_at_cost(grants).items():
        amount = floor(value + Fraction(1, 2))  # half up to the fen, once for the outage
        if liability_class(outages[outage_id]) == THIRD_PARTY and amount > 0:
            owed.setdefault(outages[outage_id].responsible_party, {})[outage_id] = amount
    return owed


def value_at_cost(grants: Iterable[tuple[str, Mapping[str, int]]]) -> dict[str, Fraction]:
    """6: of the parts of each outage: 0.02 CNY per MiB, 0.10 CNY per minute, 1.00 CNY per value-added day; in fen."""
    values: dict[str, Fraction] = {}
    for name, parts in grants:
        for outage_id, part in parts.items():
            values[outage_id] = values.get(outage_id, Fraction(0)) + part * COST_FEN[name]
    return values
