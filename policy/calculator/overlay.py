"""Laying outages over one another: every instant counts once, for the outage that the operator answers for most."""

from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from policy.calculator.facts import View


class Span(NamedTuple):
    """Time of one outage, [start, end) in seconds UTC, with the level at which the operator answers for it.

    ``interruption`` numbers the unbroken runs of time; it is set by :func:`overlay` and never changes after.
    """

    start: int
    end: int
    view: View
    level: int
    interruption: int = 0


def overlay(spans: list[Span]) -> list[Span]:
    """The union of ``spans`` as disjoint spans in order of time.

    An instant that several cover belongs to the greatest level; ties go to the earliest recorded start, then to the smaller
    outage id, compared as text. Spans that touch are one interruption.
    """
    if len(spans) == 1:
        return spans
    spans = sorted(spans, key=lambda span: span.start)
    if any(after.start < before.end for before, after in pairwise(spans)):
        spans = _disjoint(spans)
    return _numbered(spans)


def _disjoint(spans: list[Span]) -> list[Span]:
    edges = sorted({edge for span in spans for edge in (span.start, span.end)})
    waiting = spans[::-1]
    active: list[tuple[int, int, str, int, Span]] = []
    pieces: list[Span] = []
    for start, end in pairwise(edges):
        while waiting and waiting[-1].start <= start:
            span = waiting.pop()
            # The last number makes the order total without ever comparing spans: two spans of one outage do not overlap.
            heappush(active, (-span.level, span.view.start, span.view.outage.outage_id, span.start, span))
        while active and active[0][4].end <= start:
            heappop(active)
        if not active:
            continue
        owner = active[0][4]
        if pieces and pieces[-1].end == start and pieces[-1].view is owner.view:
            pieces[-1] = pieces[-1]._replace(end=end)
        else:
            pieces.append(Span(start, end, owner.view, owner.level))
    return pieces


def _numbered(spans: list[Span]) -> list[Span]:
    number, end = 0, None
    numbered = []
    for span in spans:
        if end is not None and span.start > end:
            number += 1
        end = span.end
        numbered.append(span._replace(interruption=number) if number else span)
    return numbered


def cut(spans: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """What of ``spans`` lies in [start, end)."""
    return [(max(a, start), min(b, end)) for a, b in spans if max(a, start) < min(b, end)]


def without(spans: list[tuple[int, int]], pauses: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """What of ``spans`` lies in none of ``pauses``."""
    for pause_start, pause_end in pauses:
        spans = [part for a, b in spans for part in ((a, min(b, pause_start)), (max(a, pause_end), b)) if part[0] < part[1]]
    return spans


def union_length(spans: list[tuple[int, int]]) -> int:
    """Seconds that at least one of ``spans`` covers."""
    total, reached = 0, None
    for start, end in sorted(spans):
        if reached is None or start > reached:
            total += end - start
            reached = end
        elif end > reached:
            total += end - reached
            reached = end
    return total
