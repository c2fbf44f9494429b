"""The lengths at which a policy turns: thresholds, units, tiers; and the instants at which its calendar does."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Final

from policy.calculator import rules
from policy.calculator.local_time import LocalTime
from policy.language.proofs.walk import figure_value, inner_values, rules_of

DAY_SECONDS: Final = 86_400
_MOST: Final = 24
_MOST_SECONDS: Final = 60 * DAY_SECONDS
_MOST_DATES: Final = 3


def turns_of(component: rules.Component) -> tuple[int, ...]:
    """The lengths at which a component and its clock turn; the shortest first."""
    turns = {1, DAY_SECONDS, 2 * DAY_SECONDS}
    units = set(_units(component))
    clocks = () if component.clock is None else (component.clock, *component.clock.without)
    limits = {*_limits_of_length(component), *(limit for clock in clocks for limit in _limits(clock))}
    turns |= units | limits
    for unit in units:  # the first units that begin after a threshold
        turns |= {limit // unit * unit + further * unit for limit in limits for further in (0, 1)}
        turns.add(2 * unit)
    turns |= set(_tiers(component))
    return tuple(sorted(turn for turn in turns if 0 < turn <= _MOST_SECONDS)[:_MOST])


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


def _limits_of_length(component: rules.Component) -> Iterator[int]:
    """Lengths of an occasion by which a rate or a factor is chosen, or the component is for it."""
    pay = () if isinstance(component.pay, rules.Tiers | rules.Discretion) else (component.pay,)
    for what in (*pay, *component.times, *(() if component.when is None else (component.when,))):
        for each in inner_values(what, through_names=True):
            bounds = [bound for bound, _ in each.steps] if isinstance(each, rules.Ladder) else []
            bounds += [each.bound] if isinstance(each, rules.Compare) else []
            if isinstance(each, rules.Ladder | rules.Compare) and isinstance(figure_value(each.subject), rules.Length):
                yield from (ceil(bound.value.value) for bound in bounds if isinstance(bound.value, rules.Constant))


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


def wait_of(clock: rules.Clock | None) -> int:
    """How long it lasts until a clock begins to count, from a Monday's midnight; 0 for one that counts at once."""
    if clock is None or clock.starts is None:
        return 0
    starts = [each for each in inner_values(clock.starts, through_names=True) if isinstance(each, rules.Start)]
    waits = (each.amount if each.unit == "seconds" else (each.amount + 1) * DAY_SECONDS for each in starts)
    return max(waits, default=0)


def origins_of(version: rules.Version, local: LocalTime) -> tuple[int, ...]:
    """Where outages are placed: a Monday's midnight and noon, in force if may be; the edges of months; the dates of rules."""
    first = version.in_force_from
    monday = first.toordinal() + (-first.weekday()) % 7
    if version.in_force_until is not None and monday >= version.in_force_until.toordinal():
        monday = first.toordinal()
    midnight = local.starts_at(monday)
    dates = [local.starts_at(day) - before for day in sorted(_dates(version))[:_MOST_DATES] for before in (0, DAY_SECONDS)]
    months = (local.starts_at(_next(first, month)) for month in (2, 3))
    return (midnight, midnight + DAY_SECONDS // 2, *dates, *months)


def _dates(version: rules.Version) -> set[int]:
    """Fixed dates that instants of an outage are compared with."""
    found: set[int] = set()
    for rule in rules_of(version):
        for each in inner_values(rule.what, through_names=True):
            bounds = [bound for bound, _ in each.steps] if isinstance(each, rules.Ladder) else []
            bounds += [each.bound] if isinstance(each, rules.Compare) else []
            subject = each.subject if isinstance(each, rules.Ladder | rules.Compare) else None
            if isinstance(subject, rules.Fact) and subject.type == "instant":
                found |= {int(bound.value.value) for bound in bounds if isinstance(bound.value, rules.Constant)}
    return found


def _next(day: date, month: int) -> int:
    """The first of ``month`` on or after ``day``."""
    this_year = date(day.year, month, 1)
    return (this_year if this_year >= day else date(day.year + 1, month, 1)).toordinal()
