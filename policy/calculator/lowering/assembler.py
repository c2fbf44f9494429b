"""Writes operations: registers by bank, constants, places to go to, and blocks that are worked out once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from policy.calculator.ops import BY_NAME, WIDTH


class Bank(IntEnum):
    """Where a register lies: there is one of it, or one for each outage, month, span, part or occasion.

    A constant is in the first.
    """

    ROW = 0
    OUTAGE = 1
    MONTH = 2
    SPAN = 3
    PART = 4
    OCCASION = 5
    CONSTANT = 6


@dataclass(frozen=True, slots=True)
class Reg:
    """A register: its bank, and its number there."""

    bank: Bank
    number: int


@dataclass(slots=True, eq=False)
class Label:
    """A place in the code, known once it is placed."""

    at: int = -1


Operand = Reg | Label | int

LARGEST: Final = 2**63 - 1
"""The first number of the tables: what a product may come to in 64 bits."""
FIRST_CONSTANT: Final = 60
"""What the evaluator keeps for itself comes before."""
FIRST_OF_BANK: Final = {
    Bank.ROW: 0, Bank.OUTAGE: 0, Bank.MONTH: 0, Bank.SPAN: 7, Bank.PART: 4, Bank.OCCASION: 12, Bank.CONSTANT: 0,
}  # fmt: skip
PART_TIME: Final = Reg(Bank.PART, 3)
PART_START: Final = Reg(Bank.PART, 0)
OCCASION_START: Final = Reg(Bank.OCCASION, 0)
OCCASION_END: Final = Reg(Bank.OCCASION, 1)
OCCASION_MEMBERS: Final = Reg(Bank.OCCASION, 2)
OCCASION_LABEL: Final = Reg(Bank.OCCASION, 5)
OCCASION_GOES_ON: Final = Reg(Bank.OCCASION, 6)
OCCASION_RANK: Final = Reg(Bank.OCCASION, 7)
OCCASION_LENGTH: Final = Reg(Bank.OCCASION, 9)
OCCASION_PERIOD: Final = Reg(Bank.OCCASION, 10)
OCCASION_AVAILABLE: Final = Reg(Bank.OCCASION, 11)


def narrowest(*banks: Bank) -> Bank:
    """Where a value lies that is worked out of values in ``banks``.

    What goes by the month of a part and by an outage or the occasion is known only of the part.
    """
    found = {bank for bank in banks if bank not in (Bank.ROW, Bank.CONSTANT)}
    for bank in (Bank.SPAN, Bank.PART):
        if bank in found:
            return bank
    if Bank.MONTH in found:
        return Bank.MONTH if len(found) == 1 else Bank.PART
    for bank in (Bank.OCCASION, Bank.OUTAGE):
        if bank in found:
            return bank
    return Bank.ROW


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stretch of code comes from: the path of its rule in the policy, and its clause."""

    path: str
    clause: str


@dataclass(slots=True)
class Assembler:
    """Code under way. ``place`` is noted with each operation."""

    zone: int = 0
    code: list[tuple[str, tuple[Operand, ...], Place, int]] = field(default_factory=list)
    tables: list[int] = field(default_factory=lambda: [LARGEST])
    place: Place = Place("", "")
    depth: int = 0
    counts: dict[Bank, int] = field(default_factory=lambda: dict(FIRST_OF_BANK))
    constants: dict[int, Reg] = field(default_factory=dict)
    _blocks: list[tuple[Label, Place, Callable[[], None]]] = field(default_factory=list)

    def reg(self, bank: Bank = Bank.ROW) -> Reg:
        """A new register."""
        number = self.counts[bank]
        self.counts[bank] = number + 1
        return Reg(bank, number)

    def new_list(self, bank: Bank = Bank.ROW) -> Reg:
        """Two registers for a list; the first of them."""
        first = self.reg(bank)
        self.reg(bank)
        return first

    def const(self, value: int) -> Reg:
        """A register that always holds ``value``."""
        known = self.constants.get(value)
        if known is None:
            known = self.constants[value] = self.reg(Bank.CONSTANT)
        return known

    def op(self, name: str, *operands: Operand) -> None:
        """One operation; none where it asks whether a constant is unknown."""
        assert len(operands) == len(BY_NAME[name].operands), name  # INVARIANT: as the table says
        if name == "JUMP_IF_UNKNOWN" and operands[1] in self.constants.values():
            return
        self.code.append((name, operands, self.place, self.depth))

    def put(self, label: Label) -> None:
        """Places ``label`` here."""
        assert label.at < 0  # INVARIANT: a place is given once
        label.at = len(self.code) * WIDTH

    def binary(self, name: str, left: Reg, right: Reg, bank: Bank) -> Reg:
        """A new register that holds what an operation makes of two."""
        made = self.reg(bank)
        self.op(name, made, left, right)
        return made

    def block(self, path: str, clause: str, write: Callable[[], None]) -> Label:
        """Code that stands by itself, reached by CALL; ``write`` writes it, later."""
        label = Label()
        self._blocks.append((label, Place(path, clause), write))
        return label

    def table(self, numbers: list[int]) -> int:
        """Lays out a table; where it begins."""
        first = len(self.tables)
        self.tables += numbers
        return first

    @contextmanager
    def at(self, path: str, clause: str) -> Iterator[None]:
        """What is written inside comes from this rule."""
        before, self.place = self.place, Place(path, clause)
        yield
        self.place = before

    @contextmanager
    def each(self, loop: str, *operands: Operand) -> Iterator[None]:
        """A loop over outages, spans, parts, occasions or the outages of one (MEMBER)."""
        again, end = Label(), Label()
        self.op(f"EACH_{loop}", end, *operands)
        self.put(again)
        self.depth += 1
        yield
        self.depth -= 1
        self.op(f"NEXT_{loop}", again)
        self.put(end)

    def write_blocks(self) -> None:
        """Writes the blocks, which may ask for more."""
        while self._blocks:
            label, place, write = self._blocks.pop(0)
            self.put(label)
            self.place = place
            write()
            self.op("RETURN")
