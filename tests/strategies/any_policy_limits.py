"""Where something changes under a version: the constants of its rules, as amounts and lengths; the edges of its calendar."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from math import floor
from typing import Final
from zoneinfo import ZoneInfo

from policy.calculator import rules
from tests.judge.wall_clock import zone_of

HOUR: Final = 3600
DAY: Final = 24 * HOUR
MILLION: Final = 1_000_000
MAX_QUANTITY: Final = 2**56
"""Of anything that is granted."""
LAST_DAY: Final = date(2036, 1, 1)
"""Outages of a version that is open end before it."""
ONE_DAY: Final = timedelta(days=1)


def parts_of(part: object, seen: set[int] | None = None) -> Iterator[object]:
    """Every rule, value and word that ``part`` of a version is made of."""
    seen = set() if seen is None else seen
    if isinstance(part, tuple):
        for item in part:
            yield from parts_of(item, seen)
    elif is_dataclass(part) and not isinstance(part, type) and id(part) not in seen:
        seen.add(id(part))
        yield part
        for each in fields(part):
            yield from parts_of(getattr(part, each.name), seen)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a version compares with.

    ``asked``: by the name of a fact, the codes that conditions ask for; under "services" those of the clocks.
    ``of_fact``: by the name of a fact, the amounts where a rule about it changes, of a ratio in millionths. ``lengths``:
    seconds. ``times_of_day``: seconds after midnight. ``days``: local dates on which something is unlike other days.
    """

    zone: ZoneInfo
    facts: Mapping[str, rules.Fact]
    asked: Mapping[str, tuple[str, ...]]
    of_fact: Mapping[str, tuple[int, ...]]
    lengths: tuple[int, ...]
    times_of_day: tuple[int, ...]
    first_day: date
    last_day: date
    days: tuple[date, ...]


def limits_of(version: rules.Version) -> Limits:
    """The limits of a version, worked out once."""
    read = (version.pinned_by, version.calendar, version.clocks, version.benefits, version.claims, version.recourse)
    found = {part.name: part for part in parts_of((read, version.facts)) if isinstance(part, rules.Fact)}
    facts = dict(sorted(found.items()))  # whatever the order in which a version holds them, the same requests are drawn
    zone = zone_of(version.zone)
    first, last = version.in_force_from, min(version.in_force_until or LAST_DAY, LAST_DAY)
    return Limits(
        zone=zone,
        facts=facts,
        asked=_asked(version),
        of_fact=_amounts(version, facts),
        lengths=tuple(sorted({HOUR, DAY, *_lengths(version)})),
        times_of_day=tuple(sorted({0, 12 * HOUR, *_times_of_day(version)})),
        first_day=first,
        last_day=last,
        days=tuple(_days(first, last, zone)),
    )


def _asked(version: rules.Version) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for part in parts_of(version):
        match part:
            case rules.IsOneOf(subject=rules.Fact(name=name), codes=codes):
                found[name] |= _codes(codes)
            case rules.Clock(services=services) if services is not None:
                found["services"] |= _codes(services)
    return {name: tuple(sorted(codes)) for name, codes in found.items()}


def _codes(value: rules.Value) -> set[str]:
    return {code for part in parts_of(value) if isinstance(part, rules.Code) for code in part.codes}


def _amounts(version: rules.Version, facts: Mapping[str, rules.Fact]) -> dict[str, tuple[int, ...]]:
    """For each fact: 0, its bound, what it is compared with, and where a share of it reaches a constant of the policy."""
    found: dict[str, set[Fraction]] = defaultdict(lambda: {Fraction(0)})
    constants = {part.value for part in parts_of(version) if isinstance(part, rules.Constant)}
    constants |= {Fraction(part.quantity) for part in parts_of(version) if isinstance(part, rules.AmountIs)}
    for part in parts_of(version):
        match part:
            case rules.Compare(subject=subject, bound=bound):
                _compared(subject, (bound,), found)
            case rules.Ladder(subject=subject, steps=steps):
                _compared(subject, tuple(bound for bound, _ in steps), found)
            case rules.Share(ratio=ratio, of=of) if ratio:
                for fact in (each for each in parts_of(of) if isinstance(each, rules.Fact)):
                    found[fact.name] |= {constant / ratio for constant in constants}
    for fact in facts.values():
        if fact.at_most is not None:
            found[fact.name].add(Fraction(fact.at_most))
    scale = {name: MILLION if name in facts and facts[name].type == "ratio" else 1 for name in found}
    return {name: tuple(sorted({floor(each * scale[name]) for each in amounts})) for name, amounts in found.items()}


def _compared(subject: rules.Value, bounds: tuple[rules.Bound, ...], found: dict[str, set[Fraction]]) -> None:
    for fact in (each for each in parts_of(subject) if isinstance(each, rules.Fact)):
        limits = (each.value for bound in bounds for each in parts_of(bound) if isinstance(each, rules.Constant))
        found[fact.name] |= set(limits)


def _times_of_day(version: rules.Version) -> Iterator[int]:
    """Where bands begin, and windows begin and end."""
    for part in parts_of((version.measures, version.clocks)):
        match part:
            case rules.Band(from_second=first):
                yield first
            case rules.Window(from_second=first, until_second=until):
                yield from (first, until % DAY)


def _lengths(version: rules.Version) -> Iterator[int]:
    """Seconds of thresholds, units, rests, grace and margins; and what an availability leaves of thirty days."""
    for part in parts_of(version):
        match part:
            case rules.TimeIn(seconds=seconds):
                yield floor(seconds)
            case rules.Units(length=length, rest=rest):
                yield from (each for each in (length, rest[1] if rest else None) if isinstance(each, int))
            case rules.Start(amount=amount, unit=unit):
                grace = amount * (1 if unit == "seconds" else DAY)
                yield from (grace, grace + 2 * DAY, grace + 5 * DAY)
            case rules.Claims(widen_seconds=widen):
                yield widen or 0
            case rules.Compare(subject=rules.Length(), bound=bound):
                yield from _constants((bound,))
            case rules.Ladder(subject=rules.Length(), steps=steps):
                yield from _constants(tuple(bound for bound, _ in steps))
            case rules.Compare(subject=rules.Availability(), bound=bound):
                yield from _not_available((bound,))
            case rules.Ladder(subject=rules.Availability(), steps=steps):
                yield from _not_available(tuple(bound for bound, _ in steps))


def _not_available(bounds: tuple[rules.Bound, ...]) -> Iterator[int]:
    return (floor((1 - part.value) * 30 * DAY) for part in parts_of(bounds) if isinstance(part, rules.Constant))


def _constants(bounds: tuple[rules.Bound, ...]) -> Iterator[int]:
    return (floor(part.value) for part in parts_of(bounds) if isinstance(part, rules.Constant))


def _days(first: date, last: date, zone: ZoneInfo) -> Iterator[date]:
    """The first and the last, ends of months and years, leap days, days of another length, holidays about the year's turn."""
    day = first
    yield from (first, last - ONE_DAY)
    while day < last:
        length = (_midnight(day + ONE_DAY, zone) - _midnight(day, zone)).total_seconds()
        if length != DAY:
            yield from (day - ONE_DAY, day, day + ONE_DAY)
        if (day + ONE_DAY).day == 1 or (day.month, day.day) in {(12, 24), (12, 25), (5, 1), (2, 28)}:
            yield day
        day += ONE_DAY


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def instant(day: date, second: int, zone: ZoneInfo) -> int:
    """The instant at which a local day's clock shows so many seconds after midnight."""
    shown = datetime.combine(day, time()) + timedelta(seconds=second)
    return int(shown.replace(tzinfo=zone).timestamp())
