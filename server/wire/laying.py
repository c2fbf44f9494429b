"""Lays a record out in the memory of a version's program: what :mod:`policy.calculator.loading` does for a request."""

# ruff: noqa: PLR0915

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from server.wire.granted import lay_granted
    from server.wire.places import *  # as laying.pxd does
    from server.wire.reader import Record
    from server.wire.work import Work


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
