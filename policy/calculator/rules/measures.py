"""Measures: how heavy each part of the local day weighs."""

from dataclasses import dataclass
from fractions import Fraction

from policy.calculator.rules.values import Clause


@dataclass(frozen=True, slots=True)
class Band:
    """A span of the local day, [from, until) in seconds after local midnight by the wall clock, and its weights."""

    from_second: int
    until_second: int
    working: Fraction
    other: Fraction


@dataclass(frozen=True, slots=True)
class Measure:
    """A named density over the local day; measured time is always multiplied by the clock's ``liable``."""

    name: str
    clause: Clause
    bands: tuple[Band, ...]
