"""Local time, working days and measures for the evaluator, over tables of integers: see :mod:`policy.calculator.machine`."""

from collections.abc import MutableSequence, Sequence


def after(tab: Sequence[int], first: int, length: int, x: int) -> int:
    """How many of ``length`` ascending numbers from ``first`` on are at most ``x``."""
    low = 0
    high = length
    while low < high:
        middle = (low + high) // 2
        if tab[first + middle] <= x:
            low = middle + 1
        else:
            high = middle
    return low


def day_of(tab: Sequence[int], zone: int, instant: int) -> int:
    """The local day of ``instant``. A zone: spans, when each begins, offsets, walls, and from when all is settled."""
    n = tab[zone]
    if instant >= tab[zone + 1 + 3 * n]:
        return (instant + tab[zone + 2 * n]) // 86400 + 719163
    span = after(tab, zone + 1, n, instant) - 1
    wall = instant + tab[zone + 1 + n + span]
    if span > 0 and tab[zone + 2 * n + span] - 1 > wall:
        wall = tab[zone + 2 * n + span] - 1
    return wall // 86400 + 719163


def day_start(tab: Sequence[int], zone: int, day: int) -> int:
    """The first instant of a local day; of a date that the zone skipped, the start of the next."""
    n = tab[zone]
    midnight = (day - 719163) * 86400
    instant = midnight - tab[zone + 2 * n]
    if instant >= tab[zone + 1 + 3 * n]:
        return instant
    span = after(tab, zone + 1 + 2 * n, n, midnight)
    instant = midnight - tab[zone + 1 + n + span]
    return max(tab[zone + 1 + span], instant)


def month_number(day: int) -> int:
    """The month of a day, counted from year 0."""
    z = day + 305  # days since 0000-03-01
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    return (yoe + era * 400) * 12 + mp + 2


def month_first(month: int) -> int:
    """The first day of a month that is counted from year 0."""
    y = (month - 2) // 12
    mp = (month - 2) % 12
    era = y // 400
    yoe = y - era * 400
    return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + (153 * mp + 2) // 5 - 305


def month_days(day: int) -> int:
    """How many days the month of a day has."""
    month = month_number(day)
    return month_first(month + 1) - month_first(month)


def is_working(tab: Sequence[int], calendar: int, day: int) -> int:
    """Whether a day is worked. A calendar: the first day listed, how many, and 32 exceptions from Monday to Friday in each."""
    exception = 0
    at = day - tab[calendar]
    if 0 <= at < tab[calendar + 1]:
        exception = tab[calendar + 2 + (at >> 5)] >> (at & 31) & 1
    return ((day + 6) % 7 < 5) != (exception == 1)


def working_day_end(
    tab: Sequence[int], m: MutableSequence[int], zone: int, calendar: int, day: int, n: int, pauses: int, length: int
) -> int:
    """The end of the ``n``-th working day after ``day``; days that a pause touches, and such as the zone skipped, are none."""
    at = 0
    while n > 0:
        day += 1
        if not is_working(tab, calendar, day):
            continue
        start = day_start(tab, zone, day)
        end = day_start(tab, zone, day + 1)
        if start >= end:
            continue
        while at < length and m[pauses + 2 * at + 1] <= start:
            at += 1
        if at < length and m[pauses + 2 * at] < end:
            continue
        n -= 1
    return day_start(tab, zone, day + 1)


def is_outside(tab: Sequence[int], edges: int, start: int, end: int) -> int:
    """Whether any of [start, end) lies outside of the spans that begin and end in turn at ``edges``: how many, and each."""
    n = tab[edges]
    before = after(tab, edges + 1, n, start)
    return start < end and (before % 2 == 0 or (before < n and tab[edges + 1 + before] < end))


def between(tab: Sequence[int], m: MutableSequence[int], density: int, start: int, end: int) -> int:
    """The weighted seconds of [start, end), scaled; -1 where a year is not laid out.

    A density: how many years, their starts, and their tables.
    """
    n = tab[density]
    year = after(tab, density + 1, n + 1, start) - 1
    gathered = 0
    first = True
    while True:
        if year < 0 or year >= n:
            raise ValueError("a time beyond all years")
        table = tab[density + 2 + n + year]
        if table == 0:
            m[9] = density
            m[16] = year
            return -1
        if first:
            gathered = -until(tab, table, start)
            first = False
        if end <= tab[density + 2 + year]:
            return gathered + until(tab, table, end)
        gathered += tab[table + 2 * tab[table]]
        year += 1


def until(tab: Sequence[int], table: int, instant: int) -> int:
    """What a year has gathered by ``instant``."""
    n = tab[table]
    row = after(tab, table + 1, n, instant) - 1
    return tab[table + 1 + n + row] + (instant - tab[table + 1 + row]) * tab[table + 1 + 2 * n + row]


def measure(tab: Sequence[int], m: MutableSequence[int], density: int, x: int, length: int) -> int:
    """The time of ``length`` spans from ``x`` on, measured unless ``density`` is 0, times levels; -1 where a year lacks."""
    total = 0
    for _ in range(length):
        if density == 0:
            y = m[x + 1] - m[x]
        else:
            y = between(tab, m, density, m[x], m[x + 1])
            if y < 0:
                return -1
        total += y * m[x + 3]
        x += m[12]
    return total
