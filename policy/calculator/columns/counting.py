"""Counting over columns: how many units of time each part of each row holds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.clock import ColumnClock, ColumnClockRun
from policy.calculator.columns.column import compared, fits
from policy.calculator.columns.questions import Ints
from policy.calculator.columns.spans import Groups, Spans, by_row

LONGEST_SECONDS = 400 * 86_400
"""A row with more counted time is hard; see the bounds that a version is proved within."""
MOST_DAYS = 10_000
"""A row with more days, each counted once for each interruption or month that touches it, is hard."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of rows, in order of row and time: the row, where the part begins, its units as numerators over the denominator."""

    row: Ints
    start: Ints
    units: Ints


@dataclass(frozen=True, slots=True)
class ColumnCounter:
    """A compiled count. ``bound``: the greatest numerator of units, all parts of a row together; a row with more is hard."""

    denominator: int
    bound: int
    parts: Callable[[ColumnClockRun], Parts]


def compile_units(units: rules.Units, clock: ColumnClock, almanac: ColumnAlmanac) -> ColumnCounter:
    """Units of time: exact, started or full, of a length in seconds or of the local calendar's days."""
    if isinstance(units.length, str):
        length = units.length
        return ColumnCounter(1, MOST_DAYS, lambda run: _days(_spans(run), units, length, almanac))
    return _lengths(units, units.length, clock, almanac)


def _lengths(units: rules.Units, length: int, clock: ColumnClock, almanac: ColumnAlmanac) -> ColumnCounter:
    measure, rounding, rest, scope = units.measure, units.rounding, units.rest, units.of_each
    scale = 1 if measure is None else almanac.density(measure).scale * clock.level_denominator
    unit = length * scale
    heaviest = (
        1
        if measure is None
        else int(max(max(band.working, band.other) for band in measure.bands) * almanac.density(measure).scale)
    )
    longest = LONGEST_SECONDS * heaviest * (clock.level_bound if measure is not None else 1)

    def totals(run: ColumnClockRun) -> Parts:
        spans = _spans(run)
        if scope is None:
            groups = Groups.by(spans.row)
            rows, starts = spans.row[groups.heads], spans.start[groups.heads]
            return Parts(rows, starts, (run.seconds if measure is None else run.measured(almanac, measure))[rows])
        spans = almanac.split(spans, scope)
        groups = Groups.by(spans.row, almanac.label(spans, scope))
        lengths = spans.lengths()
        if measure is not None:
            lengths = spans.level * almanac.density(measure).between(spans.start, spans.end)
        return Parts(spans.row[groups.heads], spans.start[groups.heads], groups.sums(lengths))

    def parts(run: ColumnClockRun) -> Parts:
        counted = totals(run)
        total = counted.units
        match rounding:
            case "exact":
                return counted
            case "started":
                return Parts(counted.row, counted.start, -(-total // unit))
        more = 0 if rest is None else compared(rest[0], total % unit, rest[1] * scale).astype(np.int64)
        return Parts(counted.row, counted.start, total // unit + more)

    if rounding == "exact":
        return ColumnCounter(unit, fits(longest), parts)
    return ColumnCounter(1, fits(LONGEST_SECONDS), parts)


def _days(spans: Spans, units: rules.Units, length: str, almanac: ColumnAlmanac) -> Parts:
    """Days of the local calendar: ``started`` are those touched, ``full`` those wholly covered."""
    scope = units.of_each or "total"
    spans = almanac.split(spans, "local day")
    day, label = almanac.time.day_of(spans.start), almanac.label(spans, scope)
    by_day = Groups.by(spans.row, label, day)
    seconds, days = by_day.sums(spans.lengths()), day[by_day.heads]
    counts = np.ones(len(days), np.bool_)
    if length == "working day":
        distinct, place = np.unique(days, return_inverse=True)
        counts = np.array([almanac.days.is_working(int(each)) for each in distinct], np.bool_)[place]
    if units.rounding != "started":
        counts &= seconds == almanac.time.starts_at(days + 1) - almanac.time.starts_at(days)
    head = by_day.heads
    parts = Groups.by(spans.row[head], label[head])
    return Parts(spans.row[head][parts.heads], spans.start[head][parts.heads], parts.sums(counts.astype(np.int64)))


def _spans(run: ColumnClockRun) -> Spans:
    assert run.spans is not None  # INVARIANT: a component counts by a clock that ran
    return run.spans


def total_units(count: int, parts: Parts) -> Ints:
    """The units of each row, all its parts together."""
    return by_row(count, parts.row, parts.units)
