"""Reads a question from its bytes into a record of numbers, as long as it is plainly well formed.

Which field means what stands in the tables that :mod:`server.wire.tables` makes from the contract. What is read here and how
far it is checked: each field known, once, of its type and within its limit, texts of UTF-8, ids without control characters.
Whatever is not so is left to the ordinary way, which says what is wrong with it. What a version asks besides is asked where it
is filled in.
"""

# ruff: noqa: C901, PLR0912, PLR0915

from array import array
from collections.abc import Sequence

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

from policy.calculator.identity import problem

if not cython.compiled:
    from server.wire.places import (
        ABSENT,
        BLANK_OUTAGE,
        BLANK_RECORD,
        ENDED,
        ENTRY_PLACES,
        FIELD_BASE,
        FIELD_BIT,
        FIELD_DOES,
        FIELD_MARK,
        FIELD_MESSAGE,
        FIELD_MOST,
        FIELD_PLACE,
        FIELD_ZERO,
        FIRST_ENTRY,
        FIRST_INTERVAL,
        FIRST_OUTAGE,
        GIVEN,
        KIND,
        LATEST_END,
        LATEST_START,
        MOST_ENTRIES,
        MOST_INSTANT,
        MOST_INTERVALS,
        MOST_ITEMS,
        MOST_OUTAGES,
        MOST_TEXT,
        NAME,
        NAME_BYTES,
        OUTAGE_ID_BYTES,
        OUTAGE_RESOLVED,
        OUTAGE_WIDTH,
        OUTAGES,
        RESOLVED,
        STARTED,
        TAKE_COUNTED,
        TAKE_ENTRY,
        TAKE_ENUM,
        TAKE_INSTANT,
        TAKE_INTERVAL,
        TAKE_LANGUAGE,
        TAKE_MESSAGE,
        TAKE_MONTH,
        TAKE_OUTAGE,
        TAKE_PARTY,
        TAKE_SERVICE,
        TAKE_TEXT,
        TAKE_YES,
        A,
        B,
        C,
    )


class Record:
    """What a message says: ``r`` holds numbers, and texts as places in ``data``. One is used for many messages in turn."""

    def __init__(self, tables: Sequence[int], numbers: int) -> None:
        self.source = b""
        self.data = self.source
        self.t = tables
        self.r = array("q", bytes(8 * numbers))
        self.entries = self.pairs = self.counted = self.at = self.span = self.value = 0

    def hold(self, source: bytes) -> None:
        """The bytes in which messages stand."""
        self.source = source
        self.data = source

    def read(self, root: int, at: int, end: int) -> int:
        """Reads the message in [at, end) of the data; 0, or -1 where it is to go the ordinary way."""
        blank = self.t[BLANK_RECORD]
        for i in range(RESOLVED):
            self.r[i] = self.t[blank + i]
        self.entries = 0
        self.pairs = 0
        self.counted = 0
        self.span = end - at
        return self.message(self.t[root], 0, at, end)

    def elements(self) -> int:
        """How many elements the lists of the message that was read have together, as :mod:`server.list_counter` counts them."""
        return self.r[OUTAGES] + self.entries + self.pairs + self.counted

    def number(self, at: int, end: int) -> int:
        """Reads a varint of up to 63 bits into ``self.value``, and into ``self.at`` where it ends.

        -1 where there is none, or one that is longer than it needs to be.
        """
        value = 0
        shift = 0
        while True:
            if at >= end or shift > 56:
                return -1
            byte = self.data[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                self.at = at
                self.value = value
                return -1 if byte == 0 and shift > 0 else 0
            shift += 7

    def text(self, at: int, end: int, is_id: int) -> int:
        """How many characters there are; -1 where it is no UTF-8, or an id in which something is wrong."""
        n = 0
        first = at
        is_doubtful = 0
        if is_id and at < end and (self.data[at] == 32 or self.data[end - 1] == 32):
            return -1
        while at < end:
            byte = self.data[at]
            at += 1
            n += 1
            if byte < 128:
                if is_id and (byte < 32 or byte == 127):
                    return -1
                continue
            low = 128
            high = 191
            if 194 <= byte <= 223:
                more = 1
            elif 224 <= byte <= 239:
                more = 2
                if byte == 224:
                    low = 160
                elif byte == 237:
                    high = 159
            elif 240 <= byte <= 244:
                more = 3
                if byte == 240:
                    low = 144
                elif byte == 244:
                    high = 143
            else:
                return -1
            if at + more > end:
                return -1
            if self.data[at] < low or self.data[at] > high:
                return -1
            point = byte & (63 >> more)
            for _ in range(more):
                byte = self.data[at]
                if byte < 128 or byte > 191:
                    return -1
                point = point << 6 | (byte & 63)
                at += 1
            if is_id and not self.is_plain(point):
                is_doubtful = 1
        if is_doubtful and (n > self.t[MOST_TEXT] or self.is_wrong(first, end)):
            return -1
        return n

    def is_wrong(self, at: int, end: int) -> int:
        """Whether something is wrong with an id, which is looked up letter by letter."""
        return problem(self.source[at:end].decode()) != ""

    def is_plain(self, point: int) -> int:
        """Whether a character of an id is of those of which :mod:`policy.calculator.identity` never has anything to say.

        Letters of Latin and Cyrillic that are not composed any further, kana, ideographs, syllables of hangul.
        """
        if point <= 0x17F:
            return point >= 0xC0
        if point <= 0x44F:
            return point >= 0x410
        if point <= 0x30FA:
            return 0x3041 <= point <= 0x3096 or point >= 0x30A1
        return 0x4E00 <= point <= 0x9FFF or 0xAC00 <= point <= 0xD7A3

    def message(self, kind: int, base: int, at: int, end: int) -> int:
        """Reads a message whose fields stand from ``kind`` on in the tables, into the record from ``base`` on."""
        seen = 0
        while at < end:
            tag = self.data[at]
            if tag > 127:
                return -1
            field = self.t[kind + tag]
            if field == 0:
                return -1
            if self.number(at + 1, end) < 0:
                return -1
            value = self.value
            at = self.at
            bit = self.t[field + FIELD_BIT]
            if seen & bit:
                return -1
            seen |= bit
            if self.t[field + FIELD_MARK]:
                self.r[base + KIND] = self.t[field + FIELD_MARK]
            does = self.t[field + FIELD_DOES]
            to = base + self.t[field + FIELD_PLACE]
            if does <= TAKE_YES:
                if value > self.t[field + FIELD_MOST]:
                    return -1
                if does == TAKE_ENUM:
                    value -= 1
                elif does == TAKE_SERVICE:
                    if self.service(to, value) < 0:
                        return -1
                    continue
                self.r[to] = value
                continue
            if value > end - at:
                return -1
            stop = at + value
            if does == TAKE_INSTANT:
                value = 0
                if at < stop:
                    if self.data[at] != 8:
                        return -1
                    if self.number(at + 1, stop) < 0 or self.at != stop or self.value > self.t[MOST_INSTANT]:
                        return -1
                    value = self.value
                self.r[to] = value
            elif does <= TAKE_LANGUAGE:
                if self.take_text(does, to, at, stop) < 0:
                    return -1
            elif does == TAKE_MESSAGE:
                self.r[to] = 1
                if self.t[field + FIELD_ZERO]:
                    self.r[self.t[field + FIELD_ZERO]] = 0
                if self.message(self.t[field + FIELD_MESSAGE], base + self.t[field + FIELD_BASE], at, stop) < 0:
                    return -1
            elif does == TAKE_OUTAGE:
                if self.outage(self.t[field + FIELD_MESSAGE], at, stop) < 0:
                    return -1
            elif does == TAKE_ENTRY:
                value = self.entry(to)
                if value < 0 or self.message(self.t[field + FIELD_MESSAGE], value, at, stop) < 0:
                    return -1
            elif does == TAKE_MONTH:
                if self.month(self.t[field + FIELD_MESSAGE], to, at, stop) < 0:
                    return -1
            elif does == TAKE_INTERVAL:
                if self.interval(self.t[field + FIELD_MESSAGE], to, at, stop) < 0:
                    return -1
            else:  # TAKE_SERVICES
                while at < stop:
                    if self.number(at, stop) < 0 or self.service(to, self.value) < 0:
                        return -1
                    at = self.at
            at = stop
        return 0

    def service(self, to: int, value: int) -> int:
        """Adds a service to a set of bits."""
        if value < 1 or value > 5 or self.r[to + 1] >= self.t[MOST_ITEMS]:
            return -1
        self.r[to] |= 1 << (value - 1)
        self.r[to + 1] += 1
        return 0

    def take_text(self, does: int, to: int, at: int, stop: int) -> int:
        """Takes a text, of which at most 256 characters are taken where it names something."""
        n = self.text(at, stop, does != TAKE_TEXT)
        if n < 0 or (does != TAKE_TEXT and n > self.t[MOST_TEXT]) or (n == 0 and does != TAKE_TEXT and does != TAKE_PARTY):
            return -1
        if does == TAKE_COUNTED:
            self.r[to] += 1
            self.counted += 1
            return -1 if self.r[to] > self.t[MOST_ITEMS] else 0
        if does == TAKE_LANGUAGE:
            to = self.entry(to)
            if to < 0:
                return -1
        self.r[to] = at
        self.r[to + 1] = stop - at
        return 0

    def entry(self, to: int) -> int:
        """A new entry next to those of the list at ``to``; its place, or -1 where there are too many, or others between."""
        next_to_them = self.r[to] + self.r[to + 1] * ENTRY_PLACES
        if self.r[to + 1] > 0 and next_to_them != self.t[FIRST_ENTRY] + self.entries * ENTRY_PLACES:
            return -1
        return self.new_entry(to)

    def new_entry(self, to: int) -> int:
        """A new entry of the list at ``to``; its place, or -1 where there are too many."""
        if self.entries >= self.t[MOST_ENTRIES] or self.r[to + 1] >= self.t[MOST_ITEMS]:
            return -1
        made = self.t[FIRST_ENTRY] + self.entries * ENTRY_PLACES
        self.entries += 1
        if self.r[to + 1] == 0:
            self.r[to] = made
        self.r[to + 1] += 1
        self.r[made + NAME] = 0
        self.r[made + NAME_BYTES] = 0
        self.r[made + KIND] = 0
        self.r[made + GIVEN] = 0
        self.r[made + A] = 0
        self.r[made + B] = 0
        self.r[made + C] = 0
        return made

    def month(self, kind: int, to: int, at: int, stop: int) -> int:
        """Adds a month to the list at ``to``: each is followed by what it was granted, and that by the next month."""
        if self.r[to + 1] > 0 and self.r[to + 2] != self.entries:
            return -1
        made = self.new_entry(to)
        if made < 0 or self.message(kind, made, at, stop) < 0:
            return -1
        self.r[to + 2] = self.entries
        return 0

    def interval(self, kind: int, to: int, at: int, stop: int) -> int:
        """Adds an interval to the list at ``to``: it has both ends, the end after the start."""
        if self.pairs >= self.t[MOST_INTERVALS] or self.r[to + 1] >= self.t[MOST_ITEMS]:
            return -1
        made = self.t[FIRST_INTERVAL] + 2 * self.pairs
        self.pairs += 1
        if self.r[to + 1] == 0:
            self.r[to] = made
        self.r[to + 1] += 1
        self.r[made] = ABSENT
        self.r[made + 1] = ABSENT
        if self.message(kind, made, at, stop) < 0:
            return -1
        return -1 if self.r[made] < 0 or self.r[made + 1] <= self.r[made] else 0

    def outage(self, kind: int, at: int, stop: int) -> int:
        """Adds an outage: with an id, and an end after its start if it has one."""
        n = self.r[OUTAGES]
        if n >= self.t[MOST_OUTAGES]:
            return -1
        made = self.t[FIRST_OUTAGE] + n * self.t[OUTAGE_WIDTH]
        blank = self.t[BLANK_OUTAGE]
        for i in range(OUTAGE_RESOLVED):
            self.r[made + i] = self.t[blank + i]
        if self.message(kind, made, at, stop) < 0 or self.r[made + OUTAGE_ID_BYTES] == 0:
            return -1
        start = self.r[made + STARTED]
        ended = self.r[made + ENDED]
        if start < 0 or (ended >= 0 and ended <= start):
            return -1
        if start > self.r[LATEST_START]:
            self.r[LATEST_START] = start
        if ended > self.r[LATEST_END]:
            self.r[LATEST_END] = ended
        self.r[OUTAGES] = n + 1
        return 0
