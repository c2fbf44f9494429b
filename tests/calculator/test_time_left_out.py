"""What does not count: windows that repeat by the wall clock, what another clock keeps, days after the last that counts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calculator.local_time import LocalTime
from policy.calculator.lowering.almanac import FIRST_YEAR, LAST_YEAR, calendar_table, zone_table
from policy.calculator.lowering.assembler import Bank
from policy.calculator.lowering.context import OUTAGE_END, OUTAGE_START
from policy.calculator.measure import Density
from policy.calculator.memory import At
from policy.calculator.program import Evaluator
from policy.calculator.rules import EVERY_DAY, Band
from policy.calculator.working_days import MONDAY_TO_FRIDAY
from policy.language import calendars
from tests.calculator.small_programs import Interval, SmallProgram, TestOutage, laid

HOUR: Final = 3600
LONDON: Final = calendars.zone("Europe/London")
LONDON_ZONE: Final = ZoneInfo("Europe/London")
SUNDAY: Final = 6
NOTHING, ALL = Fraction(0), Fraction(1)


@cache
def on_sundays(start: int, until: int) -> Density:
    """1 on Sundays from an hour to another, else 0."""
    bands = []
    for weekday in EVERY_DAY:
        edges = [0, start, until, 24] if weekday == SUNDAY else [0, 24]
        for place, (opens, closes) in enumerate(pairwise(edges)):
            weight = ALL if weekday == SUNDAY and place == 1 else NOTHING
            bands += [Band(opens * HOUR, closes * HOUR, weight, weight, (weekday,))] if opens < closes else []
    return Density(tuple(bands), LONDON, MONDAY_TO_FRIDAY)


def windows(evaluator: Evaluator, density: Density, local: LocalTime, start: int, end: int) -> list[Interval]:
    """Where a density weighs anything."""
    small = SmallProgram()
    asm = small.asm
    starts = [local.year_starts_at(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)]
    at = asm.const(asm.table([len(starts) - 1, *starts, *[0] * (len(starts) - 1)]))
    found, first, last = asm.new_list(), asm.reg(), asm.reg()
    asm.op("NEW_LIST", found)
    asm.op("WINDOWS", found, first, last, at)
    asm.op("UNITE", found)

    def year_of(_: int, year: int) -> list[int]:
        table = density.table(FIRST_YEAR + year)
        return [len(table.breakpoints), *table.breakpoints, *table.cumulative, *table.weights]

    return small.run(evaluator, [], {first: start, last: end}, year_of=year_of).pairs(found)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        pytest.param("2026-03-22", "2026-03-22T00:00", "2026-03-22T04:00", id="24 hours"),
        pytest.param("2026-03-29", "2026-03-29T00:00", "2026-03-29T03:00", id="23 hours: from midnight to 4 are three"),
        pytest.param("2026-10-25", "2026-10-24T23:00", "2026-10-25T04:00", id="25 hours: from midnight to 4 are five"),
    ],
)
def test_a_window_is_by_the_wall_clock_of_days_of_all_lengths(evaluator: Evaluator, day: str, opens: str, closes: str) -> None:
    noon = utc(f"{day}T12:00")
    found = windows(evaluator, on_sundays(0, 4), LONDON, noon - 36 * HOUR, noon + 36 * HOUR)
    assert found == [(utc(opens), utc(closes))]


def test_a_window_within_the_hour_that_the_wall_clock_leaps_over_is_not_there(evaluator: Evaluator) -> None:
    """On 29 March 2026 there is no time from 01:00 to 02:00 in London; on 25 October there are two hours of it."""

    def found(day: str) -> list[Interval]:
        return windows(evaluator, on_sundays(1, 2), LONDON, utc(f"{day}T00:00") - 6 * HOUR, utc(f"{day}T00:00") + 30 * HOUR)

    assert found("2026-03-29") == []
    assert found("2026-10-25") == [(utc("2026-10-25T00:00"), utc("2026-10-25T02:00"))]


def test_windows_begin_and_end_with_the_time_that_is_asked_about(evaluator: Evaluator) -> None:
    asked = utc("2026-03-22T01:30"), utc("2026-03-22T02:30")
    assert windows(evaluator, on_sundays(0, 4), LONDON, *asked) == [asked]
    assert windows(evaluator, on_sundays(2, 4), LONDON, *asked) == [(utc("2026-03-22T02:00"), asked[1])]
    assert windows(evaluator, on_sundays(0, 1), LONDON, *asked) == []


def test_windows_go_on_over_the_end_of_a_year(evaluator: Evaluator) -> None:
    """27 December 2026 and 3 January 2027 are Sundays."""
    found = windows(evaluator, on_sundays(2, 6), LONDON, utc("2026-12-27T05:00"), utc("2027-01-03T03:00"))
    assert found == [
        (utc("2026-12-27T05:00"), utc("2026-12-27T06:00")),
        (utc("2027-01-03T02:00"), utc("2027-01-03T03:00")),
    ]


@given(st.integers(0, 24 * 400), st.integers(1, 24 * 30), st.integers(0, 23), st.integers(1, 24))
def test_windows_are_the_hours_whose_wall_clock_is_in_them(
    evaluator: Evaluator, first: int, length: int, start: int, hours: int
) -> None:
    """London changes its clocks by whole hours at whole hours, so that an hour is in a window or not."""
    begin, until = utc("2026-01-01T00:00") + first * HOUR, min(24, start + hours)
    found = windows(evaluator, on_sundays(start, until), LONDON, begin, begin + length * HOUR)
    walls = {at: datetime.fromtimestamp(at, LONDON_ZONE) for at in range(begin, begin + length * HOUR, HOUR)}
    there = {at for at, wall in walls.items() if wall.weekday() == SUNDAY and start <= wall.hour < until}
    assert {at for opens, closes in found for at in range(opens, closes, HOUR)} == there


@dataclass(frozen=True)
class Left:
    """What is left of a second: whose it is, at which level, of which interruption."""

    outage: int
    level: int
    interruption: int


SPANS: Final = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 15), st.integers(1, 3)), min_size=1, max_size=6)
OTHERS: Final = st.sets(st.integers(0, 60), max_size=8).map(sorted)


@given(SPANS, OTHERS)
def test_time_without_what_another_clock_keeps_is_the_rest_of_it_second_by_second(
    evaluator: Evaluator, spans: list[tuple[int, int, int]], edges: list[int]
) -> None:
    """Whose each second is, its level and its interruption stay."""
    kept = [(edges[place], edges[place + 1]) for place in range(0, len(edges) - 1, 2)]
    small = SmallProgram()
    asm = small.asm
    opening, opened, merged, others, left = asm.new_list(), asm.reg(), asm.new_list(), asm.new_list(), asm.new_list()
    asm.op("NEW_LIST", opening)
    with asm.each("OUTAGE"):
        asm.op("OPEN", opening, OUTAGE_START, OUTAGE_END, small.level, small.pauses, opened)
    asm.op("OVERLAY", merged, opening)
    asm.op("WITHOUT", left, merged, others)
    outages = [TestOutage(start, start + length, level, f"o{number}") for number, (start, length, level) in enumerate(spans)]
    memory = small.run(evaluator, outages, {}, lambda _: {others: kept})

    def by_second(reg: object) -> dict[int, Left]:
        told: dict[int, Left] = {}
        for span in laid(memory, left if reg is left else merged):
            for second in range(span.start, span.end):
                assert second not in told
                told[second] = Left(span.outage, span.level, span.interruption)
        return told

    taken = {second for start, end in kept for second in range(start, end)}
    assert by_second(left) == {second: of for second, of in by_second(merged).items() if second not in taken}


MIDNIGHT: Final = date(2026, 3, 27)
"""A Friday; the Sunday after it has 23 hours in London."""


def days_until(evaluator: Evaluator, start: int, end: int, last: date, *, full: bool, working: bool) -> int:
    """The local days that a part from ``start`` to ``end`` touches, or covers, up to a last one."""
    small = SmallProgram()
    asm = small.asm
    zone, calendar = asm.table(zone_table(LONDON)), asm.const(asm.table(calendar_table(MONDAY_TO_FRIDAY)) if working else 0)
    opening, opened, parts, until = asm.new_list(), asm.reg(), asm.new_list(), asm.reg()
    days = asm.reg(Bank.PART)
    asm.op("NEW_LIST", opening)
    with asm.each("OUTAGE"):
        asm.op("OPEN", opening, OUTAGE_START, OUTAGE_END, small.level, small.pauses, opened)
    asm.op("PARTS", parts, opening, 0)
    with asm.each("PART", parts):
        asm.op("DAYS_UNTIL", days, int(full), calendar, until, zone)
    memory = small.run(evaluator, [TestOutage(start, end)], {until: last.toordinal()})
    [part] = memory.parts(parts)
    return memory.get(days, At(part=part))


@given(st.integers(0, 24 * 10), st.integers(1, 24 * 12), st.integers(-2, 14), st.booleans(), st.booleans())
def test_days_are_counted_up_to_the_last_that_counts(
    evaluator: Evaluator, first: int, length: int, last: int, full: bool, working: bool
) -> None:
    """Touched or covered, all or those worked, by the wall clock; the last day counts too."""
    start = int(datetime(MIDNIGHT.year, MIDNIGHT.month, MIDNIGHT.day, tzinfo=LONDON_ZONE).timestamp()) + first * HOUR
    end, last_day = start + length * HOUR, MIDNIGHT + timedelta(days=last)
    expected = 0
    for number in range(60):
        day = MIDNIGHT + timedelta(days=number)
        opens, closes = (
            int(datetime(each.year, each.month, each.day, tzinfo=LONDON_ZONE).timestamp())
            for each in (day, day + timedelta(days=1))
        )
        counts = start <= opens and closes <= end if full else start < closes and opens < end
        expected += counts and day <= last_day and not (working and day.weekday() > 4)
    assert days_until(evaluator, start, end, last_day, full=full, working=working) == expected
