"""What there is to exercise, and the marks that say what a case did."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from policy.calculator import rules
from policy.calculator.local_time import LocalTime
from policy.calculator.lowering.taken import Branch, Taken
from policy.tools.coverage.edges import Side, side_at, standing
from policy.tools.describing.values import Wording

Mark = tuple[int, str]
"""A rule, by the identity of its object in the version, and which part of it."""
Path = tuple[str, ...]
"""Where a rule stands in the file: the keys that lead to it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to exercise. ``case``: what a case has to be to exercise it."""

    mark: Mark
    kind: Literal["rule", "boundary"]
    path: Path
    clause: str
    case: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where items are listed: their path and clause, and how the version's values are said."""

    path: Path
    clause: str
    say: Wording

    def at(self, *keys: str, clause: str | None = None) -> "Place":
        """A place further in."""
        return Place((*self.path, *keys), self.clause if clause is None else clause, self.say)

    def rule(self, rule: object, part: str, case: str) -> Item:
        """A rule, or a part of one."""
        return Item((id(rule), part), "rule", self.path, self.clause, case)

    def edges(
        self, rule: object, op: rules.Op, case: str, threshold: str, unit: str = "one unit", part: str = ""
    ) -> Iterator[Item]:
        """Both sides of a boundary: ``case`` and where it stands make a sentence."""
        for side in Side:
            said = f"{case} {standing(op, threshold, side, unit)}"
            yield Item((id(rule), f"{part} {side.value}"), "boundary", self.path, self.clause, said)


class Seen:
    """What the cases of a version exercised."""

    def __init__(self, local: LocalTime) -> None:
        self.local = local
        self.marks: set[Mark] = set()

    def rule(self, rule: object, part: str = "") -> None:
        """A rule, or a part of one, was exercised."""
        self.marks.add((id(rule), part))

    def edge(
        self,
        rule: object,
        op: rules.Op,
        value: Fraction | int,
        threshold: Fraction | int,
        unit: Fraction | int = 1,
        part: str = "",
    ) -> None:
        """A boundary was looked at from where ``value`` stands."""
        side = side_at(op, value, threshold, unit)
        if side is not None:
            self.marks.add((id(rule), f"{part} {side.value}"))

    def take(self, taken: Taken) -> None:
        """Branches were taken, and bounds were looked at."""
        for each in taken:
            if isinstance(each, Branch):
                self.rule(each.rule, each.part)
            else:
                bound = self.local.starts_at(int(each.bound)) if each.by_date else each.bound
                self.edge(each.rule, each.op, each.value, bound, each.unit, each.part)
