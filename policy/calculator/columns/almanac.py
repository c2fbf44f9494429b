"""Where time passes, over columns: the zone, and for each calendar its working days and the densities of measures."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from policy.calculator import rules
from policy.calculator.columns.calendar import ColumnDensity, ColumnTime
from policy.calculator.columns.cycle import number_of_cycles, split_at_cycles
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import Spans
from policy.calculator.columns.unknown import somewhere
from policy.calculator.columns.values import ColumnValues
from policy.calculator.columns.working_days import ColumnDays
from policy.calculator.measure import Density
from policy.calculator.working_days import MONDAY_TO_FRIDAY, WorkingDays

_NO_CALENDAR = -1


class ColumnAlmanac:
    """The zone and the calendars of a version. What chooses the calendar is looked up by row."""

    def __init__(
        self, version: rules.Version, time: ColumnTime, calendars: Mapping[str, WorkingDays], values: ColumnValues
    ) -> None:
        """``calendars``: the working days that the version names, by name; empty where it names none."""
        self.time = time
        days = dict(calendars) or {MONDAY_TO_FRIDAY.name: MONDAY_TO_FRIDAY}
        self._days = [ColumnDays(each, time) for each in days.values()]
        self._densities = {
            measure.name: [ColumnDensity(Density(measure.bands, time.local, each), time) for each in days.values()]
            for measure in version.measures
        }
        self._tells_days = {each.name for each in version.measures if any(band.working != band.other for band in each.bands)}
        self._may_lack_a_year = any(each.published_years is not None for each in days.values())
        self._calendar = None
        if len(days) > 1:
            assert version.calendar is not None  # INVARIANT: several calendars are chosen between by a value
            self._calendar = values.column(version.calendar).read
            self._numbers = [values.number_of(name) for name in days]

    def scale(self, measure: rules.Measure) -> int:
        """The denominator of the measure's weights, the same over every calendar."""
        return self._densities[measure.name][0].scale

    def heaviest(self, measure: rules.Measure) -> int:
        """The greatest weight of a second, over ``scale``."""
        return int(max(max(band.working, band.other) for band in measure.bands) * self.scale(measure))

    def ask(self, frame: Frame, live: Mask, measure: rules.Measure | None = None) -> None:
        """Notes where the calendar is needed and not known; for time by a measure, if days differ by it. By row."""
        if self._calendar is not None and (measure is None or measure.name in self._tells_days):
            self._calendar(frame, live)

    def between(self, frame: Frame, measure: rules.Measure, rows: Ints, starts: Ints, ends: Ints) -> Ints:
        """``scale`` times the weighted seconds of each [start, end), by the calendar of the row that it is of."""
        densities = self._densities[measure.name]
        if self._calendar is None or measure.name not in self._tells_days:
            return densities[0].between(starts, ends)
        return self._by_calendar(frame, rows, lambda place, of: densities[place].between(starts[of], ends[of]))

    def weighed(self, frame: Frame, measure: rules.Measure, spans: Spans) -> Ints:
        """The same of spans, times the level of each."""
        return spans.level * self.between(frame, measure, spans.row, spans.start, spans.end)

    def is_working(self, frame: Frame, rows: Ints, days: Ints) -> Mask:
        """Which days are worked by the calendar of the row that each is of."""
        return self._by_calendar(frame, rows, lambda place, of: self._days[place].is_working(days[of])).astype(np.bool_)

    def end_of_nth_working_day(
        self, frame: Frame, rows: Ints, after: Ints, n: int, paused: tuple[Ints, Ints, Ints] | None
    ) -> Ints:
        """See :meth:`ColumnDays.end_of_nth`; lines of ``paused`` are places in ``rows``."""

        def of_calendar(place: int, of: Ints) -> Ints:
            if paused is None:
                return self._days[place].end_of_nth(after[of], n)
            line = np.minimum(np.searchsorted(of, paused[0]), len(of) - 1)
            ours = np.flatnonzero(of[line] == paused[0])
            return self._days[place].end_of_nth(after[of], n, (line[ours], paused[1][ours], paused[2][ours]))

        return self._by_calendar(frame, rows, of_calendar)

    def lacks_a_year(self, frame: Frame, rows: Ints, starts: Ints, ends: Ints) -> Mask:
        """The spans of time that touch a year for which the calendar of the row that each is of is not published."""
        if not self._may_lack_a_year:
            return np.zeros(len(rows), np.bool_)
        said = self._by_calendar(frame, rows, lambda place, of: self._days[place].lacks_a_year(starts[of], ends[of]))
        return said.astype(np.bool_)

    def _by_calendar(self, frame: Frame, rows: Ints, of_calendar: Callable[[int, Ints], NDArray[np.generic]]) -> Ints:
        """What each calendar says of the lines that go by it, told by their places among ``rows``; 0 where none is known."""
        if self._calendar is None:
            return of_calendar(0, np.arange(len(rows))).astype(np.int64, copy=False)
        said, chosen = np.zeros(len(rows), np.int64), self._chosen(frame)[rows]
        for place, number in enumerate(self._numbers):
            of = np.flatnonzero(chosen == number)
            if len(of):
                said[of] = of_calendar(place, of)
        return said

    def _chosen(self, frame: Frame) -> Ints:
        """The calendar of each row, looked up once; who needs it asks for it besides."""
        if frame.calendar is None:
            assert self._calendar is not None
            asked = dict(frame.read_live)
            chosen, unknown = frame.apart(self._calendar, ~frame.hard)
            frame.calendar = np.where(somewhere(unknown), _NO_CALENDAR, chosen) if unknown else chosen
            frame.read_live = asked
        return frame.calendar

    def split(self, frame: Frame, spans: Spans, scopes: AbstractSet[rules.Scope]) -> Spans:
        """Spans cut so that each lies in one of each of ``scopes``; day edges are month edges as well."""
        if "local day" in scopes:
            spans = spans.split(self.time.day_of, self.time.starts_at)
        elif "month" in scopes:
            spans = spans.split(self.time.month_of, self.time.month_starts_at)
        return split_at_cycles(frame, spans) if "billing cycle" in scopes else spans

    def label(self, frame: Frame, spans: Spans, scope: rules.Scope) -> Ints:
        """Which interruption, local day, month or billing cycle each span lies in; one and the same for ``total``."""
        match scope:
            case "interruption":
                return spans.interruption
            case "local day":
                return self.time.day_of(spans.start)
            case "month":
                return self.time.month_of(spans.start)
            case "billing cycle":
                return number_of_cycles(frame, spans)
            case "total":
                return np.zeros(len(spans), np.int64)
