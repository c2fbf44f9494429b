"""Components: how many units there are, and what they are worth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor, prod

from policy.calculator import rules
from tests.judge.clocks import Almanac
from tests.judge.facts import Reader, Unknown
from tests.judge.occasions import Occasion
from tests.judge.pieces import Piece, by_group, seconds_of
from tests.judge.there import There
from tests.judge.values import all_unknown, amount_of, compare, cycle_of, holds
from tests.judge.wall_clock import days_in_month, end_of, is_working_day, start_of

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
        return _days(count, part, almanac)
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


def _days(count: rules.Units, part: list[Piece], almanac: Almanac) -> Fraction | Unknown:
    """Local or working days that are touched (started) or covered (full)."""
    zone = almanac.reader.zone
    days = by_group(part, "local day")
    if count.length == "working day":
        calendar = almanac.calendar()
        if isinstance(calendar, Unknown):
            return calendar
        days = {day: pieces for day, pieces in days.items() if isinstance(day, date) and is_working_day(day, calendar)}
    if count.rounding == "started":
        return Fraction(len(days))
    covered = [
        day
        for day, pieces in days.items()
        if isinstance(day, date) and seconds_of(pieces) == end_of(day, zone) - start_of(day, zone)
    ]
    return Fraction(len(covered))


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
