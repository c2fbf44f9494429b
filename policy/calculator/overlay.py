"""Laying outages over one another: every instant counts once, for the outage that the operator answers for most."""

from bisect import bisect_right
from collections.abc import Iterable
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


def without(spans: list[tuple[int, int]], pauses: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of each of ``spans`` lies in none of ``pauses``."""
    left: list[tuple[int, int]] = []
    closed = union(pauses)
    ends = [end for _, end in closed]
    for start, end in spans:
        opens = start
        for closes, opens_again in closed[bisect_right(ends, start) :]:
            if closes >= end:
                break
            if opens < closes:
                left.append((opens, closes))
            opens = opens_again
        if opens < end:
            left.append((opens, end))
    return left


def union(times: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The time that any of ``times`` covers, in order; those that touch are one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(times):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def union_length(times: Iterable[tuple[int, int]]) -> int:
    """Seconds that any of ``times`` covers."""
    return sum([end - start for start, end in union(times)])
