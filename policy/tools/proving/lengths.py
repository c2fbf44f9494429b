"""The lengths at which a policy turns: thresholds, units, tiers; and the instants at which its calendar does."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Final

from policy.calculator import rules
from policy.calculator.local_time import LocalTime
from policy.language.proofs.walk import inner_values

DAY_SECONDS: Final = 86_400
_MOST: Final = 60
_MOST_SECONDS: Final = 60 * DAY_SECONDS


def lengths_of(version: rules.Version) -> tuple[int, ...]:
    """Lengths at, and one second around, every breakpoint of a version; the shortest first."""
    turns = {1}
    units = {unit for component in _components(version) for unit in _units(component)}
    limits = {limit for clock in version.clocks for limit in _limits(clock)}
    turns |= units | limits
    for unit in units:  # the first units that begin after a threshold
        turns |= {limit // unit * unit + further * unit for limit in limits for further in (0, 1)}
        turns.add(2 * unit)
    turns |= {tier for component in _components(version) for tier in _tiers(component)}
    waits = {wait for clock in version.clocks for wait in _waits(clock)}
    turns |= {wait + turn for wait in waits for turn in turns | {DAY_SECONDS}}
    around = {turn + by for turn in turns for by in (-1, 0, 1)}
    return tuple(sorted(length for length in around if 0 < length <= _MOST_SECONDS)[:_MOST])


def _components(version: rules.Version) -> Iterator[rules.Component]:
    for benefit in version.benefits:
        yield from benefit.components


def _units(component: rules.Component) -> Iterator[int]:
    """The unit, its rest, and both as they pass at each weight of the measure."""
    count = component.count
    if not isinstance(count, rules.Units):
        return
    length = DAY_SECONDS if isinstance(count.length, str) else count.length
    for each in (length, *(() if count.rest is None else (count.rest[1], length + count.rest[1]))):
        yield from _at_weights(Fraction(each), count.measure)


def _limits(clock: rules.Clock) -> Iterator[int]:
    for step in clock.only:
        for test in inner_values(step):
            if isinstance(test, rules.TimeIn):
                yield from _at_weights(test.seconds, test.measure)


def _at_weights(seconds: Fraction, measure: rules.Measure | None) -> Iterator[int]:
    yield ceil(seconds)
    if measure is not None:
        weights = {weight for band in measure.bands for weight in (band.working, band.other) if weight}
        yield from (ceil(seconds / weight) for weight in weights)


def _tiers(component: rules.Component) -> Iterator[int]:
    """Lengths of as many units as a tier holds, and one more."""
    if isinstance(component.pay, rules.Tiers):
        for unit in _units(component):
            for upper, _ in component.pay.steps:
                yield from (int(upper) * unit, int(upper) * unit + unit)


def _waits(clock: rules.Clock) -> Iterator[int]:
    """How long it lasts until counting begins, from a Monday's midnight."""
    if clock.starts is not None:
        yield clock.starts.amount if clock.starts.unit == "seconds" else (clock.starts.amount + 1) * DAY_SECONDS


def origins_of(version: rules.Version, local: LocalTime) -> tuple[int, ...]:
    """Where outages are placed: midnight and noon of a Monday, in force if may be, and the first of a February and a March."""
    first = version.in_force_from
    monday = first.toordinal() + (-first.weekday()) % 7
    if version.in_force_until is not None and monday >= version.in_force_until.toordinal():
        monday = first.toordinal()
    midnight = local.starts_at(monday)
    return (midnight, midnight + DAY_SECONDS // 2, *(local.starts_at(_next(first, month)) for month in (2, 3)))


def _next(day: date, month: int) -> int:
    """The first of ``month`` on or after ``day``."""
    this_year = date(day.year, month, 1)
    return (this_year if this_year >= day else date(day.year + 1, month, 1)).toordinal()
