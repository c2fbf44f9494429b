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

    def keep(self, frame: Frame, spans: Spans) -> Spans:
        """The spans that pass every step in turn."""
        spans = self._almanac.split(spans, self._scope)
        for judge in self._judges:
            spans = spans.where(judge(frame, spans))
        return spans


def _judge(step: rules.Condition, values: ColumnValues, almanac: ColumnAlmanac) -> Judge:
    match step:
        case rules.TimeIn():
            return _time_judge(step, almanac)
        case rules.AllOf(conditions=parts):
            judges = [_judge(part, values, almanac) for part in parts]
            return lambda frame, spans: np.logical_and.reduce([judge(frame, spans) for judge in judges])
        case rules.AnyOf(conditions=parts):
            judges = [_judge(part, values, almanac) for part in parts]
            return lambda frame, spans: np.logical_or.reduce([judge(frame, spans) for judge in judges])
    test = condition(step, values, "view")

    def of_fact(frame: Frame, spans: Spans) -> Mask:
        live = np.zeros(frame.size("view"), np.bool_)
        live[spans.view] = True
        return test(frame, live)[spans.view]

    return of_fact


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
