"""``calendar``: the days of one year that a calendar makes differ from Monday to Friday."""

import argparse
from datetime import date, timedelta
from typing import Final

from policy.language.calendars import unknown_calendar, working_days
from policy.tools.command import Command, complain, say

_DESCRIPTION: Final = """\
Writes the days of a year on which a calendar differs from Monday to Friday: days of the week that are not worked, and days
of weekends that are. NAME is what a policy says under calendar: a country of ISO 3166 or a part of one, as in CN or CH-ZH."""
_YEARS: Final = range(1970, 2101)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the calendar, as in CH-ZH")
    parser.add_argument("year", type=_year, metavar="YEAR", help=f"{_YEARS.start} to {_YEARS.stop - 1}")


def _year(text: str) -> int:
    if not (text.isdecimal() and int(text) in _YEARS):
        raise argparse.ArgumentTypeError(f"{text} is no year from {_YEARS.start} to {_YEARS.stop - 1}")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    try:
        calendar = working_days(options.name)
    except ValueError:
        complain(f"there is no calendar {options.name} ({unknown_calendar(options.name)})")
        return 1
    if not calendar.is_published(options.year):
        say(f"{options.name} is not published for {options.year}; Monday to Friday stand in")
        return 0
    first = date(options.year, 1, 1)
    for number in range((date(options.year + 1, 1, 1) - first).days):
        day = first + timedelta(number)
        if calendar.is_working(day.toordinal()) is not (day.weekday() < 5):
            say(f"{day} {day:%a} {'not worked' if day.weekday() < 5 else 'worked'}")
    return 0


COMMAND: Final = Command("calendar", "the days of a year that a calendar sets apart", _DESCRIPTION, _add_arguments, _run)
