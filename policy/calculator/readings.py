"""What a decision read besides facts: the time that it measured, and the days that it asked a calendar about."""

from collections.abc import Iterable, Iterator
from itertools import chain

from policy.calculator import rules
from policy.calculator.codes import APPLICATION
from policy.calculator.facts import View
from policy.calculator.lowering.only import time_tests
from policy.calculator.trace import ClockRun, Run, Span
from policy.calculator.lowering.version import Lowered
from policy.calculator.working_days import is_outside


class Readings:
    """The measures and the calendars that decisions by one version read."""

    def __init__(self, lowered: Lowered) -> None:
        version = lowered.version
        self._lowered, self._calendars, self._clocks, self._recourse = lowered, lowered.calendars, lowered.clocks, version.recourse
        self._only = {each.name: _measures(each.only) for each in version.clocks}
        self._automatic = {
            each.name: _measures((each.granted.time,)) for each in version.benefits if each.granted.time is not None
        }

    def measured(self, run: Run) -> Iterator[tuple[rules.Measure, list[Span]]]:
        """Each measure that a decision without a missing fact rests on, with the time that was measured by it."""
        for name, measures in self._only.items():
            known = run.clocks.get(name) if measures else None
            if known is not None and known.merged:
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
            yield self._recourse.measure, run.clocks[self._recourse.clock.name].spans

    def without_calendar(self, run: Run) -> Iterator[str]:
        """The clauses of the rules by which a decision rests on a year whose working days are not published."""
        if not self._calendars.may_lack_a_year:
            return
        edges = self._calendars.published_edges(run.memory)
        if edges is None:  # which calendar holds is not known, and it did not matter to what was asked
            return
        measured = (
            (measure.clause.id, _times(spans))
            for measure, spans in self.measured(run)
            if self._calendars.weighs_working_days(measure)
        )
        for clause, times in chain(self._days_counted(run), measured):
            if any(is_outside(edges, start, end) for start, end in times):
                yield clause

    def _days_counted(self, run: Run) -> Iterator[tuple[str, Iterable[tuple[int, int]]]]:
        """Where working days were counted: the clause of the rule, and the time from which they were picked."""
        for name, clock in self._clocks.items():
            known, starts = run.clocks.get(name), clock.rule.starts
            if starts is not None and starts.unit == "working days" and known is not None and not known.is_missing:
                yield clock.rule.clause.id, [self._days_walked(known, run, view) for view in known.liable]
        for component in (component for benefit in run.benefits for component in benefit.components):
            rule = component.component.rule
            if isinstance(rule.count, rules.Units) and rule.count.length == "working day" and component.parts:
                assert component.clock is not None  # INVARIANT: units of time are of a clock
                yield rule.clause.id, _times(component.clock.spans)


    def _days_walked(self, known: ClockRun, run: Run, view: View) -> tuple[int, int]:
        """The days that were looked at for ``starts: 2 working days after``, as a span of time."""
        day = run.memory.get(known.clock.after, view.at)
        return self._calendars.local.starts_at(day + 1), run.memory.get(known.clock.walked_to, view.at)


def _measures(conditions: tuple[rules.Condition, ...]) -> tuple[rules.Measure, ...]:
    tests = (test for condition in conditions for test in time_tests(condition))
    return tuple(test.measure for test in tests if test.measure is not None)


def _times(spans: list[Span]) -> Iterator[tuple[int, int]]:
    return ((span.start, span.end) for span in spans)
