"""``only`` over columns: what time is kept, step by step."""

from collections.abc import Callable

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.column import compared, fits
from policy.calculator.columns.conditions import condition
from policy.calculator.columns.cycle import note_cycle
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import LONGEST_SECONDS, Groups, Spans
from policy.calculator.columns.unknown import UNKNOWN, Unknown, add, at, kept, somewhere
from policy.calculator.columns.values import ColumnValues
from policy.calculator.only import time_tests

Judge = Callable[[Frame, Spans], Mask]


class ColumnOnly:
    """The steps of one clock."""

    def __init__(
        self,
        steps: tuple[rules.Condition, ...],
        values: ColumnValues,
        almanac: ColumnAlmanac,
        level_denominator: int,
        level_bound: int,
    ) -> None:
        """Of a clock whose levels are numerators over ``level_denominator``, up to ``level_bound``."""
        tests = [test for step in steps for test in time_tests(step)]
        self._scopes = {test.scope for test in tests}
        self._almanac = almanac
        for test in tests:
            _fits(test, almanac, level_denominator, level_bound)
        self._judges = [_judge(step, values, almanac, level_denominator) for step in steps]

    def keep(self, frame: Frame, spans: Spans, rows: Mask, refusal: Ints) -> tuple[Spans, Mask]:
        """The spans that pass every step in turn, and those of ``rows`` for which each could be decided; else it is UNKNOWN."""
        spans = self._almanac.split(frame, spans, self._scopes)
        for judge in self._judges:
            kept, unknown = frame.apart(judge, spans)
            if unknown:
                lacking = frame.lack(unknown, spans.row, spans.view)
                refusal[lacking] = UNKNOWN
                rows, kept = rows & ~lacking, kept & ~lacking[spans.row]
            spans = spans.where(kept)
        return spans, rows

    def of_time(self, frame: Frame, spans: Spans) -> tuple[Spans, Mask, Unknown]:
        """The spans that the first step looks at, whether each passes it, and what is not known of each."""
        spans = self._almanac.split(frame, spans, self._scopes)
        passes, unknown = frame.apart(self._judges[0], spans)
        return spans, passes, unknown


def _judge(step: rules.Condition, values: ColumnValues, almanac: ColumnAlmanac, level_denominator: int) -> Judge:
    match step:
        case rules.TimeIn():
            return _time_judge(step, almanac, level_denominator)
        case rules.AllOf(conditions=parts):
            return _joined([_judge(part, values, almanac, level_denominator) for part in parts], decisive=False)
        case rules.AnyOf(conditions=parts):
            return _joined([_judge(part, values, almanac, level_denominator) for part in parts], decisive=True)
    test = condition(step, values, "view")

    def of_fact(frame: Frame, spans: Spans) -> Mask:
        live = np.zeros(frame.size("view"), np.bool_)
        live[spans.view] = True
        found, unknown = frame.apart(test, live)
        if unknown:
            frame.note(at(unknown, spans.view))
        kept: Mask = found[spans.view]
        return kept

    return of_fact


def _joined(judges: list[Judge], *, decisive: bool) -> Judge:
    """Any of (decisive True) or all of (decisive False): one decisive verdict decides, whatever the others miss."""

    def joined(frame: Frame, spans: Spans) -> Mask:
        decided, unknown = np.zeros(len(spans), np.bool_), Unknown()
        for judge in judges:
            found, missed = frame.apart(judge, spans)
            decides = found == decisive
            if missed:
                decides &= ~somewhere(missed)
                add(unknown, missed)
            decided |= decides
        if unknown:
            frame.note(kept(unknown, ~decided))
        return decided if decisive else ~decided

    return joined


def _fits(test: rules.TimeIn, almanac: ColumnAlmanac, level_denominator: int, level_bound: int) -> None:
    """Proves that what a test compares fits a column."""
    heaviest, scale = 1, 1
    if test.measure is not None:
        heaviest, scale = almanac.heaviest(test.measure) * level_bound, almanac.scale(test.measure) * level_denominator
    fits(LONGEST_SECONDS * heaviest * test.seconds.denominator)
    fits(test.seconds.numerator * scale)


def _time_judge(test: rules.TimeIn, almanac: ColumnAlmanac, level_denominator: int) -> Judge:
    denominator, measure, op = test.seconds.denominator, test.measure, test.op
    bound = test.seconds.numerator * (1 if measure is None else almanac.scale(measure) * level_denominator)

    def judge(frame: Frame, spans: Spans) -> Mask:
        _ask(frame, spans, test, almanac)
        groups = Groups.by(spans.row, almanac.label(frame, spans, test.scope))
        totals: Ints = groups.sums(spans.lengths() if measure is None else almanac.weighed(frame, measure, spans))
        return compared(op, totals * denominator, bound)[groups.of]

    return judge


def _ask(frame: Frame, spans: Spans, test: rules.TimeIn, almanac: ColumnAlmanac) -> None:
    """Notes the calendar that is not known, or else the cycle."""
    if test.measure is None and test.scope != "billing cycle":
        return
    rows = np.zeros(frame.count, np.bool_)
    rows[spans.row] = True

    def ask(frame: Frame, live: Mask) -> None:
        if test.measure is not None:
            _, unknown = frame.apart(lambda frame, live: almanac.ask(frame, live, test.measure), live)
            if unknown:
                frame.note(unknown)
                live = live & ~somewhere(unknown)
        if test.scope == "billing cycle":
            note_cycle(frame, live)

    _, unknown = frame.apart(ask, rows)
    if unknown:
        frame.note(at(unknown, spans.row))
