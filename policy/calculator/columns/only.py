"""``only`` over columns: what time is kept, step by step."""

from collections.abc import Callable

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.column import NoColumns, compared, fits
from policy.calculator.columns.conditions import condition
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import Groups, Spans
from policy.calculator.columns.unknown import UNKNOWN, Unknown, add, at, kept, somewhere
from policy.calculator.columns.values import ColumnValues
from policy.calculator.only import time_tests

Judge = Callable[[Frame, Spans], Mask]
_LONGEST_SECONDS = 2**33


class ColumnOnly:
    """The steps of one clock."""

    def __init__(self, steps: tuple[rules.Condition, ...], values: ColumnValues, almanac: ColumnAlmanac) -> None:
        scopes = {test.scope for step in steps for test in time_tests(step)}
        self._scope = "local day" if "local day" in scopes else "month" if "month" in scopes else "total"
        self._almanac = almanac
        self._judges = [_judge(step, values, almanac) for step in steps]

    def keep(self, frame: Frame, spans: Spans, rows: Mask, refusal: Ints) -> tuple[Spans, Mask]:
        """The spans that pass every step in turn, and those of ``rows`` for which each could be decided; else it is UNKNOWN."""
        spans = self._almanac.split(spans, self._scope)
        for judge in self._judges:
            kept, unknown = frame.apart(judge, spans)
            if unknown:
                lacking = frame.lack(unknown, spans.row, spans.view)
                refusal[lacking] = UNKNOWN
                rows, kept = rows & ~lacking, kept & ~lacking[spans.row]
            spans = spans.where(kept)
        return spans, rows


def _judge(step: rules.Condition, values: ColumnValues, almanac: ColumnAlmanac) -> Judge:
    match step:
        case rules.TimeIn():
            return _time_judge(step, almanac)
        case rules.AllOf(conditions=parts):
            return _joined([_judge(part, values, almanac) for part in parts], decisive=False)
        case rules.AnyOf(conditions=parts):
            return _joined([_judge(part, values, almanac) for part in parts], decisive=True)
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


def _time_judge(test: rules.TimeIn, almanac: ColumnAlmanac) -> Judge:
    numerator, denominator = test.seconds.numerator, test.seconds.denominator
    measure, op = test.measure, test.op
    if measure is not None:
        raise NoColumns("a measure under only")
    fits(_LONGEST_SECONDS * denominator)

    def judge(_: Frame, spans: Spans) -> Mask:
        groups = Groups.by(spans.row, almanac.label(spans, test.scope))
        totals: Ints = groups.sums(spans.lengths())
        return compared(op, totals * denominator, numerator)[groups.of]

    return judge
