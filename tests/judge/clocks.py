"""Clocks: which time counts, narrowed word by word, and where nothing is left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import prod
from zoneinfo import ZoneInfo

from policy.calculator import rules
from policy.calculator.request import Claim
from tests.judge.facts import Moment, Reader, Told, Unknown
from tests.judge.pieces import Lost, Piece, band_edges, by_group, measured, pieces_of, reads_working_days, without
from tests.judge.values import all_hold, all_unknown, amount_of, any_holds, codes_of, compare, cycle_of, holds, value_of
from tests.judge.wall_clock import ONE_DAY, end_of, is_working_day, local, start_of

Pauses = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as far as it came. ``refused`` "" and ``unknown`` None: it has time left, which is ``kept``.

    ``counted``: outages of its services; ``answered``: those for which the operator answers; ``merged``: their time before
    ``only``.
    """

    rule: rules.Clock
    refused: str = ""
    unknown: Unknown | None = None
    counted: tuple[Told, ...] = ()
    answered: tuple[Told, ...] = ()
    merged: tuple[Piece, ...] = ()
    kept: tuple[Piece, ...] = ()


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
    if claim is not None:
        counted = cut_to_claim(counted, claim, claims)
        if not counted:
            return replace(clock, refused="NO_MATCHING_OUTAGE")
        if claims is not None and is_too_late(counted, claim, claims, reader):
            return replace(clock, refused="CLAIM_TOO_LATE")
    return _answered(clock, counted, almanac)


def cut_to_claim(counted: list[Told], claim: Claim, claims: rules.Claims | None) -> list[Told]:
    """``widen``: outages cut to what is claimed and this on each side."""
    if claims is None or claims.widen_seconds is None:
        return counted
    assert claim.started_at is not None and claim.ended_at is not None
    first, last = claim.started_at - claims.widen_seconds, claim.ended_at + claims.widen_seconds
    cut = [replace(each, started_at=max(each.started_at, first), ended_at=min(each.ended_at, last)) for each in counted]
    return [each for each in cut if each.started_at < each.ended_at]


def is_too_late(met: list[Told], claim: Claim, claims: rules.Claims, reader: Reader) -> bool:
    """``within`` after the recorded end of the last outage, which one that goes on has not; or from ``before`` on."""
    assert claim.claimed_at is not None
    if claims.before is not None and local(claim.claimed_at, reader.zone).date() >= claims.before:
        return True
    ends = [each.outage.ended_at for each in met]
    if claims.within_seconds is None or None in ends:
        return False
    return claim.claimed_at > max(end for end in ends if end is not None) + claims.within_seconds


def exceeds_record(clock: Clock, told: Sequence[Told], claim: Claim, warn_below: Fraction) -> bool:
    """``warn below``: the part of the claimed interval that outages of the clock's services cover, of any kind and cause."""
    assert claim.started_at is not None and claim.ended_at is not None
    first, last = claim.started_at, claim.ended_at
    of_services = {each.index for each in clock.counted}
    claimed: tuple[tuple[int, int], ...] = ((first, last),)
    not_on_record = without(claimed, ((each.started_at, each.ended_at) for each in told if each.index in of_services))
    recorded = (last - first) - sum(end - start for start, end in not_on_record)
    return Fraction(recorded, last - first) < warn_below


def _answered(clock: Clock, counted: list[Told], almanac: Almanac) -> Clock:
    """``where``, ``liable``, ``starts`` and ``minus``, outage by outage; then the union of what is left."""
    rule, reader = clock.rule, almanac.reader
    of_kind = [(each, True if rule.where is None else holds(rule.where, reader.of(each))) for each in counted]
    left = [(each, known) for each, known in of_kind if known is not False]
    if not left:
        return replace(clock, refused="OUTAGE_NOT_COVERED")
    liable = [(each, known if isinstance(known, Unknown) else _liable(rule, reader.of(each))) for each, known in left]
    answered = [(each, known) for each, known in liable if known != 0]
    if not answered:
        return replace(clock, refused="EXCLUDED_CAUSE")
    clock = replace(clock, answered=tuple(each for each, _ in answered))
    lost = [known if isinstance(known, Unknown) else _lost(rule, each, known, almanac) for each, known in answered]
    if unknown := all_unknown(lost):
        return replace(clock, unknown=unknown)
    cycle = cycle_of(reader)
    known = None if isinstance(cycle, Unknown) else cycle
    pieces = pieces_of([each for each in lost if isinstance(each, Lost)], reader.zone, almanac.edges, known)
    if not pieces:
        return replace(clock, refused="WITHIN_GRACE")
    return _kept(replace(clock, merged=tuple(pieces)), pieces, almanac)


def _liable(rule: rules.Clock, reader: Reader) -> Fraction | Unknown:
    """How far the operator answers: a product. A factor of 0 settles it, whatever is not known beside it."""
    factors = [amount_of(each, reader) for each in rule.liable]
    if 0 in factors:
        return Fraction(0)
    return all_unknown(factors) or prod((each for each in factors if not isinstance(each, Unknown)), start=Fraction(1))


def _lost(rule: rules.Clock, told: Told, liable: Fraction, almanac: Almanac) -> Lost | Unknown:
    """The time of one outage from where counting starts, without its pauses."""
    reader = almanac.reader.of(told)
    pauses = [value_of(each, reader) for each in rule.minus]
    cut = [span for each in pauses if not isinstance(each, Unknown) for span in each]  # type: ignore[union-attr]
    start: int | Unknown = told.started_at
    if rule.starts is not None:
        after = value_of(rule.starts.after, reader)
        start = after if isinstance(after, Unknown) else _start(rule.starts, after, cut, almanac)  # type: ignore[arg-type]
    working = rule.starts is not None and rule.starts.unit == "working days"
    if unknown := all_unknown((*pauses, start, almanac.calendar() if working else "")):
        return unknown
    assert isinstance(start, int)
    whole = ((max(start, told.started_at), told.ended_at),)
    return Lost(told, liable, without(tuple(each for each in whole if each[0] < each[1]), cut))  # type: ignore[arg-type]


def _start(rule: rules.Start, after: Moment, pauses: Pauses, almanac: Almanac) -> int | Unknown:
    """So many seconds after an instant; or the end of so many local or working days after its own day."""
    zone = almanac.reader.zone
    if rule.unit == "seconds":
        return after.seconds + rule.amount
    day = local(after.seconds, zone).date()
    if rule.unit == "local days":
        return end_of(day + rule.amount * ONE_DAY, zone)
    calendar = almanac.calendar()
    return calendar if isinstance(calendar, Unknown) else end_of([day, *_walked(rule, day, pauses, calendar, zone)][-1], zone)


def _walked(rule: rules.Start, day: date, pauses: Pauses, calendar: str, zone: ZoneInfo) -> Iterator[date]:
    """The days after ``day`` up to the last of the working days that are counted. A day that a pause touches is none."""
    counted = 0
    while counted < rule.amount:
        day += ONE_DAY
        touched = any(first < end_of(day, zone) and start_of(day, zone) < last for first, last in pauses)
        counted += is_working_day(day, calendar) and not touched
        yield day


def walked_for(rule: rules.Clock, told: Told, almanac: Almanac) -> list[date]:
    """The days that were looked at for ``starts: 2 working days after``, of an outage for which all that asks is known."""
    assert rule.starts is not None
    reader, calendar = almanac.reader.of(told), almanac.calendar()
    after = value_of(rule.starts.after, reader)
    pauses = [value_of(each, reader) for each in rule.minus]
    assert isinstance(calendar, str) and isinstance(after, Moment)
    cut = [span for each in pauses for span in each]  # type: ignore[union-attr]
    return list(_walked(rule.starts, local(after.seconds, reader.zone).date(), cut, calendar, reader.zone))  # type: ignore[arg-type]


def _kept(clock: Clock, pieces: list[Piece], almanac: Almanac) -> Clock:
    """``only``: the time that passes each step in turn."""
    for step in clock.rule.only:
        passes = which_pass(step, pieces, almanac)
        if unknown := all_unknown(passes):
            return replace(clock, unknown=unknown)
        pieces = [piece for piece, known in zip(pieces, passes, strict=True) if known is True]
        if not pieces:
            return replace(clock, refused="BELOW_MINIMUM_DURATION")
    return replace(clock, kept=tuple(pieces))


def which_pass(step: rules.Condition, pieces: list[Piece], almanac: Almanac) -> list[bool | Unknown]:
    """For each piece of some time, whether a condition on time and facts holds of it."""
    match step:
        case rules.AllOf(conditions=conditions):
            return [all_hold(row) for row in zip(*(which_pass(each, pieces, almanac) for each in conditions), strict=True)]
        case rules.AnyOf(conditions=conditions):
            return [any_holds(row) for row in zip(*(which_pass(each, pieces, almanac) for each in conditions), strict=True)]
        case rules.TimeIn(scope=scope, op=op, seconds=seconds, measure=measure):
            if scope == "billing cycle" and isinstance(cycle := cycle_of(almanac.reader), Unknown):
                return [cycle] * len(pieces)
            group = None if scope == "total" else scope
            there = {key: almanac.measured(parts, measure) for key, parts in by_group(pieces, group).items()}
            known = {key: each if isinstance(each, Unknown) else compare(each, seconds, op) for key, each in there.items()}
            return [known[piece.group(group)] for piece in pieces]
        case _:
            return [holds(step, almanac.reader.of(piece.told)) for piece in pieces]
