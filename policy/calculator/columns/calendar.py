"""Local time and weighted time over columns: the look-ups of ``LocalTime`` and ``Density``, for many instants at once."""

from dataclasses import dataclass

import numpy as np

from policy.calculator.columns.questions import Ints
from policy.calculator.local_time import DAY_SECONDS, EPOCH_DAY, LocalTime
from policy.calculator.measure import Density

_MONTHS_TO_EPOCH = 1970 * 12


class ColumnTime:
    """The calendar of one zone over columns."""

    def __init__(self, local: LocalTime) -> None:
        self.local = local
        edges, offsets, walls = local.spans()
        self._edges, self._offsets, self._walls = (np.array(each, np.int64) for each in (edges, offsets, walls))
        self._walls_before = np.concatenate(([-(1 << 62)], self._walls[:-1] - 1))

    def day_of(self, instants: Ints) -> Ints:
        """The local days that the instants fall in."""
        span = np.searchsorted(self._edges, instants, "right") - 1
        days: Ints = np.maximum(instants + self._offsets[span], self._walls_before[span]) // DAY_SECONDS + EPOCH_DAY
        return days

    def starts_at(self, days: Ints) -> Ints:
        """The first instants of local days."""
        midnights = (days - EPOCH_DAY) * DAY_SECONDS
        span = np.searchsorted(self._walls, midnights, "right")
        instants: Ints = np.maximum(self._edges[span], midnights - self._offsets[span])
        return instants

    def month_of(self, instants: Ints) -> Ints:
        """The local months that the instants fall in."""
        dates = (self.day_of(instants) - EPOCH_DAY).astype("datetime64[D]")
        return dates.astype("datetime64[M]").astype(np.int64) + _MONTHS_TO_EPOCH

    def month_starts_at(self, months: Ints) -> Ints:
        """The first instants of local months."""
        return self.starts_at(_first_days(months))

    @staticmethod
    def days_in_month(months: Ints) -> Ints:
        """How many dates months have."""
        return _first_days(months + 1) - _first_days(months)

    def year_of(self, instants: Ints) -> Ints:
        """The local years that the instants fall in."""
        return self.month_of(instants) // 12


def _first_days(months: Ints) -> Ints:
    dates = (months - _MONTHS_TO_EPOCH).astype("datetime64[M]").astype("datetime64[D]")
    return dates.astype(np.int64) + EPOCH_DAY


@dataclass(frozen=True, slots=True)
class _Table:
    """The cumulative function over the years from ``first`` to ``last``: see ``YearTable``."""

    first: int
    last: int
    breakpoints: Ints
    cumulative: Ints
    weights: Ints

    def until(self, instants: Ints) -> Ints:
        """What was gathered from the first year on."""
        line = np.searchsorted(self.breakpoints, instants, "right") - 1
        gathered: Ints = self.cumulative[line] + (instants - self.breakpoints[line]) * self.weights[line]
        return gathered


class ColumnDensity:
    """A measure laid over a calendar, for spans of several years at once."""

    def __init__(self, density: Density, time: ColumnTime) -> None:
        self.scale = density.scale
        self._density, self._time = density, time
        self._table: _Table | None = None

    def between(self, starts: Ints, ends: Ints) -> Ints:
        """``scale`` times the weighted seconds of each [start, end)."""
        if not len(starts):
            return starts
        edges = np.array([starts.min(), ends.max() - 1], np.int64)
        first, last = self._time.year_of(edges).tolist()
        table = self._table
        if table is None or first < table.first or last > table.last:
            # One table, which grows to the years that requests can name: which years it holds changes no number.
            held = (first, last) if table is None else (min(first, table.first), max(last, table.last))
            table = self._table = self._over(*held)
        return table.until(ends) - table.until(starts)

    def _over(self, first: int, last: int) -> _Table:
        years = [self._density.table(year) for year in range(first, last + 1)]
        before = np.concatenate(([0], np.cumsum([year.cumulative[-1] for year in years])))
        breakpoints = np.concatenate([np.array(year.breakpoints, np.int64)[:-1] for year in years])
        cumulative = np.concatenate(
            [np.array(year.cumulative, np.int64)[:-1] + gathered for year, gathered in zip(years, before, strict=False)]
        )
        weights = np.concatenate([np.array(year.weights, np.int64)[:-1] for year in years])
        return _Table(first, last, breakpoints, cumulative, weights)
