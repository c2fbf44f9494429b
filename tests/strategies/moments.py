"""Instants where something changes under cn-standard: band edges of days of every kind."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
HOUR: Final = 3600
DAY: Final = 24 * HOUR

DAYS: Final = (
    (2026, 1, 1),  # the policy begins, a holiday
    (2026, 1, 4),  # a Sunday worked in lieu
    (2026, 1, 11),  # an ordinary Sunday
    (2026, 2, 14),  # a Saturday worked in lieu, before the spring festival
    (2026, 2, 23),  # its last day
    (2026, 3, 4),  # an ordinary Wednesday
    (2026, 5, 5),  # the last of the May holidays
    (2026, 5, 9),  # a Saturday worked in lieu
    (2026, 6, 19),  # a Friday that is a holiday
    (2026, 9, 30),  # before the October holidays
    (2026, 12, 31),  # the last day of the last published year
    (2027, 1, 1),  # the first day of a year that is not published
    (2027, 12, 31),  # from one year that is not published into another
    (2028, 2, 28),  # before a leap day
    (2028, 2, 29),
)
EDGE_HOURS: Final = (0, 6, 9, 18, 23)
NEAR: Final = (-1, 0, 1)

FIRST_INSTANT: Final = int(datetime(2026, 1, 1, tzinfo=SHANGHAI).timestamp())
"""Start of the first version; outages of the default policy begin no earlier."""


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """Seconds since 1970 UTC of a local time."""
    return int(datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI).timestamp())


BAND_EDGES: Final = tuple(max(local(*day, hour) + near, FIRST_INSTANT) for day in DAYS for hour in EDGE_HOURS for near in NEAR)
"""A second before, at and after each beginning of a band."""
ROUND_LENGTHS: Final = (1800, HOUR, 3 * HOUR, 9 * HOUR, DAY, 2 * DAY, 31 * DAY)
LENGTHS: Final = (*(length + near for length in ROUND_LENGTHS for near in NEAR), 1, 900)


def instants() -> st.SearchStrategy[int]:
    """Mostly around band edges, else anywhere in the local day."""
    anywhere = st.builds(lambda day, second: local(*day) + second, st.sampled_from(DAYS), st.integers(0, DAY - 1))
    return st.one_of(st.sampled_from(BAND_EDGES), st.sampled_from(BAND_EDGES), anywhere)


def lengths() -> st.SearchStrategy[int]:
    """Lengths in seconds: mostly around 30 min, whole hours and days, else any up to 40 days."""
    return st.one_of(st.sampled_from(LENGTHS), st.sampled_from(LENGTHS), st.integers(1800, 12 * HOUR), st.integers(1, 40 * DAY))


def near() -> st.SearchStrategy[int]:
    """One below, at, one above."""
    return st.sampled_from(NEAR)
