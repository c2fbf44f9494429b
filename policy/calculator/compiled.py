"""What a value compiles to, and how compiled values are brought together: one axis, one denominator, one comparison."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import gcd, lcm
from typing import Any, Final

from policy.calculator import rules
from policy.calculator.facts import gather

Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A value ready to be read: ``read`` takes a row, or a view where ``of_outage``, and returns the numerator.

    ``by_month`` says that it depends on the month of the part being paid. ``pick``: which branch of a choice is taken.
    ``common`` divides every numerator that ``read`` can return; 0 where that is always 0.
    """

    read: Read
    denominator: int = 1
    of_outage: bool = False
    by_month: bool = False
    pick: Callable[[Any], int] | None = None
    common: int = 1

    def scaled_to(self, denominator: int) -> Read:
        """The same value as a numerator over ``denominator``, which is a multiple of its own."""
        factor, read = denominator // self.denominator, self.read
        return read if factor == 1 else lambda ctx: read(ctx) * factor


TESTS: Final[dict[rules.Op, Callable[[int, int], bool]]] = {
    "less than": operator.lt,
    "at most": operator.le,
    "more than": operator.gt,
    "at least": operator.ge,
}


def compare(op: rules.Op, left: int, right: int) -> bool:
    """``left op right``, in the words of the language."""
    return TESTS[op](left, right)


def common_factor(values: Iterable[Compiled], denominator: int) -> int:
    """What divides every numerator of ``values`` over ``denominator``."""
    return gcd(*(value.common * (denominator // value.denominator) for value in values))


def bind(read: Read, ctx: Any) -> Callable[[], object]:
    """``read`` with its row or view, to be read when it is asked for."""
    return lambda: read(ctx)


def on_axis(value: Compiled, of_outage: bool, read: Read) -> Read:
    """``read`` for a view where the whole is read per outage and this part of it per row."""
    return (lambda view: read(view.row)) if of_outage and not value.of_outage else read


@dataclass(frozen=True, slots=True)
class Axis:
    """What the branches of a choice have in common: read per outage or per row, and their denominator."""

    of_outage: bool
    denominator: int
    branches: list[Compiled]
    reads: list[Read]

    @classmethod
    def of(cls, subject_of_outage: bool, branches: list[Compiled]) -> "Axis":
        of_outage = subject_of_outage or any(branch.of_outage for branch in branches)
        denominator = lcm(*(branch.denominator for branch in branches))
        reads = [on_axis(branch, of_outage, branch.scaled_to(denominator)) for branch in branches]
        return cls(of_outage, denominator, branches, reads)

    def read(self, value: Compiled) -> Read:
        """A value that the choice asks, on its axis."""
        return on_axis(value, self.of_outage, value.read)

    def compiled(self, choose: Read, pick: Callable[[Any], int]) -> Compiled:
        """The choice. A missing subject of it also names what every branch would miss."""
        by_month, common = any(branch.by_month for branch in self.branches), common_factor(self.branches, self.denominator)
        return Compiled(choose, self.denominator, self.of_outage, by_month, pick, common)


def missed_by_all(reads: list[Read], ctx: Any) -> dict[str, str]:
    """The facts that every one of ``reads`` misses, with the clauses that need them."""
    missed = [gather([bind(read, ctx)]) for read in reads]
    return {field: clause for field, clause in missed[0].items() if all(field in others for others in missed[1:])}


def compares_dates(subject: rules.Value, bound: rules.Bound) -> bool:
    """Whether an instant stands against a date (a constant beside an instant is always a date)."""
    if not (isinstance(subject, rules.Fact) and subject.type == "instant"):
        return False
    return isinstance(bound.value, rules.Constant) or (isinstance(bound.value, rules.Fact) and bound.value.type == "date")
