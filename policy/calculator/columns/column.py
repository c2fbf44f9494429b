"""Columns of numbers: a value ready to be read, over rows or over views, and how columns are brought together."""

from collections.abc import Callable
from dataclasses import dataclass
from math import lcm
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from policy.calculator import rules
from policy.calculator.columns.frame import Axis, Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.unknown import at, in_all, kept

LARGEST: Final = 2**63 - 1
Read = Callable[[Frame, Mask], Ints]
Test = Callable[[Frame, Mask], Mask]
Number = TypeVar("Number", np.int64, np.bool_)


class NoColumns(Exception):
    """The version has no column reading: its numbers cannot be proved to fit."""


@dataclass(frozen=True, slots=True)
class Column:
    """A value ready to be read over ``axis``. A code reads as its number among all codes of the version.

    ``held``: the numerator of one that is the same for all, whatever is read.
    """

    read: Read
    axis: Axis
    denominator: int = 1
    bound: int = 0
    held: int | None = None

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
    return Column(lambda frame, live: np.broadcast_to(held, live.shape), "row", denominator, numerator, numerator)


def axis_of(parts: list[Column]) -> Axis:
    return "view" if any(part.axis == "view" for part in parts) else "row"


def on(axis: Axis, part: Column, read: Read) -> Read:
    """``read``, over ``axis``: what is read by row stands for each of the row's views."""
    return read if axis == part.axis else _by_view(read)


def holds_on(axis: Axis, test: Test, of: Axis) -> Test:
    """A test over ``axis``."""
    return test if axis == of else _by_view(test)


def _by_view(read: Callable[[Frame, Mask], NDArray[Number]]) -> Callable[[Frame, Mask], NDArray[Number]]:
    def by_view(frame: Frame, live: Mask) -> NDArray[Number]:
        numbers, unknown = frame.apart(read, frame.any_view(live))
        if unknown:
            frame.note(kept(at(unknown, frame.view_row), live))
        return numbers[frame.view_row]

    return by_view


class Branches:
    """The branches of a choice over one axis and the denominator of all."""

    def __init__(self, axis: Axis, branches: list[Column]) -> None:
        self._axis: Axis = axis
        denominator = lcm(*(branch.denominator for branch in branches))
        self._reads = [on(axis, branch, branch.over(denominator)) for branch in branches]
        held = [branch.held * (denominator // branch.denominator) for branch in branches if branch.held is not None]
        self._held = np.array(held, np.int64) if len(held) == len(branches) else None

    def read(self, frame: Frame, live: Mask, taken: Ints) -> Ints:
        """Reads each branch where it is taken."""
        if self._held is not None:
            return self._held[taken]
        numbers = np.zeros(frame.size(self._axis), np.int64)
        for number, read in enumerate(self._reads):
            where = live & (taken == number)
            if where.any():
                numbers[where] = read(frame, where)[where]
        return numbers

    def unknown_to_all(self, frame: Frame, live: Mask) -> None:
        """Notes what every branch does not know: where the choice is unknown, that is missing besides."""
        frame.note(in_all([frame.apart(read, live)[1] for read in self._reads]))


def choice_of(chosen: Read, axis: Axis, branches: list[Column]) -> Column:
    denominator = lcm(*(branch.denominator for branch in branches))
    bound = max(branch.bound * (denominator // branch.denominator) for branch in branches)
    return Column(chosen, axis, denominator, fits(bound))
