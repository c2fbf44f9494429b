"""Section 3: how much time is counted, and how much it weighs.

Time is cut at every instant at which anything changes (an outage begins or ends, a band of the local day begins), so that
within a piece the weight and the outage that owns it are constant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.reference.facts import Outage, Subscriber, given
from tests.reference.liability import factor_times_impact
from tests.reference.working_days import is_published, is_working_day

ZONE = ZoneInfo("Asia/Shanghai")
COVERED_SERVICES = {"DATA": {"DATA"}, "VOICE": {"VOICE", "SMS"}, "CONVERGED": {"DATA", "VOICE", "SMS"}}
BANDS = (  # local hour at which it begins, weight on a working day, weight on another day
    (0, Fraction("0.5"), Fraction("0.5")),
    (6, Fraction("1.0"), Fraction("1.0")),
    (9, Fraction("1.5"), Fraction("1.0")),
    (18, Fraction("1.2"), Fraction("1.2")),
    (23, Fraction("1.0"), Fraction("1.0")),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part [started_at, ended_at) of an outage that is looked at; cut to what is claimed for an application."""

    outage: Outage
    started_at: int
    ended_at: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A span in which nothing changes: the outage it counts for, its day's year, and its weight × factor × impact."""

    started_at: int
    ended_at: int
    outage: Outage
    local_year: int
    rate: Fraction

    @property
    def clock_seconds(self) -> int:
        """3.5: its length."""
        return self.ended_at - self.started_at

    @property
    def weighted_seconds(self) -> Fraction:
        """3.6: its share of the integral."""
        return self.clock_seconds * self.rate


def counted_outages(outages: tuple[Outage, ...], subscriber: Subscriber) -> list[Outage]:
    """3.1: the outages that count for the plan; 1 line 1: identical repeats are one outage."""
    once = {outage.outage_id: outage for outage in outages}
    covered = COVERED_SERVICES[subscriber.plan_type]
    return [outage for outage in once.values() if not outage.services or covered & set(outage.services)]


def recorded_stretch(outage: Outage, as_of: int) -> Stretch:
    """3.2: an outage without an end runs to as_of."""
    return Stretch(outage, given(outage.started_at), as_of if outage.ended_at is None else outage.ended_at)


def without_excluded(stretches: Iterable[Stretch]) -> list[Stretch]:
    """3.3, second sentence: those whose factor × impact is 0 are dropped."""
    return [stretch for stretch in stretches if factor_times_impact(stretch.outage) > 0]


def owner(covering: Iterable[Stretch]) -> Outage:
    """3.4: greatest factor × impact; ties: earliest recorded start, then the smaller id."""
    outages = (stretch.outage for stretch in covering)
    return min(outages, key=lambda each: (-factor_times_impact(each), given(each.started_at), each.outage_id))


def union_pieces(stretches: list[Stretch]) -> list[Piece]:
    """3.4: the union, every instant of it once and for its owner."""
    if not stretches:
        return []
    ends = {instant for stretch in stretches for instant in (stretch.started_at, stretch.ended_at)}
    cuts = sorted(ends | set(band_edges(min(ends), max(ends))))
    pieces = []
    for started_at, ended_at in pairwise(cuts):
        covering = [each for each in stretches if each.started_at <= started_at and ended_at <= each.ended_at]
        if covering:
            outage = owner(covering)
            local = datetime.fromtimestamp(started_at, ZONE)
            pieces.append(Piece(started_at, ended_at, outage, local.year, weight_at(local) * factor_times_impact(outage)))
    return pieces


def weight_at(local: datetime) -> Fraction:
    """3, the table: the weight at a local wall-clock time."""
    _, working, other = [band for band in BANDS if band[0] <= local.hour][-1]
    return working if is_working_day(local.date()) else other


def band_edges(first: int, last: int) -> list[int]:
    """3, the table: every instant strictly between two others at which a band of a local day begins."""
    days = _local_days(datetime.fromtimestamp(first, ZONE).date(), datetime.fromtimestamp(last, ZONE).date())
    edges = (int(datetime.combine(day, time(hour), ZONE).timestamp()) for day in days for hour, _, _ in BANDS)
    return [edge for edge in edges if first < edge < last]


def measured_an_unpublished_year(pieces: Iterable[Piece]) -> bool:
    """3, last sentence: whether any instant of a year that is not published was measured."""
    return any(not is_published(piece.local_year) for piece in pieces)


def _local_days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
