"""Facts that are lists of intervals, over columns: what is cut out of the outages of a clock."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Intervals, Ints, Mask
from policy.calculator.columns.ragged import lines_of
from policy.calculator.columns.spans import by_instant, reached
from policy.calculator.columns.unknown import UNCLAIMED


@dataclass(frozen=True, slots=True)
class Pauses:
    """[start, end) of views, by view and start; those of one view may overlap."""

    view: Ints
    start: Ints
    end: Ints


def pauses_of(frame: Frame, facts: Sequence[rules.Fact], live: Mask) -> Pauses:
    """All that the intervals of ``facts`` say of the views of ``live``."""
    views, starts, ends = [], [], []
    of = np.flatnonzero(live)
    outage = frame.view_outage[of]
    for fact in facts:
        held = frame.questions.outages.intervals[fact.name]
        if fact.if_absent is None:
            missing = np.zeros(len(live), np.int64)
            missing[of[~held.given[outage]]] = UNCLAIMED
            frame.note({fact.field: missing})
        paused, place = lines_of(held.offsets[outage], np.diff(held.offsets)[outage])
        views.append(of[paused])
        starts.append(held.starts[place])
        ends.append(held.ends[place])
    view, start, end = np.concatenate(views), np.concatenate(starts), np.concatenate(ends)
    order = by_instant(view, start)
    return Pauses(view[order], start[order], end[order])


def without(view: Ints, start: Ints, end: Ints, pauses: Pauses) -> tuple[Ints, Ints, Ints]:
    """What of the time of views, one span each, lies in none of their pauses: (view, start, end) by view and time."""
    if not len(pauses.view):
        return view, start, end
    place = np.searchsorted(view, pauses.view)
    known = place < len(view)
    place, pause_view, pause_start, pause_end = (column[known] for column in (place, pauses.view, pauses.start, pauses.end))
    pause_start, pause_end = np.maximum(pause_start, start[place]), np.minimum(pause_end, end[place])
    inside = (view[place] == pause_view) & (pause_start < pause_end)
    # After the last pause of a view stands one that takes nothing, at its end: so each pause has the time before it.
    place = np.concatenate((place[inside], np.arange(len(view))))
    pause_start, pause_end = (np.concatenate((column[inside], end)) for column in (pause_start, pause_end))
    order = by_instant(place, pause_start)
    place, pause_start, pause_end = place[order], pause_start[order], pause_end[order]
    first = np.ones(len(place), np.bool_)
    first[1:] = place[1:] != place[:-1]
    left = start[place]
    left[1:] = np.where(first[1:], left[1:], reached(place, pause_end)[:-1])
    kept = left < pause_start
    return view[place[kept]], left[kept], pause_start[kept]


def texts_of(held: Intervals) -> list[bytes]:
    """How the intervals of each line stand in a key: whatever their order; nothing where they were not given."""
    owner = np.repeat(np.arange(len(held.given)), np.diff(held.offsets))
    order = np.lexsort((held.ends, held.starts, owner))
    spans = [b"%d-%d" % span for span in zip(held.starts[order].tolist(), held.ends[order].tolist(), strict=True)]
    bounds = held.offsets.tolist()
    return [
        b"[" + b",".join(spans[first:last]) + b"]" if given else b""
        for given, first, last in zip(held.given.tolist(), bounds, bounds[1:], strict=False)
    ]
