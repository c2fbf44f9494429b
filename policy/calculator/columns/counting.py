"""Counting over columns: how many units of time each part of each row holds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.clock import ColumnClock, ColumnClockRun
from policy.calculator.columns.column import compared, fits
from policy.calculator.columns.cycle import note_cycle
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import Groups, Spans, by_row

LONGEST_COUNTED_SECONDS = 400 * 86_400
"""A row with more counted time is hard; see the bounds that a version is proved within."""
MOST_COUNTED_DAYS = 10_000
"""A row with more days, each counted once for each interruption or month that touches it, is hard."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of rows, in order of row and time: the row, where the part begins, its units as numerators over the denominator."""

    row: Ints
    start: Ints
    units: Ints


Ask = Callable[[Frame, Mask], None]


@dataclass(frozen=True, slots=True)
class ColumnCounter:
    """A compiled count. ``bound``: the greatest numerator of units, all parts of a row together; a row with more is hard.

    ``ask`` notes what the parts need and is not known.
    """

    denominator: int
    bound: int
    parts: Callable[[ColumnClockRun], Parts]
    ask: Ask


def compile_units(units: rules.Units, clock: ColumnClock, almanac: ColumnAlmanac) -> ColumnCounter:
    """Units of time: exact, started or full, of a length in seconds or of the local calendar's days."""

    def ask(frame: Frame, live: Mask) -> None:
        if units.of_each == "billing cycle":
            note_cycle(frame, live)
        if units.measure is not None or units.length == "working day":
            almanac.ask(frame, live, units.measure)

    if isinstance(units.length, str):
        length = units.length
        return ColumnCounter(1, MOST_COUNTED_DAYS, lambda run: _days(run, units, length, almanac), ask)
    return _lengths(units, units.length, clock, almanac, ask)


def _lengths(units: rules.Units, length: int, clock: ColumnClock, almanac: ColumnAlmanac, ask: Ask) -> ColumnCounter:
    measure, rounding, rest, scope = units.measure, units.rounding, units.rest, units.of_each
    scale = 1 if measure is None else almanac.scale(measure) * clock.level_denominator
    unit = length * scale
    longest = fits(LONGEST_COUNTED_SECONDS * (1 if measure is None else almanac.heaviest(measure) * clock.level_bound))
    fits(unit)

    def totals(run: ColumnClockRun) -> Parts:
        spans = _spans(run)
        if scope is None:
            groups = Groups.by(spans.row)
            rows, starts = spans.row[groups.heads], spans.start[groups.heads]
            return Parts(rows, starts, (run.seconds if measure is None else run.measured(almanac, measure))[rows])
        spans = almanac.split(run.frame, spans, {scope})
        groups = Groups.by(spans.row, almanac.label(run.frame, spans, scope))
        lengths = spans.lengths() if measure is None else almanac.weighed(run.frame, measure, spans)
        return Parts(spans.row[groups.heads], spans.start[groups.heads], groups.sums(lengths))

    def parts(run: ColumnClockRun) -> Parts:
        run.frame.mark_hard(run.seconds > LONGEST_COUNTED_SECONDS, "row")
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
        return ColumnCounter(unit, longest, parts, ask)
    return ColumnCounter(1, LONGEST_COUNTED_SECONDS, parts, ask)


def _days(run: ColumnClockRun, units: rules.Units, length: str, almanac: ColumnAlmanac) -> Parts:
    """Days of the local calendar: ``started`` are those touched, ``full`` those wholly covered."""
    frame, scope = run.frame, units.of_each or "total"
    spans = almanac.split(frame, _spans(run), {"local day", scope})
    day, label = almanac.time.day_of(spans.start), almanac.label(frame, spans, scope)
    by_day = Groups.by(spans.row, label, day)
    head = by_day.heads
    seconds, days = by_day.sums(spans.lengths()), day[head]
    counts = np.ones(len(days), np.bool_)
    if length == "working day":
        counts = almanac.is_working(frame, spans.row[head], days)
    if units.rounding != "started":
        counts &= seconds == almanac.time.starts_at(days + 1) - almanac.time.starts_at(days)
    parts = Groups.by(spans.row[head], label[head])
    return Parts(spans.row[head][parts.heads], spans.start[head][parts.heads], parts.sums(counts.astype(np.int64)))


def _spans(run: ColumnClockRun) -> Spans:
    assert run.spans is not None  # INVARIANT: a component counts by a clock that ran
    return run.spans


def total_units(count: int, parts: Parts) -> Ints:
    """The units of each row, all its parts together."""
    return by_row(count, parts.row, parts.units)
