"""What a program has to keep before the evaluator runs it: compiled, it checks no operand any more."""

import itertools
from collections.abc import Sequence
from typing import Final

from policy.calculator.lowering.assembler import FIRST_CONSTANT, Bank
from policy.calculator.memory import Layout
from policy.calculator.ops import BY_NAME, OPS, WIDTH

MOST_CALLS: Final = 30
"""Blocks that may stand inside one another: the evaluator keeps so many places to go back to."""
_ENDS: Final = frozenset(BY_NAME[name].number for name in ("HALT", "JUMP", "RETURN"))
_CALL: Final = BY_NAME["CALL"].number
_CYCLE: Final = (14, 15)
_FURTHER: Final = {"l": 1, "p": 1}
"""Registers after the one that is named, of the same bank, that are read or written too."""
_BANKS: Final = {"c": Bank.OCCASION, "o": Bank.OUTAGE, "p": Bank.SPAN, "s": Bank.SPAN}
"""Where the evaluator takes the place alone, and adds it to that of an outage, span or occasion of its own."""


class NotAProgram(Exception):
    """An operation names what is not there; its text says which."""


def verify(code: Sequence[int], layout: Layout, tables: int) -> None:
    """Raises NotAProgram where an operand is outside of what it may name, or the code could be left at its end.

    ``tables``: how many numbers the tables hold.
    """
    if not code or len(code) % WIDTH or code[-WIDTH] not in _ENDS:
        raise NotAProgram("the code does not end")
    for at in range(0, len(code), WIDTH):
        number = code[at]
        if not 0 <= number < len(OPS):
            raise NotAProgram(f"at {at}: there is no operation {number}")
        for operand, kind in zip(code[at + 1 : at + WIDTH], OPS[number].operands, strict=False):
            if not _is_right(kind, operand, layout, len(code), tables):
                raise NotAProgram(f"at {at}: {OPS[number].name} cannot take {operand} as {kind}")
    if _depth(code) > MOST_CALLS:
        raise NotAProgram(f"more than {MOST_CALLS} blocks stand inside one another")


def _is_right(kind: str, operand: int, layout: Layout, code: int, tables: int) -> bool:
    match kind:
        case "t":
            return 0 <= operand < code and operand % WIDTH == 0
        case "z":
            return 0 <= operand < tables
        case "i":
            return -(1 << 31) <= operand < 1 << 31
    place, bank = operand >> 3, operand & 7
    if bank != _BANKS.get(kind, bank):
        return False
    last = place + _FURTHER.get(kind, 0)
    match bank:
        case 0:
            first = FIRST_CONSTANT if kind == "r" else layout.first_row
            return (first <= place and last < layout.first_month) or (kind == "r" and place in _CYCLE)
        case 1:
            return place >= 0 and last < layout.outage_places
        case 2:
            return place >= 0 and last < layout.month_places
        case 3:
            return place >= 0 and last < layout.span_places
        case 4:
            return place >= 0 and last < layout.part_places
        case 5:
            return place >= 0 and last < layout.occasion_places
    return False


def _depth(code: Sequence[int]) -> int:
    """How many blocks stand inside one another at the most. A block is what a CALL names, up to its end."""
    starts = sorted({code[at + 1] for at in range(0, len(code), WIDTH) if code[at] == _CALL})
    bounds = [0, *starts, len(code)]
    calls = {
        first: {code[at + 1] for at in range(first, end, WIDTH) if code[at] == _CALL}
        for first, end in itertools.pairwise(bounds)
    }
    depths: dict[int, int] = {}

    def depth(block: int, above: frozenset[int]) -> int:
        if block in above:
            raise NotAProgram(f"the block at {block} stands inside itself")
        if block not in depths:
            depths[block] = max((1 + depth(each, above | {block}) for each in calls[block]), default=0)
        return depths[block]

    return depth(0, frozenset())
