"""The memory in which a version decides questions from bytes, with what was decided in it; and finding names in a record."""

from array import array

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython

from policy.calculator.checks import MAX_ITEMS
from policy.calculator.memory import Memory
from policy.calculator.teller import Teller

if not cython.compiled:
    from collections.abc import Sequence
    from typing import Any

    from server.wire.places import *  # as work.pxd does
    from server.wire.reader import Record

    Plan = Any


class Work:
    """The memory of a version's program in which questions are decided one after the other, and what was decided in it.

    ``laid`` and ``formed``: of which batch the outages that are stated once are laid out, and their part of keys is known.
    ``granted_order`` and ``months_order``: what was granted before, and the months, as they stand in a key.
    ``numbers`` and ``known`` are what ``m`` and ``k`` show, for what is Python.
    ``next``: of each group the occasion that comes next; ``teller``: what explains, once that was asked for.
    ``sums``: what was counted since it was last added to counters, by the places that :mod:`places` names; ``is_counted``:
    whether anything was. ``counters``: where in the counters each of them goes, and where it goes when the caller only quotes;
    -1: nowhere.
    """

    def __init__(self, plan: "Plan", places: int, counters: "Sequence[int]", quoted: "Sequence[int]") -> None:
        self.plan = plan
        self.t = plan.numbers
        self.b = plan.pieces
        self.program = plan.program
        self.code = self.program.lowered.code
        self.tab = self.program.lowered.tables
        memory = Memory(self.program.lowered.layout, places, compiled=True)
        self.m = self.numbers = memory.m
        self.k = self.known = memory.k
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
        self.sums = array("q", bytes(8 * (SUM_OF_BENEFITS + self.t[BENEFITS] * SUMS_OF_BENEFIT)))
        self.counters = counters
        self.quoted = quoted
        self.is_counted = 0
        self.teller: Teller | None = None

    def explains(self) -> "Teller":
        """What tells explanations."""
        if self.teller is None:
            self.teller = Teller(self.plan.lines.told)
        return self.teller

    def grow(self, places: int) -> None:
        """Makes room for ``places``, and then some; what was laid out stays."""
        more = max(2 * places, 2 * len(self.k)) - len(self.k)
        m = array("q", self.m)
        m.extend([0] * more)
        k = bytearray(self.k)
        k.extend(bytes(more))
        self.m = self.numbers = m
        self.k = self.known = k

    def read_tables(self) -> None:
        """Takes the tables of the program as they are by now."""
        self.tab = self.program.lowered.tables


def same(record: "Record", at: int, length: int, work: "Work", piece: int, piece_length: int) -> int:
    """Whether a text of a record is that piece of a plan."""
    if length != piece_length:
        return 0
    for i in range(length):
        if record.data[at + i] != work.b[piece + i]:
            return 0
    return 1


def compared(record: "Record", x: int, length: int, other: "Record", y: int, n: int) -> int:
    """The same of a text of a record and one of another."""
    for i in range(min(length, n)):
        if record.data[x + i] != other.data[y + i]:
            return -1 if record.data[x + i] < other.data[y + i] else 1
    if length == n:
        return 0
    return -1 if length < n else 1


def order_of(record: "Record", one: int, other: int) -> int:
    """Whether the text at ``one`` comes before that at ``other`` (-1), after it (1), or is the same (0)."""
    return compared(record, record.r[one], record.r[one + 1], record, record.r[other], record.r[other + 1])


def benefit_of(record: "Record", work: "Work", entry: int) -> int:
    """The number of the benefit that an entry names; -1 where there is none."""
    t = work.t
    for j in range(t[BENEFITS]):
        row = t[BENEFIT_TABLE] + j * BENEFIT_PLACES
        if same(record, record.r[entry + NAME], record.r[entry + NAME_BYTES], work, t[row], t[row + 1]):
            return j
    return ABSENT


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


def outage_at(record: "Record", work: "Work", place: int) -> int:
    """Where in a record the outage at a place of memory stands."""
    return record.t[FIRST_OUTAGE] + (place - work.m[6]) // work.m[11] * record.t[OUTAGE_WIDTH]


def is_granted(work: "Work", occasion: int, row: int) -> int:
    """Whether the benefit of a row of the table is granted in an occasion."""
    is_left = work.m[occasion + work.t[row + BENEFIT_AT_STAGE]] == -1
    return int(is_left and work.m[occasion + work.t[row + BENEFIT_AT_GRANTED]] != 0)


def is_quoted(work: "Work", occasion: int, row: int) -> int:
    """Whether something is left of it there, and cannot be booked yet."""
    is_left = work.m[occasion + work.t[row + BENEFIT_AT_STAGE]] == -1
    return int(is_left and work.m[occasion + work.t[row + BENEFIT_AT_GRANTED]] == 0)
