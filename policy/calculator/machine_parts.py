"""Spans cut, labelled, judged and counted for the evaluator: see :mod:`policy.calculator.machine`."""

from collections.abc import MutableSequence, Sequence

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from policy.calculator.machine_lists import put
    from policy.calculator.machine_time import after, day_of, day_start, is_working, month_first, month_number


def label(tab: Sequence[int], m: MutableSequence[int], scope: int, zone: int, x: int, instant: int) -> int:
    """Where an instant of span ``x`` lies: 0 in all, 1 its interruption, 2 its local day, 3 its month, 4 its billing cycle."""
    if scope == 1:
        return m[x + 4]
    if scope == 2:
        return day_of(tab, zone, instant)
    if scope == 3:
        return month_number(day_of(tab, zone, instant))
    if scope == 4:
        return (instant >= m[14]) + (instant >= m[15])
    return 0


def label_start(tab: Sequence[int], m: MutableSequence[int], scope: int, zone: int, number: int) -> int:
    """The first instant of a day, month or cycle."""
    if scope == 2:
        return day_start(tab, zone, number)
    if scope == 3:
        return day_start(tab, zone, month_first(number))
    return m[14] if number == 1 else m[15]


def split(tab: Sequence[int], m: MutableSequence[int], k: MutableSequence[int], a: int, b: int, scope: int, zone: int) -> int:
    """Makes list ``a``: the spans of ``b`` cut where days, months or cycles begin. A cycle that was not given cuts nothing."""
    k[a] = 1
    k[a + 1] = 1
    if scope == 4 and k[14] != 1:
        m[a] = m[b]
        m[a + 1] = m[b + 1]
        return 0
    width = m[12]
    x = m[b]
    m[a] = m[7]
    n = 0
    for _ in range(m[b + 1]):
        first = label(tab, m, scope, zone, x, m[x])
        last = label(tab, m, scope, zone, x, m[x + 1] - 1)
        if m[7] + (last - first + 1) * width > len(k):
            m[8] = m[7] + (last - first + 1) * width
            return 1
        start = m[x]
        while first < last:
            first += 1
            end = label_start(tab, m, scope, zone, first)
            if start < end:
                put(m, start, end, m[x + 2], m[x + 3], m[x + 4])
                n += 1
            start = end
        if start < m[x + 1]:
            put(m, start, m[x + 1], m[x + 2], m[x + 3], m[x + 4])
            n += 1
        x += width
    m[a + 1] = n
    return 0


def judge(m: MutableSequence[int], k: MutableSequence[int], verdict: int, b: int, op: int, factor: int, limit: int) -> int:
    """Sets ``verdict`` of each span of list ``b``: whether the weight of its label, times ``factor``, keeps the bound.

    The place after it holds what was compared.
    """
    width = m[12]
    x = m[b]
    end = x + m[b + 1] * width
    while x < end:
        y = x
        total = 0
        while y < end and m[y + 5] == m[x + 5]:
            total += m[y + 6]
            y += width
        total = total * factor
        if op == 8:
            holds = total < limit
        elif op == 9:
            holds = total <= limit
        elif op == 10:
            holds = total > limit
        else:
            holds = total >= limit
        while x < y:
            m[x + verdict] = holds
            k[x + verdict] = 1
            m[x + verdict + 1] = total
            x += width
    return 0


def keep(m: MutableSequence[int], k: MutableSequence[int], a: int, b: int, verdict: int) -> int:
    """Makes list ``a``: the spans of ``b`` whose verdict holds. Returns of how many it is not known."""
    width = m[12]
    x = m[b]
    m[a] = m[7]
    k[a] = 1
    k[a + 1] = 1
    n = 0
    unknown = 0
    for _ in range(m[b + 1]):
        if k[x + verdict] == 2:
            unknown += 1
        elif m[x + verdict] != 0:
            put(m, m[x], m[x + 1], m[x + 2], m[x + 3], m[x + 4])
            n += 1
        x += width
    m[a + 1] = n
    return unknown


def parts(m: MutableSequence[int], k: MutableSequence[int], a: int, b: int, by_label: int) -> int:
    """Makes list ``a``: the parts of list ``b``, each of one label, or one of all."""
    width = m[12]
    x = m[b]
    n = m[b + 1]
    m[a] = m[7]
    m[a + 1] = 0
    k[a] = 1
    k[a + 1] = 1
    i = 0
    while i < n:
        top = m[7]
        m[top] = m[x + i * width]
        m[top + 1] = x + i * width
        j = i + 1
        while j < n and (by_label == 0 or m[x + j * width + 5] == m[x + i * width + 5]):
            j += 1
        m[top + 2] = j - i
        for y in range(m[13]):
            k[top + y] = 0
        m[7] = top + m[13]
        m[a + 1] += 1
        i = j
    return 0


def days(tab: Sequence[int], m: MutableSequence[int], full: int, calendar: int, zone: int, last: int) -> int:
    """Local days of the part at hand, up to day ``last``, that are touched, or covered; by a calendar (not 0) those worked."""
    x = m[m[4] + 1]
    count = 0
    day = -1
    left = 0
    for _ in range(m[m[4] + 2]):
        start = m[x]
        end = m[x + 1]
        while start < end:
            at = day_of(tab, zone, start)
            if at > last:
                return count
            until_next = day_start(tab, zone, at + 1)
            until_next = min(until_next, end)
            if at != day:
                day = at
                left = day_start(tab, zone, at + 1) - day_start(tab, zone, at)
                if full == 0 and (calendar == 0 or is_working(tab, calendar, at)):
                    count += 1
            left -= until_next - start
            if full == 1 and left == 0 and (calendar == 0 or is_working(tab, calendar, at)):
                count += 1
            start = until_next
        x += m[12]
    return count


def windows(
    tab: Sequence[int], m: MutableSequence[int], k: MutableSequence[int], a: int, start: int, end: int, density: int
) -> int:
    """Adds to the intervals of list ``a`` where a density weighs anything from ``start`` to ``end``.

    Returns 0; 1 where more memory is wanted; 2 where a year of the density is not laid out.
    """
    years = tab[density]
    year = after(tab, density + 1, years + 1, start) - 1
    while start < end:
        if year < 0 or year >= years:
            raise ValueError("a time beyond all years")
        table = tab[density + 2 + years + year]
        if table == 0:
            m[9] = density
            m[16] = year
            return 2
        rows = tab[table]
        row = after(tab, table + 1, rows, start) - 1
        while row < rows - 1 and start < end:
            until = min(end, tab[table + 2 + row])
            if tab[table + 1 + 2 * rows + row] != 0 and start < until:
                if m[7] + 2 > len(k):
                    m[8] = m[7] + 2
                    return 1
                m[m[7]] = start
                m[m[7] + 1] = until
                m[7] += 2
                m[a + 1] += 1
            start = until
            row += 1
        year += 1
    return 0


def without(m: MutableSequence[int], k: MutableSequence[int], a: int, b: int, c: int) -> int:
    """Makes list ``a``: the spans of ``b``, less the intervals of ``c``, which are in order and apart."""
    width = m[12]
    if m[7] + (m[b + 1] + m[c + 1]) * width > len(k):
        m[8] = m[7] + (m[b + 1] + m[c + 1]) * width
        return 1
    k[a] = 1
    k[a + 1] = 1
    m[a] = m[7]
    n = 0
    at = 0
    x = m[b]
    for _ in range(m[b + 1]):
        start = m[x]
        while at < m[c + 1] and m[m[c] + 2 * at + 1] <= start:
            at += 1
        i = at
        while i < m[c + 1] and m[m[c] + 2 * i] < m[x + 1]:
            if start < m[m[c] + 2 * i]:
                put(m, start, m[m[c] + 2 * i], m[x + 2], m[x + 3], m[x + 4])
                n += 1
            start = m[m[c] + 2 * i + 1]
            i += 1
        if start < m[x + 1]:
            put(m, start, m[x + 1], m[x + 2], m[x + 3], m[x + 4])
            n += 1
        x += width
    m[a + 1] = n
    return 0
