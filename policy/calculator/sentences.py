"""Sentences: how the lines of an explanation are told, written once for a version, and read over the memory of each run.

Whoever writes sentences says what stands in a line, and which register it is read from; a teller reads them
(:mod:`policy.calculator.teller`). What is always the same is a piece, whole and ready; so a line costs what is different in it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from policy.calculator.lowering.assembler import Bank, Reg
from policy.calculator.memory import Layout
from policy.calculator.told import Form, Middle, Text

WIDTH: Final = 8
"""Integers that a step takes in the code."""
_STEPS: Final = (
    "END", "GO", "UNLESS", "BRANCH", "LINE", "END_LINE", "INPUT", "VALUE", "PIECE", "TEXT", "OPEN_NOTE", "END_NOTE",
    "OPEN_INPUT", "NAMED", "END_INPUT", "JOIN", "ONCE_EACH", "EACH_OUTAGE", "NEXT_OUTAGE", "EACH_ITEM", "NEXT_ITEM",
    "EACH_OCCASION", "NEXT_OCCASION", "WORK_OUT", "CHOOSE", "DENSITY", "WEIGH", "LACKING", "EACH_MISSING", "NEXT_MISSING",
)  # fmt: skip
_KINDS: Final = (
    "PIECE", "NUMBER", "EXACT", "RATIO", "INSTANT", "DATE", "CODES", "YES_OR_NO", "INTERVALS", "OUTAGE", "PARTY", "STAGE",
    "BETWEEN", "ITEM", "OCCASION", "MISSED",
)  # fmt: skip
_CONDITIONS: Final = (
    "KNOWN", "UNKNOWN", "WORKED_OUT", "TRUE", "ZERO", "EQUAL", "LESS", "AT_OUTAGE", "FLAG", "MORE_ITEMS", "DENSITY",
    "IS_STORED", "MISSING", "ANY_OCCASION",
)  # fmt: skip
_WORKINGS: Final = (
    "LOAD", "LOAD_KNOWN", "CONSTANT", "SUB_KNOWN", "LEAST_KNOWN", "MUL", "MUL_CONSTANT", "LEAST_CONSTANT", "AT_LEAST_CONSTANT",
    "ADD_CONSTANT", "STORE", "LOAD_STORED", "ADD_STORED", "SUB_STORED", "LENGTHS", "FLAG",
)  # fmt: skip
STEPS, KINDS, CONDITIONS, WORKINGS = (
    {name: number for number, name in enumerate(names)} for names in (_STEPS, _KINDS, _CONDITIONS, _WORKINGS)
)
"""By name, the numbers that a teller knows them by."""
NO_CLAUSE: Final = -1
CLAUSE_WORKED_OUT: Final = -2


@dataclass(slots=True)
class _Branch:
    """Where a condition that does not hold goes on, and what was written by its end."""

    at: int
    end: int = -1


@dataclass(slots=True)
class Spot:
    """A place in the code, and who goes there."""

    users: list[int] = field(default_factory=list)


class Sentences:
    """Sentences under way. ``code`` and ``lists`` are numbers, ``pieces`` what is always the same."""

    def __init__(self, layout: Layout, form: Form, clauses: Sequence[str]) -> None:
        """``clauses`` by the numbers by which registers hold them."""
        self._layout, self.form = layout, form
        self.clause_ids = list(clauses)
        self.code: list[int] = []
        self.lists: list[int] = [0]
        self.pieces = bytearray(b"\0")
        self._known: dict[bytes, tuple[int, int]] = {b"": (0, 0)}
        self.list([*self.piece("no"), *self.piece("yes")])

    # ------------------------------------------------------------------------------------------------- pieces and lists

    def piece(self, text: str) -> tuple[int, int]:
        """Where a piece is, and how many bytes it has."""
        return self._bytes(text.encode("utf-8", "surrogatepass"))

    def _bytes(self, content: bytes) -> tuple[int, int]:
        if content not in self._known:
            self._known[content] = len(self.pieces), len(content)
            self.pieces += content
        return self._known[content]

    def quote(self, content: bytes) -> tuple[int, int]:
        """The same of what was written elsewhere."""
        return self._bytes(content)

    def field(self, tag: int, text: str) -> tuple[int, int]:
        """The same of a text as a field; none where it is empty."""
        content = text.encode("utf-8", "surrogatepass")
        return self._bytes(bytes((tag,)) + _length(len(content)) + content) if content else (0, 0)

    def list(self, numbers: Sequence[int]) -> int:
        """Where a list begins."""
        first = len(self.lists)
        self.lists += numbers
        return first

    def reg(self, reg: Reg | int) -> int:
        """A register as an operand."""
        return reg if isinstance(reg, int) else self._layout.encoded(reg)

    def clause(self, clause: str) -> int:
        """The number of a clause."""
        if not clause:
            return NO_CLAUSE
        if clause not in self.clause_ids:
            self.clause_ids.append(clause)
        return self.clause_ids.index(clause)

    # ------------------------------------------------------------------------------------------------------------ steps

    def step(self, name: str, *operands: int) -> int:
        """One step; where it is."""
        at = len(self.code)
        self.code += [STEPS[name], *operands, *[0] * (WIDTH - 1 - len(operands))]
        return at

    def _operands(self, text: Text) -> tuple[int, int, int]:
        if text.always is not None:
            return KINDS[text.kind], *self.piece(text.always)
        return KINDS[text.kind], self.reg(text.reg), self.reg(text.number)

    def work_out(self, how: str, operand: Reg | int = 0) -> None:
        """Takes an operand into what was worked out last."""
        self.step("WORK_OUT", WORKINGS[how], self.reg(operand))

    @contextmanager
    def line(
        self,
        rule: str,
        clause: str | Reg | int = "",
        *,
        applied: bool | None = True,
        middle: Middle = "",
        tail: str = "",
    ) -> Iterator[None]:
        """A line. ``clause``: its id, or the register that holds its number; ``applied`` None: as the flag says.

        ``rule`` is all of its name, or what stands before ``middle``; then ``tail`` follows.
        """
        cited = self.clause(clause) if isinstance(clause, str) else clause
        if isinstance(cited, Reg):
            cited = -3 - self.reg(cited)
        is_applied = 2 if applied is None else int(applied)
        between = KINDS[middle] if middle else 0
        self.step("LINE", *self.piece(rule), cited, is_applied, between, *self.piece(tail))
        yield
        self.step("END_LINE")

    def input(self, name: str, text: Text, unit: str = "") -> None:
        """A named input of the line."""
        self.step("INPUT", *self.field(self.form.input_name, name), *self._operands(text), *self.unit_of_input(unit))

    @contextmanager
    def named(self, text: Text, unit: str = "") -> Iterator[None]:
        """An input whose name is written inside."""
        self.step("OPEN_INPUT")
        yield
        self.step("NAMED")
        self.text(text)
        self.step("END_INPUT", *self.unit_of_input(unit))

    def unit_of_input(self, unit: str) -> tuple[int, int]:
        """The unit of an input, as a piece."""
        return self.field(self.form.input_unit, unit)

    def value(self, text: Text, unit: str = "") -> None:
        """The value of the line."""
        self.step("VALUE", *self._operands(text), *self.field(self.form.unit, unit))

    def note(self, text: str) -> None:
        """The note of the line."""
        if text:
            self.step("PIECE", *self.field(self.form.note, text))

    @contextmanager
    def noted(self) -> Iterator[None]:
        """The note of the line, which is written inside; none where that comes to nothing."""
        self.step("OPEN_NOTE")
        yield
        self.step("END_NOTE")

    def text(self, text: Text) -> None:
        """A text, in a note or a name."""
        if text.always is None:
            self.step("TEXT", *self._operands(text))
        elif text.always:
            self.step("PIECE", *self.piece(text.always))

    def joined(self, first: str, others: str) -> None:
        """In a note: what stands before its first part, or before another."""
        self.step("JOIN", *self.piece(first), *self.piece(others))

    @contextmanager
    def once_each(self) -> Iterator[None]:
        """Of inputs that are alike, the first."""
        before = len(self.code)
        self.step("ONCE_EACH", 1)
        yield
        if len(self.code) == before + WIDTH:
            del self.code[before:]
        else:
            self.step("ONCE_EACH", 0)

    # ---------------------------------------------------------------------------------------------- conditions and loops

    @contextmanager
    def when(self, condition: str, reg: Reg | int = 0, number: int = 0) -> Iterator[_Branch]:
        """What is written inside is told where the condition holds."""
        branch = _Branch(self.step("UNLESS", 0, CONDITIONS[condition], self.reg(reg), number))
        yield branch
        if len(self.code) == branch.at + WIDTH:
            del self.code[branch.at :]
            return
        branch.end = len(self.code)
        self.code[branch.at + 1] = branch.end

    @contextmanager
    def otherwise(self, branch: _Branch) -> Iterator[None]:
        """And this where it does not; right behind."""
        assert branch.end == len(self.code)  # INVARIANT: nothing is written in between
        skip = self.step("GO", 0)
        self.code[branch.at + 1] = len(self.code)
        yield
        self.code[skip + 1] = len(self.code)

    def unless(self, label: Spot, condition: str, reg: Reg | int = 0, number: int = 0) -> None:
        """Goes to a label unless the condition holds."""
        label.users.append(self.step("UNLESS", 0, CONDITIONS[condition], self.reg(reg), number))

    def go(self, label: Spot) -> None:
        """Goes to a label."""
        label.users.append(self.step("GO", 0))

    def put(self, label: Spot) -> None:
        """The label is here."""
        for each in label.users:
            self.code[each + 1] = len(self.code)

    def branch(self, reg: Reg, branches: Sequence[Callable[[], None]]) -> None:
        """Goes to the branch whose number the register holds."""
        before, end = len(self.code), Spot()
        self.step("BRANCH", self.reg(reg), 0)
        starts: list[int] = []
        for write in branches:
            starts.append(len(self.code))
            write()
            if len(self.code) > starts[-1]:
                self.go(end)
        if len(self.code) == before + WIDTH:
            del self.code[before:]
            return
        self.put(end)
        last = len(self.code)
        ends = [*starts[1:], last]
        self.code[before + 2] = self.list(
            [start if following > start else last for start, following in zip(starts, ends, strict=True)]
        )

    @contextmanager
    def each_outage(self) -> Iterator[None]:
        """For each outage of the request, in its order."""
        start = self.step("EACH_OUTAGE", 0)
        yield
        self.step("NEXT_OUTAGE", start + WIDTH)
        self.code[start + 1] = len(self.code)

    @contextmanager
    def each_item(self, items: Reg, width: int, outage: int = -1, bank: Bank = Bank.SPAN) -> Iterator[None]:
        """For each item of a list of such of so many places; where in it its outage stands. It is at hand as of ``bank``."""
        start = self.step("EACH_ITEM", 0, self.reg(items), width, outage, bank)
        yield
        self.step("NEXT_ITEM", start + WIDTH, 0, width, outage)
        self.code[start + 1] = len(self.code)

    def each_occasion(self, groups: Sequence[Callable[[], None]]) -> None:
        """For each occasion, what its group says."""
        start, end = self.step("EACH_OCCASION", 0, 0), Spot()
        starts = []
        for write in groups:
            starts.append(len(self.code))
            write()
            self.go(end)
        self.put(end)
        listed = self.list(starts)
        self.code[start + 2] = listed
        self.step("NEXT_OCCASION", 0, listed)
        self.code[start + 1] = len(self.code)

    @contextmanager
    def each_missing(self) -> Iterator[None]:
        """For each field that is missing; what was worked out last is its clause."""
        start = self.step("EACH_MISSING", 0)
        yield
        self.step("NEXT_MISSING", start + WIDTH)
        self.code[start + 1] = len(self.code)


def _length(length: int) -> bytes:
    """How long a field is, as it stands before it."""
    found = bytearray()
    while length > 127:
        found.append(length & 127 | 128)
        length >>= 7
    found.append(length)
    return bytes(found)
