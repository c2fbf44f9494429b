"""What is told of repeated readings: the middle one, and how far the middle half of them spreads."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Spread:
    """``low`` and ``high`` bound the middle half of the readings; all three are in their unit."""

    median: float
    low: float
    high: float


def spread(readings: Sequence[float]) -> Spread:
    """The spread of one or more readings."""
    if len(readings) == 1:
        return Spread(readings[0], readings[0], readings[0])
    low, _, high = quantiles(readings, n=4, method="inclusive")
    return Spread(median(readings), low, high)


def ratios(readings: Sequence[float], floor: Sequence[float]) -> Spread:
    """Each reading over that of the floor in the same round, so that what slows a whole round down cancels out."""
    return spread([one / other for one, other in zip(readings, floor, strict=True)])
