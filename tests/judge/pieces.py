"""Time in pieces in which nothing changes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from policy.calculator import rules
from policy.calculator.request import Interval
from tests.judge.facts import Told
from tests.judge.wall_clock import ONE_DAY, SECONDS_OF_A_DAY, edges_of, is_working_day, local, second_of_day


@dataclass(frozen=True, slots=True)
class Lost:
    """Time of one outage that counts, and how far the operator answers for it.

    ``walked``: the days that were looked at for when it begins to count.
    """

    told: Told
    liable: Fraction
    spans: tuple[tuple[int, int], ...]
    walked: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A span in which nothing changes: whose it is and how far it counts, its interruption, its local day and time.

    ``interruption``: the number of the unbroken run of met time that it lies in, by the benefit that looks at it. ``cycle``: 0
    before the billing cycle of the request, 1 in it, 2 after it; 0 where the request gives none.
    """

    started_at: int
    ended_at: int
    told: Told
    liable: Fraction
    interruption: int
    day: date
    second_of_day: int
    cycle: int

    @property
    def seconds(self) -> int:
        return self.ended_at - self.started_at

    def group(self, scope: str | None) -> object:
        """The interruption, local day, month or billing cycle that it is part of; or all time together."""
        match scope:
            case "interruption":
                return self.interruption
            case "local day":
                return self.day
            case "month":
                return self.day.year, self.day.month
            case "billing cycle":
                return self.cycle
        return None


def pieces_of(lost: list[Lost], zone: ZoneInfo, seconds_of_day: frozenset[int], cycle: Interval | None) -> list[Piece]:
    """The union of what was lost, in order: overlaps merged. Which interruption a piece is part of, a benefit says."""
    edges = () if cycle is None else (cycle.started_at, cycle.ended_at)
    runs = [(each, joined(each.spans)) for each in lost]
    pieces: list[Piece] = []
    for started_at, ended_at in pairwise(_cuts(lost, zone, seconds_of_day, edges)):
        covering = [each for each, spans in runs if meeting(spans, started_at, ended_at)]  # all of it: it is cut at their edges
        if not covering:
            continue
        owner = min(covering, key=lambda each: (-each.liable, each.told.outage.started_at, each.told.outage.outage_id))
        day = local(started_at, zone).date()
        in_cycle = sum(edge <= started_at for edge in edges)
        second = second_of_day(started_at, zone)
        pieces.append(Piece(started_at, ended_at, owner.told, owner.liable, 0, day, second, in_cycle))
    return pieces


def _cuts(lost: list[Lost], zone: ZoneInfo, seconds_of_day: frozenset[int], edges: tuple[int, ...]) -> list[int]:
    cuts: set[int] = set()
    for first, last in (span for each in lost for span in each.spans):
        cuts |= {first, last, *(edge for edge in edges if first < edge < last)}
        cuts |= {*_edges_between(first, last, zone, seconds_of_day)}
    return sorted(cuts)


def seconds_of(pieces: Iterable[Piece]) -> int:
    """Plain clock time."""
    return sum(piece.seconds for piece in pieces)


def band_edges(version: rules.Version) -> frozenset[int]:
    """The times of day at which any measure of a version changes."""
    return frozenset(band.from_second for measure in version.measures for band in measure.bands)


def by_group(pieces: Iterable[Piece], scope: str | None) -> dict[object, list[Piece]]:
    """Pieces by what they are part of, in order."""
    groups: dict[object, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(piece.group(scope), []).append(piece)
    return groups


def measured(pieces: Iterable[Piece], measure: rules.Measure | None, calendar: str) -> Fraction:
    """Time by a measure, each piece times how far it counts; without a measure, plain clock time."""
    if measure is None:
        return Fraction(seconds_of(pieces))
    return sum((weight(piece, measure, calendar) * piece.liable * piece.seconds for piece in pieces), Fraction(0))


def weight(piece: Piece, measure: rules.Measure, calendar: str) -> Fraction:
    """How heavy a piece weighs."""
    of_day = [each for each in measure.bands if piece.day.weekday() in each.weekdays]
    [band] = [each for each in of_day if each.from_second <= piece.second_of_day < each.until_second]
    if band.working == band.other:
        return band.working
    return band.working if is_working_day(piece.day, calendar) else band.other


def reads_working_days(measure: rules.Measure) -> bool:
    """Whether days of one kind weigh otherwise than those of the other."""
    return any(band.working != band.other for band in measure.bands)


def joined(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The union of spans, in order: what overlaps or touches is one."""
    runs: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if runs and first <= runs[-1][1]:
            runs[-1] = runs[-1][0], max(last, runs[-1][1])
        else:
            runs.append((first, last))
    return tuple(runs)


def meeting(spans: tuple[tuple[int, int], ...], started_at: int, ended_at: int) -> tuple[tuple[int, int], ...]:
    """Those of joined spans that have a second of a time in them; an outage of years has thousands."""
    first = bisect_right(spans, started_at, key=lambda span: span[1])
    return spans[first : bisect_left(spans, ended_at, key=lambda span: span[0])]


def inside(spans: Iterable[tuple[int, int]], of: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """What of spans lies in others, which do not overlap."""
    others = tuple(of)
    parts = ((max(start, first), min(end, last)) for start, end in spans for first, last in others)
    return tuple(sorted((start, end) for start, end in parts if start < end))


def less(pieces: Iterable[Piece], cut: Iterable[tuple[int, int]]) -> list[Piece]:
    """Pieces without what is cut out of them."""
    spans = joined(cut)
    return [
        replace(each, started_at=start, ended_at=end)
        for each in pieces
        for start, end in without(((each.started_at, each.ended_at),), meeting(spans, each.started_at, each.ended_at))
    ]


def outside(spans: tuple[tuple[int, int], ...], window: rules.Window, zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """What of spans the wall clock shows outside of a window that repeats."""
    edges = frozenset((window.from_second, window.until_second % SECONDS_OF_A_DAY))
    cuts = ((span, sorted({*span, *(each for each in _edges_between(*span, zone, edges))})) for span in spans)
    return tuple(part for _, instants in cuts for part in pairwise(instants) if not _shows(part[0], window, zone))


def _shows(at: int, window: rules.Window, zone: ZoneInfo) -> bool:
    in_day = window.from_second <= second_of_day(at, zone) < window.until_second
    return in_day and local(at, zone).weekday() in window.weekdays


def _edges_between(first: int, last: int, zone: ZoneInfo, seconds_of_day: frozenset[int]) -> Iterator[int]:
    """Local midnights, and the instants at which the clock shows one of ``seconds_of_day`` or is changed."""
    day, final = local(first, zone).date(), local(last, zone).date()
    while day <= final:
        yield from (edge for edge in edges_of(day, zone, seconds_of_day) if first < edge < last)
        day += ONE_DAY


def without(spans: tuple[tuple[int, int], ...], cut: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Spans less what is cut out of them."""
    for first, last in cut:
        parts = (part for start, end in spans for part in ((start, min(end, first)), (max(start, last), end)))
        spans = tuple((start, end) for start, end in parts if start < end)
    return spans
