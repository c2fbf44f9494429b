"""Local days and what kind they are, straight from the libraries that know them."""

from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays

MONDAY_TO_FRIDAY = range(5)
ONE_DAY = timedelta(days=1)
SECONDS_OF_A_DAY = 86_400


@cache
def zone_of(name: str) -> ZoneInfo:
    """An IANA zone, by the edition of its rules that is installed with the project, not by the machine's."""
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@lru_cache(maxsize=100_000)
def local(seconds: int, zone: ZoneInfo) -> datetime:
    """The wall clock at an instant."""
    return datetime.fromtimestamp(seconds, zone)


@cache
def start_of(day: date, zone: ZoneInfo) -> int:
    """The first instant of a local day; where the clock jumps over midnight, that of the jump."""
    return int(datetime.combine(day, time(), zone).timestamp())


def end_of(day: date, zone: ZoneInfo) -> int:
    """The first instant after a local day, which has 23, 24 or 25 hours, or some other length."""
    return start_of(day + ONE_DAY, zone)


@cache
def edges_of(day: date, zone: ZoneInfo, seconds_of_day: frozenset[int]) -> tuple[int, ...]:
    """Every instant of a local day at which it begins, its clock is changed, or shows one of ``seconds_of_day``."""
    start, end = start_of(day, zone), end_of(day, zone)
    naive = (datetime.combine(day, time()) + timedelta(seconds=second) for second in seconds_of_day)
    shown = {int(each.replace(tzinfo=zone, fold=fold).timestamp()) for each in naive for fold in (0, 1)}
    return tuple(sorted({start, *_changes(start, end, zone), *(edge for edge in shown if start < edge < end)}))


def _changes(start: int, end: int, zone: ZoneInfo) -> list[int]:
    """Where the offset changes between two instants: halved until it is found."""
    if local(start, zone).utcoffset() == local(end, zone).utcoffset():
        return []
    while end - start > 1:
        middle = (start + end) // 2
        same = local(start, zone).utcoffset() == local(middle, zone).utcoffset()
        start, end = (middle, end) if same else (start, middle)
    return [end]


def second_of_day(seconds: int, zone: ZoneInfo) -> int:
    """What the wall clock shows, in seconds since it showed 00:00."""
    shown = local(seconds, zone)
    return shown.hour * 3600 + shown.minute * 60 + shown.second


def days_in_month(day: date) -> int:
    """28 to 31."""
    first = day.replace(day=1)
    return ((first + timedelta(days=31)).replace(day=1) - first).days


@cache
def is_working_day(day: date, calendar: str) -> bool:
    """Whether a day is worked; Monday to Friday in a year whose calendar is not published."""
    if not calendar or not is_published(day.year, calendar):
        return day.weekday() in MONDAY_TO_FRIDAY
    if calendar == "CN":
        return bool(chinese_calendar.is_workday(day))
    return _law(calendar).is_working_day(day)


@cache
def is_published(year: int, calendar: str) -> bool:
    """Whether the working days of a year are known. Those of a law that names its holidays are, for every year."""
    if calendar != "CN":
        return True
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@cache
def _law(calendar: str) -> holidays.HolidayBase:
    country, _, part = calendar.replace("GB-EAW", "GB-ENG").partition("-")
    return holidays.country_holidays(country, part or None)
