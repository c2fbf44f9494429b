"""The memory of one run: what the request says, and every value that was worked out on the way to the answer.

Each operation has a register of its own, so that a memory after a run is the run's trace: explanations, reasons and the
names of missing facts are read from it, and nothing is worked out again.
"""

from array import array
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass
from typing import Final

from policy.calculator.lowering.assembler import FIRST_CONSTANT, Bank, Reg

UNKNOWN: Final = 2


@dataclass(frozen=True, slots=True)
class At:
    """What is at hand: the addresses of an outage, a month, a span and a part; 0 for none.

    The occasion at hand is the memory's own: see :meth:`Memory.enter`.
    """

    outage: int = 0
    month: int = 0
    span: int = 0
    part: int = 0


HERE: Final = At()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything lies. ``constants`` are the numbers of the constant bank, in order."""

    constants: tuple[int, ...]
    row_places: int
    month_places: int
    outage_places: int
    span_places: int
    part_places: int
    occasion_places: int

    @property
    def first_row(self) -> int:
        """The address of the first register of the request."""
        return FIRST_CONSTANT + len(self.constants)

    @property
    def first_month(self) -> int:
        """The address of the first register of a month of 28 days; those of longer ones follow."""
        return self.first_row + self.row_places

    @property
    def first_outage(self) -> int:
        """The address of the first outage."""
        return self.first_month + 4 * self.month_places

    def encoded(self, reg: Reg) -> int:
        """A register as an operand."""
        match reg.bank:
            case Bank.CONSTANT:
                return (FIRST_CONSTANT + reg.number) << 3
            case Bank.ROW:
                return (self.first_row + reg.number) << 3
            case _:
                return reg.number << 3 | reg.bank

    def address(self, reg: Reg, at: At) -> int:
        """Where a register is."""
        match reg.bank:
            case Bank.CONSTANT:
                return FIRST_CONSTANT + reg.number
            case Bank.ROW:
                return self.first_row + reg.number
            case Bank.OUTAGE:
                return at.outage + reg.number
            case Bank.MONTH:
                return at.month + reg.number
            case Bank.SPAN:
                return at.span + reg.number
            case Bank.PART:
                return at.part + reg.number
            case Bank.OCCASION:
                raise AssertionError("the occasion at hand is the memory's own")


class Memory:
    """``m``: the numbers; ``k``: 0 where nothing was worked out, 1 where it is known, 2 where it is unknown."""

    def __init__(self, layout: Layout, places: int, *, compiled: bool) -> None:
        """``places`` are for outages and the lists that are made of them; more are added where they do not suffice."""
        self.layout, self.is_compiled, self._first_row = layout, compiled, layout.first_row
        header = [0] * FIRST_CONSTANT
        header[6] = layout.first_outage
        header[11], header[12], header[13] = layout.outage_places, layout.span_places, layout.part_places
        header[19], header[20] = layout.first_month, layout.month_places
        header[56] = layout.occasion_places
        numbers = [*header, *layout.constants, *[0] * (layout.first_outage - layout.first_row + places)]
        self.m: MutableSequence[int] = array("q", numbers) if compiled else numbers
        self.k = bytearray(len(numbers))
        self.k[FIRST_CONSTANT : layout.first_row] = b"\1" * len(layout.constants)
        for month in range(4) if layout.month_places else ():
            self.m[layout.first_month + month * layout.month_places] = 28 + month

    @classmethod
    def over(cls, layout: Layout, m: MutableSequence[int], k: bytearray) -> "Memory":
        """One whose numbers are already there, to be read."""
        memory = cls.__new__(cls)
        memory.layout, memory.is_compiled, memory._first_row = layout, True, layout.first_row  # noqa: SLF001
        memory.m, memory.k = m, k
        return memory

    def grow(self, places: int) -> None:
        """Makes room for ``places``, and then some."""
        more = max(2 * places, 2 * len(self.k)) - len(self.k)
        self.m.extend([0] * more)
        self.k.extend(bytes(more))

    def clear(self, outages: int) -> None:
        """Forgets the last run, and makes room for this many outages."""
        layout, m, k = self.layout, self.m, self.k
        end = layout.first_outage + outages * layout.outage_places
        if end > len(k):
            self.grow(end)
        k[layout.first_row : end] = bytes(end - layout.first_row)
        for month in range(4) if layout.month_places else ():
            k[layout.first_month + month * layout.month_places] = 1
        m[5], m[23], m[7], m[10] = 0, outages, end, 0
        k[14] = k[15] = UNKNOWN

    def enter(self, occasion: int) -> None:
        """Makes an occasion the one at hand, and its own outage (where it is of one) the outage at hand."""
        self.m[5] = occasion

    def occasions(self, reg: Reg) -> list[int]:
        """The addresses of the occasions of a list."""
        first, m, width = self._address(reg, HERE), self.m, self.layout.occasion_places
        return list(range(m[first], m[first] + width * m[first + 1], width))

    def members_at_hand(self) -> list[At]:
        """The outages of the occasion at hand, by id."""
        m, occasion = self.m, self.m[5]
        return [At(outage=m[item + 1]) for item in range(m[occasion + 2], m[occasion + 2] + 3 * m[occasion + 3], 3)]

    def has_outage(self, at: At) -> bool:
        """Whether an outage is at hand."""
        return bool(at.outage or (self.m[5] and self.m[self.m[5] + 4]))

    def _address(self, reg: Reg, at: At) -> int:
        bank = reg.bank
        if bank is Bank.OCCASION:
            return self.m[5] + reg.number
        if bank is Bank.ROW:
            return self._first_row + reg.number
        if bank is Bank.OUTAGE and not at.outage:
            return self.m[self.m[5] + 4] + reg.number if self.m[5] else reg.number
        return self.layout.address(reg, at)

    def set(self, reg: Reg, value: int, at: At = HERE) -> None:
        """Gives a register a value."""
        place = self._address(reg, at)
        self.m[place], self.k[place] = value, 1

    def forget(self, reg: Reg, at: At = HERE) -> None:
        """Makes a register unknown."""
        self.k[self._address(reg, at)] = UNKNOWN

    def get(self, reg: Reg, at: At = HERE) -> int:
        """The value of a register."""
        return self.m[self._address(reg, at)]

    def known(self, reg: Reg, at: At = HERE) -> bool:
        """Whether it was worked out and is known."""
        return self.k[self._address(reg, at)] == 1

    def unknown(self, reg: Reg, at: At = HERE) -> bool:
        """Whether it was worked out and is unknown."""
        return self.k[self._address(reg, at)] == UNKNOWN

    def pairs(self, reg: Reg, at: At = HERE) -> list[tuple[int, int]]:
        """A list of intervals."""
        first, m = self._address(reg, at), self.m
        return [(m[place], m[place + 1]) for place in range(m[first], m[first] + 2 * m[first + 1], 2)]

    def put_pairs(self, reg: Reg, pairs: tuple[tuple[int, int], ...], at: At = HERE) -> None:
        """Lays out a list of intervals."""
        top = self.m[7]
        if top + 2 * len(pairs) > len(self.k):
            self.grow(top + 2 * len(pairs))
        for number, (start, end) in enumerate(pairs):
            self.m[top + 2 * number], self.m[top + 2 * number + 1] = start, end
        self.m[7] = top + 2 * len(pairs)
        first = self._address(reg, at)
        self.m[first], self.m[first + 1] = top, len(pairs)
        self.k[first] = self.k[first + 1] = 1

    def put_items(self, reg: Reg, items: Sequence[tuple[int, ...]]) -> None:
        """Lays out a list of items, each of as many numbers."""
        top, numbers = self.m[7], [number for item in items for number in item]
        if top + len(numbers) > len(self.k):
            self.grow(top + len(numbers))
        for place, number in enumerate(numbers, top):
            self.m[place] = number
        self.m[7] = top + len(numbers)
        first = self._address(reg, HERE)
        self.m[first], self.m[first + 1] = top, len(items)
        self.k[first] = self.k[first + 1] = 1

    def spans(self, reg: Reg, at: At = HERE) -> list[At]:
        """The spans of a list, each with its outage."""
        first, m, width = self._address(reg, at), self.m, self.layout.span_places
        return [At(outage=m[x + 2], span=x) for x in range(m[first], m[first] + width * m[first + 1], width)]

    def parts(self, reg: Reg) -> list[int]:
        """The addresses of the parts of a list."""
        first, m, width = self._address(reg, HERE), self.m, self.layout.part_places
        return list(range(m[first], m[first] + width * m[first + 1], width))

    def items(self, reg: Reg, places: int) -> list[list[int]]:
        """A list of items of ``places`` numbers each."""
        first, m = self._address(reg, HERE), self.m
        return [list(m[x : x + places]) for x in range(m[first], m[first] + places * m[first + 1], places)]

    def outages_without(self, reg: Reg) -> list[At]:
        """Those of which a register was worked out and is unknown; quick where there are none, for each occasion asks."""
        width, first = self.layout.outage_places, self.layout.first_outage
        marks = bytes(self.k[first + reg.number : first + reg.number + width * self.m[23] : width])
        found, number = [], marks.find(UNKNOWN)
        while number >= 0:
            found.append(At(outage=first + number * width))
            number = marks.find(UNKNOWN, number + 1)
        return found

    def outages(self) -> list[At]:
        """The outages of the request."""
        layout, m = self.layout, self.m
        return [At(outage=layout.first_outage + number * layout.outage_places) for number in range(m[23])]
