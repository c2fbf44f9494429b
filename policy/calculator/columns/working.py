"""Rows under way: what was worked out of them so far."""

from dataclasses import dataclass, field

from policy.calculator.columns.benefit import ColumnBenefitRun
from policy.calculator.columns.clock import ColumnClockRun
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Mask
from policy.calculator.columns.recourse import ColumnShares


@dataclass(slots=True)
class Working:
    """Rows and what they came to.

    ``clocks`` by name, those that were needed; ``benefits`` in the order of the policy; ``shares``: who owns
    how much of the time, None where that was not asked; ``not_weighed``: rows whose time is told, and by a calendar that is not
    known could not be weighed.
    """

    frame: Frame
    clocks: dict[str, ColumnClockRun] = field(default_factory=dict)
    benefits: list[ColumnBenefitRun] = field(default_factory=list)
    shares: ColumnShares | None = None
    not_weighed: Mask | None = None
