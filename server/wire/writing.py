"""Writes an answer as protobuf would: from its end to its beginning, so that each length is known when it is written."""

from array import array

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from policy.calculator.machine_answer import divisor
    from server.wire.filling import Work
    from server.wire.keying import Keying
    from server.wire.places import *  # as writing.pxd does
    from server.wire.reader import Record

_FIRST_BYTES = 1 << 14


class Writer:
    """Writes into ``out`` from its end; ``at`` is where what is written begins, below 0 where there was no room."""

    def __init__(self, clauses: int) -> None:
        """``clauses``: how many a version has at the most."""
        self.out = bytearray(_FIRST_BYTES)
        self.at = 0
        self.first_reason = 0
        self.cites = array("q", bytes(8 * (clauses + 1)))

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

    def decision(self, record: "Record", outages: "Record", work: "Work", keying: "Keying", explain: int, notice: bytes) -> int:
        """Writes a decision. 0, or -1 where there is no room."""
        t = work.t
        m = work.m
        outcome = m[t[AT_OUTCOME]]
        self.write_time(work)
        end = self.at
        if record.r[AS_OF] != 0:
            self.number(record.r[AS_OF])
            self.byte(8)
        self.enclose(82, end)
        self.piece(work, t[STAMP], t[STAMP_BYTES])
        if explain == 1:
            self.write_summary(work)
        if len(notice) > 0:
            self.write_notice(notice)
        if outcome == 0 and t[HAS_RECOURSE] and work.k[t[AT_PARTIES]] == 1:
            self.write_recourse(outages, work)
        self.write_grants(record, work, keying, outcome)
        self.write_said(work, t[AT_WARNINGS])
        self.write_said(work, t[AT_REASONS])
        self.number(outcome + 1)
        self.byte(16)
        self.key(keying, 0)
        self.byte(32)
        self.byte(10)
        return -1 if self.at < 0 else 0

    def write_notice(self, notice: bytes) -> int:
        """What the customer is told, as it is written elsewhere."""
        length = len(notice)
        if self.at < length:
            self.at = -1
            return -1
        self.at -= length
        if cython.compiled:
            memcpy(cython.address(self.out[self.at]), cython.cast(cython.p_char, notice), length)  # type: ignore[name-defined]
        else:
            self.out[self.at :] = notice + self.out[self.at + length :]
        return 0

    def write_time(self, work: "Work") -> int:
        """Counted and weighted seconds of the first clock, as far as the decision came."""
        t = work.t
        m = work.m
        k = work.k
        if not t[HAS_CLOCK] or k[t[AT_FIRST_MERGED]] != 1 or m[t[AT_FIRST_MERGED]] == 0:
            return 0
        refused = m[t[AT_FIRST_STAGE]] >= 0
        weighed = t[AT_FIRST_WEIGHED]
        if not refused and weighed and k[weighed] == 1:
            end = self.at
            common = divisor(m[weighed], t[WEIGHT_SCALE])
            self.number(t[WEIGHT_SCALE] // common)
            self.byte(16)
            if m[weighed] != 0:
                self.number(m[weighed] // common)
                self.byte(8)
            self.enclose(98, end)
        self.number(m[t[AT_FIRST_MERGED]] if refused else m[t[AT_FIRST_SECONDS]])
        return self.byte(88)

    def write_said(self, work: "Work", items: int) -> int:
        """Reasons or warnings, from the last to the first."""
        t = work.t
        m = work.m
        self.first_reason = 0
        for i in range(m[items + 1] - 1, -1, -1):
            item = m[items] + 3 * i
            kind = m[item]
            if kind == -1:
                row = t[PIECES] + m[item + 1] * PIECE_PLACES
                self.piece(work, t[row + PIECE], t[row + PIECE_BYTES])
                self.first_reason = t[row + PIECE_NUMBER]
            elif kind == -2:
                row = t[PIECES] + m[item + 1] * PIECE_PLACES
                end = self.at
                self.piece(work, t[row + PIECE_AFTER], t[row + PIECE_AFTER_BYTES])
                self.digits(m[item + 2])
                self.piece(work, t[row + PIECE_BEFORE], t[row + PIECE_BEFORE_BYTES])
                self.enclose(18, end)
                self.piece(work, t[row + PIECE], t[row + PIECE_BYTES])
                self.enclose(34, end)
            else:
                end = self.at
                if m[item + 2] >= 0:
                    row = t[BENEFIT_TABLE] + m[item + 2] * BENEFIT_PLACES
                    self.piece(work, t[row + BENEFIT_NAMED], t[row + BENEFIT_NAMED_BYTES])
                row = t[CLAUSES] + m[item + 1] * CLAUSE_PLACES
                self.piece(work, t[row + CLAUSE_REASON], t[row + CLAUSE_REASON_BYTES])
                row = t[STAGES] + 2 * kind
                self.piece(work, t[row], t[row + 1])
                self.enclose(26, end)
                self.first_reason = t[t[STAGE_REASONS] + kind]
        return 0

    def write_grants(self, record: "Record", work: "Work", keying: "Keying", outcome: int) -> int:
        """What is owed, of which a key has what may be booked."""
        t = work.t
        m = work.m
        if outcome > 1:
            return 0
        for j in range(t[BENEFITS] - 1, -1, -1):
            row = t[BENEFIT_TABLE] + j * BENEFIT_PLACES
            if m[t[row + BENEFIT_AT_STAGE]] != -1:
                continue
            end = self.at
            self.piece(work, t[row + BENEFIT_BACK], t[row + BENEFIT_BACK_BYTES])
            self.number(m[t[row + BENEFIT_AT_QUANTITY]])
            self.byte(32)
            self.piece(work, t[row + BENEFIT_FRONT], t[row + BENEFIT_FRONT_BYTES])
            if outcome == 0 and m[t[row + BENEFIT_AT_WAITS]] == 0:
                keying.make_key(work, j, record.r[RESOLVED + j])
                self.key(keying, 1)
                self.byte(32)
                self.byte(10)
            self.enclose(42, end)
        return 0

    def write_recourse(self, outages: "Record", work: "Work") -> int:
        """What third parties owe, from the last to the first."""
        t = work.t
        m = work.m
        r = outages.r
        for i in range(m[t[AT_PARTIES] + 1] - 1, -1, -1):
            item = m[t[AT_PARTIES]] + 4 * i
            outage = outages.t[FIRST_OUTAGE] + m[item + 1] * outages.t[OUTAGE_WIDTH]
            end = self.at
            self.number(m[item + 2])
            self.byte(16)
            self.piece(work, t[RECOURSE_MONEY], t[RECOURSE_MONEY_BYTES])
            self.enclose(18, end)
            if r[outage + PARTY_BYTES] > 0:
                before = self.at
                self.text(outages, r[outage + PARTY], r[outage + PARTY_BYTES])
                self.enclose(10, before)
            self.enclose(50, end)
        return 0

    def cite(self, clause: int, cited: int) -> int:
        """Notes that a line rests on a clause, once; how many are noted by now."""
        for i in range(cited):
            if self.cites[i] == clause:
                return cited
        self.cites[cited] = clause
        return cited + 1

    def write_summary(self, work: "Work") -> int:
        """A line for each clock, each benefit and each rule that is not settled, and the clauses that they cite."""
        t = work.t
        m = work.m
        k = work.k
        cited = 0
        for j in range(t[CLOCKS]):
            row = t[CLOCK_TABLE] + j * CLOCK_PLACES
            refused = k[t[row + CLOCK_AT_ORDER]] == 1 and m[t[row + CLOCK_AT_STAGE]] >= 0
            cited = self.cite(m[t[row + CLOCK_AT_REFUSED_BY]] if refused else t[row + CLOCK_CLAUSE], cited)
        for j in range(t[BENEFITS]):
            row = t[BENEFIT_TABLE] + j * BENEFIT_PLACES
            refused = m[t[row + BENEFIT_AT_STAGE]] >= 0
            cited = self.cite(m[t[row + BENEFIT_AT_REFUSED_BY]] if refused else t[row + BENEFIT_CLAUSE], cited)
        warnings = t[AT_WARNINGS]
        for i in range(m[warnings + 1]):
            row = t[PIECES] + m[m[warnings] + 3 * i + 1] * PIECE_PLACES
            if t[row + PIECE_LINE_BYTES] > 0:
                cited = self.cite(t[row + PIECE_CLAUSE], cited)
        end = self.at
        for i in range(cited - 1, -1, -1):
            row = t[CLAUSES] + self.cites[i] * CLAUSE_PLACES
            self.piece(work, t[row + CLAUSE_TEXT], t[row + CLAUSE_TEXT_BYTES])
        for i in range(m[warnings + 1] - 1, -1, -1):
            row = t[PIECES] + m[m[warnings] + 3 * i + 1] * PIECE_PLACES
            self.piece(work, t[row + PIECE_LINE], t[row + PIECE_LINE_BYTES])
        for j in range(t[BENEFITS] - 1, -1, -1):
            self.benefit_line(work, t[BENEFIT_TABLE] + j * BENEFIT_PLACES)
        for j in range(t[CLOCKS] - 1, -1, -1):
            self.clock_line(work, t[CLOCK_TABLE] + j * CLOCK_PLACES)
        return self.enclose(66, end)

    def note(self, work: "Work", number: int) -> int:
        """A field of a line that is the same for all."""
        at = work.t[NOTES] + 2 * number
        return self.piece(work, work.t[at], work.t[at + 1])

    def clause(self, work: "Work", number: int) -> int:
        """The clause of a line."""
        at = work.t[CLAUSES] + number * CLAUSE_PLACES
        return self.piece(work, work.t[at + CLAUSE_LINE], work.t[at + CLAUSE_LINE_BYTES])

    def value(self, value: int) -> int:
        """The value of a line, and that its rule applied."""
        end = self.at
        self.digits(value)
        self.enclose(42, end)
        self.byte(1)
        return self.byte(24)

    def benefit_line(self, work: "Work", row: int) -> int:
        """What a benefit came to, or why to nothing."""
        t = work.t
        m = work.m
        end = self.at
        stage = m[t[row + BENEFIT_AT_STAGE]]
        if stage >= 0:
            self.note(work, NOTES_OF_STAGES + stage)
        elif m[t[row + BENEFIT_AT_WAITS]] != 0:
            self.note(work, NOTE_WAITS)
        elif m[t[AT_GOES_ON]] != 0:
            self.note(work, NOTE_QUOTE)
        self.piece(work, t[row + BENEFIT_UNIT], t[row + BENEFIT_UNIT_BYTES])
        if stage >= 0:
            self.note(work, VALUE_NOTHING)
            self.clause(work, m[t[row + BENEFIT_AT_REFUSED_BY]])
        else:
            self.value(m[t[row + BENEFIT_AT_QUANTITY]])
            self.clause(work, t[row + BENEFIT_CLAUSE])
        self.piece(work, t[row + BENEFIT_LINE], t[row + BENEFIT_LINE_BYTES])
        return self.enclose(10, end)

    def clock_line(self, work: "Work", row: int) -> int:
        """The time that is left of a clock, or why none is."""
        t = work.t
        m = work.m
        end = self.at
        if work.k[t[row + CLOCK_AT_ORDER]] != 1:
            self.note(work, NOTE_NOT_NEEDED)
            self.clause(work, t[row + CLOCK_CLAUSE])
        elif m[t[row + CLOCK_AT_STAGE]] >= 0:
            self.note(work, NOTES_OF_STAGES + m[t[row + CLOCK_AT_STAGE]])
            self.clause(work, m[t[row + CLOCK_AT_REFUSED_BY]])
        else:
            self.note(work, UNIT_SECONDS)
            self.value(m[t[row + CLOCK_AT_SECONDS]])
            self.clause(work, t[row + CLOCK_CLAUSE])
        self.piece(work, t[row + CLOCK_LINE], t[row + CLOCK_LINE_BYTES])
        return self.enclose(10, end)
