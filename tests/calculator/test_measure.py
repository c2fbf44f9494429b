"""Claims about weighted time: a difference of two look-ups equals the integral, second by second."""

from datetime import UTC, date, datetime
from fractions import Fraction
from importlib import resources
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.calculator.checks import MAX_INSTANT
from policy.calculator.measure import Density
from policy.calculator.program import Evaluator
from policy.calculator.rules import Band
from policy.calculator.working_days import MONDAY_TO_FRIDAY, WorkingDays
from policy.language import calendars
from tests.calculator.time_on_machine import measured_on

HOUR = 3600
DEFAULT_BANDS = tuple(
    Band(from_hour * HOUR, until_hour * HOUR, Fraction(working), Fraction(other))
    for from_hour, until_hour, working, other in (
        (0, 6, "0.5", "0.5"),
        (6, 9, "1", "1"),
        (9, 18, "1.5", "1"),
        (18, 23, "1.2", "1.2"),
        (23, 24, "1", "1"),
    )
)
ZONES = (
    "America/Havana",
    "America/Santiago",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Europe/London",
    "Pacific/Apia",
)
CHINA = calendars.working_days("CN")
DENSITIES = {name: Density(DEFAULT_BANDS, calendars.zone(name), CHINA) for name in ZONES}
DEFAULT = DENSITIES["Asia/Shanghai"]


def shanghai(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def weighed(evaluator: Evaluator, density: Density, start: int, end: int) -> int:
    return measured_on(evaluator, density).between(start, end)


def hours(evaluator: Evaluator, density: Density, start: int, end: int) -> Fraction:
    return Fraction(weighed(evaluator, density, start, end), density.scale * HOUR)


@pytest.mark.parametrize(
    ("start", "end", "weighted_hours"),
    [
        pytest.param("2026-03-04T08:00", "2026-03-04T11:30", "4.75", id="Wednesday morning"),
        pytest.param("2026-03-04T01:00", "2026-03-04T04:00", "1.5", id="night"),
        pytest.param("2026-07-11T14:00", "2026-07-12T20:00", "28.4", id="weekend"),
        pytest.param("2026-05-09T10:00", "2026-05-09T15:20", "8", id="Saturday worked in lieu"),
        pytest.param("2026-06-08T00:00", "2026-06-12T00:00", "106", id="four working days"),
        pytest.param("2026-10-01T09:00", "2026-10-01T12:30", "3.5", id="holiday on a Thursday"),
        pytest.param("2027-10-01T09:00", "2027-10-01T12:30", "5.25", id="not published: a Friday like any other"),
        pytest.param("2026-12-31T22:00", "2027-01-01T07:00", "6.2", id="over the turn of the year"),
        pytest.param("2026-03-04T08:59:59", "2026-03-04T09:00:01", "5/7200", id="a second on each side of a band's edge"),
        pytest.param("2026-03-04T09:00", "2026-03-04T09:00", "0", id="nothing"),
    ],
)
def test_default_policy_weighs_as_worked_by_hand(evaluator: Evaluator, start: str, end: str, weighted_hours: str) -> None:
    assert hours(evaluator, DEFAULT, shanghai(start), shanghai(end)) == Fraction(weighted_hours)


def test_scale_is_the_least_common_denominator() -> None:
    assert DEFAULT.scale == 10


@pytest.mark.parametrize(
    ("start", "end", "weighted_hours"),
    [
        pytest.param(
            "2026-10-25T00:30", "2026-10-25T01:30", "2", id="02:30 to 02:30: the hour lived twice weighs 2 both times"
        ),
        pytest.param("2026-10-25T00:00", "2026-10-25T03:00", "5", id="02:00 to 04:00, three hours"),
        pytest.param("2026-10-24T22:00", "2026-10-25T23:00", "27", id="day of 25 hours"),
        pytest.param("2026-03-29T00:30", "2026-03-29T03:30", "3", id="01:30 to 05:30: the hour skipped counts for nothing"),
        pytest.param("2026-03-28T23:00", "2026-03-29T22:00", "23", id="day of 23 hours"),
        pytest.param("2026-03-29T22:00", "2026-03-30T22:00", "25", id="day of 24 hours"),
    ],
)
def test_bands_are_read_off_the_wall_clock(evaluator: Evaluator, start: str, end: str, weighted_hours: str) -> None:
    """Berlin, where 02:00 to 03:00 weighs 2 and all else 1. In UTC: the clock goes back, and forward, at 01:00."""
    bands = tuple(
        Band(from_hour * HOUR, until_hour * HOUR, Fraction(weight), Fraction(weight))
        for from_hour, until_hour, weight in ((0, 2, 1), (2, 3, 2), (3, 24, 1))
    )
    berlin = Density(bands, calendars.zone("Europe/Berlin"), MONDAY_TO_FRIDAY)
    assert hours(evaluator, berlin, utc(start), utc(end)) == Fraction(weighted_hours)


def test_hour_before_midnight_lived_again_keeps_its_time_of_day(evaluator: Evaluator) -> None:
    """St. John's, 2010: at 00:01 of Sunday back to 23:01. The wall clock says that it is late again; Sunday goes on."""
    late = (Band(0, 23 * HOUR, Fraction(1), Fraction(1)), Band(23 * HOUR, 24 * HOUR, Fraction(5), Fraction(3)))
    density = Density(late, calendars.zone("America/St_Johns"), MONDAY_TO_FRIDAY)
    change = utc("2010-11-07T02:31")
    assert weighed(evaluator, density, change - 60, change) == 60
    assert weighed(evaluator, density, change, change + 59 * 60) == 59 * 60 * 3
    assert weighed(evaluator, density, change + 59 * 60, change + 60 * 60) == 60


# ------------------------------------------------------------------------------------------------ against a slow judge

weights = st.fractions(min_value=0, max_value=3, max_denominator=6)


@st.composite
def band_tuples(draw: st.DrawFn) -> tuple[Band, ...]:
    """Bands with edges at whole minutes that partition the local day."""
    inner = draw(st.sets(st.integers(1, 1439), max_size=5))
    edges = [0, *sorted(inner), 1440]
    return tuple(Band(a * 60, b * 60, draw(weights), draw(weights)) for a, b in pairwise(edges))


@st.composite
def minutes_near_a_change(draw: st.DrawFn, name: str) -> tuple[int, int]:
    """A span of at most two days with ends at whole minutes, most of them at a clock change or a turn of the year."""
    local = calendars.zone(name)
    years = [local.year_starts_at(year) for year in (1987, 2011, 2012, 2024, 2026, 2027)]
    changes = [edge for edge in local._edges if 0 < edge < utc("2040-01-01T00:00")]
    around = draw(st.sampled_from(years + changes)) // 60
    start = around + draw(st.integers(-2880, 1440))
    return start * 60, (start + draw(st.integers(0, 2880))) * 60


def integral(bands: tuple[Band, ...], name: str, days: WorkingDays, start: int, end: int) -> Fraction:
    """Minute by minute, by the clock on the wall."""
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        zone = ZoneInfo.from_file(file, key=name)
    total = Fraction(0)
    for instant in range(start, end, 60):
        wall = datetime.fromtimestamp(instant, zone)
        minute = wall.hour * 60 + wall.minute
        band = next(band for band in bands if minute * 60 < band.until_second)
        total += 60 * (band.working if days.is_working(wall.date().toordinal()) else band.other)
    return total


@settings(max_examples=60)  # the judge is slow
@given(st.data(), st.sampled_from(ZONES), band_tuples(), st.sampled_from(["CN", "GB-EAW"]))
def test_difference_of_two_look_ups_is_the_integral(
    evaluator: Evaluator, data: st.DataObject, name: str, bands: tuple[Band, ...], calendar: str
) -> None:
    days = calendars.working_days(calendar)
    start, end = data.draw(minutes_near_a_change(name))
    density = Density(bands, calendars.zone(name), days)
    assert Fraction(weighed(evaluator, density, start, end), density.scale) == integral(bands, name, days, start, end)


instants = st.integers(0, MAX_INSTANT)


@settings(max_examples=40)  # a draw may build the tables of 131 years
@given(st.sampled_from(ZONES), st.tuples(instants, instants, instants).map(sorted))
def test_parts_add_up_to_the_whole_however_long(evaluator: Evaluator, name: str, cuts: list[int]) -> None:
    density = DENSITIES[name]
    a, b, c = cuts
    assert weighed(evaluator, density, a, b) + weighed(evaluator, density, b, c) == weighed(evaluator, density, a, c)
    assert weighed(evaluator, density, a, a) == 0


some_years = st.integers(utc("2024-01-01T00:00"), utc("2028-01-01T00:00"))


@given(st.sampled_from(ZONES), some_years, st.integers(0, 10**7), st.integers(0, 10**7))
def test_longer_never_weighs_less(evaluator: Evaluator, name: str, start: int, length: int, more: int) -> None:
    density = DENSITIES[name]
    assert 0 <= weighed(evaluator, density, start, start + length) <= weighed(evaluator, density, start, start + length + more)


@given(st.sampled_from(ZONES), instants, st.integers(0, 10**8))
def test_weight_one_is_clock_time(evaluator: Evaluator, name: str, start: int, length: int) -> None:
    """Seconds are neither lost nor made at any clock change, up to the last instant that a request may name."""
    length = min(length, MAX_INSTANT - start)
    one = Density((Band(0, 24 * HOUR, Fraction(1), Fraction(1)),), calendars.zone(name), CHINA)
    assert one.scale == 1
    assert weighed(evaluator, one, start, start + length) == length


def test_answers_do_not_depend_on_what_was_asked_before(evaluator: Evaluator) -> None:
    forward, backward = (Density(DEFAULT_BANDS, calendars.zone("Europe/London"), CHINA) for _ in range(2))
    spans = [(utc(f"{year}-06-01T00:00"), utc(f"{year + 2}-03-04T05:06:07")) for year in range(2019, 2029)]
    answers = [weighed(evaluator, forward, *span) for span in spans]
    assert [weighed(evaluator, backward, *span) for span in reversed(spans)] == answers[::-1]


# ------------------------------------------------------------------------------------------------------- the calendar


class _NobodyAsks(WorkingDays):
    def is_working(self, day: int) -> bool:
        raise AssertionError(f"asked about {day}")


def test_calendar_does_not_matter_where_all_days_weigh_the_same(evaluator: Evaluator) -> None:
    night = (Band(0, 6 * HOUR, Fraction(1, 2), Fraction(1, 2)), Band(6 * HOUR, 24 * HOUR, Fraction(1), Fraction(1)))
    density = Density(night, calendars.zone("Asia/Shanghai"), _NobodyAsks("any"))
    assert not density.reads_working_days
    assert hours(evaluator, density, shanghai("2026-10-01T00:00"), shanghai("2026-10-02T00:00")) == 21
    assert DEFAULT.reads_working_days


# --------------------------------------------------------------------------------------------------- columns of a year


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("year", [2011, 2024, 2026])
def test_columns_of_a_year_say_the_same_as_the_look_up(evaluator: Evaluator, name: str, year: int) -> None:
    density, local = DENSITIES[name], calendars.zone(name)
    table = density.table(year)
    assert table.breakpoints[0] == local.year_starts_at(year)
    assert table.breakpoints[-1] == local.year_starts_at(year + 1)
    assert len(table.breakpoints) == len(table.cumulative) == len(table.weights)
    assert all(before < after for before, after in pairwise(table.breakpoints))
    for row, instant in enumerate(table.breakpoints):
        assert table.cumulative[row] == weighed(evaluator, density, table.breakpoints[0], instant)
    steps = zip(pairwise(table.breakpoints), pairwise(table.cumulative), table.weights, strict=False)
    assert all(after - before == (end - start) * weight for (start, end), (before, after), weight in steps)


def test_year_has_its_whole_weight() -> None:
    """2024 is a leap year without a clock change in China: 366 days, of which the calendar says which are worked."""
    first, end = date(2024, 1, 1).toordinal(), date(2025, 1, 1).toordinal()
    worked = sum(CHINA.is_working(each) for each in range(first, end))
    other_day = 6 * Fraction(1, 2) + 3 + 9 + 5 * Fraction(6, 5) + 1
    expected = (end - first) * other_day + worked * 9 * Fraction(1, 2)
    assert Fraction(DEFAULT.table(2024).cumulative[-1], DEFAULT.scale * HOUR) == expected
    assert end - first == 366
