"""Working days over columns: which days are worked, and when so many of them have passed."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import numpy as np

from policy.calculator.columns.calendar import ColumnTime
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import reached
from policy.calculator.local_time import EPOCH_DAY
from policy.calculator.working_days import WorkingDays

MOST_DAYS: Final = 100_000
"""More than all days that a request can name: counting that starts so many days after an instant starts after everything."""
_FIRST_DAY: Final = EPOCH_DAY - 366
_DAYS: Final = 2 * MOST_DAYS
"""What tables hold: 130 years of requests, and as many working days after them as may be counted."""


class ColumnDays:
    """The working days of one calendar over columns."""

    def __init__(self, days: WorkingDays, time: ColumnTime) -> None:
        self._days, self._time = days, time
        self._published = np.array(days.published_edges(time.local), np.int64)

    @cached_property
    def _worked(self) -> Mask:
        """Whether each day is worked, from the first day on."""
        days = np.arange(_FIRST_DAY, _FIRST_DAY + _DAYS)
        worked: Mask = (days + 6) % 7 < 5  # day 1, 0001-01-01, is a Monday
        exceptions = np.array(sorted(self._days.exceptions), np.int64) - _FIRST_DAY
        exceptions = exceptions[(exceptions >= 0) & (exceptions < _DAYS)]
        worked[exceptions] = ~worked[exceptions]
        return worked

    @cached_property
    def _passed(self) -> Ints:
        """How many working days have ended with each day; a date that the zone skipped is none."""
        starts = self._time.starts_at(np.arange(_FIRST_DAY, _FIRST_DAY + _DAYS + 1))
        passed: Ints = np.cumsum(self._worked & (starts[:-1] < starts[1:]))
        return passed

    def lacks_a_year(self, starts: Ints, ends: Ints) -> Mask:
        """The spans of time that touch a year whose working days are not published."""
        before = np.searchsorted(self._published, starts, "right")  # odd where the time begins in a published year
        lacking: Mask = (starts < ends) & ((before % 2 == 0) | (np.searchsorted(self._published, ends, "left") != before))
        return lacking

    def is_working(self, days: Ints) -> Mask:
        """Which days are worked."""
        worked: Mask = self._worked[days - _FIRST_DAY]
        return worked

    def end_of_nth(self, after: Ints, n: int, paused: tuple[Ints, Ints, Ints] | None = None) -> Ints:
        """The instants at which the ``n``-th working days after local days ``after`` end.

        ``paused``: (line, first day, last day), by line and first day, are spans of days that are no working days of that line.
        """
        passed = self._passed
        after = after - _FIRST_DAY
        wanted = passed[after] + n
        if paused is not None and len(paused[0]):
            for line, first, last in _in_turn(*paused):
                first = np.maximum(first - _FIRST_DAY, after[line] + 1)  # noqa: PLW2901  as a place in the table
                last = last - _FIRST_DAY  # noqa: PLW2901
                takes = (first <= np.searchsorted(passed, wanted[line])) & (first <= last)
                line, first, last = line[takes], first[takes], last[takes]  # noqa: PLW2901
                wanted[line] += passed[last] - passed[first - 1]
        days = np.maximum(np.searchsorted(passed, wanted), after) + _FIRST_DAY
        return self._time.starts_at(days + 1)


def _in_turn(line: Ints, first: Ints, last: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
    """The days of each line as spans that do not overlap: the first of every line together, then the second, and so on."""
    latest = reached(line, last)
    begins = np.ones(len(line), np.bool_)
    begins[1:] = (line[1:] != line[:-1]) | (first[1:] > latest[:-1])
    heads = np.flatnonzero(begins)
    tails = np.append(heads[1:], len(line)) - 1
    line, first, last = line[heads], first[heads], latest[tails]
    rank = np.arange(len(line)) - np.searchsorted(line, line)
    order = np.argsort(rank, kind="stable")
    for turn in np.split(order, np.flatnonzero(np.diff(rank[order])) + 1):
        yield line[turn], first[turn], last[turn]
