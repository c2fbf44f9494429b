"""Shapes: rows whose answers differ in numbers only, and the decision that stands for all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from policy.calculator.columns.questions import Ints
from policy.calculator.columns.telling import Told
from policy.calculator.decision import Decision

DECIDED_ANEW: Final = 1_000
"""A batch of so many rows decides a row of each of its shapes anew, which then costs it 1 % or so. In a smaller one shapes that
are known are taken as they are known."""
_MOST_KNOWN: Final = 1_024
_ROOM: Final = 2**62


@dataclass(frozen=True, slots=True)
class Shapes:
    """``of_row``: the shape of each row; ``decisions``: of each shape, without what is each row's own.

    ``decided``: (shape, row, decision) of each row that was decided by itself.
    """

    of_row: Ints
    decisions: Sequence[Decision]
    decided: Sequence[tuple[int, int, Decision]]


class KnownShapes:
    """The shapes of one version that were met so far, a decision for each."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, bytes], Decision] = {}

    def of(self, rows: Ints, told: Told, lacking: Told, decide: Callable[[int], Decision]) -> Shapes:
        """The shapes of ``rows``, of which ``decide`` decides one.

        A row that lacks a fact is always decided: ``lacking`` is told place by place, and the places of two batches differ.
        """
        matrix = np.array([column[rows] for column in (*told.values(), *lacking.values())], np.int64)
        first, of_row = told_apart(matrix)
        names = tuple(told)
        lacks = np.logical_or.reduce(matrix[len(told) :, first] != 0, axis=0).tolist()
        decisions: list[Decision] = []
        decided: list[tuple[int, int, Decision]] = []
        for number, (row, place) in enumerate(zip(rows[first].tolist(), first.tolist(), strict=True)):
            key = (names, matrix[: len(told), place].tobytes())
            known = None if lacks[number] else self._known.get(key)
            if known is None or len(rows) >= DECIDED_ANEW:
                decision = decide(row)
                decided.append((number, row, decision))
                known = known or _bare(decision)
                if not lacks[number]:
                    self._remember(key, known)
            decisions.append(known)
        return Shapes(of_row, decisions, decided)

    def _remember(self, key: tuple[object, bytes], decision: Decision) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key] = decision


def _bare(decision: Decision) -> Decision:
    """What a decision shares with its shape: nothing of its own subscriber is kept."""
    explanation = decision.explanation
    if explanation is not None:  # what was applied came to a number of its own
        lines = tuple(replace(line, value="") if line.applied else line for line in explanation.lines)
        explanation = replace(explanation, lines=lines)
    return replace(
        decision,
        decision_id="",
        grants=tuple(replace(grant, grant_key=grant.grant_key and "given", quantity=0) for grant in decision.grants),
        recourse=(),
        notice=(),
        explanation=explanation,
        as_of=0,
        clock_seconds=None if decision.clock_seconds is None else 0,
        weighted_seconds=None if decision.weighted_seconds is None else Fraction(0),
    )


def told_apart(matrix: Ints) -> tuple[Ints, Ints]:
    """(the first row of each shape, the shape of each row): rows are of one shape where they agree in every line of it."""
    least = matrix.min(axis=1)
    spans = (matrix.max(axis=1) - least + 1).tolist()
    code, width = np.zeros(matrix.shape[1], np.int64), 1
    for line, span in enumerate(spans):
        if span == 1:
            continue
        numbers = matrix[line] - least[line]
        if width * span > _ROOM:
            code, width = _counted(code)
        if width * span > _ROOM:
            numbers, span = _counted(numbers)  # noqa: PLW2901
        code = code * span + numbers
        width *= span
    _, first, place = np.unique(code, return_index=True, return_inverse=True)
    return first, place


def _counted(numbers: Ints) -> tuple[Ints, int]:
    """(the place of each among the distinct ones, how many these are)."""
    distinct, place = np.unique(numbers, return_inverse=True)
    return place, len(distinct)
