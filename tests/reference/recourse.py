"""Section 6: what third parties owe for the grants, in fen."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor

from tests.reference.liability import THIRD_PARTY, liability_class
from tests.reference.measure import Piece, weighted_seconds

COST_FEN = {"data": Fraction(2, 2**20), "voice": Fraction(10, 60), "value_added": Fraction(100)}


def recourse_fen(grants: Mapping[str, int], pieces: list[Piece]) -> dict[str, int]:
    """6: what each party owes; claims of 0 are left out."""
    by_party = weighted_seconds_by_party(pieces)
    owed = owed_together(value_at_cost(grants), sum(by_party.values(), Fraction(0)), weighted_seconds(pieces))
    return {party: amount for party, amount in split(owed, by_party).items() if amount > 0}


def value_at_cost(grants: Mapping[str, int]) -> Fraction:
    """6, first sentence: 0.02 CNY per MiB, 0.10 CNY per minute, 1.00 CNY per value-added day; in fen."""
    return sum((quantity * COST_FEN[name] for name, quantity in grants.items()), Fraction(0))


def owed_together(value: Fraction, of_third_parties: Fraction, of_all: Fraction) -> int:
    """6, second sentence: value × their share of W × 100 %, half up to the fen."""
    return floor(value * of_third_parties / of_all + Fraction(1, 2))


def split(owed: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """6, second sentence: in proportion to W by largest remainder; ties: smaller name first."""
    total = sum(weights.values(), Fraction(0))
    quotas = {party: owed * weight / total for party, weight in weights.items()}
    shares = {party: floor(quota) for party, quota in quotas.items()}
    by_remainder = sorted(quotas, key=lambda party: (shares[party] - quotas[party], party))
    for party in by_remainder[: owed - sum(shares.values())]:
        shares[party] += 1
    return shares


def weighted_seconds_by_party(pieces: list[Piece]) -> dict[str, Fraction]:
    """6 with 3.4: the W of the time that third-party outages own, by the party named; the empty name where none is."""
    weights: dict[str, Fraction] = {}
    for piece in pieces:
        if liability_class(piece.outage) == THIRD_PARTY:
            party = piece.outage.responsible_party
            weights[party] = weights.get(party, Fraction(0)) + piece.weighted_seconds
    return weights
