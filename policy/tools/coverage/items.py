"""What there is to exercise, and the marks that say what a case did."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from policy.calculator import rules
from policy.calculator.compiled import Compiled
from policy.calculator.facts import Row, View
from policy.calculator.local_time import LocalTime
from policy.calculator.values import Values
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
    """What the cases of a version exercised, and what is needed to look at a run: its compiled values and its calendar."""

    def __init__(self, values: Values, local: LocalTime) -> None:
        self.values, self.local = values, local
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

    def number(self, value: rules.Value, ctx: Row | View) -> Fraction:
        """A value of the run, exactly, in its base unit. Raises Missing."""
        compiled = self.values.compiled(value)
        return Fraction(compiled.read(on_axis(compiled, ctx)), compiled.denominator)


def on_axis(compiled: Compiled, ctx: Row | View) -> Row | View:
    """What the compiled value is read from: the outage, or the whole request."""
    return ctx.row if isinstance(ctx, View) and not compiled.of_outage else ctx
