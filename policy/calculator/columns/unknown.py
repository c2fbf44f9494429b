"""What is not known, over columns: the counterpart of :class:`~policy.calculator.facts.Missing` and of its dictionary.

An absent fact that is read where it is needed is noted in the frame (:meth:`~policy.calculator.columns.frame.Frame.note`).
Whoever joins parts, and catches Missing in the reading for one request, reads each part apart and drops what a part does not
know where another part decides. What is left where nothing can drop it any more cannot be decided.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from policy.calculator.columns.questions import Ints, Mask

Unknown = dict[str, Ints]
"""By the field of a fact: where it is unknown, the number of the clause that needs it; 0 where it is known, or not needed."""

UNCLAIMED: Final = 1
"""The number of no clause: none that was named so far."""

UNKNOWN: Final = -2
"""Beside the stages of refusal: what cannot be decided, for a fact is missing."""


def is_of_outage(field: str) -> bool:
    """Whether a field is an outage's own; what is not known of it is told by view."""
    return "[]" in field


def somewhere(unknown: Unknown) -> Mask:
    """Where any of it is unknown."""
    where: Mask = np.logical_or.reduce([clause != 0 for clause in unknown.values()])
    return where


def add(unknown: Unknown, more: Unknown) -> None:
    """Adds ``more``, whose clauses hold where both know one."""
    for field, clause in more.items():
        before = unknown.get(field)
        unknown[field] = clause if before is None else np.where(clause != 0, clause, before)


def kept(unknown: Unknown, where: Mask) -> Unknown:
    """What is unknown ``where`` it matters."""
    return {field: np.where(where, clause, 0) for field, clause in unknown.items()}


def at(unknown: Unknown, places: Ints) -> Unknown:
    """For each of ``places``: of the rows of views, or of the views of spans."""
    return {field: clause[places] for field, clause in unknown.items()}


def cited(unknown: Unknown, clause: int) -> Unknown:
    """The same, with ``clause`` for what no inner rule has claimed."""
    return {field: np.where(known == UNCLAIMED, clause, known) for field, known in unknown.items()}


def in_all(parts: Sequence[Unknown]) -> Unknown:
    """What every part does not know, under the clauses of the first."""
    first, *others = parts
    return {
        field: np.where(np.logical_and.reduce([clause != 0, *(other[field] != 0 for other in others)]), clause, 0)
        for field, clause in first.items()
        if all(field in other for other in others)
    }


def told_twice(parts: Sequence[Unknown]) -> Mask | None:
    """Where two parts do not know one fact under different clauses; None: nowhere."""
    differs = [
        (clause != 0) & (other[field] != 0) & (clause != other[field])
        for number, part in enumerate(parts)
        for field, clause in part.items()
        for other in parts[:number]
        if field in other
    ]
    return np.logical_or.reduce(differs) if differs else None
