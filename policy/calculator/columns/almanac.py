"""Where a policy's time passes, over columns: its zone, and the densities of its measures over its one calendar."""

from collections.abc import Mapping

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.calendar import ColumnDensity, ColumnTime
from policy.calculator.columns.column import NoColumns
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import Spans
from policy.calculator.local_time import LocalTime
from policy.calculator.measure import Density
from policy.calculator.working_days import MONDAY_TO_FRIDAY, WorkingDays


class ColumnAlmanac:
    """The zone and the one calendar of a version."""

    def __init__(self, version: rules.Version, local: LocalTime, calendars: Mapping[str, WorkingDays]) -> None:
        """Raises NoColumns where a fact chooses the calendar."""
        if len(calendars) > 1:
            raise NoColumns("a calendar that a fact chooses")
        self.local = local
        self.time = ColumnTime(local)
        self.days = next(iter(calendars.values()), MONDAY_TO_FRIDAY)
        self._published = np.array(self.days.published_edges(local), np.int64)
        self._densities = {
            measure.name: ColumnDensity(Density(measure.bands, local, self.days), self.time) for measure in version.measures
        }

    def density(self, measure: rules.Measure) -> ColumnDensity:
        """The density of a measure."""
        return self._densities[measure.name]

    def lacks_a_year(self, starts: Ints, ends: Ints) -> Mask:
        """The spans of time that touch a year whose working days are not published."""
        before = np.searchsorted(self._published, starts, "right")  # odd where the time begins in a published year
        lacking: Mask = (starts < ends) & ((before % 2 == 0) | (np.searchsorted(self._published, ends, "left") != before))
        return lacking

    def split(self, spans: Spans, scope: str) -> Spans:
        """Spans cut so that each lies in one local day, or in one month."""
        match scope:
            case "local day":
                return spans.split(self.time.day_of, self.time.starts_at)
            case "month":
                return spans.split(self.time.month_of, self.time.month_starts_at)
        return spans

    def label(self, spans: Spans, scope: str) -> Ints:
        """Which interruption, local day or month each span lies in; one and the same for ``total``."""
        match scope:
            case "interruption":
                return spans.interruption
            case "local day":
                return self.time.day_of(spans.start)
            case "month":
                return self.time.month_of(spans.start)
            case "total":
                return np.zeros(len(spans), np.int64)
        raise NoColumns(scope)
