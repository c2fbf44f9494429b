"""Claims about local days: every clock change of the zone database, counted by the wall clock."""

import pickle
import struct
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from importlib import resources
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calculator.local_time import _PROBE_SECONDS, LocalTime
from policy.calculator.machine_time import month_days, month_first, month_number
from policy.calculator.program import Evaluator
from policy.calculator.wall_clock import DAY_SECONDS, unknown_directives
from policy.language import calendars
from tests.calculator.time_on_machine import time_on

HORIZON = (0, int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()))
HOUR = 3600
CHANGING_ZONES = (
    "Africa/Casablanca",
    "Africa/Monrovia",
    "America/Havana",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Casey",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Kwajalein",
)
zone_names = st.sampled_from(CHANGING_ZONES) | st.sampled_from(sorted(calendars.zone_names()))


def zone_file(name: str) -> bytes:
    return resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


def judge(name: str) -> ZoneInfo:
    """The slow judge: the same pinned data, asked through zoneinfo."""
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@st.composite
def zones_and_instants(draw: st.DrawFn) -> tuple[str, int]:
    """A zone and an instant, half of them within a day of one of its clock changes."""
    name = draw(zone_names)
    changes = [edge for edge in calendars.zone(name)._edges if HORIZON[0] < edge < HORIZON[1]]
    anywhere = st.integers(*HORIZON)
    near = st.builds(int.__add__, st.sampled_from(changes or HORIZON[:1]), st.integers(0, 2 * DAY_SECONDS))
    return name, draw(anywhere | near.map(lambda instant: max(0, instant - DAY_SECONDS)))


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("name", "local_day", "starts_at", "hours"),
    [
        pytest.param("Europe/London", "2026-03-29", "2026-03-29T00:00", 23, id="spring forward"),
        pytest.param("Europe/London", "2026-10-25", "2026-10-24T23:00", 25, id="fall back"),
        pytest.param("Europe/London", "2024-02-29", "2024-02-29T00:00", 24, id="leap day"),
        pytest.param(
            "America/Santiago", "2025-09-07", "2025-09-07T04:00", 23, id="skipped midnight is the instant of the change"
        ),
        pytest.param("America/Santiago", "2025-04-05", "2025-04-05T03:00", 25, id="back at 24:00 prolongs the old day"),
        pytest.param("America/Havana", "2025-03-09", "2025-03-09T05:00", 23, id="Havana skips midnight"),
        pytest.param("America/Havana", "2025-11-02", "2025-11-02T04:00", 25, id="midnight strikes twice: the first"),
        pytest.param("Australia/Lord_Howe", "2025-04-06", "2025-04-05T13:00", 24.5, id="half an hour back"),
        pytest.param("Australia/Lord_Howe", "2025-10-05", "2025-10-04T13:30", 23.5, id="half an hour forward"),
        pytest.param("Pacific/Apia", "2011-12-29", "2011-12-29T10:00", 24, id="the day before the skipped one"),
        pytest.param("Pacific/Apia", "2011-12-30", "2011-12-30T10:00", 0, id="Samoa had no such day"),
        pytest.param("Pacific/Apia", "2011-12-31", "2011-12-30T10:00", 24, id="the day after the skipped one"),
        pytest.param("Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00", 0, id="Kwajalein had no such day"),
        pytest.param("Asia/Shanghai", "1986-05-04", "1986-05-03T16:00", 23, id="China's first summer time of those years"),
        pytest.param("Asia/Shanghai", "1991-09-15", "1991-09-14T15:00", 25, id="China's last summer time"),
        pytest.param("Asia/Shanghai", "1992-04-12", "1992-04-11T16:00", 24, id="no summer time since"),
        pytest.param("America/St_Johns", "2010-11-06", "2010-11-06T02:30", 24, id="the day whose last hour is lived again"),
        pytest.param("America/St_Johns", "2010-11-07", "2010-11-07T02:30", 25, id="back at 00:01: the new day goes on"),
        pytest.param("Africa/Monrovia", "1972-01-07", "1972-01-07T00:44:30", 23 + 31 / 120, id="offsets of odd seconds"),
    ],
)
def test_local_day_starts_and_lasts_by_the_wall_clock(name: str, local_day: str, starts_at: str, hours: float) -> None:
    local = calendars.zone(name)
    assert local.starts_at(day(local_day)) == utc(starts_at)
    assert local.starts_at(day(local_day) + 1) - local.starts_at(day(local_day)) == hours * HOUR


def test_segments_cut_the_day_at_the_second_of_the_change() -> None:
    london, apia = calendars.zone("Europe/London"), calendars.zone("Pacific/Apia")
    change = utc("2026-10-25T01:00")
    assert london.segments(day("2026-10-25")) == (
        (utc("2026-10-24T23:00"), change, HOUR),
        (change, utc("2026-10-26T00:00"), 0),
    )
    assert london.segments(day("2026-06-01")) == ((utc("2026-05-31T23:00"), utc("2026-06-01T23:00"), HOUR),)
    assert apia.segments(day("2011-12-30")) == ()


@given(zones_and_instants())
def test_instant_lies_in_its_own_day(where: tuple[str, int]) -> None:
    name, instant = where
    local = calendars.zone(name)
    today = local.day_of(instant)
    assert local.starts_at(today) <= instant < local.starts_at(today + 1)
    assert local.day_of(local.starts_at(today)) == today


@given(zones_and_instants())
def test_day_is_the_latest_date_that_the_wall_clock_has_shown(where: tuple[str, int]) -> None:
    """Also in the hour before midnight that is lived again after the clock went back over it."""
    name, instant = where
    zone = judge(name)
    shown = max(datetime.fromtimestamp(instant - minute * 60, zone).date() for minute in range(26 * 60))
    assert calendars.zone(name).day_of(instant) == shown.toordinal()


@given(zones_and_instants())
def test_day_starts_at_the_first_instant_at_which_its_midnight_has_passed(where: tuple[str, int]) -> None:
    name, instant = where
    zone, local = judge(name), calendars.zone(name)
    today = local.day_of(instant)
    starts_at = local.starts_at(today)
    assert datetime.fromtimestamp(starts_at, zone).date().toordinal() == today
    assert datetime.fromtimestamp(starts_at - 1, zone).date().toordinal() < today


@given(zones_and_instants())
def test_later_days_never_start_earlier(where: tuple[str, int]) -> None:
    name, instant = where
    local = calendars.zone(name)
    today = local.day_of(instant)
    starts = [local.starts_at(today + number) for number in range(-2, 4)]
    assert starts == sorted(starts)
    for number, (start, end) in enumerate(pairwise(starts)):
        assert local.day_of(start) == today - 2 + number or start == end


@given(zones_and_instants())
def test_segments_tile_the_day_and_each_has_one_offset(where: tuple[str, int]) -> None:
    name, instant = where
    local, zone = calendars.zone(name), judge(name)
    today = local.day_of(instant)
    segments = local.segments(today)
    assert (segments[0][0], segments[-1][1]) == (local.starts_at(today), local.starts_at(today + 1))
    assert all(before[1] == after[0] and before[2] != after[2] for before, after in pairwise(segments))
    for start, end, offset in segments:
        for moment in (start, (start + end) // 2, end - 1):
            assert datetime.fromtimestamp(moment, zone).utcoffset() == timedelta(seconds=offset)


@given(zones_and_instants())
def test_month_and_year_are_those_of_the_local_day(where: tuple[str, int]) -> None:
    name, instant = where
    local = calendars.zone(name)
    today = date.fromordinal(local.day_of(instant))
    assert local.month_of(instant) == today.year * 12 + today.month - 1
    assert local.year_starts_at(today.year) <= instant < local.year_starts_at(today.year + 1)


def test_month_has_the_days_of_the_calendar() -> None:
    """Leap years too, and December turns into the next January."""
    local = calendars.zone("Pacific/Apia")
    assert [local.days_in_month(year * 12 + month) for year, month in ((2023, 1), (2024, 1), (2100, 1))] == [28, 29, 28]
    assert local.days_in_month(2011 * 12 + 11) == 31


def test_every_recorded_change_of_every_zone_is_found() -> None:
    """The construction probes every few days; a change that was taken back in between would stay unseen."""
    by_data = {zone_file(name): name for name in sorted(calendars.zone_names())}  # many names are links to one zone
    for tzif, name in by_data.items():
        changes = _recorded_changes(tzif)
        assert all(after - before > _PROBE_SECONDS for before, after in pairwise(changes)), name
        assert set(changes) <= set(calendars.zone(name)._edges), name


def _recorded_changes(tzif: bytes) -> list[int]:
    """The instants from 1970 on at which the offset changes, read from the 64-bit block of a zone file (RFC 8536)."""

    def counts_at(position: int) -> tuple[int, ...]:
        return struct.unpack_from(">6l", tzif, position + 20)

    utc_flags, standard_flags, leaps, times, types, letters = counts_at(0)
    block = 44 + times * 5 + types * 6 + letters + leaps * 8 + standard_flags + utc_flags
    _, _, _, times, types, _ = counts_at(block)
    instants = struct.unpack_from(f">{times}q", tzif, block + 44)
    kinds = struct.unpack_from(f">{times}B", tzif, block + 44 + times * 8)
    offsets = [struct.unpack_from(">l", tzif, block + 44 + times * 9 + 6 * kind)[0] for kind in range(types)]
    rows = zip(instants[1:], kinds, kinds[1:], strict=False)
    return [instant for instant, before, after in rows if instant >= 0 and offsets[before] != offsets[after]]


def test_fixed_offset_is_a_zone_like_any_other() -> None:
    local = LocalTime(timezone(timedelta(hours=5, minutes=45)), "fixed")
    assert local.starts_at(day("2026-01-01")) == utc("2025-12-31T18:15")
    assert local.day_of(utc("2025-12-31T18:14:59")) == day("2025-12-31")
    assert local.day_of(utc("2025-12-31T18:15")) == day("2026-01-01")


def test_calendar_does_not_go_back_with_the_clock() -> None:
    """St. John's, 2010: at 00:01 of Sunday the 7th back to 23:01, which the format shows and the calendar does not."""
    local, change = calendars.zone("America/St_Johns"), utc("2010-11-07T02:31")
    assert [local.day_of(change + minute * 60) - day("2010-11-07") for minute in (-2, -1, 0, 58, 59)] == [-1, 0, 0, 0, 0]
    assert [local.format(change + second, "%d %H:%M:%S") for second in (-1, 0)] == ["07 00:00:59", "06 23:01:00"]


def test_clock_that_goes_back_at_midnight_has_not_reached_the_new_day() -> None:
    """Santiago, 2025: at 24:00 of Saturday the 5th back to 23:00; the day that had not begun does not begin early."""
    local, change = calendars.zone("America/Santiago"), utc("2025-04-06T03:00")
    assert [local.day_of(change + minute * 60) - day("2025-04-05") for minute in (-1, 0, 59, 60)] == [0, 0, 0, 1]


class _BackOnce(tzinfo):
    """UTC+1 until 1995-06-01T23:01Z, a minute past local midnight, and UTC for ever after, when it says ``fold``."""

    def utcoffset(self, wall: datetime | None) -> timedelta:
        return timedelta(hours=0 if wall and wall.fold else 1)

    def dst(self, wall: datetime | None) -> timedelta:
        raise AssertionError(f"only the offset is read, at {wall}")

    def tzname(self, wall: datetime | None) -> str:
        raise AssertionError(f"only the offset is read, at {wall}")

    def fromutc(self, wall: datetime) -> datetime:
        if wall < datetime(1995, 6, 1, 23, 1, tzinfo=self):
            return wall + timedelta(hours=1)
        return wall.replace(fold=1)


def test_calendar_does_not_go_back_at_a_zones_last_change_either() -> None:
    local, change = LocalTime(_BackOnce(), "back once"), utc("1995-06-01T23:01")
    june = day("1995-06-02")
    assert [local.day_of(change + minute * 60) - june for minute in (-2, -1, 0, 58, 59)] == [-1, 0, 0, 0, 0]
    assert [local.starts_at(june + number) for number in (0, 1)] == [change - 60, utc("1995-06-03T00:00")]


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    asked, fresh = (LocalTime(judge("Europe/London"), "Europe/London") for _ in range(2))
    days = range(day("1970-01-02"), day("2100-12-31"), 97)
    forward = [asked.starts_at(number) for number in days]
    assert [fresh.starts_at(number) for number in reversed(days)] == forward[::-1]


def test_zone_travels_to_another_process_whole() -> None:
    """What a worker unpickles counts like the original; a ZoneInfo read from a file could not travel."""
    local = calendars.zone("America/Santiago")
    copy = pickle.loads(pickle.dumps(local))
    assert (copy.name, copy.segments(day("2025-09-07"))) == (local.name, local.segments(day("2025-09-07")))


NUMERIC = "%Y-%m-%dT%H:%M:%S %j %y %z %% %-m/%-d %-H"


@given(zones_and_instants())
def test_format_says_what_strftime_says(where: tuple[str, int]) -> None:
    name, instant = where
    wall = datetime.fromtimestamp(instant, judge(name))
    expected = wall.strftime("%Y-%m-%dT%H:%M:%S %j %y ") + wall.strftime("%z")[:5] + f" % {wall.month}/{wall.day} {wall.hour}"
    assert calendars.zone(name).format(instant, NUMERIC) == expected


def test_format_keeps_the_text_around_directives() -> None:
    shanghai = calendars.zone("Asia/Shanghai")
    assert shanghai.format(utc("2026-03-04T00:05"), "%-m月%-d日%H:%M") == "3月4日08:05"
    assert shanghai.format(utc("2026-03-04T00:05"), "") == ""


@pytest.mark.parametrize("pattern", ["%B", "%a", "%p", "%-z", "%-%", "%", "%-", "%#d", "%H:%Q"])
def test_format_refuses_what_a_locale_would_write(pattern: str) -> None:
    """Names of months and days, and anything else that is no number."""
    assert len(unknown_directives(pattern)) == 1
    with pytest.raises(ValueError, match="numeric directive"):
        calendars.zone("UTC").format(0, pattern)


def test_known_directives_are_not_complained_of() -> None:
    assert unknown_directives(NUMERIC) == ()


def test_unknown_zone_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(ValueError, match=r"did you mean .*Asia/Shanghai"):
        calendars.zone("asia/shanghai")
    with pytest.raises(ValueError, match=r"'\.\./zones'"):
        calendars.zone("../zones")


def test_zone_comes_from_the_pinned_data() -> None:
    """The engine's version names the edition that every replica counts with."""
    assert "Asia/Shanghai" in calendars.zone_names()
    assert calendars.engine_data_version().startswith("tzdata-")
    assert [part.split("-")[0] for part in calendars.engine_data_version().split("+")] == [
        "tzdata",
        "chinesecalendar",
        "holidays",
    ]


# ----------------------------------------------------------------------------------------------------- in the evaluator


@given(zones_and_instants())
def test_the_evaluator_has_the_same_local_days(evaluator: Evaluator, where: tuple[str, int]) -> None:
    name, instant = where
    local = calendars.zone(name)
    on_machine, today = time_on(evaluator, local), local.day_of(instant)
    assert on_machine.day_of(instant) == today
    assert [on_machine.day_start(today + by) for by in range(-1, 3)] == [local.starts_at(today + by) for by in range(-1, 3)]


def test_the_evaluator_has_months_as_long_as_the_calendar() -> None:
    """From 1969 to the end of the century, and over the years that are no leap years."""
    for year in (*range(1969, 2102), 2400):
        for month in range(1, 13):
            first = date(year, month, 1).toordinal()
            following = date(year + month // 12, month % 12 + 1, 1).toordinal()
            assert month_first(month_number(first)) == first
            assert month_number(following - 1) + 1 == month_number(following)
            assert month_days(first) == month_days(following - 1) == following - first
