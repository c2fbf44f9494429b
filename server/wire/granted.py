"""What a record says was granted before, by outage and by month: asked and put in order, and laid out in memory."""

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from server.wire.places import *  # as granted.pxd does
    from server.wire.reader import Record
    from server.wire.work import Work, benefit_of, compared, name_benefits


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
    r = record.r
    work.granted_count = 0
    if r[GRANTED_COUNT] == 0:
        return 0 if r[BEFORE_COUNT] == 0 else check_already(record, outages, work)
    if r[BEFORE_COUNT] > 0:
        return -1
    if order_granted(record, outages, work) < 0:
        return -1
    return sum_granted(record, work, outages.r[OUTAGES] == 1)


def check_already(record: "Record", outages: "Record", work: "Work") -> int:
    """Whether what is told of the only outage by benefit can be of it, and in the cycle (0, else -1)."""
    t = work.t
    r = record.r
    benefits = t[BENEFITS]
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


def order_granted(record: "Record", outages: "Record", work: "Work") -> int:
    """Resolves each entry, and puts them in order; -1 where one is not surely right, or stands twice."""
    t = work.t
    r = record.r
    for n in range(r[GRANTED_COUNT]):
        entry = r[GRANTED] + n * ENTRY_PLACES
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
    return 0


def sum_granted(record: "Record", work: "Work", alone: int) -> int:
    """Adds up by benefit, and keeps in order what does not stand in a key by benefit; -1 where the cycle says less."""
    t = work.t
    r = record.r
    n = r[GRANTED_COUNT]
    benefits = t[BENEFITS]
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


def lay_granted(record: "Record", work: "Work") -> int:
    """Lays out what was granted before, by outage, and by month; -1 where memory is short."""
    return -1 if lay_by_outage(record, work) < 0 else lay_by_month(record, work)


def lay_by_outage(record: "Record", work: "Work") -> int:
    """Lays out what was granted before by outage."""
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
    return 0


def lay_by_month(record: "Record", work: "Work") -> int:
    """Lays out what months were granted; each that is told has an item of no benefit as well."""
    t = work.t
    r = record.r
    m = work.m
    k = work.k
    top = m[7]
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


def of_month(record: "Record", month: int, benefit: int) -> int:
    """What the month of an entry was granted of a benefit; 0 where that is not told."""
    r = record.r
    for i in range(r[month + B]):
        entry = r[month + A] + i * ENTRY_PLACES
        if r[entry + OF_BENEFIT] == benefit:
            return r[entry + A]
    return 0
