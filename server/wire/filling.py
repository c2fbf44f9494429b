"""Asks of a record what a version asks of a question.

A question in which the version, or the contract beyond the reader's checks, could find anything wrong is left to the ordinary
way.
"""

# ruff: noqa: C901, PLR0912

from array import array

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from policy.calculator.machine_time import day_of
    from server.wire.granted import fill_months
    from server.wire.places import *  # as filling.pxd does
    from server.wire.reader import Record
    from server.wire.work import Work, order_of, quantities, same


def sort_outages(record: "Record", order: "array[int]", spare: "array[int]", place: int) -> int:
    """Puts into ``order`` the outages of a record, ordered by the text at ``place``; how many there are."""
    n = record.r[OUTAGES]
    for i in range(n):
        order[i] = record.t[FIRST_OUTAGE] + i * record.t[OUTAGE_WIDTH]
    size = 1
    while size < n:
        low = 0
        while low < n:
            middle = min(low + size, n)
            high = min(low + 2 * size, n)
            i = low
            j = middle
            for at in range(low, high):
                if i < middle and (j >= high or order_of(record, order[i] + place, order[j] + place) <= 0):
                    spare[at] = order[i]
                    i += 1
                else:
                    spare[at] = order[j]
                    j += 1
            low += 2 * size
        for i in range(n):
            order[i] = spare[i]
        size *= 2
    return n


def attributes(record: "Record", work: "Work", base: int, first: int, count: int, table: int, declared: int) -> int:
    """Resolves the attributes that a version declares, from ``base`` on. -1 where one is not surely what is declared."""
    t = work.t
    for j in range(declared):
        record.r[base + t[table + j * FACT_PLACES + FACT_TO]] = ABSENT
    for i in range(count):
        entry = first + i * ENTRY_PLACES
        for j in range(declared):
            row = table + j * FACT_PLACES
            if same(record, record.r[entry + NAME], record.r[entry + NAME_BYTES], work, t[row], t[row + 1]):
                if attribute(record, work, entry, row, base + t[row + FACT_TO]) < 0:
                    return -1
                break
        else:
            return -1
    return 0


def attribute(record: "Record", work: "Work", entry: int, row: int, to: int) -> int:
    """Resolves an attribute: a number, or where its list begins and how long it is."""
    t = work.t
    kind = record.r[entry + KIND]
    wanted = t[row + FACT_TYPE]
    value = record.r[entry + A]
    if record.r[to] != ABSENT:
        return -1
    if wanted == RATIO:
        if value > t[MILLION] * t[MILLION]:
            return -1
        if kind == INTEGER:
            value = value * t[MILLION]
        elif kind == RATIO:
            if record.r[entry + B] <= 0 or value * t[MILLION] % record.r[entry + B] != 0:
                return -1
            value = value * t[MILLION] // record.r[entry + B]
        else:
            return -1
    elif kind != wanted:
        return -1
    elif kind == TEXT:
        for i in range(t[row + FACT_CODES_COUNT]):
            code = t[row + FACT_CODES] + 2 * i
            if same(record, value, record.r[entry + B], work, t[code], t[code + 1]):
                record.r[to] = i
                return 0
        return -1
    elif kind == MONEY:
        if not same(record, record.r[entry + B], record.r[entry + C], work, t[CURRENCY], t[CURRENCY_BYTES]):
            return -1
    elif kind == DATE:
        record.r[to] = ordinal(value, record.r[entry + B], record.r[entry + C])
        return -1 if record.r[to] < 0 else 0
    elif kind == INTERVALS:
        record.r[to] = value
        record.r[to + 1] = record.r[entry + B]
        return 0
    if (kind == INTEGER or kind == RATIO or kind == MONEY) and value > t[row + FACT_MOST]:
        return -1
    record.r[to] = value
    return 0


def ordinal(year: int, month: int, day: int) -> int:
    """A date counted as ``datetime.date.toordinal`` does; -1 where there is none."""
    if year < 1 or month < 1 or day < 1:
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    length = 31
    if month == 4 or month == 6 or month == 9 or month == 11:
        length = 30
    elif month == 2:
        length = 29 if leap else 28
    if day > length:
        return -1
    before = (month * 367 - 362) // 12
    if month > 2:
        before -= 1 if leap else 2
    y = year - 1
    return y * 365 + y // 4 - y // 100 + y // 400 + before + day


def is_currency(record: "Record", at: int, length: int) -> int:
    """Whether a text is three capital letters."""
    if length != 3:
        return 0
    for i in range(3):
        if record.data[at + i] < 65 or record.data[at + i] > 90:
            return 0
    return 1


def fill_row(record: "Record", work: "Work") -> int:
    """Resolves what a version reads of the subscriber and of the way of asking; -1 where that is not surely right."""
    t = work.t
    r = record.r
    benefits = t[BENEFITS]
    if t[NEEDS_PLAN] and r[PLAN_TYPE] < 0:
        return -1
    if r[FEE] >= 0:
        if t[READS_FEE]:
            if not same(record, r[FEE_CURRENCY], r[FEE_CURRENCY_BYTES], work, t[CURRENCY], t[CURRENCY_BYTES]):
                return -1
        elif not is_currency(record, r[FEE_CURRENCY], r[FEE_CURRENCY_BYTES]):
            return -1
    for i in range(t[LIMITS_COUNT]):
        if r[t[t[LIMITS] + 2 * i]] > t[t[LIMITS] + 2 * i + 1]:
            return -1
    if r[CYCLE] >= 0:
        if r[CYCLE_START] < 0 or r[CYCLE_END] <= r[CYCLE_START]:
            return -1
        if t[DIVIDES]:
            days = day_of(work.tab, t[ZONE_AT], r[CYCLE_END]) - day_of(work.tab, t[ZONE_AT], r[CYCLE_START])
            if days < 28 or days > 31:
                return -1
    if quantities(record, work, r[BEFORE_FIRST], r[BEFORE_COUNT], RESOLVED, 0) < 0:
        return -1
    told = ABSENT if r[CYCLE_TOLD] < 0 else 0
    if quantities(record, work, r[CYCLE_FIRST], r[CYCLE_COUNT], RESOLVED + benefits, told) < 0:
        return -1
    if r[MONTHS_COUNT] > 0 and fill_months(record, work) < 0:
        return -1
    if attributes(record, work, 0, r[FACTS], r[FACTS_COUNT], t[FACT_TABLE], t[FACTS_DECLARED]) < 0:
        return -1
    if r[CLAIM] >= 0:
        if t[CHANNELS] >> r[CLAIM_CHANNEL] & 1 == 0:
            return -1
    elif r[MODE] == 2 and not t[HAS_NOTICE]:
        return -1
    return 0


def languages(record: "Record", work: "Work") -> int:
    """Whether the version has a notice in each language that is asked for: 0, else -1."""
    t = work.t
    for i in range(record.r[LANGUAGES_COUNT]):
        entry = record.r[LANGUAGES] + i * ENTRY_PLACES
        for j in range(t[LANGUAGE_COUNT]):
            at = t[LANGUAGE_TABLE] + 2 * j
            if same(record, record.r[entry], record.r[entry + 1], work, t[at], t[at + 1]):
                break
        else:
            return -1
    return 0


def fill_outages(record: "Record", work: "Work") -> int:
    """Resolves what a version reads of outages; -1 where that is not surely right."""
    t = work.t
    r = record.r
    n = r[OUTAGES]
    sort_outages(record, work.order, work.spare, OUTAGE_ID)
    for i in range(n):
        if i > 0 and order_of(record, work.order[i - 1] + OUTAGE_ID, work.order[i] + OUTAGE_ID) == 0:
            return -1
        r[work.order[i] + RANK] = i
    if n > 1 and t[HAS_RECOURSE]:
        sort_outages(record, work.parties, work.spare, PARTY)
        rank = 0
        for i in range(n):
            if i > 0 and order_of(record, work.parties[i - 1] + PARTY, work.parties[i] + PARTY) != 0:
                rank += 1
            r[work.parties[i] + PARTY_RANK] = rank
    outage = record.t[FIRST_OUTAGE]
    for _ in range(n):
        if (t[NEEDS_CAUSE] and r[outage + CAUSE] < 0) or (t[NEEDS_IMPACT] and r[outage + IMPACT] < 0):
            return -1
        if (
            attributes(
                record,
                work,
                outage,
                r[outage + OUTAGE_FACTS],
                r[outage + OUTAGE_FACTS_COUNT],
                t[OUTAGE_FACT_TABLE],
                t[OUTAGE_FACTS_DECLARED],
            )
            < 0
        ):
            return -1
        announced = r[outage + ANNOUNCED]
        r[outage + NOTICE_SECONDS] = 0 if announced < 0 else r[outage + STARTED] - announced
        outage += record.t[OUTAGE_WIDTH]
    return 0


def cause_of(record: "Record") -> int:
    """The label of the cause that all outages share."""
    r = record.r
    if r[OUTAGES] == 0:
        return NO_OUTAGE
    outage = record.t[FIRST_OUTAGE]
    cause = r[outage + CAUSE]
    for _ in range(r[OUTAGES]):
        if r[outage + CAUSE] != cause:
            return MIXED
        outage += record.t[OUTAGE_WIDTH]
    return cause + 1
