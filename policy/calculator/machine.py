"""The evaluator: runs a program over one memory. One source, which CPython runs as it stands and Cython compiles.

``code`` and ``tab`` are a program's operations and tables; ``m`` is the memory and ``k`` says of each of its places whether it
is not worked out (0), known (1) or unknown (2). As Python, ``m`` is a list and its integers have any size; compiled, all are of
64 bits, and what does not fit raises OverflowError.

An operand of a register is ``place << 3 | bank``: its address is ``m[bank]`` + place, so that one operation serves every
outage, month, span and part in turn. The first places of the memory:

    0  always 0: the bank of what there is one of        1  the outage at hand       2  the month at hand
    3  the span at hand                                  4  the part at hand         5  how many outages
    6  the first outage                                  7  where free memory begins 8  how much memory was asked for
    9  where the year that was asked for is listed      10  numbers given out       11  places an outage takes
   12  places a span takes                              13  places a part takes     14, 15  start and end of the billing cycle
   16  the year asked for                               17, 18  where spans and parts end   19  the first month
   20  places a month takes                             24 to 55  where to go back to

A span is: start, end, outage, level, interruption, label, weight, and the registers of its bank. A part: start, first span,
spans, time, and the registers of its bank. A list is two registers: the address of its first, and how many.
"""

# ruff: noqa: C901, PLR0912, PLR0915

from collections.abc import MutableSequence, Sequence

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython


def run(code: Sequence[int], tab: Sequence[int], m: MutableSequence[int], k: MutableSequence[int], pc: int) -> int:
    """Runs from ``pc`` to HALT. Returns 0; 1 where more memory is wanted, ``m[8]`` places; 2 where a year of a measure is."""
    with cython.nogil:
        return _run(code, tab, m, k, pc)


def _run(code: Sequence[int], tab: Sequence[int], m: MutableSequence[int], k: MutableSequence[int], pc: int) -> int:
    sp = 24
    while True:
        op = code[pc]
        a = code[pc + 1]
        b = code[pc + 2]
        c = code[pc + 3]
        pc += 7
        if op < 14:
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            if k[b] != 1 or k[c] != 1:
                k[a] = 2
                continue
            x = m[b]
            y = m[c]
            k[a] = 1
            if op == 0:  # MUL
                m[a] = x * y
            elif op == 1:  # ADD
                m[a] = x + y
            elif op == 2:  # SUB
                m[a] = x - y
            elif op == 3:  # LEAST
                m[a] = min(y, x)
            elif op == 4:  # GREATEST
                m[a] = max(y, x)
            elif op == 5:  # DIVIDE_DOWN
                m[a] = x // y
            elif op == 6:  # DIVIDE_UP
                m[a] = -(-x // y)
            elif op == 7:  # REMAINDER
                m[a] = x % y
            elif op == 8:  # LESS
                m[a] = x < y
            elif op == 9:  # AT_MOST
                m[a] = x <= y
            elif op == 10:  # MORE
                m[a] = x > y
            elif op == 11:  # AT_LEAST
                m[a] = x >= y
            elif op == 12:  # EQUAL
                m[a] = x == y
            else:  # AMONG
                m[a] = (x & y) != 0
        elif op == 14:  # HALT
            return 0
        elif op == 15:  # JUMP
            pc = a
        elif op == 16:  # JUMP_IF_FALSE
            b = m[b & 7] + (b >> 3)
            if k[b] == 1 and m[b] == 0:
                pc = a
        elif op == 17:  # JUMP_IF_TRUE
            b = m[b & 7] + (b >> 3)
            if k[b] == 1 and m[b] != 0:
                pc = a
        elif op == 18:  # JUMP_IF_UNKNOWN
            if k[m[b & 7] + (b >> 3)] == 2:
                pc = a
        elif op == 19:  # JUMP_UNLESS_AMONG
            if m[m[b & 7] + (b >> 3)] & m[m[c & 7] + (c >> 3)] == 0:
                pc = a
        elif op == 20:  # CALL
            if k[m[b & 7] + (b >> 3)] == 0:
                m[sp] = pc
                sp += 1
                pc = a
        elif op == 21:  # RETURN
            sp -= 1
            pc = m[sp]
        elif op == 22:  # MOVE
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            k[a] = k[b]
            if k[b] == 1:
                m[a] = m[b]
        elif op == 23:  # UNKNOWN
            k[m[a & 7] + (a >> 3)] = 2
        elif op == 24:  # FACT
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[b] != 1:
                b = m[c & 7] + (c >> 3)
            m[a] = m[b]
            k[a] = 1
        elif op == 25:  # AND
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[a] == 2 or m[a] != 0:
                if k[b] == 2:
                    k[a] = 2
                elif m[b] == 0:
                    m[a] = 0
                    k[a] = 1
        elif op == 26:  # OR
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[a] == 2 or m[a] == 0:
                if k[b] == 2:
                    k[a] = 2
                elif m[b] != 0:
                    m[a] = 1
                    k[a] = 1
        elif op == 27:  # TIMES
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[a] == 2 or m[a] != 0:
                if k[b] == 2:
                    k[a] = 2
                elif m[b] == 0:
                    m[a] = 0
                    k[a] = 1
                elif k[a] == 1:
                    m[a] = m[a] * m[b]
        elif op == 28:  # TALLY
            b = m[b & 7] + (b >> 3)
            if k[b] == 1 and m[b] != 0:
                m[m[a & 7] + (a >> 3)] += 1
        elif op == 29:  # TALLY_UNKNOWN
            if k[m[b & 7] + (b >> 3)] == 2:
                m[m[a & 7] + (a >> 3)] += 1
        elif op == 30:  # NUMBER
            a = m[a & 7] + (a >> 3)
            m[10] += 1
            m[a] = m[10]
            k[a] = 1
        elif op == 31:  # DAY_OF
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            k[a] = k[b]
            if k[b] == 1:
                m[a] = day_of(tab, c, m[b])
        elif op == 32:  # DAY_START
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            k[a] = k[b]
            if k[b] == 1:
                m[a] = day_start(tab, c, m[b])
        elif op == 33:  # WORKING_DAY_END
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            e = m[code[pc - 2] & 7] + (code[pc - 2] >> 3)
            k[a] = 2
            if k[b] == 1 and k[c] == 1 and k[d] == 1 and k[e] == 1:
                k[a] = 1
                m[a] = working_day_end(tab, m, code[pc - 1], m[d], m[b], m[c], m[e], m[e + 1])
        elif op == 34:  # EACH_OUTAGE
            m[1] = m[6]
            if m[5] == 0:
                pc = a
        elif op == 35:  # NEXT_OUTAGE
            m[1] += m[11]
            if m[1] < m[6] + m[5] * m[11]:
                pc = a
        elif op == 36:  # EACH_SPAN
            b = m[b & 7] + (b >> 3)
            m[3] = m[b]
            m[17] = m[b] + m[b + 1] * m[12]
            if m[b + 1] == 0:
                pc = a
            else:
                m[1] = m[m[3] + 2]
        elif op == 37:  # NEXT_SPAN
            m[3] += m[12]
            if m[3] < m[17]:
                m[1] = m[m[3] + 2]
                pc = a
        elif op == 38:  # EACH_PART
            b = m[b & 7] + (b >> 3)
            m[4] = m[b]
            m[18] = m[b] + m[b + 1] * m[13]
            if m[b + 1] == 0:
                pc = a
        elif op == 39:  # NEXT_PART
            m[4] += m[13]
            if m[4] < m[18]:
                pc = a
        elif op == 40:  # NEW_LIST
            a = m[a & 7] + (a >> 3)
            m[a] = m[7]
            m[a + 1] = 0
            k[a] = 1
            k[a + 1] = 1
        elif op == 41:  # PAUSES
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if k[b] == 2:
                k[a] = 2
            else:
                x = m[b + 1]
                if m[7] + 2 * x > len(k):
                    m[8] = m[7] + 2 * x
                    return 1
                for i in range(2 * x):
                    m[m[7] + i] = m[m[b] + i]
                m[7] += 2 * x
                m[a + 1] += x
        elif op == 42:  # UNITE
            a = m[a & 7] + (a >> 3)
            if k[a] == 1:
                m[a + 1] = unite(m, m[a], m[a + 1])
                m[7] = m[a] + 2 * m[a + 1]
        elif op == 43:  # OPEN
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            e = m[code[pc - 2] & 7] + (code[pc - 2] >> 3)
            x = m[7] + (m[e + 1] + 1) * m[12]
            if x > len(k):
                m[8] = x
                return 1
            x = open_spans(m, m[b], m[c], m[d], m[e], m[e + 1])
            m[a + 1] += x
            a = m[code[pc - 1] & 7] + (code[pc - 1] >> 3)
            m[a] = x
            k[a] = 1
        elif op == 44:  # OVERLAY
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if overlay(m, k, a, b):
                return 1
        elif op == 45:  # SPLIT
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if split(tab, m, k, a, b, c, code[pc - 3]):
                return 1
        elif op == 46:  # LABEL
            a = m[a & 7] + (a >> 3)
            x = m[a]
            for _ in range(m[a + 1]):
                m[x + 5] = label(tab, m, b, c, x, m[x])
                x += m[12]
        elif op == 47:  # WEIGH
            a = m[a & 7] + (a >> 3)
            b = m[m[b & 7] + (b >> 3)]
            x = m[a]
            for _ in range(m[a + 1]):
                if b == 0:
                    m[x + 6] = m[x + 1] - m[x]
                else:
                    y = between(tab, m, b, m[x], m[x + 1])
                    if y < 0:
                        return 2
                    m[x + 6] = y * m[x + 3]
                x += m[12]
        elif op == 48:  # JUDGE
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            e = m[code[pc - 2] & 7] + (code[pc - 2] >> 3)
            judge(m, k, a >> 3, m[b & 7] + (b >> 3), c, m[d], m[e])
        elif op == 49:  # DOUBT
            b = m[b & 7] + (b >> 3)
            x = m[b] + (a >> 3)
            for _ in range(m[b + 1]):
                k[x] = 2
                x += m[12]
        elif op == 50:  # KEEP
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            if m[7] + m[b + 1] * m[12] > len(k):
                m[8] = m[7] + m[b + 1] * m[12]
                return 1
            m[d] += keep(m, k, a, b, c >> 3)
        elif op == 51:  # LENGTH
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            x = m[b]
            y = 0
            for _ in range(m[b + 1]):
                y += m[x + 1] - m[x]
                x += m[12]
            m[a] = y
            k[a] = 1
        elif op == 52:  # MEASURE
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            k[a] = k[c]
            if k[c] == 1:
                y = measure(tab, m, m[c], m[b], m[b + 1])
                if y < 0:
                    return 2
                m[a] = y
        elif op == 53:  # PARTS
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            if m[7] + m[b + 1] * m[13] > len(k):
                m[8] = m[7] + m[b + 1] * m[13]
                return 1
            parts(m, k, a, b, c)
        elif op == 54:  # DAYS
            a = m[a & 7] + (a >> 3)
            c = m[c & 7] + (c >> 3)
            k[a] = k[c]
            if k[c] == 1:
                m[a] = days(tab, m, b, m[c], code[pc - 3])
        elif op == 55:  # MONTH
            x = month_days(day_of(tab, a, m[m[4]]))
            m[2] = m[19] + (x - 28) * m[20]
        elif op == 56:  # COVER
            a = m[a & 7] + (a >> 3)
            x = m[m[b & 7] + (b >> 3)]
            y = m[m[c & 7] + (c >> 3)]
            if m[7] + 2 * m[5] > len(k):
                m[8] = m[7] + 2 * m[5]
                return 1
            m[a] = cover(m, k, x, y, code[pc - 3] >> 3)
            k[a] = 1
        elif op == 57:  # OUTSIDE
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            k[a] = k[c]
            if k[c] == 1:
                x = m[b]
                m[a] = 0
                for _ in range(m[b + 1]):
                    if is_outside(tab, m[c], m[x], m[x + 1]):
                        m[a] = 1
                        break
                    x += m[12]
        elif op == 58:  # TOTAL
            b = m[a & 7] + (a >> 3)
            c = m[4]
            k[c + 3] = k[b]
            if k[b] == 1:
                y = 0
                x = m[c + 1]
                if m[b] != 0:
                    y = measure(tab, m, m[b], x, m[c + 2])
                    if y < 0:
                        return 2
                else:
                    for _ in range(m[c + 2]):
                        y += m[x + 1] - m[x]
                        x += m[12]
                m[c + 3] = y
        elif op == 59:  # OWN
            b = m[b & 7] + (b >> 3)
            c = m[m[c & 7] + (c >> 3)]
            x = m[b]
            for _ in range(m[b + 1]):
                y = m[x + 1] - m[x]
                if c != 0:
                    y = between(tab, m, c, m[x], m[x + 1])
                    if y < 0:
                        return 2
                    y = y * m[x + 3]
                d = m[x + 2] + (a >> 3)
                if k[d] == 0:
                    m[d] = 0
                    k[d] = 1
                m[d] += y
                x += m[12]
        elif op == 60:  # PART_AT
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            x = m[7] + m[13]
            if x > len(k):
                m[8] = x
                return 1
            for i in range(m[13]):
                k[m[7] + i] = 0
            m[m[7]] = m[b]
            m[m[7] + 1] = 0
            m[m[7] + 2] = 0
            m[a] = m[7]
            m[a + 1] = 1
            k[a] = 1
            k[a + 1] = 1
            m[7] = x
        elif op == 61:  # WITHIN
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            d = m[code[pc - 3] & 7] + (code[pc - 3] >> 3)
            k[a] = 1
            m[a] = is_outside(tab, m[d], m[b], m[c])
        elif op == 62:  # KNOWN
            a = m[a & 7] + (a >> 3)
            m[a] = k[m[b & 7] + (b >> 3)] == 1
            k[a] = 1
        elif op == 63:  # SAY
            if say(m, k, m[a & 7] + (a >> 3), -1, b, -1):
                return 1
        elif op == 64:  # SAY_OUTAGE
            if say(m, k, m[a & 7] + (a >> 3), -2, b, m[m[1] + 6]):
                return 1
        elif op == 65:  # REFUSAL
            b = m[m[b & 7] + (b >> 3)]
            c = m[m[c & 7] + (c >> 3)]
            if say(m, k, m[a & 7] + (a >> 3), b, c, code[pc - 3]):
                return 1
        elif op == 66:  # RECOVER
            a = m[a & 7] + (a >> 3)
            b = m[b & 7] + (b >> 3)
            c = m[c & 7] + (c >> 3)
            if m[7] + 4 * m[5] > len(k):
                m[8] = m[7] + 4 * m[5]
                return 1
            recover(m, k, tab, a, b, c, code[pc - 3] >> 3, code[pc - 2] >> 3, code[pc - 1])
        else:
            raise ValueError(op)


# Local time.


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


# Measures: by local year, the instants from which each second adds a weight, and what was gathered before.


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


# Intervals and spans.


def sift(m: MutableSequence[int], first: int, size: int, width: int, root: int, length: int) -> int:
    """Lets what is at ``root`` of a heap sink; the largest key is at the top."""
    while True:
        child = 2 * root + 1
        if child >= length:
            return 0
        if child + 1 < length and m[first + child * width] < m[first + (child + 1) * width]:
            child += 1
        if m[first + root * width] >= m[first + child * width]:
            return 0
        for i in range(size):
            t = m[first + root * width + i]
            m[first + root * width + i] = m[first + child * width + i]
            m[first + child * width + i] = t
        root = child


def sort(m: MutableSequence[int], first: int, size: int, width: int, length: int) -> int:
    """Sorts ``length`` records of ``width`` places by their first; ``size`` of the places are moved."""
    ordered = True
    for i in range(length - 1):
        if m[first + i * width] > m[first + (i + 1) * width]:
            ordered = False
            break
    if ordered:
        return 0
    i = length // 2 - 1
    while i >= 0:
        sift(m, first, size, width, i, length)
        i -= 1
    i = length - 1
    while i > 0:
        for j in range(size):
            t = m[first + j]
            m[first + j] = m[first + i * width + j]
            m[first + i * width + j] = t
        sift(m, first, size, width, 0, i)
        i -= 1
    return 0


def unite(m: MutableSequence[int], first: int, length: int) -> int:
    """Joins pairs that overlap or touch, in place and in order; returns how many are left."""
    if length == 0:
        return 0
    sort(m, first, 2, 2, length)
    n = 0
    for i in range(1, length):
        if m[first + 2 * i] <= m[first + 2 * n + 1]:
            m[first + 2 * n + 1] = max(m[first + 2 * n + 1], m[first + 2 * i + 1])
        else:
            n += 1
            m[first + 2 * n] = m[first + 2 * i]
            m[first + 2 * n + 1] = m[first + 2 * i + 1]
    return n + 1


def put(m: MutableSequence[int], start: int, end: int, outage: int, level: int, run: int) -> int:
    """Adds a span to the list that is being made."""
    top = m[7]
    m[top] = start
    m[top + 1] = end
    m[top + 2] = outage
    m[top + 3] = level
    m[top + 4] = run
    m[7] = top + m[12]
    return 0


def open_spans(m: MutableSequence[int], start: int, end: int, level: int, pauses: int, length: int) -> int:
    """Adds what of [start, end) of the outage at hand lies in no pause; returns how many spans that is."""
    n = 0
    for i in range(length):
        opens = m[pauses + 2 * i + 1]
        if opens <= start:
            continue
        closes = m[pauses + 2 * i]
        if closes >= end:
            break
        if start < closes:
            put(m, start, closes, m[1], level, 0)
            n += 1
        start = opens
    if start < end:
        put(m, start, end, m[1], level, 0)
        n += 1
    return n


def goes_before(m: MutableSequence[int], x: int, y: int) -> int:
    """Whether an instant that ``x`` and ``y`` both cover belongs to ``x``: greatest level, earliest start, smallest id."""
    if m[x + 3] != m[y + 3]:
        return m[x + 3] > m[y + 3]
    p = m[x + 2]
    q = m[y + 2]
    if m[p] != m[q]:
        return m[p] < m[q]
    if m[p + 4] != m[q + 4]:
        return m[p + 4] < m[q + 4]
    return m[x] < m[y]


def overlay(m: MutableSequence[int], k: MutableSequence[int], a: int, b: int) -> int:
    """Makes list ``a``: the time of list ``b`` as disjoint spans in order, each instant its first owner's; runs numbered."""
    n = m[b + 1]
    width = m[12]
    first = m[b]
    k[a] = 1
    k[a + 1] = 1
    if n == 1:
        m[a] = first
        m[a + 1] = 1
        return 0
    sort(m, first, 5, width, n)
    apart = True
    for i in range(n - 1):
        if m[first + (i + 1) * width] < m[first + i * width + 1]:
            apart = False
            break
    if apart:
        m[a] = first
        m[a + 1] = n
    else:
        need = m[7] + 2 * n + 2 * n * width  # ends, a heap, and at most twice as many pieces
        if need > len(k):
            m[8] = need
            return 1
        ends = m[7]
        heap = ends + n
        m[7] = heap + n
        for i in range(n):
            m[ends + i] = m[first + i * width + 1]
        sort(m, ends, 1, 1, n)
        m[a] = m[7]
        m[a + 1] = lay(m, first, n, ends, heap)
    run = 0
    x = m[a]
    for _ in range(1, m[a + 1]):
        x += width
        if m[x] > m[x - width + 1]:
            run += 1
        m[x + 4] = run
    return 0


def lay(m: MutableSequence[int], first: int, n: int, ends: int, heap: int) -> int:
    """Goes through the edges of ``n`` spans in order, with those that are open in a heap; returns how many pieces there are."""
    width = m[12]
    begun = 0
    ended = 0
    size = 0
    pieces = 0
    start = m[first]
    while ended < n:
        while begun < n and m[first + begun * width] <= start:
            x = first + begun * width
            at = size
            while at > 0 and goes_before(m, x, m[heap + (at - 1) // 2]):
                m[heap + at] = m[heap + (at - 1) // 2]
                at = (at - 1) // 2
            m[heap + at] = x
            size += 1
            begun += 1
        while ended < n and m[ends + ended] <= start:
            ended += 1
        while size > 0 and m[m[heap] + 1] <= start:
            size -= 1
            x = m[heap + size]
            at = 0
            while 2 * at + 1 < size:
                child = 2 * at + 1
                if child + 1 < size and goes_before(m, m[heap + child + 1], m[heap + child]):
                    child += 1
                if not goes_before(m, m[heap + child], x):
                    break
                m[heap + at] = m[heap + child]
                at = child
            m[heap + at] = x
        if ended == n:
            break
        end = m[ends + ended]
        if begun < n and m[first + begun * width] < end:
            end = m[first + begun * width]
        if size > 0:
            x = m[heap]
            y = m[7] - width
            if pieces > 0 and m[y + 1] == start and m[y + 2] == m[x + 2]:
                m[y + 1] = end
            else:
                put(m, start, end, m[x + 2], m[x + 3], 0)
                pieces += 1
        start = end
    return pieces


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


def days(tab: Sequence[int], m: MutableSequence[int], full: int, calendar: int, zone: int) -> int:
    """Local days of the part at hand that are touched, or covered; by a calendar (not 0) those that are worked."""
    x = m[m[4] + 1]
    count = 0
    day = -1
    left = 0
    for _ in range(m[m[4] + 2]):
        start = m[x]
        end = m[x + 1]
        while start < end:
            at = day_of(tab, zone, start)
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


def cover(m: MutableSequence[int], k: MutableSequence[int], start: int, end: int, counted: int) -> int:
    """How much of [start, end) the outages cover of which ``counted`` holds."""
    first = m[7]
    x = m[6]
    n = 0
    for _ in range(m[5]):
        if k[x + counted] == 1 and m[x + counted] != 0:
            p = max(start, m[x])
            q = min(end, m[x + 1])
            if p < q:
                m[first + 2 * n] = p
                m[first + 2 * n + 1] = q
                n += 1
        x += m[11]
    n = unite(m, first, n)
    total = 0
    for i in range(n):
        total += m[first + 2 * i + 1] - m[first + 2 * i]
    return total


# What is put out.


def say(m: MutableSequence[int], k: MutableSequence[int], a: int, x: int, y: int, z: int) -> int:
    """Adds an item to list ``a``, unless it is there."""
    first = m[a]
    for i in range(m[a + 1]):
        if m[first + 3 * i] == x and m[first + 3 * i + 1] == y and m[first + 3 * i + 2] == z:
            return 0
    top = m[7]
    if top + 3 > len(k):
        m[8] = top + 3
        return 1
    m[top] = x
    m[top + 1] = y
    m[top + 2] = z
    m[7] = top + 3
    m[a + 1] += 1
    return 0


def divisor(x: int, y: int) -> int:
    """The greatest common divisor of two numbers that are not negative."""
    while y != 0:
        rest = x % y
        x = y
        y = rest
    return x


def multiply_divide(m: MutableSequence[int], x: int, y: int, z: int) -> int:
    """``x * y / z``, down, and in ``m[21]`` the rest; ``z`` above 0. The product itself may go beyond 64 bits."""
    whole = x // z * y
    x = x % z
    if x == 0 or y == 0:
        m[21] = 0
        return whole
    bits = m[22]
    if x <= bits // y:
        m[21] = x * y % z
        return whole + x * y // z
    low = 0
    rest = 0
    at = 1
    while at <= y // 2:
        at += at
    while at != 0:
        low += low
        rest += rest
        if rest >= z:
            rest -= z
            low += 1
        if y & at != 0:
            rest += x
            if rest >= z:
                rest -= z
                low += 1
        at = at >> 1
    m[21] = rest
    return whole + low


def recover(
    m: MutableSequence[int],
    k: MutableSequence[int],
    tab: Sequence[int],
    a: int,
    b: int,
    c: int,
    owes: int,
    weight: int,
    terms: int,
) -> int:
    """Makes list ``a`` of outages that name a party, with what it owes, ordered by name; in ``b`` what they owe together.

    From ``c`` on: what is claimed, over what, and the time of all; each owes by its part of the time, largest remainders up,
    ties to the smaller name. Claims of 0 are left out.
    """
    first = m[7]
    n = 0
    third = 0
    x = m[6]
    for _ in range(m[5]):
        if k[x + owes] == 1 and m[x + owes] != 0:
            m[first + 4 * n] = m[x + 5]
            m[first + 4 * n + 1] = m[x + 6]
            m[first + 4 * n + 2] = m[x + weight]
            third += m[x + weight]
            n += 1
        x += m[11]
    m[b] = 0
    k[b] = 1
    m[a] = first
    m[a + 1] = 0
    k[a] = 1
    k[a + 1] = 1
    if third == 0:
        return 0
    sort(m, first, 3, 4, n)
    parties = 0
    for i in range(1, n):
        if m[first + 4 * i] == m[first + 4 * parties]:
            m[first + 4 * parties + 2] += m[first + 4 * i + 2]
        else:
            parties += 1
            m[first + 4 * parties] = m[first + 4 * i]
            m[first + 4 * parties + 1] = m[first + 4 * i + 1]
            m[first + 4 * parties + 2] = m[first + 4 * i + 2]
    parties += 1
    common = divisor(third, m[c + 2])
    claimed = m[c]
    per = m[c + 1]
    shared = divisor(claimed, per)
    whole = per // shared * (m[c + 2] // common)
    m[22] = tab[0]
    units = multiply_divide(m, claimed // shared, third // common, whole)
    rest = m[21]
    if (tab[terms] == 2 and rest > 0) or (tab[terms] == 1 and rest >= whole - rest):
        units += 1
    m[b] = units * tab[terms + 1]
    left = units
    for i in range(parties):
        x = first + 4 * i
        y = multiply_divide(m, units, m[x + 2], third)
        left -= y
        m[x + 2] = y
        m[x + 3] = m[21]
    while left > 0:
        best = 0
        for i in range(1, parties):
            if m[first + 4 * i + 3] > m[first + 4 * best + 3]:
                best = i
        m[first + 4 * best + 2] += 1
        m[first + 4 * best + 3] = -1
        left -= 1
    n = 0
    for i in range(parties):
        x = first + 4 * i
        if m[x + 2] > 0:
            m[first + 4 * n + 1] = m[x + 1]
            m[first + 4 * n + 2] = m[x + 2] * tab[terms + 1]
            n += 1
    m[a + 1] = n
    m[7] = first + 4 * n
    return 0
