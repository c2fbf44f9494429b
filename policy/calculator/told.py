"""What is told: the form of lines, the texts in them, and the sentences of a version when they are ready."""

from collections.abc import Callable, MutableSequence
from dataclasses import dataclass
from typing import Final, Literal

from policy.calculator.lowering.assembler import Reg

WORKED_OUT_LAST: Final = -1
"""Stands for a register: what was worked out last."""
YES_OR_NO: Final = 1
"""The first of all lists: the pieces of both words."""


@dataclass(frozen=True, slots=True)
class Form:
    """By which tags lines, inputs and what stands in them are known, in the order in which they stand: one byte each.

    All but ``applied``, which is one byte behind its tag, are followed by their length.
    """

    line: int
    rule: int
    clause: int
    applied: int
    input: int
    value: int
    unit: int
    note: int
    input_name: int
    input_value: int
    input_unit: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text: its kind, the register that is read (or :data:`WORKED_OUT_LAST`), and a number; or ``always`` the same."""

    kind: str
    reg: Reg | int = WORKED_OUT_LAST
    number: int | Reg = 0
    always: str | None = None


def plain(text: str) -> Text:
    """A text that is always the same."""
    return Text("PIECE", always=text)


def whole(reg: Reg | int = WORKED_OUT_LAST) -> Text:
    """A number that is whole."""
    return Text("NUMBER", reg)


def exact(reg: Reg | int, denominator: int) -> Text:
    """A number over ``denominator``, in lowest terms."""
    return Text("EXACT", reg, denominator)


def instant(reg: Reg) -> Text:
    """An instant as RFC 3339 in UTC."""
    return Text("INSTANT", reg)


def yes_or_no(reg: Reg) -> Text:
    """``yes``, or ``no``."""
    return Text("YES_OR_NO", reg, YES_OR_NO)


OUTAGE_ID: Final = Text("OUTAGE")
"""The id of the outage at hand."""

Middle = Literal["", "ITEM", "OUTAGE", "OCCASION"]
"""What stands within the name of a rule: the number of the item or of the occasion at hand, or the id of the outage."""


@dataclass(frozen=True, slots=True)
class Told:
    """The sentences of a version, ready. ``summary`` and ``full``: where each begins.

    ``clauses``, ``quotes``, ``codes`` and ``stages``: the lists of the pieces of each; quotes are the texts of clauses, where
    the form has such. ``below``: the piece before the number of an occasion. ``clause_ids`` by their numbers; ``most_weights``
    that a measure has. ``lacking`` says what a clock lacks, by its number, of the request (0) or in an occasion, in a memory.
    """

    lowered: object
    form: Form
    code: MutableSequence[int]
    lists: MutableSequence[int]
    pieces: bytes
    clauses: int
    quotes: int
    codes: int
    stages: int
    below: tuple[int, int]
    clause_ids: tuple[str, ...]
    most_weights: int
    summary: int
    full: int
    lacking: Callable[[int, int, MutableSequence[int], bytearray], bytes]
