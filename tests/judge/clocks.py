"""Clocks: which outages count and when, narrowed word by word, and where nothing is left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import prod
from zoneinfo import ZoneInfo

from policy.calculator import rules
from policy.calculator.request import Claim
from tests.judge.facts import Absent, Moment, Reader, Spans, Told, Unknown, read_fact
from tests.judge.pieces import (
    Lost,
    Piece,
    band_edges,
    inside,
    joined,
    measured,
    outside,
    pieces_of,
    reads_working_days,
    without,
)
from tests.judge.values import all_unknown, amount_of, codes_of, cycle_of, holds, value_of
from tests.judge.wall_clock import ONE_DAY, end_of, is_working_day, local, start_of


@dataclass(frozen=True, slots=True)
class Met:
    """The met time of an outage that the operator answers for, and what of it counts, where that is known."""

    told: Told
    spans: Spans
    lost: Lost | Unknown


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as far as it came for the whole request. ``refused`` "" and ``unknown`` None: some time was met.

    ``counted``: outages of its services; ``pieces``: the time that counts of all those of which that is known.
    """

    rule: rules.Clock
    refused: str = ""
    unknown: Unknown | None = None
    counted: tuple[Told, ...] = ()
    met: tuple[Met, ...] = ()
    pieces: tuple[Piece, ...] = ()


@dataclass(slots=True)
class Almanac:
    """What a version reads time by. ``calendar`` is asked only where the kind of a day matters."""

    version: rules.Version
    reader: Reader
    edges: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self.edges = band_edges(self.version)

    def calendar(self) -> str | Unknown:
        """The calendar that holds for the request; "" where the version names none."""
        if self.version.calendar is None:
            return ""
        codes = codes_of(self.version.calendar, self.reader)
        return codes if isinstance(codes, Unknown) else codes[0]

    def measured(self, pieces: Sequence[Piece], measure: rules.Measure | None) -> Fraction | Unknown:
        """Time by a measure."""
        if measure is None or not reads_working_days(measure):
            return measured(pieces, measure, "")
        calendar = self.calendar()
        return calendar if isinstance(calendar, Unknown) else measured(pieces, measure, calendar)


def narrowed(rule: rules.Clock, told: Sequence[Told], almanac: Almanac) -> Clock:
    """A clock, narrowed in the order of the words."""
    reader, claims = almanac.reader, almanac.version.claims
    clock = Clock(rule)
    services = () if rule.services is None else codes_of(rule.services, reader)
    if isinstance(services, Unknown):
        return replace(clock, unknown=services)
    every = rule.services is None
    counted = [each for each in told if every or not each.outage.services or {*each.outage.services} & {*services}]
    if told and not counted:
        return replace(clock, refused="SERVICE_NOT_COVERED")
    clock = replace(clock, counted=tuple(counted))
    claim = reader.request.claim
    recorded: list[tuple[Told, Spans]] = [(each, ((each.started_at, each.ended_at),)) for each in counted]
    if claim is not None:
        meeting = [each for each, spans in recorded if inside(spans, windows(claim, claims, alone=True))]
        if not meeting:
            return replace(clock, refused="NO_MATCHING_OUTAGE")
        if claims is not None and is_too_late(meeting, claim, claims, reader):
            return replace(clock, refused="CLAIM_TOO_LATE")
        recorded = [(each, inside(spans, windows(claim, claims, alone=False))) for each, spans in recorded]
    return _answered(clock, [(each, spans) for each, spans in recorded if spans], almanac)


ALL_TIME: Spans = ((0, 2**62),)


def windows(claim: Claim, claims: rules.Claims | None, *, alone: bool) -> Spans:
    """``widen``: what is claimed and this on each side, ``alone`` or with what was claimed before; all time without it."""
    if claims is None or claims.widen_seconds is None:
        return ALL_TIME
    assert claim.started_at is not None and claim.ended_at is not None
    spans = [(claim.started_at, claim.ended_at)]
    if not alone:
        spans += [(each.started_at, each.ended_at) for each in claim.earlier]
    return joined((first - claims.widen_seconds, last + claims.widen_seconds) for first, last in spans)


def is_too_late(met: list[Told], claim: Claim, claims: rules.Claims, reader: Reader) -> bool:
    """``within`` after the recorded end of the last outage, which one that goes on has not; or from ``before`` on."""
    assert claim.claimed_at is not None
    if claims.before is not None and local(claim.claimed_at, reader.zone).date() >= claims.before:
        return True
    ends = [each.outage.ended_at for each in met if each.outage.ended_at is not None]
    if len(ends) < len(met):
        return False
    if claims.within_local_days is not None:
        last_day = local(max(ends), reader.zone).date() + claims.within_local_days * ONE_DAY
        return claim.claimed_at >= end_of(last_day, reader.zone)
    return claims.within_seconds is not None and claim.claimed_at > max(ends) + claims.within_seconds


def exceeds_record(clock: Clock, told: Sequence[Told], claim: Claim, warn_below: Fraction) -> bool:
    """``warn below``: the part of the new claim's interval that outages of the clock's services cover, of any cause."""
    assert claim.started_at is not None and claim.ended_at is not None
    first, last = claim.started_at, claim.ended_at
    of_services = {each.index for each in clock.counted}
    claimed: tuple[tuple[int, int], ...] = ((first, last),)
    not_on_record = without(claimed, ((each.started_at, each.ended_at) for each in told if each.index in of_services))
    recorded = (last - first) - sum(end - start for start, end in not_on_record)
    return Fraction(recorded, last - first) < warn_below


def _answered(clock: Clock, recorded: list[tuple[Told, Spans]], almanac: Almanac) -> Clock:
    """``where`` and ``liable``, outage by outage: whose time is met. Then ``starts`` and ``minus``: what of it counts."""
    rule, reader = clock.rule, almanac.reader
    of_kind = [(each, spans, True if rule.where is None else holds(rule.where, reader.of(each))) for each, spans in recorded]
    left = [(each, spans, known) for each, spans, known in of_kind if known is not False]
    if not left:
        return replace(clock, refused="OUTAGE_NOT_COVERED")
    liable = [
        (each, spans, known if isinstance(known, Unknown) else _liable(rule, reader.of(each))) for each, spans, known in left
    ]
    answered = [(each, spans, known) for each, spans, known in liable if known != 0]
    if not answered:
        return replace(clock, refused="EXCLUDED_CAUSE")
    lost = [
        known if isinstance(known, Unknown) else _lost(rule, each, spans, known, almanac) for each, spans, known in answered
    ]
    if any(isinstance(known, Unknown) for _, _, known in answered):
        return replace(clock, unknown=all_unknown(lost))
    cycle = cycle_of(reader)
    given = None if isinstance(cycle, Unknown) else cycle
    pieces = pieces_of([each for each in lost if isinstance(each, Lost)], reader.zone, almanac.edges, given)
    met = (Met(each, spans, known) for (each, spans, _), known in zip(answered, lost, strict=True))
    return replace(clock, met=tuple(met), pieces=tuple(pieces))


def _liable(rule: rules.Clock, reader: Reader) -> Fraction | Unknown:
    """How far the operator answers: a product. A factor of 0 settles it, whatever is not known beside it."""
    factors = [amount_of(each, reader) for each in rule.liable]
    if 0 in factors:
        return Fraction(0)
    return all_unknown(factors) or prod((each for each in factors if not isinstance(each, Unknown)), start=Fraction(1))


def _lost(rule: rules.Clock, told: Told, met: Spans, liable: Fraction, almanac: Almanac) -> Lost | Unknown:
    """The time of one outage from where counting starts, without its pauses."""
    reader = almanac.reader.of(told)
    pauses = [value_of(each, reader) for each in rule.minus if isinstance(each, rules.Fact)]
    cut: Spans = tuple(span for each in pauses if not isinstance(each, Unknown) for span in each)  # type: ignore[misc, union-attr]
    walked: list[date] = []
    starting = replace(reader, begins=lambda start: _begins(start, reader, cut, almanac, walked))
    start = Moment(told.started_at) if rule.starts is None else value_of(rule.starts, starting)
    if unknown := all_unknown((*pauses, start)):
        return unknown
    assert isinstance(start, Moment)
    spans = without(inside(met, ((start.seconds, ALL_TIME[0][1]),)), cut)
    for each in rule.minus:
        if isinstance(each, rules.Window):
            spans = outside(spans, each, reader.zone)
    return Lost(told, liable, spans, tuple(walked))


def _begins(rule: rules.Start, reader: Reader, pauses: Spans, almanac: Almanac, walked: list[date]) -> Moment | Unknown:
    """So many seconds after an instant; or the end of so many local or working days after its own day.

    ``walked`` collects the days that were looked at for which of them are worked. A window of ``minus`` is no pause of those.
    """
    after, zone = read_fact(rule.after, reader), reader.zone
    calendar = almanac.calendar() if rule.unit == "working days" else ""
    if isinstance(after, Unknown):
        needed = all_unknown((after, calendar))
        assert needed is not None
        return Absent(needed.fields)
    assert isinstance(after, Moment)
    if isinstance(calendar, Unknown):
        return calendar
    if rule.unit == "seconds":
        return Moment(after.seconds + rule.amount)
    day = local(after.seconds, zone).date()
    if rule.unit == "local days":
        return Moment(end_of(day + rule.amount * ONE_DAY, zone))
    days = [day, *_walked(rule.amount, day, pauses, calendar, zone)]
    walked += days[1:]
    return Moment(end_of(days[-1], zone))


def _walked(amount: int, day: date, pauses: Spans, calendar: str, zone: ZoneInfo) -> Iterator[date]:
    """The days after ``day`` up to the last of the working days that are counted. A day that a pause touches is none."""
    counted = 0
    while counted < amount:
        day += ONE_DAY
        touched = any(first < end_of(day, zone) and start_of(day, zone) < last for first, last in pauses)
        counted += is_working_day(day, calendar) and not touched
        yield day
