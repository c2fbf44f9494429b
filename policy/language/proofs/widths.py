"""How wide the numbers of a policy grow: whether every one that an amount is made of fits 64 bits.

The calculator multiplies numerators and divides once, at the rounding. A numerator is its value times its denominator, so its
bound is the bound of the value, which follows from what facts may be at most, times the denominator that the calculator
compiles. Bounds of time are those of 400 days without service. An amount is that of one occasion, and no occasion has more time
than all of them together, so what bounds a decision on all of it bounds each. A policy that does not fit is not refused:
Python's integers never wrap, and a row that might is decided by them. Sums over occasions stay below the cap that they are held
against, or are not formed. Parts of a grant for its outages are products and quotients of 128 bits, and never above the grant;
what third parties owe is worked out of parts in the same way. Neither is counted here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Final

from policy.calculator import rules
from policy.calculator.checks import MAX_INSTANT, MAX_ITEMS, MAX_QUANTITY
from policy.calculator.lowering.lower import Lowering
from policy.calculator.lowering.pay import Pay
from policy.language.proofs.comparing import branches
from policy.language.proofs.names import NUMBERS
from policy.language.proofs.walk import component_path, figure_value, inner_values, rules_of

MAX_TIME_SECONDS: Final = 400 * 86_400
_LIMIT: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Width:
    """The largest absolute number that is formed at one place."""

    path: tuple[str, ...]
    clause: str
    largest: int

    @property
    def said(self) -> str:
        """``2^54.6 at benefits.data.round``."""
        return f"2^{_power(self.largest)} at {'.'.join(self.path)}"


def numbers(version: rules.Version) -> rules.Property:
    """The widest number of any amount, and every place where one may not fit."""
    widths = list(Widths(version).all())
    widest = max(widths, key=lambda width: width.largest)
    over = [width for width in widths if width.largest > _LIMIT]
    doubts = tuple(
        rules.Doubt(width.path, width.path[-1], width.clause, f"numbers reach 2^{_power(width.largest)}") for width in over
    )
    because = f"the widest number is {widest.said}, for {MAX_TIME_SECONDS // 86_400} days"
    if over:
        because += "; amounts of it are worked out in Python's integers"
    return rules.Property(NUMBERS, not over, because, doubts)


def _power(number: int) -> str:
    """The logarithm to base 2, rounded up to a tenth."""
    tenths = 10 * max(number.bit_length() - 1, 0)
    while 2**tenths < number**10:
        tenths += 1
    return f"{tenths // 10}.{tenths % 10}"


def largest(value: rules.Value) -> Fraction:
    """The largest number that ``value`` can come to; codes and yes-or-no count for nothing."""
    value = figure_value(value)
    match value:
        case rules.Constant(value=number):
            return number
        case rules.Fact():
            return _largest_fact(value)
        case rules.Length():
            return Fraction(MAX_TIME_SECONDS)
        case rules.Availability():
            return Fraction(1)
        case rules.Share(ratio=ratio, of=of):
            return ratio * largest(of)
        case rules.MonthShare(numerator=numerator, of=of) | rules.CycleShare(numerator=numerator, of=of):
            return Fraction(numerator, 28) * largest(of)
        case rules.Larger() | rules.CodeChoice() | rules.Ladder():
            return max(largest(branch) for branch in branches(value))
    return Fraction(0)


def _largest_fact(fact: rules.Fact) -> Fraction:
    if fact.at_most is not None:
        return Fraction(fact.at_most)
    match fact.type:
        case "money" | "bytes":
            return Fraction(MAX_QUANTITY)
        case "number" | "ratio" | "seconds" if fact.attribute:
            return Fraction(MAX_QUANTITY)
        case "number":  # of value-added services
            return Fraction(MAX_ITEMS)
        case "seconds" | "instant":  # notice is a difference of instants
            return Fraction(MAX_INSTANT)
        case "date":
            return Fraction(date.max.toordinal())
    return Fraction(1)


@dataclass(frozen=True, slots=True)
class Counted:
    """The units of a component: at most so many, over this denominator; the largest number that counting forms."""

    units: Fraction
    denominator: int
    largest: int


class Widths:
    """The numbers of one version, as the calculator forms them."""

    def __init__(self, version: rules.Version) -> None:
        self.version = version
        self.lower = Lowering(version).value  # values are lowered for their denominators, and never run

    def all(self) -> Iterator[Width]:
        yield from self._comparisons()
        for clock in self.version.clocks:
            yield from self._tests(clock)
        for benefit in self.version.benefits:
            yield from self._of_benefit(benefit)

    def denominator(self, value: rules.Value) -> int:
        return self.lower(value).denominator

    def _comparisons(self) -> Iterator[Width]:
        """Values themselves, and both sides of every comparison, which is cross-multiplied."""
        for rule in rules_of(self.version):
            path, clause = rule.path, rule.clause.id if rule.clause else ""
            for each in inner_values(rule.what):
                for subject, bound in _bounds(each):
                    yield Width(path, clause, self._compared(subject, bound))

    def _compared(self, subject: rules.Value, bound: rules.Bound) -> int:
        limit, limit_denominator = largest(bound.value), self.denominator(bound.value)
        inner = figure_value(subject)
        if isinstance(inner, rules.Quotient):
            above, below = inner.numerator, inner.denominator
            scale = self.denominator(above) * self.denominator(below) * limit_denominator
            return int(max(largest(above), limit * largest(below)) * scale)
        if isinstance(inner, rules.Availability):  # time over time
            return int(MAX_TIME_SECONDS * max(limit, Fraction(1)) * limit_denominator)
        scale = self.denominator(subject) * limit_denominator
        return 0 if scale == 1 else int(max(largest(subject), limit) * scale)  # what a request gives fits as it is

    def _tests(self, clock: rules.Clock) -> Iterator[Width]:
        """Conditions on time: what a scope holds against the threshold, cross-multiplied."""
        for number, step in enumerate(clock.only):
            for test in inner_values(step):
                if isinstance(test, rules.TimeIn):
                    scale = self._time_scale(clock, test.measure)
                    time = self._most_time(clock, test.measure)
                    most = int(max(time, test.seconds) * scale * test.seconds.denominator)
                    yield Width(("clocks", clock.name, "only", str(number), test.scope), clock.clause.id, most)

    def _time_scale(self, clock: rules.Clock, measure: rules.Measure | None) -> int:
        return 1 if measure is None else measure_scale(measure) * self.level_denominator(clock)

    def level_denominator(self, clock: rules.Clock) -> int:
        product = 1
        for factor in clock.liable:
            product *= self.denominator(factor)
        return product

    @staticmethod
    def _most_time(clock: rules.Clock, measure: rules.Measure | None) -> Fraction:
        """All time that is counted: plain seconds, or weighted ones times how far the operator answers."""
        time = Fraction(MAX_TIME_SECONDS)
        if measure is None:
            return time
        time *= max(max(band.working, band.other) for band in measure.bands)
        for factor in clock.liable:
            time *= largest(factor)
        return time

    def counted(self, component: rules.Component) -> Counted:
        """Units of all parts together. Each part can round one unit up; there are no more parts than outages, or pauses."""
        count, clock = component.count, component.clock
        if isinstance(count, rules.Number):
            units = largest(count.fact)
            return Counted(units, 1, int(units))
        if isinstance(count, rules.Once) or clock is None:
            return Counted(Fraction(1), 1, 1)
        parts = MAX_TIME_SECONDS // 2 if clock.minus else MAX_ITEMS
        parts += MAX_TIME_SECONDS // (28 * 86_400) + 2  # the months that the parts are cut at; a cycle has two edges
        if isinstance(count.length, str):
            days = Fraction(MAX_TIME_SECONDS // 82_800 + 2 * parts)  # a day has at least 23 hours
            return Counted(days, 1, int(days))
        scale, time = self._time_scale(clock, count.measure), self._most_time(clock, count.measure)
        unit = count.length * scale
        if count.rounding == "exact":
            return Counted(time / count.length, unit, int(time * scale))
        units = time // count.length + Fraction(parts)
        return Counted(units, 1, int(max(time * scale, units)))

    def component_denominator(self, component: rules.Component) -> tuple[int, int]:
        """The denominators of what units are paid, and of the amount, with the factors."""
        payer = Pay(component.pay, self.counted(component).denominator, self.lower)
        denominator = payer.denominator
        for factor in component.times:
            denominator *= self.denominator(factor)
        return payer.denominator, denominator

    def _of_benefit(self, benefit: rules.Benefit) -> Iterator[Width]:
        path, clause = ("benefits", benefit.name), benefit.components[0].clause.id
        amounts: list[Fraction] = []
        denominators: list[int] = []
        for component in benefit.components:
            counted, (paid, denominator) = self.counted(component), self.component_denominator(component)
            own, own_clause = component_path(benefit, component), component.clause.id
            yield Width((*own, "count"), own_clause, counted.largest)
            amount = counted.units * largest_rate(component.pay)
            yield Width((*own, "pay"), own_clause, int(amount * paid))
            for factor in component.times:
                amount *= largest(factor)
            yield Width((*own, "times"), own_clause, int(amount * denominator))
            amounts.append(amount)
            denominators.append(denominator)
        minus = [] if benefit.minus is None else [benefit.minus]
        denominator = lcm(*denominators, *map(self.denominator, minus))
        joined = sum(amounts) if benefit.join == "sum" else max(amounts)
        owed = max(joined, *map(largest, minus), Fraction(0)) * denominator
        step = denominator * benefit.unit
        yield Width((*path, "round"), clause, int(2 * owed + step if benefit.rounding == "half up" else owed + step))
        yield from self._bounds_of(benefit)

    def _bounds_of(self, benefit: rules.Benefit) -> Iterator[Width]:
        path, clause = ("benefits", benefit.name), benefit.components[0].clause.id
        for word, bound in (("at least", benefit.at_least), ("at most", benefit.at_most)):
            if bound is not None:
                step = self.denominator(bound) * benefit.unit
                yield Width((*path, word), clause, int(largest(bound) * self.denominator(bound) + step))
        for word, cap in (("at most per cycle", benefit.at_most_per_cycle), ("at most per month", benefit.at_most_per_month)):
            if cap is not None:
                denominator = self.denominator(cap)
                used = Fraction(0 if denominator == 1 else MAX_QUANTITY)  # what a request gives fits as it is
                yield Width((*path, word), clause, int(max(largest(cap), used) * denominator))


def measure_scale(measure: rules.Measure) -> int:
    """The common denominator of a measure's weights."""
    return lcm(*(weight.denominator for band in measure.bands for weight in (band.working, band.other)))


def _bounds(each: rules.Value | rules.Condition) -> list[tuple[rules.Value, rules.Bound]]:
    match each:
        case rules.Ladder(subject=subject, steps=steps):
            return [(subject, bound) for bound, _ in steps]
        case rules.Compare(subject=subject, bound=bound):
            return [(subject, bound)]
    return []


def largest_rate(pay: rules.Value | rules.Tiers | rules.Discretion) -> Fraction:
    if isinstance(pay, rules.Discretion):
        return Fraction(0)
    if isinstance(pay, rules.Tiers):
        return max(largest(rate) for rate in (*(rate for _, rate in pay.steps), pay.last))
    return largest(pay)
