"""Paying: what the counted units of a component come to, part by part, before factors."""

from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from policy.calculator import rules
from policy.calculator.compiled import Compiled, Read, common_factor
from policy.calculator.facts import Missing, Row
from policy.calculator.values import Values

Pay = Callable[[Row, int], int]


class Payer:
    """What ``units`` (a numerator over the counter's denominator) are paid: a numerator over ``denominator``.

    ``by_month``: the row must hold the days of the month in which the part begins.
    """

    __slots__ = ("by_month", "denominator", "pay")

    def __init__(self, pay: Pay, denominator: int, *, by_month: bool) -> None:
        self.pay = pay
        self.denominator = denominator
        self.by_month = by_month


def compile_pay(pay: rules.Value | rules.Tiers | rules.Discretion, units_denominator: int, values: Values) -> Payer:
    """A flat rate, or tiers by the number of the unit or by the total count. What is at discretion is never paid by itself."""
    if isinstance(pay, rules.Discretion):
        return Payer(lambda _, units: 0, 1, by_month=False)
    if not isinstance(pay, rules.Tiers):
        rate = values.compiled(pay)
        folded = gcd(rate.common, units_denominator)
        read = _divided(rate, rate.denominator, folded)
        denominator = rate.denominator * (units_denominator // folded)
        return Payer(lambda row, units: units * read(row), denominator, by_month=rate.by_month)
    rates = [values.compiled(value) for _, value in pay.steps] + [values.compiled(pay.last)]
    denominator = lcm(*(rate.denominator for rate in rates))
    folded = gcd(common_factor(rates, denominator), units_denominator)
    reads = [_divided(rate, denominator, folded) for rate in rates]
    bounds = [units_at_most(upper, units_denominator) for upper, _ in pay.steps]
    paid = _marginal(reads, bounds) if pay.by == "nth" else _bracket(reads, bounds)
    return Payer(paid, denominator * (units_denominator // folded), by_month=any(rate.by_month for rate in rates))


def _divided(rate: Compiled, denominator: int, folded: int) -> Read:
    """A rate as a numerator over ``denominator``, less the factor that all rates have in common with the units.

    It keeps products small: 200 MiB for each of 144,000 parts of an hour is 65,536 for each of 45.
    """
    read = rate.scaled_to(denominator)
    if folded == 1:
        return read

    def divided(ctx: Any) -> Any:
        return read(ctx) // folded

    return divided


def units_at_most(upper: Fraction, units_denominator: int) -> int:
    """The greatest numerator that is still at most ``upper`` units."""
    return upper.numerator * units_denominator // upper.denominator


def _marginal(reads: list[Callable[[Row], int]], bounds: list[int]) -> Pay:
    """Each unit is paid by its own number: the first tier's units at the first rate, the next at the next."""

    def paid(row: Row, units: int) -> int:
        total, below = 0, 0
        missing: dict[str, str] = {}
        for read, upper in zip(reads, [*bounds, units], strict=True):
            reached = min(units, upper)
            if reached > below:
                try:
                    total += read(row) * (reached - below)
                except Missing as unknown:
                    missing |= unknown.fields
                below = reached
        if missing:
            raise Missing(missing)
        return total

    return paid


def _bracket(reads: list[Callable[[Row], int]], bounds: list[int]) -> Pay:
    """All units are paid at the rate of the bracket that their total falls in."""

    def paid(row: Row, units: int) -> int:
        if not units:
            return 0
        for read, upper in zip(reads, bounds, strict=False):
            if units <= upper:
                return read(row) * units
        return reads[-1](row) * units

    return paid
