"""Working days: Monday to Friday, and the days that a calendar makes differ from that."""

from dataclasses import dataclass, field
from typing import Final

from policy.calculator.local_time import LocalTime

_EVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Whose working days. Days are proleptic ordinals.

    ``exceptions`` are the days that differ from Monday to Friday: holidays in the week, weekends worked in lieu.
    ``published_years`` are the years for which the calendar is known; in any other, Monday to Friday stand in. None: the
    calendar follows from law and is known for every year.
    """

    name: str
    exceptions: frozenset[int] = field(default=frozenset(), repr=False)
    published_years: range | frozenset[int] | None = None

    def is_working(self, day: int) -> bool:
        """Whether the day is worked."""
        monday_to_friday = (day + 6) % 7 < 5  # day 1, 0001-01-01, is a Monday
        return monday_to_friday is not (day in self.exceptions)

    def is_published(self, year: int) -> bool:
        """Whether the calendar of the year is known, and not only stood in for."""
        return self.published_years is None or year in self.published_years

    def published_edges(self, local: LocalTime) -> list[int]:
        """The instants at which published years begin and end, in turn; years that follow one another have no edge between."""
        if self.published_years is None:
            return [-_EVER, _EVER]
        edges: list[int] = []
        for year in sorted(self.published_years):
            start = local.year_starts_at(year)
            if edges and edges[-1] == start:
                edges.pop()
            else:
                edges.append(start)
            edges.append(local.year_starts_at(year + 1))
        return edges


MONDAY_TO_FRIDAY: Final = WorkingDays("Monday to Friday")
"""The working days of a policy that names no calendar."""
