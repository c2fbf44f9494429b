"""Occasions for the evaluator: what benefits are worked out for, and what time lies in each.

See :mod:`policy.calculator.machine`. An occasion's record begins with: start, end, its outages (the address of their items) and
how many, its own outage (0 where it may have several), its label (month or cycle), whether one of its outages goes on, its
place among the occasions of the same outages, the month in which it begins; then the registers of its bank. The item of an
outage: its place by id, its address, and where its record ends, cut to the occasion; items are in order of ids.
"""

from collections.abc import MutableSequence, Sequence

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from policy.calculator.machine_lists import put, sort, unite
    from policy.calculator.machine_parts import label, label_start
    from policy.calculator.machine_time import day_of, month_number


def wants(m: MutableSequence[int], k: MutableSequence[int], places: int) -> int:
    """Whether there is no room for so many more places; then says how many are wanted."""
    if m[7] + places <= len(k):
        return 0
    m[8] = m[7] + places
    return 1


def make_occasions(
    tab: Sequence[int],
    m: MutableSequence[int],
    k: MutableSequence[int],
    a: int,
    runs: int,
    b: int,
    kind: int,
    zone: int,
    gaps: int,
) -> int:
    """Makes list ``a``: the occasions of the time of list ``b``, in order of time, and ``runs``, the unbroken runs of it.

    ``kind``: 0 all together, 1 each run, 3 each month, 4 each billing cycle, 5 each outage. Returns 1 where more memory is
    wanted.
    """
    n = m[b + 1]
    k[a] = 1
    k[a + 1] = 1
    k[runs] = 1
    k[runs + 1] = 1
    m[a + 1] = 0
    if wants(m, k, 2 * n):
        return 1
    sort(m, m[b], 5, m[12], n)
    m[runs] = m[7]
    for i in range(n):
        m[m[7] + 2 * i] = m[m[b] + i * m[12]]
        m[m[7] + 2 * i + 1] = m[m[b] + i * m[12] + 1]
    m[runs + 1] = unite(m, m[7], n)
    m[7] += 2 * m[runs + 1]
    m[a] = m[7]
    if kind == 5:
        if of_outages(m, k, a, b):
            return 1
    elif of_runs(tab, m, k, a, runs, kind, zone):
        return 1
    x = m[a]
    at = 0
    for _ in range(m[a + 1]):
        m[x + 8] = month_number(day_of(tab, zone, m[x]))
        if kind != 5:
            at = gather(m, k, x, b, at, kind)
            if at < 0:
                return 1
        x += m[56]
    if kind == 1 and m[gaps + 1] > 0:
        rank(m, a)
    return 0


def add_occasion(m: MutableSequence[int], k: MutableSequence[int], a: int, start: int, end: int, number: int) -> int:
    """Adds an occasion to list ``a``, with label ``number``. Returns 1 where more memory is wanted."""
    width = m[56]
    if wants(m, k, width):
        return 1
    x = m[7]
    for i in range(width):
        k[x + i] = 0
    for i in range(9):
        k[x + i] = 1
    m[x] = start
    m[x + 1] = end
    m[x + 2] = 0
    m[x + 3] = 0
    m[x + 4] = 0
    m[x + 5] = number
    m[x + 6] = 0
    m[x + 7] = 1
    m[x + 8] = 0
    m[7] = x + width
    m[a + 1] += 1
    return 0


def of_runs(
    tab: Sequence[int], m: MutableSequence[int], k: MutableSequence[int], a: int, runs: int, kind: int, zone: int
) -> int:
    """Adds the occasions that runs make: all of them one, each one, or what of them lies in each month or cycle."""
    for i in range(m[runs + 1]):
        start = m[m[runs] + 2 * i]
        end = m[m[runs] + 2 * i + 1]
        number = 0
        last = 0
        if kind == 3 or (kind == 4 and k[14] == 1):
            number = label(tab, m, kind, zone, 0, start)
            last = label(tab, m, kind, zone, 0, end - 1)
        while start < end:
            until = end
            if number < last:
                until = label_start(tab, m, kind, zone, number + 1)
            before = m[7] - m[56]
            if m[a + 1] > 0 and kind != 1 and m[before + 5] == number:
                m[before + 1] = until
            elif start < until and add_occasion(m, k, a, start, until, number):
                return 1
            start = until
            number += 1
    return 0


def of_outages(m: MutableSequence[int], k: MutableSequence[int], a: int, b: int) -> int:
    """Adds an occasion for each outage of list ``b``: by start, then end, then id; each with its only item."""
    n = m[b + 1]
    if wants(m, k, 3 * n):
        return 1
    first = m[7]
    found = 0
    for i in range(n):
        x = m[b] + i * m[12]
        at = 0
        while at < found and m[first + 3 * at] != m[x + 2]:
            at += 1
        if at == found:
            m[first + 3 * at] = m[x + 2]
            m[first + 3 * at + 1] = m[x]
            m[first + 3 * at + 2] = m[x + 1]
            found += 1
        else:
            m[first + 3 * at + 2] = max(m[first + 3 * at + 2], m[x + 1])
    for i in range(1, found):
        at = i
        while at > 0 and is_earlier(m, first + 3 * at, first + 3 * at - 3):
            for j in range(3):
                t = m[first + 3 * at + j]
                m[first + 3 * at + j] = m[first + 3 * at - 3 + j]
                m[first + 3 * at - 3 + j] = t
            at -= 1
    m[7] += 3 * found
    m[a] = m[7]
    for i in range(found):
        if add_occasion(m, k, a, m[first + 3 * i + 1], m[first + 3 * i + 2], 0):
            return 1
        x = m[7] - m[56]
        outage = m[first + 3 * i]
        m[x + 2] = first + 3 * i
        m[x + 3] = 1
        m[x + 4] = outage
        m[x + 6] = m[outage + 7]
    for i in range(found):  # what was sorted becomes the items
        m[first + 3 * i + 1] = m[first + 3 * i]
        m[first + 3 * i] = m[m[first + 3 * i] + 4]
    return 0


def is_earlier(m: MutableSequence[int], x: int, y: int) -> int:
    """Whether the outage at ``x`` (its address, start and end) comes before the one at ``y``."""
    if m[x + 1] != m[y + 1]:
        return m[x + 1] < m[y + 1]
    if m[x + 2] != m[y + 2]:
        return m[x + 2] < m[y + 2]
    return m[m[x] + 4] < m[m[y] + 4]


def gather(m: MutableSequence[int], k: MutableSequence[int], x: int, b: int, at: int, kind: int) -> int:
    """Lists the outages of occasion ``x``, out of the ordered list ``b``.

    Spans before ``at`` end before it. Returns from where on to look for the next; -1 where more memory is wanted.
    """
    width = m[12]
    first = m[7]
    n = 0
    i = at
    while i < m[b + 1] and m[m[b] + i * width] < m[x + 1]:
        y = m[b] + i * width
        if m[y + 1] > m[x]:
            if wants(m, k, 3 * (n + 1)):
                return -1
            outage = m[y + 2]
            m[first + 3 * n] = m[outage + 4]
            m[first + 3 * n + 1] = outage
            m[first + 3 * n + 2] = min(m[y + 1], m[x + 1])
            if m[outage + 7] != 0:
                m[x + 6] = 1
            n += 1
        i += 1
    sort(m, first, 3, 3, n)
    last = 0
    for j in range(1, n):
        if m[first + 3 * j] == m[first + 3 * last]:
            m[first + 3 * last + 2] = max(m[first + 3 * last + 2], m[first + 3 * j + 2])
        else:
            last += 1
            m[first + 3 * last] = m[first + 3 * j]
            m[first + 3 * last + 1] = m[first + 3 * j + 1]
            m[first + 3 * last + 2] = m[first + 3 * j + 2]
    m[x + 2] = first
    m[x + 3] = last + 1
    m[7] = first + 3 * (last + 1)
    return i if kind == 1 else at


def rank(m: MutableSequence[int], a: int) -> int:
    """Numbers the occasions of list ``a`` that have the same outages: a claim can cut one outage in several."""
    x = m[a]
    for i in range(m[a + 1]):
        y = m[a]
        for _ in range(i):
            if m[y + 3] == m[x + 3]:
                same = 1
                for j in range(m[x + 3]):
                    if m[m[x + 2] + 3 * j] != m[m[y + 2] + 3 * j]:
                        same = 0
                        break
                m[x + 7] += same
            y += m[56]
        x += m[56]
    return 0


def every_outage(tab: Sequence[int], m: MutableSequence[int], k: MutableSequence[int], a: int, instant: int, zone: int) -> int:
    """Where list ``a`` has no occasion, makes it one of all outages, or of none at ``instant``; 1 where memory is wanted."""
    if m[a + 1] != 0:
        return 0
    n = m[23]
    if wants(m, k, 3 * n + m[56]):
        return 1
    m[a] = m[7]
    add_occasion(m, k, a, instant, instant, 1)
    x = m[a]
    first = m[7]
    y = m[6]
    for i in range(n):
        if i == 0 or m[y] < m[x]:
            m[x] = m[y]
        if i == 0 or m[y + 1] > m[x + 1]:
            m[x + 1] = m[y + 1]
        if m[y + 7] != 0:
            m[x + 6] = 1
        m[first + 3 * i] = m[y + 4]
        m[first + 3 * i + 1] = y
        m[first + 3 * i + 2] = m[y + 1]
        y += m[11]
    sort(m, first, 3, 3, n)
    m[x + 2] = first
    m[x + 3] = n
    m[x + 8] = month_number(day_of(tab, zone, m[x]))
    m[7] = first + 3 * n
    return 0


def time_of(m: MutableSequence[int], k: MutableSequence[int], a: int, b: int, runs: int) -> int:
    """Makes list ``a``: the spans of ``b`` that lie in the occasion at hand, each with its run; 1 where memory is wanted."""
    o = m[5]
    width = m[12]
    start = m[o]
    own = m[o + 4]
    low = 0
    high = m[b + 1]
    while low < high:
        middle = (low + high) // 2
        if m[m[b] + middle * width + 1] <= start:
            low = middle + 1
        else:
            high = middle
    i = low
    low = 0
    high = m[runs + 1]
    while low < high:
        middle = (low + high) // 2
        if m[m[runs] + 2 * middle + 1] <= start:
            low = middle + 1
        else:
            high = middle
    run = low
    m[a] = m[7]
    m[a + 1] = 0
    k[a] = 1
    k[a + 1] = 1
    while i < m[b + 1]:
        x = m[b] + i * width
        if m[x] >= m[o + 1]:
            break
        if own == 0 or m[x + 2] == own:
            if wants(m, k, width):
                return 1
            while run + 1 < m[runs + 1] and m[m[runs] + 2 * run + 1] <= m[x]:
                run += 1
            put(m, m[x], m[x + 1], m[x + 2], m[x + 3], run)
            m[a + 1] += 1
        i += 1
    return 0


def pair_up(m: MutableSequence[int], k: MutableSequence[int], a: int, b: int) -> int:
    """Adds the spans of list ``b`` to the list of intervals ``a``; 1 where more memory is wanted."""
    if wants(m, k, 2 * m[b + 1]):
        return 1
    x = m[b]
    for _ in range(m[b + 1]):
        m[m[7]] = m[x]
        m[m[7] + 1] = m[x + 1]
        m[7] += 2
        m[a + 1] += 1
        x += m[12]
    return 0


def pairs_length(m: MutableSequence[int], first: int, length: int) -> int:
    """The length of intervals that do not overlap, together."""
    total = 0
    for i in range(length):
        total += m[first + 2 * i + 1] - m[first + 2 * i]
    return total


def left_of(m: MutableSequence[int], start: int, end: int, first: int, length: int) -> int:
    """How much of [start, end) lies in none of the intervals, which are in order and apart."""
    total = max(0, end - start)
    for i in range(length):
        total -= max(0, min(end, m[first + 2 * i + 1]) - max(start, m[first + 2 * i]))
    return total
