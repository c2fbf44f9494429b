"""Local days, months and years of one time zone, as arithmetic on whole seconds.

A zone is handed in as a ``tzinfo`` and asked only once, when the object is made: what is kept are the instants at which its
offset changes. After that every answer is a look-up in those few numbers, so nothing depends on what was asked before, and
the object is plain data that threads may share.

Days are proleptic ordinals (``datetime.date.toordinal``), months count from year 0 (year * 12 + month - 1), instants are
seconds since 1970-01-01T00:00:00Z.

A local day lasts from its first instant to the first instant of the next. So a midnight that a clock change skips is the
instant of the change; a midnight that strikes twice is its first stroke, and the calendar does not go back with the clock
(St. John's until 2010 set its clock back at 00:01: the hour before midnight that is then lived again belongs to the new
day); a date that a zone skipped whole (Samoa, 2011-12-30) is empty.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from policy.calculator.wall_clock import DAY_SECONDS, EPOCH_DAY, written

# Requests lie within 1970 to 2100; a year more on each side lets a margin or a count of days reach past the edge. Farther
# out the nearest known offset stands.
_FIRST_INSTANT: Final = int(datetime(1969, 1, 1, tzinfo=UTC).timestamp())
_LAST_INSTANT: Final = int(datetime(2102, 1, 1, tzinfo=UTC).timestamp())
# No zone of the IANA database changes its offset and takes it back within less than six days, so probes this far apart see all.
_PROBE_SECONDS: Final = 3 * DAY_SECONDS
_NEVER: Final = 1 << 62


class LocalTime:
    """The calendar and the wall clock of one zone."""

    __slots__ = ("_edges", "_offsets", "_settled", "_walls", "_walls_before", "name")

    def __init__(self, zone: tzinfo, name: str) -> None:
        """``name`` is what errors and explanations call the zone, its IANA name."""
        self.name = name
        edges, offsets = _changes(zone)
        walls: list[int] = []  # the latest wall-clock time that was reached by the end of each span
        for number, offset in enumerate(offsets):
            end = edges[number + 1] if number + 1 < len(edges) else _NEVER
            walls.append(max(end + offset, walls[-1] if walls else -_NEVER))
        self._edges, self._offsets, self._walls = edges, offsets, walls
        self._walls_before = [-_NEVER, *(wall - 1 for wall in walls[:-1])]
        # From here on the offset never changes again, and no earlier wall-clock time is ahead any more.
        self._settled = edges[-1] + 2 * DAY_SECONDS

    @property
    def settled(self) -> int:
        """The instant from which the offset never changes again, and no earlier wall-clock time is ahead any more."""
        return self._settled

    def spans(self) -> tuple[list[int], list[int], list[int]]:
        """The spans of constant offset, for look-ups over columns.

        When each begins, its offset in seconds, and the latest wall-clock time, in seconds, that is reached by its end.
        """
        return self._edges, self._offsets, self._walls

    def day_of(self, instant: int) -> int:
        """The local day that ``instant`` falls in."""
        if instant >= self._settled:
            return (instant + self._offsets[-1]) // DAY_SECONDS + EPOCH_DAY
        span = bisect_right(self._edges, instant) - 1
        wall, reached = instant + self._offsets[span], self._walls_before[span]
        return max(wall, reached) // DAY_SECONDS + EPOCH_DAY

    def starts_at(self, day: int) -> int:
        """The first instant of the local day; of a date that the zone skipped, the start of the next."""
        midnight = (day - EPOCH_DAY) * DAY_SECONDS
        instant = midnight - self._offsets[-1]
        if instant >= self._settled:
            return instant
        span = bisect_right(self._walls, midnight)  # the first span whose wall clock gets there
        return max(self._edges[span], midnight - self._offsets[span])

    def month_of(self, instant: int) -> int:
        """The local month that ``instant`` falls in."""
        day = date.fromordinal(self.day_of(instant))
        return day.year * 12 + day.month - 1

    def days_in_month(self, month: int) -> int:
        """How many dates the month has in the calendar."""
        return _first_day(month + 1) - _first_day(month)

    def year_starts_at(self, year: int) -> int:
        """The first instant of the local year."""
        return self.starts_at(date(year, 1, 1).toordinal())

    def segments(self, day: int) -> tuple[tuple[int, int, int], ...]:
        """The local day cut where the offset changes: (start, end, offset in seconds east of Greenwich), in order of time."""
        start, day_end = self.starts_at(day), self.starts_at(day + 1)
        segments = []
        span = bisect_right(self._edges, start) - 1
        while start < day_end:
            span_end = self._edges[span + 1] if span + 1 < len(self._edges) else _NEVER
            end = min(day_end, span_end)
            segments.append((start, end, self._offsets[span]))
            start, span = end, span + 1
        return tuple(segments)

    def format(self, instant: int, pattern: str) -> str:
        """The wall clock at ``instant`` as a pattern of :mod:`policy.calculator.wall_clock` has it. Raises ValueError."""
        return written(pattern)(instant, self._offsets[bisect_right(self._edges, instant) - 1])


def _first_day(month: int) -> int:
    return date(month // 12, month % 12 + 1, 1).toordinal()


def _changes(zone: tzinfo) -> tuple[list[int], list[int]]:
    """The spans of constant offset: the instants at which they begin, and their offsets in seconds."""

    def offset_at(instant: int) -> int:
        offset = datetime.fromtimestamp(instant, zone).utcoffset()
        if offset is None:
            raise ValueError(f"the zone has no offset at {instant}")
        return offset.days * DAY_SECONDS + offset.seconds

    before, known = _FIRST_INSTANT, offset_at(_FIRST_INSTANT)
    edges, offsets = [-_NEVER], [known]
    for probe in range(_FIRST_INSTANT + _PROBE_SECONDS, _LAST_INSTANT, _PROBE_SECONDS):
        while offset_at(probe) != known:
            last, changed = before, probe  # the offset is still the known one at `last`, and another at `changed`
            while changed - last > 1:
                middle = (last + changed) // 2
                if offset_at(middle) == known:
                    last = middle
                else:
                    changed = middle
            before, known = changed, offset_at(changed)
            edges.append(changed)
            offsets.append(known)
        before = probe
    return edges, offsets
