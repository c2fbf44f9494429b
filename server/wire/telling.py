"""What a customer is told of an answer, read from the memory that it was worked out in."""

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from server.wire.places import *  # as telling.pxd does
    from server.wire.reader import Record
    from server.wire.work import Work, is_granted
    from server.wire.writing import Writer


def told(writer: "Writer", work: "Work", outages: "Record", asked: "Record") -> bytes:
    """What the customer is told: of the time that what is granted was counted by."""
    t = work.t
    m = work.m
    listed = writer.listed
    spans: set[tuple[int, int, int]] = set()
    granted = []
    for i in range(writer.occasions):
        occasion = listed[2 * i]
        group = listed[2 * i + 1]
        for j in range(t[group + GROUP_BENEFITS_COUNT]):
            benefit = t[t[group + GROUP_BENEFITS] + j]
            row = t[BENEFIT_TABLE] + benefit * BENEFIT_PLACES
            if not is_granted(work, occasion, row):
                continue
            granted.append((benefit, m[occasion + t[row + BENEFIT_AT_QUANTITY]]))
            add_spans(work, occasion, group, row, spans)
    counted = sorted(spans)
    seconds = 0
    ended = 0
    for each in counted:
        seconds += max(0, each[1] - max(each[0], ended))
        ended = max(ended, each[1])
    if not counted:  # what is granted by number rests on no time
        counted = sorted(granted_outages(writer, work))
    causes = []
    for each in counted:
        ended = max(ended, each[1])
        place = outages.t[FIRST_OUTAGE] + each[2] * outages.t[OUTAGE_WIDTH]
        cause = outages.r[place + CAUSE]
        if cause not in causes:
            causes.append(cause)
    facts = (wanted(asked), counted[0][0], ended, seconds, tuple(causes), tuple(granted))
    written: bytes = work.plan.notices.field(facts)
    return written


def add_spans(work: "Work", occasion: int, group: int, row: int, spans: "set[tuple[int, int, int]]") -> int:
    """The time that a benefit was counted by, if any: start, end, and place of the outage in the question."""
    t = work.t
    m = work.m
    for n in range(t[row + BENEFIT_COMPONENTS_COUNT]):
        component = t[row + BENEFIT_COMPONENTS] + n * COMPONENT_PLACES
        stage = m[occasion + t[component + COMPONENT_AT_STAGE]]
        if t[component + COMPONENT_TIME] < 0 or (stage >= 0 and stage < STAGE_OF_COUNT):
            continue
        if m[occasion + t[component + COMPONENT_AT_PARTS] + 1] == 0:
            continue
        time = t[group + GROUP_TIMES] + t[component + COMPONENT_TIME] * TIME_PLACES
        if m[occasion + t[time + TIME_AT_STAGE]] >= 0:
            continue
        span = m[occasion + t[time + TIME_AT_SPANS]]
        for _ in range(m[occasion + t[time + TIME_AT_SPANS] + 1]):
            spans.add((m[span], m[span + 1], m[m[span + 2] + 6]))
            span += m[12]
    return 0


def wanted(asked: "Record") -> "tuple[int, tuple[bytes, ...]]":
    """Through which channel and in which languages the customer is told; any where that was not said."""
    languages: list[bytes] = []
    if asked.r[NOTICE] < 0:
        return ABSENT, ()
    for i in range(asked.r[LANGUAGES_COUNT]):
        entry = asked.r[LANGUAGES] + i * ENTRY_PLACES
        languages.append(asked.source[asked.r[entry] : asked.r[entry] + asked.r[entry + 1]])
    return asked.r[NOTICE_CHANNEL], tuple(languages)


def granted_outages(writer: "Writer", work: "Work") -> "list[tuple[int, int, int]]":
    """The outages of the occasions that anything is granted of: start, end, and place in the question."""
    t = work.t
    m = work.m
    listed = writer.listed
    found = []
    for i in range(writer.occasions):
        occasion = listed[2 * i]
        group = listed[2 * i + 1]
        for j in range(t[group + GROUP_BENEFITS_COUNT]):
            row = t[BENEFIT_TABLE] + t[t[group + GROUP_BENEFITS] + j] * BENEFIT_PLACES
            if is_granted(work, occasion, row):
                for n in range(m[occasion + OCCASION_ITEMS_COUNT]):
                    outage = m[m[occasion + OCCASION_ITEMS] + n * ITEM_PLACES + 1]
                    found.append((m[outage], m[outage + 1], m[outage + 6]))
    return found
