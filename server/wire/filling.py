"""Asks of a record what a version asks of a question, and lays it out in the memory of the version's program.

What it lays out is what :mod:`policy.calculator.loading` does for a request; a question in which the version, or the contract
beyond the reader's checks, could find anything wrong is left to the ordinary way.
"""

# ruff: noqa: C901, PLR0912, PLR0915

from array import array

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

from policy.calculator.checks import MAX_ITEMS
from policy.calculator.memory import Memory

if not cython.compiled:
    from typing import Any

    from policy.calculator.machine_time import day_of
    from server.wire.places import *  # as filling.pxd does
    from server.wire.reader import Record

    Plan = Any


class Work:
    """The memory of a version's program in which questions are decided one after the other, and what was decided in it.

    ``laid`` and ``formed``: of which batch the outages that are stated once are laid out, and their part of keys is known.
    ``granted_order`` and ``months_order``: what was granted before, and the months, as they stand in a key.
    ``next``: of each group the occasion that comes next; ``there``: which clocks have time in any.
    ``counts`` by outcome, first reason, cause and mode; ``which`` of them are not 0; ``amounts`` granted by benefit, cause,
    plan type and mode, and ``granting`` likewise.
    """

    def __init__(self, plan: "Plan", places: int) -> None:
        self.plan = plan
        self.t = plan.numbers
        self.b = plan.pieces
        self.program = plan.program
        self.code = self.program.lowered.code
        self.tab = self.program.lowered.tables
        memory = Memory(self.program.lowered.layout, places, compiled=True)
        self.m = memory.m
        self.k = memory.k
        self.order = array("q", bytes(8 * MAX_ITEMS))
        self.parties = array("q", bytes(8 * MAX_ITEMS))
        self.spare = array("q", bytes(8 * MAX_ITEMS))
        self.granted_order = array("q", bytes(8 * MAX_ITEMS))
        self.months_order = array("q", bytes(8 * MAX_ITEMS))
        self.granted_count = 0
        self.laid = self.formed = self.top = 0
        self.ongoing = self.cause = self.shared_ongoing = self.shared_cause = 0
        self.shared_k = bytearray(0)
        self.shared_form = b""
        self.next = array("q", bytes(8 * max(self.t[GROUPS], 1)))
        self.there = array("q", bytes(8 * max(self.t[CLOCKS], 1)))
        self.counts = array("q", bytes(8 * ALL_OUTCOMES * ALL_REASONS * ALL_CAUSES * ALL_MODES))
        self.amounts = array("q", bytes(8 * max(self.t[BENEFITS], 1) * ALL_CAUSES * ALL_PLANS * ALL_MODES))
        self.recovered = self.counted = self.granted = 0
        self.which = array("q", bytes(8 * len(self.counts)))
        self.granting = array("q", bytes(8 * len(self.amounts)))

    def grow(self, places: int) -> None:
        """Makes room for ``places``, and then some; what was laid out stays."""
        more = max(2 * places, 2 * len(self.k)) - len(self.k)
        m = array("q", self.m)
        m.extend([0] * more)
        k = bytearray(self.k)
        k.extend(bytes(more))
        self.m = m
        self.k = k

    def read_tables(self) -> None:
        """Takes the tables of the program as they are by now."""
        self.tab = self.program.lowered.tables

    def counted_labels(self) -> list[tuple[int, int]]:
        """How many answers there were by label; from now on it counts anew."""
        told = [(self.which[i], self.counts[self.which[i]]) for i in range(self.counted)]
        for label, _ in told:
            self.counts[label] = 0
        self.counted = 0
        return told

    def granted_labels(self) -> list[tuple[int, int]]:
        """How much was granted by label; from now on it counts anew."""
        told = [(self.granting[i], self.amounts[self.granting[i]]) for i in range(self.granted)]
        for label, _ in told:
            self.amounts[label] = 0
        self.granted = 0
        return told

    def taken_recovered(self) -> int:
        """How much is to be recovered; from now on it counts anew."""
        recovered = self.recovered
        self.recovered = 0
        return recovered


def same(record: "Record", at: int, length: int, work: "Work", piece: int, piece_length: int) -> int:
    """Whether a text of a record is that piece of a plan."""
    if length != piece_length:
        return 0
    for i in range(length):
        if record.data[at + i] != work.b[piece + i]:
            return 0
    return 1


def order_of(record: "Record", one: int, other: int) -> int:
    """Whether the text at ``one`` comes before that at ``other`` (-1), after it (1), or is the same (0)."""
    return compared(record, record.r[one], record.r[one + 1], record, record.r[other], record.r[other + 1])


def compared(record: "Record", x: int, length: int, other: "Record", y: int, n: int) -> int:
    """The same of a text of a record and one of another."""
    for i in range(min(length, n)):
        if record.data[x + i] != other.data[y + i]:
            return -1 if record.data[x + i] < other.data[y + i] else 1
    if length == n:
        return 0
    return -1 if length < n else 1


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


def quantities(record: "Record", work: "Work", first: int, count: int, to: int, told: int) -> int:
    """Resolves quantities by benefit: each its number, ``told`` where it is not named. -1 where a name is none or twice."""
    for j in range(work.t[BENEFITS]):
        record.r[to + j] = told
    if name_benefits(record, work, first, count) < 0:
        return -1
    for i in range(count):
        entry = first + i * ENTRY_PLACES
        record.r[to + record.r[entry + OF_BENEFIT]] = record.r[entry + A]
    return 0


def name_benefits(record: "Record", work: "Work", first: int, count: int) -> int:
    """Resolves the names of benefits in entries; -1 where a name is none or twice."""
    seen = 0
    for i in range(count):
        entry = first + i * ENTRY_PLACES
        j = benefit_of(record, work, entry)
        if j < 0 or j > 61 or seen >> j & 1:
            return -1
        seen |= 1 << j
        record.r[entry + OF_BENEFIT] = j
    return 0


def benefit_of(record: "Record", work: "Work", entry: int) -> int:
    """The number of the benefit that an entry names; -1 where there is none."""
    t = work.t
    for j in range(t[BENEFITS]):
        row = t[BENEFIT_TABLE] + j * BENEFIT_PLACES
        if same(record, record.r[entry + NAME], record.r[entry + NAME_BYTES], work, t[row], t[row + 1]):
            return j
    return ABSENT


def month_at(record: "Record", at: int, length: int) -> int:
    """The number of a month, "2026-03", counted from year 0; -1 where the text is none that is taken."""
    if length != 7 or record.data[at + 4] != 45:
        return -1
    number = 0
    for i in range(7):
        if i != 4:
            digit = record.data[at + i] - 48
            if digit < 0 or digit > 9:
                return -1
            number = number * 10 + digit
    year = number // 100
    month = number % 100
    if month < 1 or month > 12:
        return -1
    number = 12 * year + month - 1
    return -1 if number < FIRST_MONTH_TAKEN or number > LAST_MONTH_TAKEN else number


def fill_months(record: "Record", work: "Work") -> int:
    """Resolves what months were granted, and puts them in order; -1 where that is not surely right."""
    r = record.r
    entry = r[MONTHS]
    n = r[MONTHS_COUNT]
    for i in range(n):
        number = month_at(record, r[entry + NAME], r[entry + NAME_BYTES])
        if number < 0:
            return -1
        r[entry + OF_MONTH] = number
        if name_benefits(record, work, r[entry + A], r[entry + B]) < 0:
            return -1
        j = i
        while j > 0 and r[work.months_order[j - 1] + OF_MONTH] >= number:
            if r[work.months_order[j - 1] + OF_MONTH] == number:
                return -1
            work.months_order[j] = work.months_order[j - 1]
            j -= 1
        work.months_order[j] = entry
        entry += (1 + r[entry + B]) * ENTRY_PLACES
    return 0


def fill_granted(record: "Record", outages: "Record", work: "Work") -> int:
    """Resolves what was granted before by outage, and puts it in order; -1 where that is not surely right.

    Of the only outage it stands in a key by benefit, as it does where it was told so.
    """
    t = work.t
    r = record.r
    benefits = t[BENEFITS]
    alone = outages.r[OUTAGES] == 1
    work.granted_count = 0
    if r[GRANTED_COUNT] == 0:
        if r[BEFORE_COUNT] == 0:
            return 0
        if outages.r[OUTAGES] > 1:
            return -1
        for i in range(r[BEFORE_COUNT]):
            benefit = r[r[BEFORE_FIRST] + i * ENTRY_PLACES + OF_BENEFIT]
            if t[t[BENEFIT_TABLE] + benefit * BENEFIT_PLACES + BENEFIT_BY_MONTH]:
                return -1
        for j in range(benefits):
            if r[CYCLE_TOLD] >= 0 and r[RESOLVED + benefits + j] < r[RESOLVED + j]:
                return -1
        return 0
    if r[BEFORE_COUNT] > 0:
        return -1
    n = 0
    for i in range(r[GRANTED_COUNT]):
        entry = r[GRANTED] + i * ENTRY_PLACES
        benefit = benefit_of(record, work, entry)
        outage = outage_of(record, r[entry + OUTAGE_NAME], r[entry + OUTAGE_NAME_BYTES], outages, work)
        if benefit < 0 or outage < 0:
            return -1
        month = ABSENT
        if r[entry + MONTH_NAME_BYTES] > 0:
            month = month_at(record, r[entry + MONTH_NAME], r[entry + MONTH_NAME_BYTES])
            if month < 0:
                return -1
        if (month >= 0) != (t[t[BENEFIT_TABLE] + benefit * BENEFIT_PLACES + BENEFIT_BY_MONTH] != 0):
            return -1
        r[entry + OF_BENEFIT] = benefit
        r[entry + OF_OUTAGE] = outage
        r[entry + OF_MONTH] = month
        j = n
        while j > 0 and is_before(record, outages, entry, work.granted_order[j - 1]):
            work.granted_order[j] = work.granted_order[j - 1]
            j -= 1
        if j > 0 and not is_before(record, outages, work.granted_order[j - 1], entry):
            return -1
        work.granted_order[j] = entry
        n += 1
    for j in range(benefits):
        told = 0
        in_cycle = 0
        for i in range(n):
            entry = work.granted_order[i]
            if r[entry + OF_BENEFIT] == j:
                told += r[entry + A]
                if told > t[MOST_QUANTITY]:
                    return -1
                if r[entry + OF_MONTH] < 0:
                    in_cycle += r[entry + A]
        if r[CYCLE_TOLD] >= 0 and r[RESOLVED + benefits + j] < in_cycle:
            return -1
        r[RESOLVED + j] = in_cycle if alone else 0
    apart = 0
    for i in range(n):
        entry = work.granted_order[i]
        if r[entry + A] > 0 and not (alone and r[entry + OF_MONTH] < 0):
            work.granted_order[apart] = entry
            apart += 1
    work.granted_count = apart
    return 0


def is_before(record: "Record", outages: "Record", one: int, other: int) -> int:
    """Whether an entry of what was granted before stands before another: by outage, benefit, month."""
    r = record.r
    x = outages.r[r[one + OF_OUTAGE] + RANK]
    y = outages.r[r[other + OF_OUTAGE] + RANK]
    if x != y:
        return x < y
    if r[one + OF_BENEFIT] != r[other + OF_BENEFIT]:
        return r[one + OF_BENEFIT] < r[other + OF_BENEFIT]
    return r[one + OF_MONTH] < r[other + OF_MONTH]


def outage_of(record: "Record", at: int, length: int, outages: "Record", work: "Work") -> int:
    """The outage that a text of a record is the id of; -1 where there is none."""
    low = 0
    high = outages.r[OUTAGES]
    while low < high:
        middle = (low + high) // 2
        outage = work.order[middle]
        side = compared(record, at, length, outages, outages.r[outage + OUTAGE_ID], outages.r[outage + OUTAGE_ID_BYTES])
        if side == 0:
            return outage
        if side < 0:
            high = middle
        else:
            low = middle + 1
    return ABSENT


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


def lay_row(record: "Record", work: "Work") -> int:
    """Lays out what is said of all but outages, after those; -1 where memory is short: ``m[8]`` places are wanted."""
    t = work.t
    r = record.r
    m = work.m
    k = work.k
    benefits = t[BENEFITS]
    claim = r[CLAIM] >= 0
    m[t[AT_CLAIM]] = claim
    k[t[AT_CLAIM]] = 1
    m[t[AT_CLAIMED_AT]] = r[CLAIMED_AT] if claim else 0
    k[t[AT_CLAIMED_AT]] = 1
    m[t[AT_CLAIM_START]] = r[CLAIM_START] if claim else 0
    k[t[AT_CLAIM_START]] = 1
    m[t[AT_CLAIM_END]] = r[CLAIM_END] if claim else 0
    k[t[AT_CLAIM_END]] = 1
    m[t[AT_APPLICATION]] = r[MODE] == 1
    k[t[AT_APPLICATION]] = 1
    m[t[AT_NOTICE]] = r[MODE] == 2
    k[t[AT_NOTICE]] = 1
    m[t[AT_AS_OF]] = r[AS_OF]
    k[t[AT_AS_OF]] = 1
    m[t[AT_CYCLE_TOLD]] = r[CYCLE_TOLD] >= 0
    k[t[AT_CYCLE_TOLD]] = 1
    if lay_windows(record, work, claim) < 0 or lay_granted(record, work) < 0:
        return -1
    for j in range(benefits):
        row = t[BENEFIT_TABLE] + j * BENEFIT_PLACES
        value = r[RESOLVED + benefits + j]
        m[t[row + BENEFIT_IN_CYCLE]] = value if value > 0 else 0
        k[t[row + BENEFIT_IN_CYCLE]] = 1
    if r[CYCLE] >= 0:
        m[14] = r[CYCLE_START]
        m[15] = r[CYCLE_END]
        k[14] = 1
        k[15] = 1
    else:
        k[14] = 2
        k[15] = 2
    r[IS_CLAIM] = claim
    return lay(record, work, 0, 0, t[ROW_LOADS], t[ROW_LOADS_COUNT])


def lay_windows(record: "Record", work: "Work", claim: int) -> int:
    """Lays out what was claimed, now and before, with its margin, and what in between was not; -1 where memory is short."""
    t = work.t
    r = record.r
    m = work.m
    k = work.k
    top = m[7]
    m[t[AT_CLAIMED_FROM]] = 0
    k[t[AT_CLAIMED_FROM]] = 1
    m[t[AT_CLAIMED_UNTIL]] = 0
    k[t[AT_CLAIMED_UNTIL]] = 1
    m[t[AT_GAPS]] = top
    k[t[AT_GAPS]] = 1
    m[t[AT_GAPS] + 1] = 0
    k[t[AT_GAPS] + 1] = 1
    if not claim:
        return 0
    n = r[EARLIER_COUNT]
    if n == 0:
        m[t[AT_CLAIMED_FROM]] = r[CLAIM_START] - t[WIDEN]
        m[t[AT_CLAIMED_UNTIL]] = r[CLAIM_END] + t[WIDEN]
        return 0
    if top + 2 * n + 2 > len(k):
        m[8] = top + 2 * n + 2
        return -1
    for i in range(n + 1):
        start = r[CLAIM_START] if i == n else r[r[EARLIER] + 2 * i]
        end = r[CLAIM_END] if i == n else r[r[EARLIER] + 2 * i + 1]
        j = top + 2 * i
        while j > top and m[j - 2] > start - t[WIDEN]:
            m[j] = m[j - 2]
            m[j + 1] = m[j - 1]
            j -= 2
        m[j] = start - t[WIDEN]
        m[j + 1] = end + t[WIDEN]
    m[t[AT_CLAIMED_FROM]] = m[top]
    end = m[top + 1]
    gaps = 0
    for i in range(1, n + 1):  # a gap is written where what was read already stood
        start = m[top + 2 * i]
        if start > end:
            m[top + 2 * gaps] = end
            end = m[top + 2 * i + 1]
            m[top + 2 * gaps + 1] = start
            gaps += 1
        else:
            end = max(end, m[top + 2 * i + 1])
    m[t[AT_CLAIMED_UNTIL]] = end
    if t[WIDENS]:  # else outages are not cut to what was claimed
        m[t[AT_GAPS] + 1] = gaps
        m[7] = top + 2 * gaps
    return 0


def lay_granted(record: "Record", work: "Work") -> int:
    """Lays out what was granted before, by outage, and by month; -1 where memory is short."""
    t = work.t
    r = record.r
    m = work.m
    k = work.k
    benefits = t[BENEFITS]
    count = r[GRANTED_COUNT]
    if count == 0 and r[BEFORE_COUNT] > 0 and m[23] > 0:
        count = benefits
    top = m[7]
    if top + 4 * count > len(k):
        m[8] = top + 4 * count
        return -1
    m[t[AT_BEFORE]] = top
    k[t[AT_BEFORE]] = 1
    m[t[AT_BEFORE] + 1] = count
    k[t[AT_BEFORE] + 1] = 1
    for i in range(count):
        if r[GRANTED_COUNT] == 0:
            m[top] = i
            m[top + 1] = m[6]
            m[top + 2] = ABSENT
            m[top + 3] = r[RESOLVED + i]
        else:
            entry = r[GRANTED] + i * ENTRY_PLACES
            m[top] = r[entry + OF_BENEFIT]
            m[top + 1] = m[6] + (r[entry + OF_OUTAGE] - record.t[FIRST_OUTAGE]) // record.t[OUTAGE_WIDTH] * m[11]
            m[top + 2] = r[entry + OF_MONTH]
            m[top + 3] = r[entry + A]
        top += 4
    m[7] = top
    m[t[AT_BY_MONTH]] = top
    k[t[AT_BY_MONTH]] = 1
    m[t[AT_BY_MONTH] + 1] = 0
    k[t[AT_BY_MONTH] + 1] = 1
    for i in range(r[MONTHS_COUNT]):
        month = work.months_order[i]
        count = 1 + r[month + B]
        if top + 3 * count > len(k):
            m[8] = top + 3 * count
            return -1
        m[top] = ABSENT
        m[top + 1] = r[month + OF_MONTH]
        m[top + 2] = 0
        top += 3
        for j in range(r[month + B]):
            entry = r[month + A] + j * ENTRY_PLACES
            m[top] = r[entry + OF_BENEFIT]
            m[top + 1] = r[month + OF_MONTH]
            m[top + 2] = r[entry + A]
            top += 3
        m[t[AT_BY_MONTH] + 1] += count
    m[7] = top
    return 0


def lay(record: "Record", work: "Work", base: int, place: int, loads: int, count: int) -> int:
    """Lays out facts: those of a request, or those of the outage at ``base`` of a record, which is at ``place`` of memory."""
    t = work.t
    r = record.r
    m = work.m
    k = work.k
    for i in range(count):
        row = loads + i * LOAD_PLACES
        source = base + t[row + LOAD_FROM]
        value = r[source]
        to = place + t[row + LOAD_TO]
        how = t[row + LOAD_HOW]
        if how <= LOAD_ALWAYS:
            if value < 0 and how == LOAD_GIVEN:
                k[to] = 2
            else:
                if t[row + LOAD_BITS]:
                    value = t[t[row + LOAD_BITS] + value]
                m[to] = value
                k[to] = 1
        elif value < 0 and how != LOAD_INTERVALS_OR_NONE:
            k[to] = 2
        else:
            length = 0
            if value >= 0:
                length = 1 if how == LOAD_CYCLE else r[source + 1]
            top = m[7]
            if top + 2 * length > len(k):
                m[8] = top + 2 * length
                return -1
            if how == LOAD_CYCLE:
                m[top] = r[source]
                m[top + 1] = r[source + 1]
            else:
                for j in range(2 * length):
                    m[top + j] = r[value + j]
            m[7] = top + 2 * length
            m[to] = top
            m[to + 1] = length
            k[to] = 1
            k[to + 1] = 1
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


def of_month(record: "Record", month: int, benefit: int) -> int:
    """What the month of an entry was granted of a benefit; 0 where that is not told."""
    r = record.r
    for i in range(r[month + B]):
        entry = r[month + A] + i * ENTRY_PLACES
        if r[entry + OF_BENEFIT] == benefit:
            return r[entry + A]
    return 0


def outage_at(record: "Record", work: "Work", place: int) -> int:
    """Where in a record the outage at a place of memory stands."""
    return record.t[FIRST_OUTAGE] + (place - work.m[6]) // work.m[11] * record.t[OUTAGE_WIDTH]


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


def lay_outages(record: "Record", work: "Work", as_of: int) -> int:
    """Lays out outages; -1 where memory is short: ``m[8]`` places are wanted."""
    t = work.t
    r = record.r
    m = work.m
    k = work.k
    n = r[OUTAGES]
    first = t[ROW_FIRST_OUTAGE]
    width = t[OUTAGE_PLACES]
    work.ongoing = 0
    m[5] = 0
    m[23] = n
    m[7] = first + n * width
    m[10] = 0
    if m[7] > len(k):
        m[8] = m[7]
        return -1
    for i in range(t[FIRST_ROW], m[7]):
        k[i] = 0
    if t[MONTH_PLACES]:
        for i in range(4):
            k[t[FIRST_MONTH] + i * t[MONTH_PLACES]] = 1
    outage = record.t[FIRST_OUTAGE]
    place = first
    for i in range(n):
        ended = r[outage + ENDED]
        m[place] = r[outage + STARTED]
        m[place + 1] = as_of if ended < 0 else ended
        m[place + 2] = ended
        m[place + 3] = r[outage + SERVICES]
        m[place + 4] = r[outage + RANK]
        m[place + 5] = r[outage + PARTY_RANK]
        m[place + 6] = i
        m[place + 7] = ended < 0
        m[place + 8] = r[outage + PARTY_BYTES] > 0
        for j in range(9):
            k[place + j] = 1
        if ended < 0:
            k[place + 2] = 2
            work.ongoing = 1
        if lay(record, work, outage, place, t[OUTAGE_LOADS], t[OUTAGE_LOADS_COUNT]) < 0:
            return -1
        outage += record.t[OUTAGE_WIDTH]
        place += width
    return 0


def keep_outages(work: "Work") -> None:
    """Keeps how outages that are stated once for a batch are laid out."""
    first = work.t[ROW_FIRST_OUTAGE]
    work.top = work.m[7]
    work.shared_k = bytearray(work.k[first : work.top])
    work.shared_ongoing = work.ongoing


def lay_again(record: "Record", work: "Work", as_of: int) -> int:
    """Lays out again the outages that are still there, for another row."""
    t = work.t
    k = work.k
    m = work.m
    first = t[ROW_FIRST_OUTAGE]
    m[5] = 0
    m[7] = work.top
    m[10] = 0
    for i in range(t[FIRST_ROW], first):
        k[i] = 0
    if t[MONTH_PLACES]:
        for i in range(4):
            k[t[FIRST_MONTH] + i * t[MONTH_PLACES]] = 1
    for i in range(len(work.shared_k)):
        k[first + i] = work.shared_k[i]
    work.ongoing = work.shared_ongoing
    if work.ongoing:
        outage = record.t[FIRST_OUTAGE]
        place = first
        for _ in range(record.r[OUTAGES]):
            if record.r[outage + ENDED] < 0:
                m[place + 1] = as_of
            outage += record.t[OUTAGE_WIDTH]
            place += t[OUTAGE_PLACES]
    return 0
