"""Benefits: what is paid for each counted unit of time, joined, rounded once, then bounded."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from policy.calculator.rules.clocks import Clock
from policy.calculator.rules.conditions import Condition
from policy.calculator.rules.measures import Measure
from policy.calculator.rules.values import Clause, Fact, Op, Value


@dataclass(frozen=True, slots=True)
class Once:
    """``once``: 1 if any time is left."""


@dataclass(frozen=True, slots=True)
class Number:
    """``number: dropped_calls``: a whole number that the request gives."""

    fact: Fact


Part = Literal["interruption", "month", "billing cycle"]

ForEach = Literal["interruption", "outage", "month", "billing cycle", "all together"]
"""What a benefit is worked out for, each by itself: its occasion."""


@dataclass(frozen=True, slots=True)
class Units:
    """Units of time, counted part by part and then added.

    ``length`` is seconds, or a day of the local calendar. ``exact`` is a ratio; ``started`` rounds up, ``full`` down; a rest
    that passes ``rest`` counts as one more. ``of_each`` None: all time together. ``measure`` None: plain clock time.
    """

    rounding: Literal["exact", "started", "full"]
    length: int | Literal["local day", "working day"]
    measure: Measure | None
    rest: tuple[Op, int] | None
    of_each: Part | None


Count = Once | Number | Units


@dataclass(frozen=True, slots=True)
class Tiers:
    """``pay`` by the number of the unit (``nth``, marginal) or by the total count (``count``, bracket).

    Each step is (inclusive upper unit, value); ``last`` pays from there on. With ``day_from`` a unit is a local day, and its
    number is how many days it comes after the local day of that instant; that day itself, and any before it, is 0.
    """

    by: Literal["nth", "count"]
    steps: tuple[tuple[Fraction, Value], ...]
    last: Value
    day_from: Fact | None = None


@dataclass(frozen=True, slots=True)
class Discretion:
    """``pay: at discretion``: the source gives a right and no formula, so a person sets the amount."""


@dataclass(frozen=True, slots=True)
class Component:
    """What is paid for each counted unit of each part of a clock, times factors. ``clock`` None: it reads no time."""

    name: str
    clause: Clause
    clock: Clock | None
    when: Condition | None
    count: Count
    pay: Value | Tiers | Discretion
    times: tuple[Value, ...]


Rounding = Literal["up", "down", "half up"]


@dataclass(frozen=True, slots=True)
class Granted:
    """How a benefit becomes the customer's: ``automatically``, ``on claim``, or automatically when a condition holds.

    ``when`` is set for the last: a condition on facts, on the time of the benefit's clock and on the amount.
    """

    how: Literal["automatically", "on claim", "automatically when"]
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Benefit:
    """The sum (or the larger) of components, less what is set off, rounded once, then bounded.

    ``unit`` is the quantity that amounts are rounded to, in base units; caps are first taken down to it, a minimum up.
    ``for_each``: what it is worked out for, from ``when`` to ``granted``, each by itself. ``usable``: the local dates
    [from, to) in which a grant can be used; None: no dates are fixed.
    """

    name: str
    kind: str
    for_each: ForEach
    currency_code: str
    when: Condition | None
    join: Literal["sum", "larger"]
    components: tuple[Component, ...]
    minus: Value | None
    rounding: Rounding
    unit: int
    at_least: Value | None
    at_most: Value | None
    at_most_per_cycle: Value | None
    at_most_per_month: Value | None
    valid_for_seconds: int
    usable: tuple[date, date] | None
    granted: Granted
