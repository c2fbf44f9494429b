"""What a run did with the rules: the branches that it took, and where it stood at each bound that it compared with.

It is read from the trace: of a value or a test that a run did not come to, nothing was taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from policy.calculator import rules


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a rule was taken: its number, or a word for it."""

    rule: object
    part: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A number was compared with a bound.

    ``unit``: the least by which it could differ. ``by_date``: the bound is a local day, the number an instant.
    """

    rule: object
    op: rules.Op
    value: Fraction
    bound: Fraction
    unit: Fraction = Fraction(1)
    part: str = ""
    by_date: bool = False


Taken = Iterator[Branch | Compared]
