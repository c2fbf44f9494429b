"""Writes an answer as protobuf would: from its end to its beginning, so that each length is known when it is written."""

from array import array

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from policy.calculator.machine_answer import divisor
    from policy.calculator.sheet import Sheet
    from server.wire.keying import Keying
    from server.wire.places import *  # as writing.pxd does
    from server.wire.reader import Record
    from server.wire.work import Work, is_granted, is_quoted, outage_at

_FIRST_BYTES = 1 << 14
_FIRST_OCCASIONS = 64


class Writer:
    """Writes into ``out`` from its end; ``at`` is where what is written begins, below 0 where there was no room.

    ``listed``: the occasions of the answer in their order, each with where its group is in the plan; ``occasions``: how many.
    """

    def __init__(self) -> None:
        self.out = bytearray(_FIRST_BYTES)
        self.at = self.occasions = 0
        self.first_reason = 0
        self.listed = array("q", bytes(8 * _FIRST_OCCASIONS))
        self.grouped = array("q", bytes(8 * _FIRST_OCCASIONS))

    def begin(self) -> int:
        """Forgets what was written."""
        self.at = len(self.out)
        return 0

    def grow(self) -> None:
        """Twice the room."""
        self.out = bytearray(2 * len(self.out))

    def taken(self) -> bytes:
        """What is written."""
        if cython.compiled:
            return cython.cast(cython.p_char, cython.address(self.out[0]))[self.at : len(self.out)]  # type: ignore[no-any-return]
        return bytes(self.out[self.at :])

    def piece(self, work: "Work", at: int, length: int) -> int:
        """A piece of a plan."""
        if self.at < length:
            self.at = -1
            return -1
        if length == 0:
            return 0
        if at + length > len(work.b):
            raise IndexError
        self.at -= length
        if cython.compiled:
            memcpy(cython.address(self.out[self.at]), cython.address(work.b[at]), length)  # type: ignore[name-defined]
        else:
            self.out[self.at : self.at + length] = work.b[at : at + length]
        return 0

    def text(self, record: "Record", at: int, length: int) -> int:
        """A text of a record."""
        if self.at < length:
            self.at = -1
            return -1
        if length == 0:
            return 0
        if at + length > len(record.data):
            raise IndexError
        self.at -= length
        if cython.compiled:
            memcpy(cython.address(self.out[self.at]), cython.address(record.data[at]), length)  # type: ignore[name-defined]
        else:
            self.out[self.at : self.at + length] = record.data[at : at + length]
        return 0

    def number(self, value: int) -> int:
        """A varint of a number that is not negative."""
        if self.at < 10:
            self.at = -1
            return -1
        length = 1
        rest = value >> 7
        while rest > 0:
            rest = rest >> 7
            length += 1
        self.at -= length
        for i in range(length - 1):
            self.out[self.at + i] = (value & 127) | 128
            value = value >> 7
        self.out[self.at + length - 1] = value
        return 0

    def byte(self, value: int) -> int:
        """A byte."""
        if self.at < 1:
            self.at = -1
            return -1
        self.at -= 1
        self.out[self.at] = value
        return 0

    def digits(self, value: int) -> int:
        """A number in decimal digits."""
        if self.at < 20:
            self.at = -1
            return -1
        while True:
            self.at -= 1
            self.out[self.at] = 48 + value % 10
            value //= 10
            if value == 0:
                return 0

    def enclose(self, tag: int, end: int) -> int:
        """Makes what was written since ``end`` a field."""
        if self.at < 0:
            return -1
        self.number(end - self.at)
        return self.byte(tag)

    def key(self, keying: "Keying", which: int) -> int:
        """The id of the decision (0) or a key (1) as hexadecimal digits."""
        if self.at < 32:
            self.at = -1
            return -1
        self.at -= 32
        for i in range(16):
            byte = keying.id[i] if which == 0 else keying.key[i]
            high = byte >> 4
            low = byte & 15
            self.out[self.at + 2 * i] = (48 if high < 10 else 87) + high
            self.out[self.at + 2 * i + 1] = (48 if low < 10 else 87) + low
        return 0

    def list_occasions(self, work: "Work") -> int:
        """Lists the occasions of all benefits in order of time, of several at once in that of the policy."""
        t = work.t
        m = work.m
        self.occasions = 0
        wanted = 0
        for i in range(t[GROUPS]):
            group = t[GROUP_TABLE] + i * GROUP_PLACES
            work.next[i] = m[t[group + GROUP_AT_LIST]]
            wanted += m[t[group + GROUP_AT_LIST] + 1]
        if 2 * wanted > len(self.listed):
            self.listed = array("q", bytes(32 * wanted))
        for n in range(wanted):
            best = ABSENT
            for i in range(t[GROUPS]):
                group = t[GROUP_TABLE] + i * GROUP_PLACES
                occasion = work.next[i]
                if occasion == m[t[group + GROUP_AT_LIST]] + m[t[group + GROUP_AT_LIST] + 1] * t[OCCASION_PLACES]:
                    continue
                if best < 0 or is_earlier(work, occasion, work.next[best]):
                    best = i
            self.listed[2 * n] = work.next[best]
            self.listed[2 * n + 1] = t[GROUP_TABLE] + best * GROUP_PLACES
            work.next[best] += t[OCCASION_PLACES]
        self.occasions = wanted
        return 0

    def decision(
        self,
        record: "Record",
        outages: "Record",
        work: "Work",
        keying: "Keying",
        told: "Sheet | None",
        notice: bytes,
        missing: "list[bytes] | None",
    ) -> int:
        """Writes a decision. 0, or -1 where there is no room.

        ``missing``: where facts are, the reasons of it, and then those of each occasion.
        """
        t = work.t
        m = work.m
        outcome = m[t[AT_OUTCOME]]
        self.number(t[CORRECTIONS])
        self.byte(120)
        for i in range(self.occasions - 1, -1, -1):
            lacks = None if missing is None else missing[i + 1]
            self.write_occasion(record, outages, work, self.listed[2 * i], self.listed[2 * i + 1], lacks)
        if outcome < 2:
            self.write_quotes(work)
        self.write_time(work, missing is None)
        self.instant(record.r[AS_OF], 82)
        self.piece(work, t[STAMP], t[STAMP_BYTES])
        if told is not None:
            self.explanation(told)
        if len(notice) > 0:
            self.whole(notice)
        if outcome == 0:
            if t[HAS_RECOURSE] and work.k[t[AT_PARTIES]] == 1:
                self.write_recourse(outages, work)
            self.write_grants(record, outages, work, keying)
        self.write_said(work, t[AT_WARNINGS], 34)
        if missing is None:
            self.write_said(work, t[AT_REASONS], 26)
        else:
            self.whole(missing[0])
            self.first_reason = t[MISSING_FACT]
        self.number(outcome + 1)
        self.byte(16)
        self.key(keying, 0)
        self.byte(32)
        self.byte(10)
        return -1 if self.at < 0 else 0

    def instant(self, seconds: int, tag: int) -> int:
        """An instant, as a field."""
        end = self.at
        if seconds != 0:
            self.number(seconds)
            self.byte(8)
        return self.enclose(tag, end)

    def write_occasion(
        self, record: "Record", outages: "Record", work: "Work", occasion: int, group: int, missing: "bytes | None"
    ) -> int:
        """When an occasion was, of which outages, and what became of it; ``missing``: the reasons, where facts are."""
        t = work.t
        m = work.m
        r = outages.r
        end = self.at
        self.piece(work, t[group + GROUP_NAMES], t[group + GROUP_NAMES_BYTES])
        if missing is None:
            self.write_said(work, occasion + t[AT_OCCASION_REASONS], 58)
            self.number(m[occasion + t[AT_OCCASION_OUTCOME]] + 1)
        else:
            self.whole(missing)
            self.byte(CANNOT_DECIDE + 1)
        self.byte(48)
        if t[group + GROUP_KIND] == OF_A_CYCLE and m[occasion + OCCASION_LABEL] == 1:
            before = self.at
            self.instant(record.r[CYCLE_END], 18)
            self.instant(record.r[CYCLE_START], 10)
            self.enclose(42, before)
        elif t[group + GROUP_KIND] == OF_A_MONTH:
            before = self.at
            month = m[occasion + OCCASION_MONTH]
            self.byte(48 + (month % 12 + 1) % 10)
            self.byte(48 + (month % 12 + 1) // 10)
            self.byte(45)
            self.digits(month // 12)
            self.enclose(34, before)
        for i in range(m[occasion + OCCASION_ITEMS_COUNT] - 1, -1, -1):
            before = self.at
            outage = outage_at(outages, work, m[m[occasion + OCCASION_ITEMS] + i * ITEM_PLACES + 1])
            self.text(outages, r[outage + OUTAGE_ID], r[outage + OUTAGE_ID_BYTES])
            self.enclose(26, before)
        self.instant(m[occasion + OCCASION_END], 18)
        self.instant(m[occasion + OCCASION_START], 10)
        return self.enclose(114, end)

    def write_time(self, work: "Work", is_decided: int) -> int:
        """Counted and weighted seconds of the first clock, as far as the decision came."""
        t = work.t
        m = work.m
        k = work.k
        if k[t[AT_MERGED]] != 1 or m[t[AT_MERGED]] == 0:
            return 0
        if k[t[AT_KEPT]] != 1:
            self.number(m[t[AT_MERGED]])
            return self.byte(88)
        if is_decided and k[t[AT_WEIGHED]] == 1:
            end = self.at
            common = divisor(m[t[AT_WEIGHED]], t[WEIGHT_SCALE])
            self.number(t[WEIGHT_SCALE] // common)
            self.byte(16)
            if m[t[AT_WEIGHED]] != 0:
                self.number(m[t[AT_WEIGHED]] // common)
                self.byte(8)
            self.enclose(98, end)
        self.number(m[t[AT_KEPT]])
        return self.byte(88)

    def write_said(self, work: "Work", items: int, tag: int) -> int:
        """Reasons or warnings, from the last to the first, each as field ``tag``."""
        t = work.t
        m = work.m
        self.first_reason = 0
        for i in range(m[items + 1] - 1, -1, -1):
            item = m[items] + 3 * i
            kind = m[item]
            end = self.at
            if kind == -1:
                row = t[PIECES] + m[item + 1] * PIECE_PLACES
                self.piece(work, t[row + PIECE], t[row + PIECE_BYTES])
                self.first_reason = t[row + PIECE_NUMBER]
            elif kind == -2:
                row = t[PIECES] + m[item + 1] * PIECE_PLACES
                self.piece(work, t[row + PIECE_AFTER], t[row + PIECE_AFTER_BYTES])
                self.digits(m[item + 2])
                self.piece(work, t[row + PIECE_BEFORE], t[row + PIECE_BEFORE_BYTES])
                self.enclose(18, end)
                self.piece(work, t[row + PIECE], t[row + PIECE_BYTES])
            else:
                if m[item + 2] >= 0:
                    row = t[BENEFIT_TABLE] + m[item + 2] * BENEFIT_PLACES
                    self.piece(work, t[row + BENEFIT_NAMED], t[row + BENEFIT_NAMED_BYTES])
                row = t[CLAUSES] + m[item + 1] * CLAUSE_PLACES
                self.piece(work, t[row + CLAUSE_REASON], t[row + CLAUSE_REASON_BYTES])
                row = t[STAGES] + 2 * kind
                self.piece(work, t[row], t[row + 1])
                self.first_reason = t[t[STAGE_REASONS] + kind]
            self.enclose(tag, end)
        return 0

    def write_grants(self, record: "Record", outages: "Record", work: "Work", keying: "Keying") -> int:
        """What may be booked, occasion by occasion, from the last to the first, each with its key."""
        t = work.t
        m = work.m
        for i in range(self.occasions - 1, -1, -1):
            occasion = self.listed[2 * i]
            group = self.listed[2 * i + 1]
            has_stem = 0
            for j in range(t[group + GROUP_BENEFITS_COUNT] - 1, -1, -1):
                benefit = t[t[group + GROUP_BENEFITS] + j]
                row = t[BENEFIT_TABLE] + benefit * BENEFIT_PLACES
                if not is_granted(work, occasion, row):
                    continue
                if not has_stem:
                    keying.make_stem(record, outages, work, occasion)
                    has_stem = 1
                end = self.at
                if m[occasion + t[row + BENEFIT_AT_BEFORE]] != 0:
                    self.number(m[occasion + t[row + BENEFIT_AT_BEFORE]])
                    self.byte(88)
                if i > 0:
                    self.number(i)
                    self.byte(80)
                self.write_parts(outages, work, occasion + t[row + BENEFIT_AT_SHARES])
                self.piece(work, t[row + BENEFIT_BACK], t[row + BENEFIT_BACK_BYTES])
                self.number(m[occasion + t[row + BENEFIT_AT_QUANTITY]])
                self.byte(32)
                self.piece(work, t[row + BENEFIT_FRONT], t[row + BENEFIT_FRONT_BYTES])
                keying.make_key(record, work, t[group + GROUP_KIND], occasion, benefit)
                self.key(keying, 1)
                self.byte(32)
                self.byte(10)
                self.enclose(42, end)
        return 0

    def write_parts(self, outages: "Record", work: "Work", shares: int) -> int:
        """What of a grant is each outage's, from the last to the first."""
        m = work.m
        r = outages.r
        for i in range(m[shares + 1] - 1, -1, -1):
            share = m[shares] + i * SHARE_PLACES
            end = self.at
            if m[share + 2] != 0:
                self.number(m[share + 2])
                self.byte(16)
            before = self.at
            outage = outage_at(outages, work, m[share])
            self.text(outages, r[outage + OUTAGE_ID], r[outage + OUTAGE_ID_BYTES])
            self.enclose(10, before)
            self.enclose(74, end)
        return 0

    def write_quotes(self, work: "Work") -> int:
        """What would be owed but cannot be booked, from the last to the first."""
        t = work.t
        m = work.m
        for i in range(self.occasions - 1, -1, -1):
            occasion = self.listed[2 * i]
            group = self.listed[2 * i + 1]
            for j in range(t[group + GROUP_BENEFITS_COUNT] - 1, -1, -1):
                row = t[BENEFIT_TABLE] + t[t[group + GROUP_BENEFITS] + j] * BENEFIT_PLACES
                if not is_quoted(work, occasion, row):
                    continue
                end = self.at
                if i > 0:
                    self.number(i)
                    self.byte(64)
                self.piece(work, t[row + BENEFIT_QUOTE_BACK], t[row + BENEFIT_QUOTE_BACK_BYTES])
                self.number(m[occasion + t[row + BENEFIT_AT_QUANTITY]])
                self.byte(24)
                self.piece(work, t[row + BENEFIT_QUOTE_FRONT], t[row + BENEFIT_QUOTE_FRONT_BYTES])
                self.enclose(106, end)
        return 0

    def write_recourse(self, outages: "Record", work: "Work") -> int:
        """What third parties owe, and for which outages, from the last to the first."""
        t = work.t
        m = work.m
        r = outages.r
        i = m[t[AT_PARTIES] + 1] - 1
        while i >= 0:
            end = self.at
            total = 0
            item = m[t[AT_PARTIES]] + i * PARTY_PLACES
            party = m[m[item + 1] + 5]
            outage = outage_at(outages, work, m[item + 1])
            while i >= 0:
                item = m[t[AT_PARTIES]] + i * PARTY_PLACES
                if m[m[item + 1] + 5] != party:
                    break
                outage = outage_at(outages, work, m[item + 1])
                before = self.at
                self.number(m[item + 2])
                self.byte(16)
                named = self.at
                self.text(outages, r[outage + OUTAGE_ID], r[outage + OUTAGE_ID_BYTES])
                self.enclose(10, named)
                self.enclose(26, before)
                total += m[item + 2]
                i -= 1
            before = self.at
            self.number(total)
            self.byte(16)
            self.piece(work, t[RECOURSE_MONEY], t[RECOURSE_MONEY_BYTES])
            self.enclose(18, before)
            if r[outage + PARTY_BYTES] > 0:
                before = self.at
                self.text(outages, r[outage + PARTY], r[outage + PARTY_BYTES])
                self.enclose(10, before)
            self.enclose(50, end)
        return 0

    def group_occasions(self, work: "Work") -> int:
        """Lists the occasions by their addresses and the numbers of their groups, for whoever tells them."""
        t = work.t
        if len(self.grouped) < len(self.listed):
            self.grouped = array("q", bytes(8 * len(self.listed)))
        for i in range(self.occasions):
            self.grouped[2 * i] = self.listed[2 * i]
            self.grouped[2 * i + 1] = (self.listed[2 * i + 1] - t[GROUP_TABLE]) // GROUP_PLACES
        return 0

    def explanation(self, sheet: "Sheet") -> int:
        """The explanation, as it was told."""
        length = sheet.at
        end = self.at
        if self.at < length:
            self.at = -1
            return -1
        self.at -= length
        if length > 0:
            if cython.compiled:
                memcpy(cython.address(self.out[self.at]), cython.address(sheet.out[0]), length)  # type: ignore[name-defined]
            else:
                self.out[self.at : end] = sheet.out[:length]
        return self.enclose(66, end)

    def whole(self, written: bytes) -> int:
        """Fields that were written elsewhere."""
        length = len(written)
        if self.at < length:
            self.at = -1
            return -1
        self.at -= length
        if cython.compiled:
            memcpy(cython.address(self.out[self.at]), cython.cast(cython.p_char, written), length)  # type: ignore[name-defined]
        else:
            self.out[self.at : self.at + length] = written
        return 0


def is_earlier(work: "Work", one: int, other: int) -> int:
    """Whether an occasion began before another, or ended before one that began with it."""
    m = work.m
    if m[one + OCCASION_START] != m[other + OCCASION_START]:
        return m[one + OCCASION_START] < m[other + OCCASION_START]
    return m[one + OCCASION_END] < m[other + OCCASION_END]
