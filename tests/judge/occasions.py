"""Occasions: what a benefit is worked out for, each by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from policy.calculator import rules
from policy.calculator.request import Interval
from tests.judge.clocks import Almanac, Clock
from tests.judge.facts import Spans, Told, Unknown
from tests.judge.pieces import Piece, inside, joined
from tests.judge.values import cycle_of
from tests.judge.wall_clock import local, start_of

Place = Literal["before", "in", "after"]


@dataclass(frozen=True)
class Occasion:
    """A part of the time that the clocks of a benefit met.

    ``spans``: the met time; ``outages``: all that have some of it in the occasion, by id, with what they have; ``only``: the
    outage that it is of, where the benefit is for each; ``month``: "2026-03", and ``cycle`` with ``place`` in it, where
    it is for each of those. ``runs``: the interruptions of the benefit. ``rank``: among the benefit's occasions of the same
    outages, month and cycle.
    """

    spans: Spans
    outages: tuple[Told, ...]
    recorded: dict[str, Spans]
    runs: Spans
    only: Told | None = None
    month: str = ""
    cycle: Interval | None = None
    place: Place | None = None
    rank: int = 1
    timeless_at: int | None = None

    @property
    def started_at(self) -> int:
        return self.spans[0][0] if self.timeless_at is None else self.timeless_at

    @property
    def ended_at(self) -> int:
        """So far, while it goes on."""
        if self.timeless_at is None:
            return self.spans[-1][1]
        return max((each.ended_at for each in self.outages), default=self.timeless_at)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(each.outage.outage_id for each in self.outages)

    @property
    def goes_on(self) -> bool:
        """An outage of it has no end."""
        return any(each.outage.ended_at is None for each in self.outages)

    def whole(self, zone: ZoneInfo) -> int | None:
        """Seconds of its month, or of the cycle that it lies in; None where it is of neither."""
        if self.month:
            first = date.fromisoformat(f"{self.month}-01")
            return start_of(_next_month(first), zone) - start_of(first, zone)
        return self.cycle.ended_at - self.cycle.started_at if self.cycle is not None and self.place == "in" else None

    @property
    def where(self) -> str:
        """The month or cycle, as a key says it; "" where the benefit is for neither."""
        if self.month or self.cycle is None:
            return self.month
        start, end = self.cycle.started_at, self.cycle.ended_at
        return {"before": f"before/{start}", "in": f"{start}/{end}", "after": f"{end}/after", None: ""}[self.place]

    def of(self, pieces: Iterable[Piece]) -> list[Piece]:
        """What of counted time lies in it, each piece with the number of its interruption."""
        first, last = min(self.spans, default=(0, 0))[0], max((end for _, end in self.spans), default=0)
        near = (each for each in pieces if each.started_at < last and first < each.ended_at)  # of years, a few days
        mine = [each for each in near if self.only is None or each.told.index == self.only.index]
        return [
            replace(each, started_at=start, ended_at=end, interruption=self._run(start))
            for each in mine
            for start, end in inside(((each.started_at, each.ended_at),), self.spans)
        ]

    def _run(self, at: int) -> int:
        return next(number for number, (first, last) in enumerate(self.runs) if first <= at < last)


def timeless(for_each: rules.ForEach, told: Sequence[Told], almanac: Almanac) -> list[Occasion] | Unknown:
    """The one occasion of a benefit that has no clock; where it is for each cycle, it is of the request's."""
    cycle = cycle_of(almanac.reader) if for_each == "billing cycle" else None
    if isinstance(cycle, Unknown):
        return cycle
    at = min((each.started_at for each in told), default=almanac.reader.request.as_of)
    return [Occasion((), _by_id(told), {}, (), timeless_at=at, cycle=cycle, place=None if cycle is None else "in")]


def occasions_of(for_each: rules.ForEach, clocks: Sequence[Clock], almanac: Almanac) -> list[Occasion] | Unknown:
    """What there is of the time that clocks met, in order of time; none where none of them met any."""
    cycle = cycle_of(almanac.reader) if for_each == "billing cycle" else None
    met: dict[int, tuple[Told, Spans]] = {}
    for each in (each for clock in clocks for each in clock.met):
        met[each.told.index] = each.told, each.spans
    runs = joined(span for _, spans in met.values() for span in spans)
    if not runs or isinstance(cycle, Unknown):
        return cycle if runs and isinstance(cycle, Unknown) else []
    everything = list(met.values())
    found: list[Occasion]
    match for_each:
        case "interruption":
            found = [_occasion((run,), everything, runs) for run in runs]
        case "outage":
            found = [replace(_occasion(spans, [(each, spans)], runs), only=each) for each, spans in everything]
        case "month":
            found = [
                replace(_occasion(spans, everything, runs), month=f"{first:%Y-%m}") for first, spans in _by_month(runs, almanac)
            ]
        case "billing cycle":
            assert cycle is not None
            edges: tuple[tuple[Place, int, int], ...] = (
                ("before", 0, cycle.started_at), ("in", cycle.started_at, cycle.ended_at), ("after", cycle.ended_at, 2**62),
            )  # fmt: skip
            parts = [(place, inside(runs, ((first, last),))) for place, first, last in edges]
            found = [replace(_occasion(spans, everything, runs), cycle=cycle, place=place) for place, spans in parts if spans]
        case "all together":
            found = [_occasion(runs, everything, runs)]
    return _ranked(sorted(found, key=lambda each: (each.started_at, each.ended_at, each.ids[:1])))


def _occasion(spans: Spans, met: Sequence[tuple[Told, Spans]], runs: Spans) -> Occasion:
    there = [(each, inside(of_outage, spans)) for each, of_outage in met]
    have = [(each, of_outage) for each, of_outage in there if of_outage]
    recorded = {each.outage.outage_id: of_outage for each, of_outage in have}
    return Occasion(spans, _by_id(each for each, _ in have), recorded, runs)


def _by_id(told: Iterable[Told]) -> tuple[Told, ...]:
    return tuple(sorted(told, key=lambda each: each.outage.outage_id))


def _by_month(runs: Spans, almanac: Almanac) -> list[tuple[date, Spans]]:
    """The runs cut at local midnights of the first of a month."""
    zone = almanac.reader.zone
    first = local(runs[0][0], zone).date().replace(day=1)
    months = []
    while start_of(first, zone) < runs[-1][1]:
        following = _next_month(first)
        if spans := inside(runs, ((start_of(first, zone), start_of(following, zone)),)):
            months.append((first, spans))
        first = following
    return months


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _ranked(occasions: list[Occasion]) -> list[Occasion]:
    seen: dict[tuple[object, ...], int] = {}
    ranked = []
    for each in occasions:
        like = each.ids, each.where
        seen[like] = seen.get(like, 0) + 1
        ranked.append(replace(each, rank=seen[like]))
    return ranked
