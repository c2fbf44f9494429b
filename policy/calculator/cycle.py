"""The billing cycle: the one that the request gives, and what lies before it and after it.

A request carries the outages of one cycle, [started_at, ended_at). Time before it is one cycle more, and so is time after it,
however long. Where the request gives no cycle that is a missing fact; no month stands in for it.
"""

from collections.abc import Callable, Sequence
from typing import Final

from policy.calculator import rules
from policy.calculator.errors import InvalidRequest, Violation
from policy.calculator.request import Interval
from policy.calculator.texts import instant_text

BILLING_CYCLE: Final = rules.Fact("billing_cycle", "subscriber", "intervals", "subscriber.billing_cycle", attribute=False)
"""What a rule reads that looks at time cycle by cycle, or divides by the days of the cycle."""


def days_in(cycle: Interval, local_day: Callable[[int], int]) -> int:
    """How many local dates the cycle has, from the one on which it begins until before the one on which it ends."""
    return local_day(cycle.ended_at) - local_day(cycle.started_at)


def begins_outside(cycle: Interval, starts: Sequence[int]) -> InvalidRequest:
    """What is wrong where occasions begin at ``starts`` that are of another cycle than the given one, whose cap they ask."""
    span = f"is {instant_text(cycle.started_at)} to {instant_text(cycle.ended_at)}"
    whose = "is of another cycle, whose cap is asked: ask about it apart"
    return InvalidRequest(
        [Violation(BILLING_CYCLE.field, f"{span}, but what began at {instant_text(start)} {whose}") for start in starts]
    )
