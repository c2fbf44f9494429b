"""The billing cycle: the one that the request gives, and what lies before it and after it.

A request carries the outages of one cycle, [started_at, ended_at). Time before it is one cycle more, and so is time after it,
however long. Where the request gives no cycle that is a missing fact; no month stands in for it.
"""

from collections.abc import Callable
from typing import Final

from policy.calculator import rules
from policy.calculator.request import Interval

BILLING_CYCLE: Final = rules.Fact("billing_cycle", "subscriber", "intervals", "subscriber.billing_cycle", attribute=False)
"""What a rule reads that looks at time cycle by cycle, or divides by the days of the cycle."""


def days_in(cycle: Interval, local_day: Callable[[int], int]) -> int:
    """How many local dates the cycle has, from the one on which it begins until before the one on which it ends."""
    return local_day(cycle.ended_at) - local_day(cycle.started_at)
