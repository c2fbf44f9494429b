"""Spans of time over columns: laid over one another, numbered by interruption, cut at days and months, added up in groups."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.ragged import lines_of

LONGEST_SECONDS = 2**32
"""More than any request can span: 1970 to 2100."""
_INSTANT_BITS = 33
"""An instant fits in so many bits, so that a row and an instant make one number to sort by."""


_SEGMENTS_AT_ONCE = 1 << 20
"""Spans that overlap much are cut into more segments than there is room for at once."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Disjoint time of rows, [start, end), by row and time. ``interruption`` numbers the unbroken runs, over all rows."""

    row: Ints
    start: Ints
    end: Ints
    view: Ints
    level: Ints
    interruption: Ints

    def __len__(self) -> int:
        return len(self.row)

    def where(self, kept: Mask) -> "Spans":
        """Those of ``kept``; interruptions keep their numbers."""
        return Spans(*(column[kept] for column in self._columns()))

    def _columns(self) -> tuple[Ints, ...]:
        return self.row, self.start, self.end, self.view, self.level, self.interruption

    def lengths(self) -> Ints:
        """Seconds of each."""
        return self.end - self.start

    def split(self, label_of: Callable[[Ints], Ints], starts_at: Callable[[Ints], Ints]) -> "Spans":
        """The same time, cut where the label of local time changes: at midnights, or at the first of months."""
        if not len(self):
            return self
        first, last = label_of(self.start), label_of(self.end - 1)
        pieces = last - first + 1
        if (pieces == 1).all():
            return self
        of, label = lines_of(first, pieces)
        start = np.where(label == first[of], self.start[of], starts_at(label))
        end = np.where(label == last[of], self.end[of], starts_at(label + 1))
        return self.pieces(of, start, end).where(start < end)

    def pieces(self, of: Ints, start: Ints, end: Ints) -> "Spans":
        """[start, end) of the spans that stand at ``of``."""
        row, _, _, view, level, interruption = (column[of] for column in self._columns())
        return Spans(row, start, end, view, level, interruption)


def laid(row: Ints, start: Ints, end: Ints, view: Ints, level: Ints, view_start: Ints, id_rank: Ints) -> Spans:
    """The union of the spans of each row.

    An instant that several cover belongs to the greatest level; ties go to the earliest recorded start (``view_start``), then
    to the smaller id (``id_rank``). Spans that touch are one interruption. ``row`` is sorted.
    """
    order = np.lexsort((start, row))
    row, start, end, view, level = (column[order] for column in (row, start, end, view, level))
    same_row = row[1:] == row[:-1]
    overlapping = np.zeros(0, np.int64)
    if same_row.any():
        crossing = same_row & (start[1:] < reached(row, end)[:-1])
        overlapping = np.unique(row[1:][crossing])
    if len(overlapping):
        crossed = np.isin(row, overlapping)
        columns = (row, start, end, view, level, view_start[order], id_rank[order])
        pieces = _disjoint(*(column[crossed] for column in columns))
        row, start, end, view, level = (
            np.concatenate((column[~crossed], piece))
            for column, piece in zip((row, start, end, view, level), pieces, strict=True)
        )
        order = np.lexsort((start, row))
        row, start, end, view, level = (column[order] for column in (row, start, end, view, level))
    begins = np.ones(len(row), np.bool_)
    begins[1:] = (row[1:] != row[:-1]) | (start[1:] > end[:-1])
    return Spans(row, start, end, view, level, np.cumsum(begins))


def by_instant(row: Ints, instant: Ints) -> Ints:
    """The order by row and instant."""
    return np.argsort((row << _INSTANT_BITS) | instant, kind="stable")


def reached(row: Ints, end: Ints) -> Ints:
    """The latest end so far, within each row."""
    return np.maximum.accumulate((row << _INSTANT_BITS) | end) & ((1 << _INSTANT_BITS) - 1)


def _disjoint(
    row: Ints, start: Ints, end: Ints, view: Ints, level: Ints, view_start: Ints, id_rank: Ints
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Spans that overlap, cut so that each instant has one owner."""
    edges = np.unique(np.concatenate(((row << _INSTANT_BITS) | start, (row << _INSTANT_BITS) | end)))
    segment_row, segment_start = edges >> _INSTANT_BITS, edges & ((1 << _INSTANT_BITS) - 1)
    segment_end = np.append(segment_start[1:], 0)
    owner = np.full(len(edges), -1, np.int64)
    order = np.lexsort((start, id_rank, view_start, -level, row))[::-1]
    row, start, end, view, level = (column[order] for column in (row, start, end, view, level))
    first = np.searchsorted(edges, (row << _INSTANT_BITS) | start)
    count = np.searchsorted(edges, (row << _INSTANT_BITS) | end) - first
    part = np.cumsum(count) // _SEGMENTS_AT_ONCE
    for some in np.split(np.arange(len(row)), np.flatnonzero(np.diff(part)) + 1):
        of, segments = lines_of(first[some], count[some])
        owner[segments] = some[of]  # where several want a segment, the last one keeps it, and that is the best
    held = np.flatnonzero(owner >= 0)
    owner = owner[held]
    # Segments that follow one another and have one owner are one span.
    begins = np.ones(len(held), np.bool_)
    begins[1:] = (view[owner[1:]] != view[owner[:-1]]) | (segment_start[held][1:] != segment_end[held][:-1])
    begins[1:] |= segment_row[held][1:] != segment_row[held][:-1]
    heads = np.flatnonzero(begins)
    tails = np.append(heads[1:] - 1, len(held) - 1)
    of = owner[heads]
    return segment_row[held][heads], segment_start[held][heads], segment_end[held][tails], view[of], level[of]


@dataclass(frozen=True, slots=True)
class Groups:
    """Neighbouring lines that belong together. ``heads``: where each group begins; ``of``: the group of each line."""

    heads: Ints
    of: Ints

    @classmethod
    def by(cls, *labels: Ints) -> "Groups":
        """A group for each run of lines with equal labels."""
        begins = np.ones(len(labels[0]), np.bool_)
        begins[1:] = False
        for label in labels:
            begins[1:] |= label[1:] != label[:-1]
        return cls(np.flatnonzero(begins), np.cumsum(begins) - 1)

    def sums(self, numbers: Ints) -> Ints:
        """The sum of each group."""
        return np.add.reduceat(numbers, self.heads) if len(self.heads) else np.zeros(0, np.int64)


def by_row(count: int, rows: Ints, numbers: Ints) -> Ints:
    """The sum for each of ``count`` rows; ``rows`` is sorted."""
    total = np.zeros(count, np.int64)
    if len(rows):
        groups = Groups.by(rows)
        total[rows[groups.heads]] = groups.sums(numbers)
    return total
