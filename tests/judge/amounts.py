"""Components: how many units there are, and what they are worth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor, prod

from policy.calculator import rules
from tests.judge.clocks import Almanac
from tests.judge.facts import Moment, Reader, Unknown
from tests.judge.occasions import Occasion
from tests.judge.pieces import Piece, by_group, seconds_of
from tests.judge.there import There
from tests.judge.values import all_unknown, amount_of, compare, cycle_of, holds, one_of, value_of
from tests.judge.wall_clock import days_in_month, end_of, is_working_day, local, start_of

Paid = Fraction | str | Unknown
"""What a component comes to; or the reason for which it comes to nothing; or what it needs to know."""


@dataclass(frozen=True, slots=True)
class Here:
    """An occasion under way: who reads in it, and its clocks by name."""

    occasion: Occasion
    reader: Reader
    almanac: Almanac
    clocks: Mapping[str, There]


def component_amount(rule: rules.Component, here: Here) -> Paid:
    """A component in an occasion."""
    reader = here.reader
    meant = True if rule.when is None else holds(rule.when, reader)
    if isinstance(meant, Unknown):
        return meant
    if not meant:
        return "CUSTOMER_NOT_COVERED"
    pieces: tuple[Piece, ...] = ()
    if rule.clock is not None:
        clock = here.clocks[rule.clock.name]
        if clock.unknown is not None:
            return clock.unknown
        if clock.refused:
            return clock.refused
        pieces = clock.kept
    parts = units_by_part(rule.count, pieces, here)
    if isinstance(parts, Unknown):
        return parts
    counted = [(part, units) for part, units in parts if units > 0]
    if not counted:
        return "NOTHING_TO_COUNT"
    if isinstance(rule.pay, rules.Discretion):
        return "AMOUNT_AT_DISCRETION"
    if isinstance(rule.pay, rules.Tiers) and rule.pay.day_from is not None:
        assert isinstance(rule.count, rules.Units)
        paid = [_pay_by_day(rule.pay, _days(rule.count, part, here.almanac), _at(part, reader)) for part, _ in counted]
    else:
        paid = [_pay(rule.pay, units, _at(part, reader)) for part, units in counted]
    factors = [amount_of(each, reader) for each in rule.times]
    return all_unknown((*paid, *factors)) or sum(_known(paid), Fraction(0)) * prod(_known(factors), start=Fraction(1))


def _known(amounts: Sequence[Fraction | Unknown]) -> Iterator[Fraction]:
    return (each for each in amounts if not isinstance(each, Unknown))


def _at(part: Sequence[Piece], reader: Reader) -> Reader:
    """Who reads what a part is paid: it lies in the month in which it begins."""
    return reader.in_month_of(days_in_month(part[0].day)) if part else reader


Part = tuple[Sequence[Piece], Fraction]


def units_by_part(count: rules.Count, pieces: tuple[Piece, ...], here: Here) -> list[Part] | Unknown:
    """The units of each part. A number is of the request's cycle: in an occasion before or after it there is none."""
    almanac = here.almanac
    match count:
        case rules.Once():
            return [(pieces, Fraction(1))]
        case rules.Number(fact=fact):
            if here.occasion.place in ("before", "after"):
                return []
            number = amount_of(fact, here.reader)
            return number if isinstance(number, Unknown) else [(pieces, number)]
    units = [(part, _units(count, part, almanac)) for part in by_group(pieces, count.of_each).values()]
    cycle = cycle_of(almanac.reader) if count.of_each == "billing cycle" else None
    unknown = all_unknown((cycle, *(each for _, each in units)))
    return unknown or [(part, each) for part, each in units if not isinstance(each, Unknown)]


def _units(count: rules.Units, part: list[Piece], almanac: Almanac) -> Fraction | Unknown:
    if isinstance(count.length, str):
        days = _days(count, part, almanac)
        return days if isinstance(days, Unknown) else Fraction(len(days))
    time = almanac.measured(part, count.measure)
    if isinstance(time, Unknown):
        return time
    units = time / count.length
    if count.rounding == "exact":
        return units
    if count.rounding == "started":
        return Fraction(ceil(units))
    rest = time - floor(units) * count.length
    return Fraction(floor(units) + (count.rest is not None and compare(rest, count.rest[1], count.rest[0])))


def _days(count: rules.Units, part: Sequence[Piece], almanac: Almanac) -> list[date] | Unknown:
    """Local or working days that are touched (started) or covered (full)."""
    zone = almanac.reader.zone
    days = {day: pieces for day, pieces in by_group(part, "local day").items() if isinstance(day, date)}
    if count.length == "working day":
        calendar = almanac.calendar()
        if isinstance(calendar, Unknown):
            return calendar
        days = {day: pieces for day, pieces in days.items() if is_working_day(day, calendar)}
    if count.rounding == "started":
        return list(days)
    return [day for day, pieces in days.items() if seconds_of(pieces) == end_of(day, zone) - start_of(day, zone)]


def _pay(pay: rules.Value | rules.Tiers, units: Fraction, reader: Reader) -> Fraction | Unknown:
    """What a number of units is worth: at one rate, at the rate of the total, or each unit at the rate of its number."""
    if not isinstance(pay, rules.Tiers):
        rate = amount_of(pay, reader)
        return rate if isinstance(rate, Unknown) else units * rate
    if pay.by == "count":
        value = next((value for last, value in pay.steps if units <= last), pay.last)
        rate = amount_of(value, reader)
        return rate if isinstance(rate, Unknown) else units * rate
    paid: list[Fraction | Unknown] = []
    below = Fraction(0)
    for last, value in (*pay.steps, (units, pay.last)):
        number = min(units, last) - below
        if number > 0:
            rate = amount_of(value, reader)
            paid.append(rate if isinstance(rate, Unknown) else number * rate)
            below = min(units, last)
    return all_unknown(paid) or sum(_known(paid), Fraction(0))


def _pay_by_day(pay: rules.Tiers, days: list[date] | Unknown, reader: Reader) -> Fraction | Unknown:
    """Each day at the rate of its number: how many days it comes after that of the instant, 0 for that day and any before."""
    assert pay.day_from is not None and not isinstance(days, Unknown)
    day_from = value_of(pay.day_from, reader)
    if isinstance(day_from, Unknown):
        return Unknown(day_from.fields | one_of((*(value for _, value in pay.steps), pay.last), reader).fields)
    assert isinstance(day_from, Moment)
    first = local(day_from.seconds, reader.zone).date()
    numbers = [max(0, (day - first).days) for day in days]
    values = [next((value for last, value in pay.steps if number <= last), pay.last) for number in numbers]
    rates = [amount_of(each, reader) for each in values]
    return all_unknown(rates) or sum(_known(rates), Fraction(0))
