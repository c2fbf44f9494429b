"""Conditions: on facts everywhere, and under ``only`` also on how much of a clock's time falls in a scope."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from policy.calculator.rules.measures import Measure
from policy.calculator.rules.values import Bound, Op, Value


@dataclass(frozen=True, slots=True)
class Compare:
    """``monthly_fee: at least 10.00 EUR``, also for instants, dates and counts of a list."""

    subject: Value
    bound: Bound


@dataclass(frozen=True, slots=True)
class IsOneOf:
    """``negligence: GROSS or INTENT``; the codes may come from a figure."""

    subject: Value
    codes: Value


@dataclass(frozen=True, slots=True)
class IsYes:
    """``in_district: yes`` (or no)."""

    subject: Value
    yes: bool


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All hold."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class OfOutages:
    """``any outage: {cause: POWER_SUPPLY}`` or ``every outage: …``: of the outages of the occasion."""

    which: Literal["any", "every"]
    condition: "Condition"


Scope = Literal["interruption", "local day", "month", "billing cycle", "total"]


@dataclass(frozen=True, slots=True)
class TimeIn:
    """``interruption: more than 12 h``: how much of the clock's time falls in the scope. Only under ``only``.

    ``seconds`` is the threshold; ``measure`` None means plain clock time.
    """

    scope: Scope
    op: Op
    seconds: Fraction
    measure: Measure | None


@dataclass(frozen=True, slots=True)
class AmountIs:
    """``amount: more than 1.00 EUR``: what the occasion is owed in all, after ``at most``. Only under ``automatically when``.

    ``quantity`` is in the benefit's base unit.
    """

    op: Op
    quantity: int


Condition = Compare | IsOneOf | IsYes | AnyOf | AllOf | OfOutages | TimeIn | AmountIs
