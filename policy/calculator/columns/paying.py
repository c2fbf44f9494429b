"""Paying over columns: what the counted units of a component come to, part by part, before factors."""

from collections.abc import Callable
from math import gcd, lcm

import numpy as np

from policy.calculator import rules
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.calendar import ColumnTime
from policy.calculator.columns.column import Column, Read, fits
from policy.calculator.columns.counting import Parts
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import by_row
from policy.calculator.columns.unknown import Unknown, told_twice
from policy.calculator.columns.values import ColumnValues
from policy.calculator.compiled import common_factor
from policy.calculator.paying import units_at_most
from policy.calculator.values import MONTH_LENGTHS, Values

PerPart = Callable[[Frame, Mask, Parts], Ints]


class ColumnPayer:
    """What each row is paid for its parts: numerators over ``denominator``, up to ``bound``."""

    def __init__(
        self,
        pay: rules.Value | rules.Tiers,
        units_denominator: int,
        units_bound: int,
        values: ColumnValues,
        scalar: Values,
        almanac: ColumnAlmanac,
    ) -> None:
        tiers = pay if isinstance(pay, rules.Tiers) else None
        rates = [pay] if not isinstance(pay, rules.Tiers) else [*(value for _, value in pay.steps), pay.last]
        of_one = [scalar.compiled(rate) for rate in rates]
        denominator = lcm(*(rate.denominator for rate in of_one))
        folded = gcd(common_factor(of_one, denominator), units_denominator) or 1
        self.denominator = denominator * (units_denominator // folded)
        reads = [
            _per_part(values.column(rate), denominator, folded, almanac.time if of.by_month else None)
            for rate, of in zip(rates, of_one, strict=True)
        ]
        self.bound = fits(units_bound * max(bound for _, bound in reads))
        self._rates = [read for read, _ in reads]
        self._bounds = [] if tiers is None else [units_at_most(upper, units_denominator) for upper, _ in tiers.steps]
        self._marginal = tiers is not None and tiers.by == "nth"

    def paid(self, frame: Frame, live: Mask, parts: Parts) -> Ints:
        """By row."""
        if not self._bounds:
            each = parts.units * self._rates[0](frame, live, parts)
        elif self._marginal:
            each = self._by_number(frame, live, parts)
        else:
            each = self._by_count(frame, live, parts)
        return by_row(frame.count, parts.row, each)

    def _by_number(self, frame: Frame, live: Mask, parts: Parts) -> Ints:
        total, below = np.zeros(len(parts.units), np.int64), np.zeros(len(parts.units), np.int64)
        missed: list[Unknown] = []
        for rate, upper in zip(self._rates, [*self._bounds, None], strict=True):
            reached = parts.units if upper is None else np.minimum(parts.units, upper)
            paid = np.maximum(reached - below, 0)
            needed = _rows(frame, parts, paid > 0) & live
            each, unknown = frame.apart(_of_parts(rate, parts), needed)
            missed.append(unknown)
            total += each * paid
            below = np.maximum(below, reached)
        _note_all(frame, missed)
        return total

    def _by_count(self, frame: Frame, live: Mask, parts: Parts) -> Ints:
        taken = np.searchsorted(np.array(self._bounds, np.int64), parts.units, "left")
        total, missed = np.zeros(len(parts.units), np.int64), list[Unknown]()
        for number, rate in enumerate(self._rates):
            here = (taken == number) & (parts.units > 0)
            each, unknown = frame.apart(_of_parts(rate, parts), _rows(frame, parts, here) & live)
            missed.append(unknown)
            total = np.where(here, each * parts.units, total)
        _note_all(frame, missed)
        return total


def _of_parts(rate: PerPart, parts: Parts) -> Read:
    return lambda frame, live: rate(frame, live, parts)


def _note_all(frame: Frame, missed: list[Unknown]) -> None:
    """Notes what several rates do not know. Which clause a fact is missing under then hangs on the order of the parts: hard."""
    for unknown in missed:
        frame.note(unknown)
    twice = told_twice(missed)
    if twice is not None:
        frame.mark_hard(twice, "row")


def _per_part(rate: Column, denominator: int, folded: int, months: ColumnTime | None) -> tuple[PerPart, int]:
    """The rate of each part, and its greatest numerator. ``months``: it depends on the month in which the part begins."""
    assert rate.axis == "row"  # the language reads nothing of an outage here
    read, bound = rate.over(denominator), rate.bound * (denominator // rate.denominator) // folded
    if months is None:
        return lambda frame, live, parts: read(frame, live)[parts.row] // folded, bound
    time = months

    def by_month(frame: Frame, live: Mask, parts: Parts) -> Ints:
        days = time.days_in_month(time.month_of(parts.start))
        numbers = np.zeros(len(days), np.int64)
        for length in MONTH_LENGTHS:
            here = days == length
            if here.any():
                frame.days_in_month = length
                numbers[here] = read(frame, _rows(frame, parts, here) & live)[parts.row[here]]
        return numbers // folded

    return by_month, bound


def _rows(frame: Frame, parts: Parts, where: Mask) -> Mask:
    rows = np.zeros(frame.count, np.bool_)
    rows[parts.row[where]] = True
    return rows
