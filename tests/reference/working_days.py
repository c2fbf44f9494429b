"""Section 3, the table's columns: which days are working days, and of which years that is known."""

from datetime import date

import chinese_calendar

MONDAY_TO_FRIDAY = range(5)


def is_published(year: int) -> bool:
    """3: whether the calendar of a year is published, for the calendar library at hand."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def is_working_day(day: date) -> bool:
    """3: mainland China's, with public holidays and weekends worked in lieu; Monday to Friday in a year not published."""
    if is_published(day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() in MONDAY_TO_FRIDAY
