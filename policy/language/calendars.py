"""Time zones and working days, read from pinned packages when a policy is loaded.

Zones come from the package ``tzdata`` and never from the machine's zone files, so that every replica counts alike. Working
days come from ``chinese_calendar`` (mainland China, with the weekends worked in lieu) and ``holidays`` (all others). What
the calculator is handed is plain data.
"""

import re
import warnings
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib import metadata, resources
from typing import Final
from unicodedata import normalize
from zoneinfo import ZoneInfo

import holidays
from chinese_calendar import constants as chinese_calendar

from policy.calculator.local_time import LocalTime
from policy.calculator.working_days import WorkingDays
from policy.language.problems import listed, nearest

CHINA: Final = "CN"
_ALIASES: Final = {"GB-EAW": "GB-ENG"}  # ISO 3166-2 has a code for England and Wales; the library has each, and they are alike
_REQUEST_YEARS: Final = range(1970, 2101)
_YEARS: Final = range(1969, 2103)  # and room to count days over the edge
_DATA_PACKAGES: Final = ("tzdata", "chinesecalendar", "holidays")


@cache
def zone(name: str) -> LocalTime:
    """The calendar and wall clock of an IANA zone. Raises ValueError, with the nearest names, when there is none."""
    if name not in zone_names():
        raise ValueError(_unknown("time zone", name, zone_names()))
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return LocalTime(ZoneInfo.from_file(file, key=name), name)


@cache
def zone_names() -> frozenset[str]:
    """Every IANA zone that the pinned ``tzdata`` has."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@cache
def working_days(name: str) -> WorkingDays:
    """The working days of a country ("DE") or of a part of one ("AU-NSW", "GB-EAW"). Raises ValueError when there is none."""
    if not is_calendar(name):
        raise ValueError(_unknown("calendar", name, calendar_names()))
    if name == CHINA:
        return _chinese()
    country, _, part = _ALIASES.get(name, name).partition("-")
    return _of_law(name, country, part or None)


def is_calendar(name: str) -> bool:
    """Whether :func:`working_days` knows the name."""
    return name in calendar_names()


@cache
def calendar_names() -> frozenset[str]:
    """Every name that :func:`working_days` knows: ISO 3166 codes of countries and of parts with days of their own."""
    countries = holidays.list_supported_countries(include_aliases=False)
    parts = (f"{country}-{part}" for country, known in countries.items() for part in known)
    return frozenset((CHINA, *countries, *parts, *_ALIASES))


def unknown_calendar(name: str) -> str:
    """What to write instead of a ``name`` of no calendar: the nearest part of its country, by code or by title."""
    country, _, part = name.upper().partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if not part:
        named = [each for each in sorted(calendar_names()) if each.partition("-")[2] == country]
        return f"did you mean {listed(named[:3], 'or')}?" if named else "a country, or a part of one: CN, CH-ZH, GB-SCT"
    if country not in known:
        return "it begins with a country of ISO 3166: CN, CH-ZH, GB-SCT"
    parts = [each for each in known[country] if re.fullmatch("[A-Z0-9]+", each)]
    titles = {_folded(title): code for title, code in holidays.country_holidays(country).subdivisions_aliases.items()}
    titles = {title: code for title, code in titles.items() if code in parts}
    near = titles.get(nearest(_folded(part), titles, 0.75)) or nearest(part, parts)
    if near:
        return f"did you mean {country}-{near}?"
    return f"parts of {country} are {', '.join(parts)}" if parts else f"write {country}: it has no parts with days of their own"


def _folded(title: str) -> str:
    """A title in plain letters."""
    return "".join(each for each in normalize("NFKD", title.casefold()) if each.isalnum())


def engine_data_version() -> str:
    """The versions of the data that decisions rest on, for example "tzdata-2026.6+chinesecalendar-1.11.0+holidays-0.109"."""
    return "+".join(f"{package}-{metadata.version(package)}" for package in _DATA_PACKAGES)


def _chinese() -> WorkingDays:
    """Public holidays and the days worked in lieu, for the years that the State Council's notices in the library cover.

    A year is covered when its National Day is listed: the notice for one year may already name New Year's Day of the next.
    """
    published = frozenset(day.year for day in chinese_calendar.holidays if (day.month, day.day) == (10, 1))
    worked = {day for day in chinese_calendar.workdays if day.weekday() >= 5}
    idle = {day for day in chinese_calendar.holidays if day.weekday() < 5} - chinese_calendar.workdays.keys()
    return WorkingDays(CHINA, frozenset(day.toordinal() for day in worked | idle if day.year in published), published)


def _of_law(name: str, country: str, part: str | None) -> WorkingDays:
    """What the law of a country gives; years that the library does not reach, or only estimates, are not published."""
    reach = holidays.country_holidays(country, subdiv=part)
    years = range(max(_YEARS.start, reach.start_year), min(_YEARS.stop, reach.end_year + 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some say how far the sighting of the moon is known: those years are estimates
        # Titles are read for the word "estimated"; the language is named, or the environment would choose it.
        calendar = holidays.country_holidays(country, part, years, expand=False, language=reach.default_language)
    published = frozenset(years) - _estimated_years(calendar)
    exceptions = frozenset(
        day.toordinal()
        for day in _may_differ(calendar, years)
        if day.year in published and calendar.is_working_day(day) is not (day.weekday() < 5)
    )
    return WorkingDays(name, exceptions, None if published.issuperset(_REQUEST_YEARS) else published)


def _may_differ(calendar: holidays.HolidayBase, years: range) -> Iterable[date]:
    """The days that may differ from Monday to Friday: only those with an entry, if weekends were always Saturday and Sunday."""
    week = range(1, 8)
    if all(calendar.is_weekend(day := date(year, 1, n)) is (day.weekday() >= 5) for year in years for n in week):
        return calendar.keys() | calendar.weekend_workdays
    return map(date.fromordinal, range(date(years.start, 1, 1).toordinal(), date(years.stop, 1, 1).toordinal()))


def _estimated_years(calendar: holidays.HolidayBase) -> frozenset[int]:
    labels = (getattr(calendar, label, "") for label in ("estimated_label", "observed_estimated_label"))
    marks = [calendar.tr(label).replace("%s", "").strip() for label in labels if label]
    return frozenset(day.year for day, title in calendar.items() if any(mark in title for mark in marks))


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    by_folded = {each.casefold(): each for each in sorted(known)}
    near = [by_folded[each] for each in get_close_matches(name.casefold(), by_folded, n=3)]
    return f"there is no {what} {name!r}" + (f"; did you mean {' or '.join(near)}?" if near else "")
