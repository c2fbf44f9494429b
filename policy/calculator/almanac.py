"""Where a policy's time passes: its zone, its working days, and the densities of its measures over both."""

from collections.abc import Iterable, Mapping

from policy.calculator import rules
from policy.calculator.facts import Row
from policy.calculator.local_time import LocalTime
from policy.calculator.measure import Density
from policy.calculator.values import Values
from policy.calculator.working_days import MONDAY_TO_FRIDAY, WorkingDays, is_outside


class Almanac:
    """The zone of a version, and for each calendar that it may use, the working days and the densities of its measures."""

    def __init__(self, version: rules.Version, local: LocalTime, calendars: Mapping[str, WorkingDays], values: Values) -> None:
        """``calendars``: the working days that the version names, by name; empty where it names none.

        Monday to Friday then stand in, and nothing in the version asks which days are worked.
        """
        self.local = local
        days = dict(calendars) or {MONDAY_TO_FRIDAY.name: MONDAY_TO_FRIDAY}
        self._days = days
        self._densities = {
            name: {measure.name: Density(measure.bands, local, each) for measure in version.measures}
            for name, each in days.items()
        }
        self._published = {name: each.published_edges(local) for name, each in days.items()}
        self.may_lack_a_year = any(each.published_years is not None for each in days.values())
        anywhere = next(iter(self._densities.values()))
        self._alike = {name: density for name, density in anywhere.items() if not density.reads_working_days}
        self._only_calendar = next(iter(days)) if len(days) == 1 else None
        self._calendar = None if version.calendar is None else values.compiled(version.calendar).read

    def _name(self, row: Row) -> str:
        assert self._calendar is not None  # INVARIANT: several calendars are chosen between by a value
        return str(self._calendar(row))

    def working_days(self, row: Row) -> WorkingDays:
        """The calendar that holds for this request. Raises Missing if the fact that chooses it was not given."""
        return self._days[self._only_calendar or self._name(row)]

    def density(self, row: Row, measure: rules.Measure) -> Density:
        """The density of ``measure`` over the calendar that holds for this request; it is asked only where days differ.

        Raises Missing if the fact that chooses the calendar was not given.
        """
        known = self._alike.get(measure.name)
        return known or self._densities[self._only_calendar or self._name(row)][measure.name]

    def scale(self, measure: rules.Measure) -> int:
        """The denominator of the measure's weights, the same over every calendar."""
        return next(iter(self._densities.values()))[measure.name].scale

    def weighs_working_days(self, measure: rules.Measure) -> bool:
        """Whether working days weigh otherwise than others by ``measure``, so that it reads the calendar."""
        return measure.name not in self._alike

    def publishes(self, start: int, end: int) -> bool:
        """Whether [start, end) lies in years that are published, whatever the request: False where it chooses the calendar."""
        return self._only_calendar is not None and not is_outside(self._published[self._only_calendar], start, end)

    def lacks_a_year(self, row: Row, times: Iterable[tuple[int, int]]) -> bool:
        """Whether any [start, end) of ``times`` touches a year for which the calendar of this request is not published.

        Raises Missing if the fact that chooses the calendar was not given.
        """
        edges = self._published[self._only_calendar or self._name(row)]
        return any([is_outside(edges, start, end) for start, end in times])
