"""Weighted time as the difference of two look-ups.

A measure is a density over the local day. Over a year it gives a cumulative function C(t) in exact integers, the weights
scaled by the least common multiple of their denominators; the weighted length of [a, b) is C(b) - C(a), however long it is.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from math import lcm

from policy.calculator.local_time import LocalTime
from policy.calculator.rules import EVERY_DAY, Band
from policy.calculator.wall_clock import DAY_SECONDS
from policy.calculator.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class YearTable:
    """The cumulative function of one local year, as flat columns of equal length.

    From ``breakpoints[i]`` on, an instant UTC, every second adds ``weights[i]``; ``cumulative[i]`` is what the year has
    gathered before it. The last row is the end of the year.
    """

    breakpoints: list[int]
    cumulative: list[int]
    weights: list[int]


class Density:
    """A measure laid over the calendar of one zone and one set of working days.

    ``scale`` is the common denominator of the weights. ``reads_working_days`` is False where working and other days weigh the
    same, so that the calendar does not matter. Tables are built when a year is first asked for; they depend on nothing else.
    """

    def __init__(self, bands: tuple[Band, ...], local: LocalTime, days: WorkingDays) -> None:
        """``bands`` of each weekday are in order and cover the local day from 0 to 86400 s without gap or overlap."""
        self.scale = lcm(*(weight.denominator for band in bands for weight in (band.working, band.other)))
        self.reads_working_days = any(band.working != band.other for band in bands)
        by_weekday = [[band for band in bands if weekday in band.weekdays] for weekday in EVERY_DAY]
        self._working = [_steps([(band.from_second, band.working) for band in of], self.scale) for of in by_weekday]
        self._other = [_steps([(band.from_second, band.other) for band in of], self.scale) for of in by_weekday]
        self._local, self._days = local, days
        self._tables: dict[int, YearTable] = {}

    def table(self, year: int) -> YearTable:
        """The cumulative function of one local year."""
        table = self._tables.get(year)
        if table is None:
            table = self._tables[year] = self._built(year)
        return table

    def _built(self, year: int) -> YearTable:
        local, days = self._local, self._days
        rows: list[tuple[int, int]] = []
        for day in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
            steps = self._working if not self.reads_working_days or days.is_working(day) else self._other
            for start, end, offset in local.segments(day):
                _lay(rows, steps[(day + 6) % 7], start, end, offset)
        breakpoints, weights = [], []
        last = None
        for start, weight in rows:
            if weight != last:
                breakpoints.append(start)
                weights.append(weight)
                last = weight
        breakpoints.append(local.year_starts_at(year + 1))
        weights.append(0)
        lengths = (after - before for before, after in pairwise(breakpoints))
        gathered = accumulate((length * weight for length, weight in zip(lengths, weights, strict=False)), initial=0)
        return YearTable(breakpoints, list(gathered), weights)


Steps = tuple[tuple[int, int], ...]


def _steps(bands: list[tuple[int, Fraction]], scale: int) -> Steps:
    """The bands of one kind of day as (second after midnight, scaled weight), neighbours of one weight joined."""
    steps: list[tuple[int, int]] = []
    for second, weight in bands:
        scaled = int(weight * scale)
        if not steps or steps[-1][1] != scaled:
            steps.append((second, scaled))
    return tuple(steps)


def _lay(rows: list[tuple[int, int]], steps: Steps, start: int, end: int, offset: int) -> None:
    """Append (instant, weight) for every step of the wall clock within [start, end), over which the offset is constant."""
    midnight = start - (start + offset) % DAY_SECONDS
    if midnight == start and end == start + DAY_SECONDS:
        rows += [(start + second, weight) for second, weight in steps]
        return
    while midnight < end:  # more than once only where the clock went back over a midnight
        for number, (second, weight) in enumerate(steps):
            until = steps[number + 1][0] if number + 1 < len(steps) else DAY_SECONDS
            from_, to = max(start, midnight + second), min(end, midnight + until)
            if from_ < to:
                rows.append((from_, weight))
        midnight += DAY_SECONDS
