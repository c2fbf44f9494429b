"""Measures: how heavy each part of the local day weighs."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from policy.calculator.rules.values import Clause

EVERY_DAY: Final = tuple(range(7))
"""Monday to Sunday."""


@dataclass(frozen=True, slots=True)
class Band:
    """A span of the local day, [from, until) in seconds after local midnight by the wall clock, and its weights.

    ``weekdays``: of which days, 0 is Monday. The bands of each weekday are a partition of it.
    """

    from_second: int
    until_second: int
    working: Fraction
    other: Fraction
    weekdays: tuple[int, ...] = EVERY_DAY


@dataclass(frozen=True, slots=True)
class Measure:
    """A named density over the local day; measured time is always multiplied by the clock's ``liable``."""

    name: str
    clause: Clause
    bands: tuple[Band, ...]
