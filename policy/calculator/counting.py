"""Counting: how many units of time each part of a clock holds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import NamedTuple

from policy.calculator import rules
from policy.calculator.almanac import Almanac
from policy.calculator.clock import Clock, ClockRun, measured_time
from policy.calculator.compiled import compare
from policy.calculator.facts import Missing, Row, gather
from policy.calculator.only import label_in, split_for
from policy.calculator.overlay import Span


class Part(NamedTuple):
    """One part of a clock: where it begins, and its units as a numerator over the counter's denominator."""

    start: int
    units: int


@dataclass(frozen=True, slots=True)
class Counter:
    """A compiled count of time: the parts of a clock's run, their units as numerators over ``denominator``."""

    denominator: int
    parts: Callable[[Row, ClockRun], list[Part]]


def compile_units(units: rules.Units, clock: Clock, almanac: Almanac) -> Counter:
    """Units of time: exact, started or full, of a length in seconds or of the local calendar's days."""
    parts = _parts(units.of_each, almanac)
    if isinstance(units.length, str):
        in_part = _days(units.rounding, units.length, almanac)
        counter = Counter(1, lambda row, run: [Part(each[0].start, in_part(row, each)) for each in parts(run.spans)])
    else:
        counter = _lengths(units, units.length, clock, almanac, parts)
    return Counter(counter.denominator, _naming_all(counter, units, almanac, parts))


def _naming_all(
    counter: Counter, units: rules.Units, almanac: Almanac, parts: Callable[[list[Span]], Iterable[list[Span]]]
) -> Callable[[Row, ClockRun], list[Part]]:
    """The parts of a counter that, where it cannot count, names every fact that it lacks."""
    measure, working = units.measure, units.length == "working day"

    def counted(row: Row, run: ClockRun) -> list[Part]:
        try:
            return counter.parts(row, run)
        except Missing:
            reads: list[Callable[[], object]] = [partial(parts, run.spans)]
            if measure is not None:
                reads.append(partial(almanac.density, row, measure))
            if working:
                reads.append(partial(almanac.working_days, row))
            raise Missing(gather(reads)) from None

    return counted


def _lengths(
    units: rules.Units,
    length: int,
    clock: Clock,
    almanac: Almanac,
    parts: Callable[[list[Span]], Iterable[list[Span]]],
) -> Counter:
    measure, rounding, rest = units.measure, units.rounding, units.rest
    # Measured time is a numerator over weights and levels together; every calendar of a measure has the same scale.
    scale = 1 if measure is None else almanac.scale(measure) * clock.level_denominator
    unit = length * scale

    def totals(row: Row, run: ClockRun) -> list[tuple[int, int]]:
        """Where each part begins, and its time."""
        if measure is None:
            return [(each[0].start, plain_time(each)) for each in parts(run.spans)]
        density = almanac.density(row, measure)
        if units.of_each is None:
            return [(run.spans[0].start, run.measured(density, measure))]
        return [(each[0].start, measured_time(density, each)) for each in parts(run.spans)]

    def count(row: Row, run: ClockRun) -> list[Part]:
        if rounding == "exact":
            return [Part(start, total) for start, total in totals(row, run)]
        if rounding == "started":
            return [Part(start, -(-total // unit)) for start, total in totals(row, run)]
        return [Part(start, total // unit + _rest(total % unit, scale, rest)) for start, total in totals(row, run)]

    return Counter(unit if rounding == "exact" else 1, count)


def _rest(remainder: int, scale: int, rest: tuple[rules.Op, int] | None) -> int:
    return int(rest is not None and compare(rest[0], remainder, rest[1] * scale))


def plain_time(spans: Iterable[Span]) -> int:
    """Clock time, seconds."""
    return sum(span.end - span.start for span in spans)


def _parts(of_each: rules.Part | None, almanac: Almanac) -> Callable[[list[Span]], Iterable[list[Span]]]:
    if of_each is None:
        return lambda spans: [spans]
    label, scopes = label_in(of_each, almanac.local), {of_each}

    def parts(spans: list[Span]) -> Iterable[list[Span]]:
        return [list(group) for _, group in groupby(split_for(set(scopes), spans, almanac.local), key=label)]

    return parts


def _days(rounding: str, length: str, almanac: Almanac) -> Callable[[Row, list[Span]], int]:
    """Days of the local calendar: ``started`` are those touched, ``full`` those wholly covered."""
    local = almanac.local

    def count(row: Row, spans: list[Span]) -> int:
        seconds_by_day: dict[int, int] = {}
        for span in split_for({"local day"}, spans, local):
            day = local.day_of(span.start)
            seconds_by_day[day] = seconds_by_day.get(day, 0) + span.end - span.start
        days = seconds_by_day.keys()
        if length == "working day":
            is_working = almanac.working_days(row).is_working
            days = {day: 0 for day in days if is_working(day)}.keys()
        if rounding == "started":
            return len(days)
        return sum(seconds_by_day[day] == local.starts_at(day + 1) - local.starts_at(day) for day in days)

    return count
