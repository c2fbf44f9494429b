"""The keys of an answer: the forms of :mod:`policy.calculator.keys`, made from a record."""

import sys
from hashlib import sha256
from typing import Final

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

if not cython.compiled:
    from server.wire.granted import of_month
    from server.wire.places import *  # as keying.pxd does
    from server.wire.reader import Record
    from server.wire.work import Work, outage_at

_DIGEST_BYTES: Final = 32


class Keying:
    """The keys of one question at a time: ``id`` of its decision, ``stem`` of grants, ``key`` of one of them.

    ``claimed``: how many intervals were claimed before, each counted once.
    """

    def __init__(self) -> None:
        assert sys.byteorder == "little"  # INVARIANT: of a form whose integers are written as they are in memory
        self.id, self.stem, self.key = bytearray(_DIGEST_BYTES), bytearray(_DIGEST_BYTES), bytearray(_DIGEST_BYTES)
        self.form = bytearray(0)
        self.at = self.claimed = 0
        self.room(1 << 12)

    def room(self, bytes_wanted: int) -> int:
        """Makes room for a form of so many bytes, which begins now."""
        if bytes_wanted > len(self.form):
            held = bytearray((bytes_wanted // 4 + 1) * 8)
            self.form = held
            self.words = memoryview(held).cast("q")
        self.at = 0
        return 0

    def taken(self) -> bytes:
        """The form as it is by now."""
        if cython.compiled:
            return cython.cast(cython.p_char, cython.address(self.form[0]))[: self.at]  # type: ignore[no-any-return]
        return bytes(self.form[: self.at])

    def put(self, value: int) -> int:
        """Adds an integer of eight bytes; all of them stand at a multiple of eight."""
        self.words[self.at >> 3] = value
        self.at += 8
        return 0

    def put_text(self, record: "Record", at: int, length: int) -> int:
        """Adds a text of a record."""
        if length == 0:
            return 0
        if at + length > len(record.data) or self.at + length > len(self.form):
            raise IndexError
        if cython.compiled:
            memcpy(cython.address(self.form[self.at]), cython.address(record.data[at]), length)  # type: ignore[name-defined]
        else:
            self.form[self.at : self.at + length] = record.data[at : at + length]
        self.at += length
        return 0

    def put_piece(self, work: "Work", at: int, length: int) -> int:
        """Adds a piece of a plan."""
        for i in range(length):
            self.form[self.at + i] = work.b[at + i]
        self.at += length
        return 0

    def put_bytes(self, given: bytes) -> int:
        """Adds bytes."""
        length = len(given)
        if length == 0:
            return 0
        if self.at + length > len(self.form):
            raise IndexError
        if cython.compiled:
            memcpy(cython.address(self.form[self.at]), cython.cast(cython.p_char, given), length)  # type: ignore[name-defined]
        else:
            self.form[self.at : self.at + length] = given
        self.at += length
        return 0

    def digest(self, into: bytearray) -> int:
        """Puts the digest of the form into ``into``."""
        made = sha256(self.taken()).digest()
        if len(made) != len(into):
            raise IndexError
        if cython.compiled:
            memcpy(cython.address(into[0]), cython.cast(cython.p_char, made), len(made))  # type: ignore[name-defined]
        else:
            into[:] = made
        return 0

    def put_byte(self, byte: int) -> int:
        """Adds a byte."""
        self.form[self.at] = byte
        self.at += 1
        return 0

    def put_digits(self, value: int) -> int:
        """Adds a number in decimal digits."""
        length = 1
        rest = value // 10
        while rest > 0:
            rest //= 10
            length += 1
        self.at += length
        for i in range(1, length + 1):
            self.form[self.at - i] = 48 + value % 10
            value //= 10
        return 0

    def put_intervals(self, record: "Record", to: int) -> int:
        """Adds the list of intervals at ``to`` of a record as a text, in order of time; nothing where none was given."""
        r = record.r
        first = r[to]
        if first < 0:
            return 0
        n = r[to + 1]
        self.sort_intervals(record, first, n)
        self.put_byte(91)
        for i in range(n):
            if i > 0:
                self.put_byte(44)
            self.put_digits(r[first + 2 * i])
            self.put_byte(45)
            self.put_digits(r[first + 2 * i + 1])
        self.put_byte(93)
        return 0

    def sort_intervals(self, record: "Record", first: int, n: int) -> int:
        """Puts intervals of a record in order of time."""
        r = record.r
        for i in range(1, n):
            for j in range(i, 0, -1):
                x = first + 2 * j
                if r[x - 2] < r[x] or (r[x - 2] == r[x] and r[x - 1] <= r[x + 1]):
                    break
                start = r[x]
                end = r[x + 1]
                r[x] = r[x - 2]
                r[x + 1] = r[x - 1]
                r[x - 2] = start
                r[x - 1] = end
        return 0

    def put_outages(self, record: "Record", work: "Work") -> int:
        """Adds the form of the outages of a record, in order of their ids."""
        t = work.t
        r = record.r
        n = r[OUTAGES]
        for i in range(n):
            outage = work.order[i]
            self.put(r[outage + STARTED])
            self.put(r[outage + ENDED])
            for j in range(t[KEY_OUTAGE_COUNT]):
                self.put(r[outage + t[t[KEY_OUTAGE] + j]])
            if t[READS_SERVICES]:
                self.put(r[outage + SERVICES])
        for i in range(n):
            outage = work.order[i]
            self.put_text(record, r[outage + OUTAGE_ID], r[outage + OUTAGE_ID_BYTES])
            self.put_byte(31)
            if t[READS_PARTY]:
                self.put_text(record, r[outage + PARTY], r[outage + PARTY_BYTES])
                self.put_byte(31)
            for j in range(t[KEY_OUTAGE_TEXTS_COUNT]):
                self.put_intervals(record, outage + t[t[KEY_OUTAGE_TEXTS] + j])
                self.put_byte(31)
        return 0

    def outages_form(self, record: "Record", work: "Work") -> bytes:
        """The form of one outage, or the digest of that of several."""
        self.room(self.form_bytes(record, work))
        self.put_outages(record, work)
        form = self.taken()
        return form if record.r[OUTAGES] == 1 else sha256(form).digest()

    def form_bytes(self, record: "Record", work: "Work") -> int:
        """How long the form of the outages is at the most."""
        r = record.r
        size = 64 + 24 * record.pairs
        outage = record.t[FIRST_OUTAGE]
        for _ in range(r[OUTAGES]):
            size += r[outage + OUTAGE_ID_BYTES] + r[outage + PARTY_BYTES] + 8 * (work.t[KEY_OUTAGE_COUNT] + 4)
            size += 8 * work.t[KEY_OUTAGE_TEXTS_COUNT]
            outage += record.t[OUTAGE_WIDTH]
        return size

    def make_id(self, record: "Record", outages: "Record", work: "Work", of_outages: bytes, notice: "Record") -> int:
        """Makes the id of the decision. ``notice`` is the record that says what is to be told."""
        t = work.t
        r = record.r
        lists = b""
        self.claimed = 0
        if work.granted_count > 0 or r[EARLIER_COUNT] > 0 or (t[KEY_MONTH_COUNT] > 0 and r[MONTHS_COUNT] > 0):
            lists = self.lists_form(record, outages, work)
        self.room(2048 + len(of_outages) + 8 * t[KEY_ROW_COUNT] + record.span + 24 * record.pairs + notice.span)
        self.put_piece(work, t[DIGEST], 32)
        for j in range(t[KEY_ROW_COUNT]):
            self.put(r[t[t[KEY_ROW] + j]])
        self.put(r[AS_OF] if t[READS_AS_OF] or work.ongoing else ABSENT)
        for place in range(CLAIM_CHANNEL, CLAIM_END + 1):
            self.put(r[place])
        self.put(outages.r[OUTAGES])
        self.put(work.granted_count)
        self.put(self.claimed)
        self.put(r[MONTHS_COUNT] if t[KEY_MONTH_COUNT] > 0 else 0)
        self.put_bytes(of_outages)
        self.put_bytes(lists)
        self.put_text(record, r[SUBSCRIBER_ID], r[SUBSCRIBER_ID_BYTES])
        for j in range(t[KEY_TEXTS_COUNT]):
            self.put_byte(31)
            self.put_intervals(record, t[t[KEY_TEXTS] + j])
        if r[MODE] == 2 and notice.r[NOTICE] >= 0:
            self.put_notice(notice)
        return self.digest(self.id)

    def put_notice(self, record: "Record") -> int:
        """Adds by which way and in which languages notice is asked for, each once and in order."""
        r = record.r
        self.put_byte(31)
        if r[NOTICE_CHANNEL] == 0:
            self.put_bytes(b"SMS")
        elif r[NOTICE_CHANNEL] == 1:
            self.put_bytes(b"PUSH")
        languages = set()
        for i in range(r[LANGUAGES_COUNT]):
            entry = r[LANGUAGES] + i * ENTRY_PLACES
            languages.add(record.source[r[entry] : r[entry] + r[entry + 1]])
        for language in sorted(languages):
            self.put_byte(31)
            self.put_bytes(language)
        return 0

    def lists_form(self, record: "Record", outages: "Record", work: "Work") -> bytes:
        """The digest of what few questions have: what was granted before by outage, earlier claims, months."""
        t = work.t
        r = record.r
        o = outages.r
        months = r[MONTHS_COUNT] if t[KEY_MONTH_COUNT] > 0 else 0
        size = 64 + 16 * r[EARLIER_COUNT] + 8 * months * (t[KEY_MONTH_COUNT] + 1)
        for i in range(work.granted_count):
            size += 32 + o[r[work.granted_order[i] + OF_OUTAGE] + OUTAGE_ID_BYTES]
        self.room(size)
        for i in range(work.granted_count):
            entry = work.granted_order[i]
            self.put(r[entry + OF_BENEFIT])
            self.put(r[entry + A])
        self.put_earlier(record)
        for i in range(months):
            for j in range(t[KEY_MONTH_COUNT]):
                self.put(of_month(record, work.months_order[i], t[t[KEY_MONTH] + j]))
        for i in range(work.granted_count):
            entry = work.granted_order[i]
            outage = r[entry + OF_OUTAGE]
            self.put_text(outages, o[outage + OUTAGE_ID], o[outage + OUTAGE_ID_BYTES])
            self.put_byte(31)
            self.put_text(record, r[entry + MONTH_NAME], r[entry + MONTH_NAME_BYTES])
            self.put_byte(31)
        for i in range(months):
            entry = work.months_order[i]
            self.put_text(record, r[entry + NAME], r[entry + NAME_BYTES])
            self.put_byte(31)
        return sha256(self.taken()).digest()

    def put_earlier(self, record: "Record") -> int:
        """Adds the intervals that were claimed before, each once and in order of time; notes how many these are."""
        r = record.r
        first = r[EARLIER]
        self.claimed = 0
        self.sort_intervals(record, first, r[EARLIER_COUNT])
        for i in range(r[EARLIER_COUNT]):
            x = first + 2 * i
            if i == 0 or r[x] != r[x - 2] or r[x + 1] != r[x - 1]:
                self.put(r[x])
                self.put(r[x + 1])
                self.claimed += 1
        return 0

    def make_stem(self, record: "Record", outages: "Record", work: "Work", occasion: int) -> int:
        """Makes what the keys of all grants of an occasion share: with the ids of its outages in their order."""
        m = work.m
        r = outages.r
        size = 512 + record.r[SUBSCRIBER_ID_BYTES]
        item = m[occasion + OCCASION_ITEMS]
        for _ in range(m[occasion + OCCASION_ITEMS_COUNT]):
            size += 1 + r[outage_at(outages, work, m[item + 1]) + OUTAGE_ID_BYTES]
            item += ITEM_PLACES
        self.room(size)
        self.put_piece(work, work.t[POLICY_NAME], work.t[POLICY_NAME_BYTES])
        self.put_text(record, record.r[SUBSCRIBER_ID], record.r[SUBSCRIBER_ID_BYTES])
        item = m[occasion + OCCASION_ITEMS]
        for _ in range(m[occasion + OCCASION_ITEMS_COUNT]):
            outage = outage_at(outages, work, m[item + 1])
            self.put_byte(31)
            self.put_text(outages, r[outage + OUTAGE_ID], r[outage + OUTAGE_ID_BYTES])
            item += ITEM_PLACES
        return self.digest(self.stem)

    def make_key(self, record: "Record", work: "Work", kind: int, occasion: int, benefit: int) -> int:
        """Makes the key of a grant of an occasion."""
        t = work.t
        m = work.m
        row = t[BENEFIT_TABLE] + benefit * BENEFIT_PLACES
        before = m[occasion + t[row + BENEFIT_AT_BEFORE]]
        rank = m[occasion + OCCASION_RANK]
        if before == 0 and rank == 1 and kind != OF_A_MONTH and kind != OF_A_CYCLE:
            mark = t[row + BENEFIT_MARK]
            for i in range(16):
                self.key[i] = self.stem[i] ^ work.b[mark + i]
            return 0
        self.room(1024 + t[row + BENEFIT_NAME_BYTES])
        self.put_bytes(b"makegood-mark-1\x1f")
        self.put_piece(work, t[row + BENEFIT_NAME], t[row + BENEFIT_NAME_BYTES])
        self.put_byte(31)
        self.put_digits(before)
        if kind == OF_A_MONTH:
            self.put_byte(31)
            self.put_month(m[occasion + OCCASION_MONTH])
        elif kind == OF_A_CYCLE:
            self.put_byte(31)
            self.put_cycle(record, m[occasion + OCCASION_LABEL])
        if rank > 1:
            self.put_bytes(b"\x1f#")
            self.put_digits(rank)
        self.digest(self.key)
        for i in range(16):
            self.key[i] = self.key[i] ^ self.stem[i]
        return 0

    def put_month(self, month: int) -> int:
        """Adds a month, counted from year 0, as "2026-03"."""
        self.put_digits(month // 12)
        self.put_byte(45)
        self.put_byte(48 + (month % 12 + 1) // 10)
        return self.put_byte(48 + (month % 12 + 1) % 10)

    def put_cycle(self, record: "Record", label: int) -> int:
        """Adds the billing cycle of an occasion: the one that is given (1), or what lies before it (0) or after it (2)."""
        start = record.r[CYCLE_START]
        end = record.r[CYCLE_END]
        if label == 0:
            self.put_bytes(b"before/")
            return self.put_digits(start)
        if label == 1:
            self.put_digits(start)
            self.put_byte(47)
            return self.put_digits(end)
        self.put_digits(end)
        return self.put_bytes(b"/after")
