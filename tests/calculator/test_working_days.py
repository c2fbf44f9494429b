"""Claims about working days: published calendars, years without one, and the end of the n-th working day."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calculator.program import Evaluator
from policy.calculator.working_days import MONDAY_TO_FRIDAY, WorkingDays
from policy.language import calendars
from tests.calculator.time_on_machine import TimeOnMachine, time_on

LONDON = calendars.zone("Europe/London")


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("calendar", "date_", "worked"),
    [
        pytest.param("CN", "2026-05-09", True, id="Saturday worked in lieu of Labour Day"),
        pytest.param("CN", "2026-05-05", False, id="last day of the Labour Day break, a Tuesday"),
        pytest.param("CN", "2026-05-06", True, id="the day after the break"),
        pytest.param("CN", "2026-02-14", True, id="Saturday worked before Spring Festival"),
        pytest.param("CN", "2026-02-15", False, id="first day of Spring Festival, a Sunday"),
        pytest.param("CN", "2026-02-23", False, id="last day of Spring Festival, a Monday"),
        pytest.param("CN", "2026-02-28", True, id="Saturday worked after Spring Festival"),
        pytest.param("CN", "2026-10-01", False, id="National Day"),
        pytest.param("CN", "2026-10-10", True, id="Saturday worked after National Day"),
        pytest.param("CN", "2026-07-11", False, id="plain Saturday"),
        pytest.param("CN", "2026-03-04", True, id="plain Wednesday"),
        pytest.param("GB-EAW", "2026-12-28", False, id="Boxing Day falls on Saturday: the Monday instead"),
        pytest.param("GB-EAW", "2026-01-02", True, id="2 January is worked in England"),
        pytest.param("GB-SCT", "2026-01-02", False, id="2 January is a holiday in Scotland"),
        pytest.param("GB-EAW", "2026-04-06", False, id="Easter Monday in England"),
        pytest.param("GB-SCT", "2026-04-06", True, id="Easter Monday is worked in Scotland"),
        pytest.param("GB-NIR", "2026-07-13", False, id="12 July falls on Sunday: the Monday instead"),
        pytest.param("GB-EAW", "2026-07-13", True, id="13 July is worked in England"),
        pytest.param("AU-NSW", "2026-06-08", False, id="King's Birthday in New South Wales"),
        pytest.param("AU-QLD", "2026-06-08", True, id="not in Queensland"),
        pytest.param("DE", "2026-10-03", False, id="German Unity Day, a Saturday"),
        pytest.param("US", "2026-11-26", False, id="Thanksgiving"),
    ],
)
def test_calendar_says_who_works_when(calendar: str, date_: str, worked: bool) -> None:
    assert calendars.working_days(calendar).is_working(day(date_)) is worked


def test_year_not_published_is_monday_to_friday_and_says_so() -> None:
    """New Year's Day of such a year is a Friday like any other."""
    china = calendars.working_days("CN")
    after = max(china.published_years or ()) + 1
    assert not china.is_published(after)
    for number in range(date(after, 1, 1).toordinal(), date(after + 1, 1, 1).toordinal()):
        assert china.is_working(number) is (date.fromordinal(number).weekday() < 5)


def test_chinese_years_are_those_of_the_library() -> None:
    china = calendars.working_days("CN")
    assert china.is_published(2004)
    assert china.is_published(2026)
    assert not china.is_published(2003)


@given(
    st.frozensets(st.integers(2020, 2030)),
    st.integers(utc("2019-01-01"), utc("2032-01-01")),
    st.integers(0, 900),
    st.booleans(),
)
def test_time_lies_outside_of_published_years_where_any_second_of_it_does(
    evaluator: Evaluator, years: frozenset[int], start: int, days: int, at_midnight: bool
) -> None:
    """Also where it begins or ends with a year, by the local clock, and where years between others are not published."""
    start = LONDON.starts_at(LONDON.day_of(start)) if at_midnight else start
    end = start + days * 86_400
    first, last = (date.fromordinal(LONDON.day_of(each)).year for each in (start, end - 1))
    touched = range(first, last + 1) if start < end else ()
    asked = TimeOnMachine(evaluator, LONDON, WorkingDays("any", published_years=years), None)
    assert asked.is_outside(start, end) is any(year not in years for year in touched)


def test_no_second_lies_outside_of_a_calendar_that_is_known_for_every_year(evaluator: Evaluator) -> None:
    assert not time_on(evaluator, LONDON).is_outside(utc("1970-01-01"), utc("2101-01-01"))


@pytest.mark.parametrize("calendar", ["GB-EAW", "GB-SCT", "GB-NIR", "AU-NSW", "US"])
def test_calendar_by_law_is_known_for_every_year(calendar: str) -> None:
    assert calendars.working_days(calendar).published_years is None
    assert calendars.working_days(calendar).is_published(2100)


def test_calendar_by_the_moon_is_known_only_as_far_as_it_was_announced() -> None:
    """Singapore's Hari Raya is sighted: the library estimates it in far years, so Monday to Friday stand in, flagged."""
    singapore = calendars.working_days("SG")
    assert singapore.is_published(2025)
    assert not singapore.is_published(2090)
    assert all(date.fromordinal(each).year in (singapore.published_years or ()) for each in singapore.exceptions)


def test_exceptions_are_read_the_same_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment chooses the titles of holidays unless the reader does."""
    for language in ("en_US", "th", "C"):
        monkeypatch.setenv("LANGUAGE", language)
        fresh = calendars.working_days.__wrapped__("SG")
        assert fresh == calendars.working_days("SG")


@given(st.integers(day("1970-01-01"), day("2100-12-31")))
def test_no_calendar_means_monday_to_friday(number: int) -> None:
    assert MONDAY_TO_FRIDAY.is_working(number) is (date.fromordinal(number).weekday() < 5)
    assert MONDAY_TO_FRIDAY.is_published(date.fromordinal(number).year)


@pytest.mark.parametrize("name", ["GB-EWA", "gb-eaw", "XX", "", "UK", "GB-", "CN-11"])
def test_unknown_calendar_is_refused(name: str) -> None:
    assert not calendars.is_calendar(name)
    with pytest.raises(ValueError, match="there is no calendar"):
        calendars.working_days(name)


def test_refusal_suggests_the_nearest_name() -> None:
    with pytest.raises(ValueError, match="GB-EAW"):
        calendars.working_days("gb-eaw")


@pytest.mark.parametrize(
    ("after", "n", "ends_at"),
    [
        pytest.param("2026-06-10", 2, "2026-06-12T23:00", id="Wednesday and two: the end of Friday, by summer time"),
        pytest.param("2026-06-12", 2, "2026-06-16T23:00", id="Friday and two: the end of Tuesday"),
        pytest.param("2026-06-13", 2, "2026-06-16T23:00", id="Saturday and two: the end of Tuesday too"),
        pytest.param("2026-04-02", 2, "2026-04-08T23:00", id="Maundy Thursday and two: after Easter"),
        pytest.param("2026-03-27", 1, "2026-03-30T23:00", id="over the clock change: the end is in summer time"),
        pytest.param("2026-10-23", 1, "2026-10-27T00:00", id="over the clock change: the end is in winter time"),
        pytest.param("2026-12-24", 1, "2026-12-30T00:00", id="Christmas Eve and one: after Boxing Day's Monday"),
        pytest.param("2026-06-13", 0, "2026-06-13T23:00", id="none: the end of the day itself"),
        pytest.param("2026-03-29", 0, "2026-03-29T23:00", id="none, on a day of 23 hours"),
    ],
)
def test_nth_working_day_ends_at_its_local_midnight(evaluator: Evaluator, after: str, n: int, ends_at: str) -> None:
    england = calendars.working_days("GB-EAW")
    assert time_on(evaluator, LONDON, england).end_of_nth_working_day(day(after), n) == utc(ends_at)


def test_working_day_on_which_the_clock_changes_ends_at_its_own_midnight(evaluator: Evaluator) -> None:
    """Cairo sets its clock back at the end of a Thursday, and works on it by Monday to Friday: 25 hours."""
    cairo = calendars.zone("Africa/Cairo")
    wednesday = day("2025-10-29")
    assert time_on(evaluator, cairo).end_of_nth_working_day(wednesday, 1) - cairo.starts_at(wednesday + 1) == 25 * 3600


def test_paused_day_is_no_working_day(evaluator: Evaluator) -> None:
    """A pause on a Saturday costs nothing; one on a working day moves the end by a day."""
    england = calendars.working_days("GB-EAW")
    friday = day("2026-06-12")
    assert time_on(evaluator, LONDON, england).end_of_nth_working_day(friday, 2, [day("2026-06-13")]) == utc("2026-06-16T23:00")
    assert time_on(evaluator, LONDON, england).end_of_nth_working_day(friday, 2, [day("2026-06-15")]) == utc("2026-06-17T23:00")


def test_date_that_a_zone_skipped_is_no_working_day(evaluator: Evaluator) -> None:
    """Friday 2011-12-30 never was in Samoa: Thursday and one working day is Monday."""
    apia = calendars.zone("Pacific/Apia")
    assert time_on(evaluator, apia).end_of_nth_working_day(day("2011-12-29"), 1) == apia.starts_at(day("2012-01-03"))


some_days = st.frozensets(st.integers(day("2026-01-01"), day("2026-03-31")))


@given(st.integers(day("2026-01-01"), day("2026-03-01")), st.integers(1, 20), some_days, some_days)
def test_exactly_n_working_days_pass(
    evaluator: Evaluator, after: int, n: int, exceptions: frozenset[int], paused: frozenset[int]
) -> None:
    days = WorkingDays("any", exceptions)
    last = LONDON.day_of(TimeOnMachine(evaluator, LONDON, days, None).end_of_nth_working_day(after, n, paused) - 1)
    worked = [each for each in range(after + 1, last + 1) if days.is_working(each) and each not in paused]
    assert len(worked) == n
    assert worked[-1] == last
