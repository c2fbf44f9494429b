"""Decisions as columns: what is the same for many rows stands once, as a shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from policy.calculator.columns.keys import KeyTexts
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.recourse import ColumnRecourseRun
from policy.calculator.decision import Decision, Explanation, NoticeMessage


@dataclass(frozen=True, slots=True)
class Answers:
    """The decisions on rows. A row in ``hard`` has none here and is to be decided alone.

    ``shapes[shape[i]]`` is what the decision on row i shares with others; the rest stands in the other columns: the quantity of
    each grant by benefit name, its key (empty where it has none), the seconds counted and weighed (the latter over
    ``weighted_denominator``), recourse, messages and the id. ``told``: the number of each line of a summary, by its rule.
    """

    hard: Mask
    shape: Ints
    shapes: Sequence[Decision]
    decision_ids: KeyTexts
    quantities: Mapping[str, Ints]
    grant_keys: Mapping[str, KeyTexts]
    clock_seconds: Ints
    weighted: Ints
    weighted_denominator: int
    recourse: ColumnRecourseRun | None
    notices: Mapping[int, tuple[NoticeMessage, ...]]
    as_of: Ints
    told: Mapping[str, Ints]

    def decision(self, row: int) -> Decision:
        """The decision on a row that is not hard, as the reading for one request gives it."""
        shape = self.shapes[int(self.shape[row])]
        grants = tuple(
            replace(
                grant,
                quantity=int(self.quantities[grant.benefit][row]),
                grant_key=self.grant_keys[grant.benefit][row].decode() if grant.grant_key else "",
            )
            for grant in shape.grants
        )
        return replace(
            shape,
            decision_id=self.decision_ids[row].decode(),
            grants=grants,
            recourse=() if self.recourse is None else self.recourse.of(row),
            notice=self.notices.get(row, ()),
            as_of=int(self.as_of[row]),
            clock_seconds=None if shape.clock_seconds is None else int(self.clock_seconds[row]),
            weighted_seconds=None
            if shape.weighted_seconds is None
            else Fraction(int(self.weighted[row]), self.weighted_denominator),
            explanation=None if shape.explanation is None else self._summary(shape.explanation, row),
        )

    def _summary(self, explanation: Explanation, row: int) -> Explanation:
        lines = [
            replace(line, value=str(int(self.told[line.rule][row]))) if line.applied and line.rule in self.told else line
            for line in explanation.lines
        ]
        return replace(explanation, lines=tuple(lines))
