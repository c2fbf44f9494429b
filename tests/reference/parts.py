"""Section 5b: whose outage a grant is."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor

from tests.reference.interruptions import Interruption

BY_CLOCK_TIME = ("value_added",)


def parts(name: str, quantity: int, interruption: Interruption) -> dict[str, int]:
    """5b: a grant over the outages of its interruption, in proportion to their W; value-added days to their clock time."""
    return split(quantity, weights(name, interruption))


def weights(name: str, interruption: Interruption) -> dict[str, Fraction]:
    """5b: what counts for each outage; 0 for one whose time counts for another."""
    owned = interruption.owned()
    if name in BY_CLOCK_TIME:
        return {outage_id: Fraction(sum(piece.clock_seconds for piece in pieces)) for outage_id, pieces in owned.items()}
    return {outage_id: sum((piece.weighted_seconds for piece in pieces), Fraction(0)) for outage_id, pieces in owned.items()}


def split(quantity: int, by: Mapping[str, Fraction]) -> dict[str, int]:
    """5b: by largest remainder in base units; ties: smaller id first."""
    total = sum(by.values(), Fraction(0))
    quotas = {each: quantity * weight / total for each, weight in by.items()}
    shares = {each: floor(quota) for each, quota in quotas.items()}
    by_remainder = sorted(quotas, key=lambda each: (shares[each] - quotas[each], each))
    for each in by_remainder[: quantity - sum(shares.values())]:
        shares[each] += 1
    return shares
