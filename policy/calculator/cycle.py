"""The billing cycle: the one that the request gives, and what lies before it and after it.

A request carries the outages of one cycle, [started_at, ended_at). Time before it is one cycle more, and so is time after it,
however long. Where the request gives no cycle that is a missing fact; no month stands in for it.
"""

from collections.abc import Callable
from typing import Final

from policy.calculator import rules
from policy.calculator.facts import Missing, Row
from policy.calculator.request import Interval

BILLING_CYCLE: Final = rules.Fact("billing_cycle", "subscriber", "intervals", "subscriber.billing_cycle", attribute=False)
"""What a rule reads that looks at time cycle by cycle, or divides by the days of the cycle."""


def cycle_of(row: Row) -> Interval:
    """The cycle that the request gives. Raises Missing if it gives none."""
    cycle = row.subscriber.billing_cycle
    if cycle is None:
        raise Missing({BILLING_CYCLE.field: ""})
    return cycle


def number_in(cycle: Interval, instant: int) -> int:
    """0 before the cycle, 1 in it, 2 after it."""
    return (instant >= cycle.started_at) + (instant >= cycle.ended_at)


def start_of(cycle: Interval, number: int) -> int:
    """The first instant of the cycle, 1, and of what comes after it, 2."""
    return cycle.started_at if number == 1 else cycle.ended_at


def days_in(cycle: Interval, local_day: Callable[[int], int]) -> int:
    """How many local dates the cycle has, from the one on which it begins until before the one on which it ends."""
    return local_day(cycle.ended_at) - local_day(cycle.started_at)
