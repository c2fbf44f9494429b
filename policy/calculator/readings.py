"""What a decision read besides facts: the time that it measured, and the days that it asked a calendar about."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain

from policy.calculator import rules
from policy.calculator.almanac import Almanac
from policy.calculator.clock import Clock, ClockRun
from policy.calculator.codes import APPLICATION
from policy.calculator.facts import Missing, Row
from policy.calculator.only import time_tests
from policy.calculator.overlay import Span
from policy.calculator.run import Run


class Readings:
    """The measures and the calendars that decisions by one version read."""

    def __init__(self, version: rules.Version, clocks: Mapping[str, Clock], almanac: Almanac) -> None:
        self._almanac, self._clocks, self._recourse = almanac, clocks, version.recourse
        self._walks_on = any(each.starts is not None and each.starts.unit == "working days" for each in version.clocks)
        self._only = {each.name: _measures(each.only) for each in version.clocks}
        self._automatic = {
            each.name: _measures((each.granted.time,)) for each in version.benefits if each.granted.time is not None
        }

    def measured(self, run: Run) -> Iterator[tuple[rules.Measure, list[Span]]]:
        """Each measure that a decision without a missing fact rests on, with the time that was measured by it."""
        for name, measures in self._only.items():
            known = run.clocks.get(name) if measures else None
            if isinstance(known, ClockRun) and known.merged:
                yield from ((measure, known.merged) for measure in measures)
        for benefit in run.benefits:
            asked = benefit.quantity and run.row.request.mode != APPLICATION
            automatic = self._automatic.get(benefit.benefit.rule.name, ()) if asked else ()
            for component in benefit.components:
                if component.clock is None or not component.parts:
                    continue
                count = component.component.rule.count
                if isinstance(count, rules.Units) and count.measure is not None:
                    yield count.measure, component.clock.spans
                yield from ((measure, component.clock.spans) for measure in automatic)
        if self._recourse is not None and self._recourse.measure is not None and run.shares is not None:
            clock = run.clocks[self._recourse.clock.name]
            assert isinstance(clock, ClockRun)  # INVARIANT: shares are of a clock that was decided
            yield self._recourse.measure, clock.spans

    def without_calendar(self, run: Run) -> Iterator[str]:
        """The clauses of the rules by which a decision rests on a year whose working days are not published."""
        if not self._almanac.may_lack_a_year or self._is_published(run.row):
            return
        measured = (
            (measure.clause.id, _times(spans))
            for measure, spans in self.measured(run)
            if self._almanac.weighs_working_days(measure)
        )
        for clause, times in chain(self._days_counted(run), measured):
            with suppress(Missing):  # which calendar holds is not known, and it did not matter to what was asked
                if self._almanac.lacks_a_year(run.row, times):
                    yield clause

    def _is_published(self, row: Row) -> bool:
        """Whether all time of the outages, and so all that was counted of it, lies in published years: nearly always.

        A clock that starts some working days on may have walked further.
        """
        if self._walks_on or not row.views:
            return False
        return self._almanac.publishes(min([view.start for view in row.views]), max([view.end for view in row.views]))

    def _days_counted(self, run: Run) -> Iterator[tuple[str, Iterable[tuple[int, int]]]]:
        """Where working days were counted: the clause of the rule, and the time from which they were picked."""
        for name, clock in self._clocks.items():
            known, starts = run.clocks.get(name), clock.rule.starts
            if starts is not None and starts.unit == "working days" and isinstance(known, ClockRun):
                yield clock.rule.clause.id, [clock.days_walked(run.row, view) for view in known.liable]
        for component in (component for benefit in run.benefits for component in benefit.components):
            rule = component.component.rule
            if isinstance(rule.count, rules.Units) and rule.count.length == "working day" and component.parts:
                assert component.clock is not None  # INVARIANT: units of time are of a clock
                yield rule.clause.id, _times(component.clock.spans)


def _measures(conditions: tuple[rules.Condition, ...]) -> tuple[rules.Measure, ...]:
    tests = (test for condition in conditions for test in time_tests(condition))
    return tuple(test.measure for test in tests if test.measure is not None)


def _times(spans: list[Span]) -> Iterator[tuple[int, int]]:
    return ((span.start, span.end) for span in spans)
