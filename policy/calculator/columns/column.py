"""Columns of numbers: a value ready to be read, over rows or over views, and how columns are brought together."""

from collections.abc import Callable
from dataclasses import dataclass
from math import lcm
from typing import Final

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.frame import Axis, Frame
from policy.calculator.columns.questions import Ints, Mask

LARGEST: Final = 2**63 - 1
Read = Callable[[Frame, Mask], Ints]
Test = Callable[[Frame, Mask], Mask]


class NoColumns(Exception):
    """The version uses a word that has no column reading."""


@dataclass(frozen=True, slots=True)
class Column:
    """A value ready to be read over ``axis``. A code reads as its number among all codes of the version."""

    read: Read
    axis: Axis
    denominator: int = 1
    bound: int = 0
    figure: str = ""

    def over(self, denominator: int) -> Read:
        """The same as numerators over ``denominator``, a multiple of its own."""
        factor, read = denominator // self.denominator, self.read
        fits(self.bound * factor)
        return read if factor == 1 else lambda frame, live: read(frame, live) * factor


def fits(bound: int) -> int:
    """``bound``, if numbers that far fit a column."""
    if bound > LARGEST:
        raise NoColumns(f"numbers up to {bound} do not fit 64 bits")
    return bound


def compared(op: rules.Op, left: Ints, right: Ints | int) -> Mask:
    match op:
        case "less than":
            return left < right
        case "at most":
            return left <= right
        case "more than":
            return left > right
        case "at least":
            return left >= right


def constant(numerator: int, denominator: int) -> Column:
    held = np.int64(fits(numerator))
    return Column(lambda frame, live: np.broadcast_to(held, live.shape), "row", denominator, numerator)


def axis_of(parts: list[Column]) -> Axis:
    return "view" if any(part.axis == "view" for part in parts) else "row"


def on(axis: Axis, part: Column, read: Read) -> Read:
    """``read``, over ``axis``: what is read by row stands for each of the row's views."""
    return read if axis == part.axis else lambda frame, live: read(frame, frame.any_view(live))[frame.view_row]


def holds_on(axis: Axis, test: Test, of: Axis) -> Test:
    """A test over ``axis``."""
    return test if axis == of else lambda frame, live: test(frame, frame.any_view(live))[frame.view_row]


def merged(axis: Axis, branches: list[Column]) -> Callable[[Frame, Mask, Ints], Ints]:
    """Reads each branch where it is taken, over the denominator of all."""
    denominator = lcm(*(branch.denominator for branch in branches))
    reads = [on(axis, branch, branch.over(denominator)) for branch in branches]

    def merge(frame: Frame, live: Mask, taken: Ints) -> Ints:
        numbers = np.zeros(frame.size(axis), np.int64)
        for number, read in enumerate(reads):
            where = live & (taken == number)
            if where.any():
                numbers[where] = read(frame, where)[where]
        return numbers

    return merge


def choice_of(chosen: Read, axis: Axis, branches: list[Column]) -> Column:
    denominator = lcm(*(branch.denominator for branch in branches))
    bound = max(branch.bound * (denominator // branch.denominator) for branch in branches)
    return Column(chosen, axis, denominator, fits(bound))
