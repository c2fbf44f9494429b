"""A benefit for one request: components joined, set off, rounded once, bounded; every step kept for the explanation."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import lcm
from typing import TYPE_CHECKING, TypeVar

from policy.calculator import rules
from policy.calculator.almanac import Almanac
from policy.calculator.clock import Clock, ClockRun
from policy.calculator.codes import APPLICATION
from policy.calculator.compiled import Compiled, compare
from policy.calculator.conditions import Test, compile_condition
from policy.calculator.counting import Counter, Part, compile_units
from policy.calculator.facts import Missing, Row, gather
from policy.calculator.only import Only, Verdict, compile_only, raise_missing
from policy.calculator.paying import compile_pay
from policy.calculator.request import Interval
from policy.calculator.stages import Refusal, Stage
from policy.calculator.values import Values

if TYPE_CHECKING:
    from policy.calculator.columns.questions import Ints

Number = TypeVar("Number", int, "Ints")
RunOf = Callable[[Clock], ClockRun]
"""Gives the run of a clock for the row that is being decided, each once."""


class ComponentRun:
    """What a component came to: ``amount`` is a numerator over the component's denominator."""

    clock: ClockRun | None = None
    parts: Sequence[Part] = ()
    paid: Sequence[int] = ()
    times: Sequence[int] = ()
    amount = 0
    refusal: Refusal | None = None

    def __init__(self, component: "Component") -> None:
        self.component = component


class Component:
    """A compiled component: units of each part × pay, added, × factors, over ``denominator``."""

    def __init__(self, rule: rules.Component, clock: Clock | None, values: Values, almanac: Almanac) -> None:
        self.rule = rule
        self.clock = clock
        self._when = None if rule.when is None else compile_condition(rule.when, values, of_outage=False)
        self._number = values.compiled(rule.count.fact).read if isinstance(rule.count, rules.Number) else None
        self.counter: Counter | None = None
        if isinstance(rule.count, rules.Units):
            assert clock is not None  # the language refuses units of time without a clock
            self.counter = compile_units(rule.count, clock, almanac)
        self._at_discretion = isinstance(rule.pay, rules.Discretion)
        payer = compile_pay(rule.pay, self.counter.denominator if self.counter else 1, values)
        self._pay, self.by_month, self.pay_denominator = payer.pay, payer.by_month, payer.denominator
        self.factors: list[Compiled] = [values.compiled(factor) for factor in rule.times]
        self.denominator = payer.denominator
        for factor in self.factors:
            self.denominator *= factor.denominator
        self._local = almanac.local

    def run(self, row: Row, run_of: RunOf) -> ComponentRun:
        """Raises Missing, naming every fact that the amount needs and the request lacks."""
        run = ComponentRun(self)
        if self._when is not None and not self._holds(self._when, row):
            run.refusal = Refusal(Stage.WHEN, self.rule.clause.id)
            return run
        if self.clock is not None:
            run.clock = run_of(self.clock)
            if run.clock.refusal is not None:
                run.refusal = run.clock.refusal
                return run
        run.parts = self._count(row, run.clock)
        if not any([part.units for part in run.parts]):
            run.refusal = Refusal(Stage.COUNT, self.rule.clause.id)
            return run
        if self._at_discretion:
            run.refusal = Refusal(Stage.DISCRETION, self.rule.clause.id)
            return run
        try:
            run.paid = [self._paid(row, part) for part in run.parts]
            run.times = [factor.read(row) for factor in self.factors]
        except Missing:
            raise self._all_missing(row, run.parts) from None
        run.amount = sum(run.paid)
        for factor in run.times:
            run.amount *= factor
        return run

    def _holds(self, when: Test, row: Row) -> bool:
        try:
            return when(row)
        except Missing as missing:
            raise missing.cited(self.rule.clause.id) from None

    def _count(self, row: Row, clock: ClockRun | None) -> list[Part]:
        try:
            if self.counter is not None:
                assert clock is not None
                return self.counter.parts(row, clock)
            # A count without a clock has no day of its own; what a month share then reads is the month it is looked at.
            start = clock.spans[0].start if clock is not None else row.request.as_of
            return [Part(start, 1 if self._number is None else self._number(row))]
        except Missing as missing:
            raise missing.cited(self.rule.clause.id) from None

    def set_month(self, row: Row, part: Part) -> None:
        """Tells the row the month that a share of the month's days reads: the one in which the part begins."""
        if self.by_month:
            row.days_in_month = self._local.days_in_month(self._local.month_of(part.start))

    def _paid(self, row: Row, part: Part) -> int:
        self.set_month(row, part)
        return self._pay(row, part.units)

    def _all_missing(self, row: Row, parts: Sequence[Part]) -> Missing:
        pay = [partial(self._paid, row, part) for part in parts]
        factors = [partial(factor.read, row) for factor in self.factors]
        return Missing(gather([*pay, *factors])).cited(self.rule.clause.id)


class BenefitRun:
    """What a benefit came to, step by step, in base units.

    ``joined`` and ``set_off`` are exact, as numerators over the benefit's denominator; from ``rounded`` on, all is whole.
    ``capped``: a cap lowered it. ``claim_required``: owed, but only on a claim.
    """

    set_off = joined = rounded = after_minimum = after_cap = after_granted = quantity = 0
    cycle_left: int | None = None
    capped = claim_required = False
    refusal: Refusal | None = None

    def __init__(self, benefit: "Benefit") -> None:
        self.benefit = benefit
        self.components: list[ComponentRun] = []


class Benefit:
    """A compiled benefit. ``window``: the fixed span in which its grants can be used."""

    def __init__(self, rule: rules.Benefit, clocks: Mapping[str, Clock], values: Values, almanac: Almanac) -> None:
        self.rule = rule
        self.clause = rule.components[0].clause.id  # what grants it
        self.components = [
            Component(each, None if each.clock is None else clocks[each.clock.name], values, almanac)
            for each in rule.components
        ]
        self._when = None if rule.when is None else compile_condition(rule.when, values, of_outage=False)
        self._not_covered = Refusal(Stage.WHEN, self.clause)
        self.window: Interval | None = None
        if rule.usable is not None:
            first, end = (almanac.local.starts_at(day.toordinal()) for day in rule.usable)
            self.window = Interval(first, end)
        minus = None if rule.minus is None else values.compiled(rule.minus)
        self._at_least = _taken_up(rule.at_least, rule.unit, values)
        self._at_most = _taken_down(rule.at_most, rule.unit, values)
        self._cycle = None if rule.at_most_per_cycle is None else values.compiled(rule.at_most_per_cycle)
        self.denominator = lcm(*(each.denominator for each in self.components), minus.denominator if minus else 1)
        self._minus = None if minus is None else minus.scaled_to(self.denominator)
        cycle = None if self._cycle is None else self._cycle.read
        self._bounds = [each for each in (self._at_least, self._at_most, cycle) if each is not None]
        self.owed_when: dict[str, Only] = {}
        if rule.granted.time is not None:
            for clock in (each.clock for each in self.components if each.clock is not None):
                self.owed_when[clock.rule.name] = compile_only((rule.granted.time,), values, almanac, clock.level_denominator)

    def run(self, row: Row, run_of: RunOf) -> BenefitRun:
        """Raises Missing, naming every fact that the amount needs and the request lacks."""
        run = BenefitRun(self)
        if self._when is not None:
            try:
                if not self._when(row):
                    run.refusal = self._not_covered
                    return run
            except Missing as missing:
                raise missing.cited(self.clause) from None
        missing_facts: dict[str, str] = {}
        for component in self.components:
            try:
                run.components.append(component.run(row, run_of))
            except Missing as missing:
                missing_facts |= missing.fields
        if missing_facts:
            raise Missing(missing_facts)
        refusals = [each.refusal for each in run.components]
        if all(refusals):
            run.refusal = max((each for each in refusals if each), key=lambda refusal: refusal.stage)
            return run
        self._settle(row, run)
        return run

    def _settle(self, row: Row, run: BenefitRun) -> None:
        """Joins, sets off, rounds, bounds; the first step that leaves nothing refuses."""
        amounts = [each.amount * (self.denominator // each.component.denominator) for each in run.components]
        joined = sum(amounts) if self.rule.join == "sum" else max(amounts)
        set_off = 0 if self._minus is None else self._minus(row)
        owed = max(joined - set_off, 0)
        run.joined, run.set_off = joined, set_off
        unit = self.rule.unit
        run.rounded = run.quantity = round_to(owed, self.denominator * unit, self.rule.rounding) * unit
        if not run.rounded:
            run.refusal = Refusal(Stage.ROUND, self.clause)
        else:
            try:
                self._bound(row, run, unit)
            except Missing as missing:
                raise Missing(gather([partial(read, row) for read in self._bounds]) or missing.fields) from None
        if run.refusal is not None:  # beside what comes to nothing by a formula, what a person has to set still stands
            run.refusal = next(filter(_at_discretion, (each.refusal for each in run.components)), run.refusal)

    def _bound(self, row: Row, run: BenefitRun, unit: int) -> None:
        quantity = run.rounded
        if self._at_least is not None:
            quantity = max(quantity, self._at_least(row))
        run.after_minimum = quantity
        if self._at_most is not None:
            quantity = min(quantity, self._at_most(row))
        run.after_cap = quantity
        run.capped = quantity < run.after_minimum
        if not quantity:
            run.refusal = Refusal(Stage.CAP, self.clause)
        quantity = max(quantity - row.request.already_granted.get(self.rule.name, 0), 0)
        run.after_granted = quantity
        if not quantity and run.refusal is None:
            run.refusal = Refusal(Stage.GRANTED_BEFORE, self.clause)
        if self._cycle is not None:
            granted = row.subscriber.granted_this_cycle
            used = granted.get(self.rule.name, 0) if granted is not None else 0
            left = self._cycle.read(row) - used * self._cycle.denominator
            run.cycle_left = max(left // (self._cycle.denominator * unit) * unit, 0)
            if run.cycle_left < quantity:
                run.capped, quantity = True, run.cycle_left
        if not quantity and run.refusal is None:
            run.refusal = Refusal(Stage.CAP, self.clause)
        run.quantity = quantity
        run.claim_required = bool(quantity) and row.request.mode != APPLICATION and not self._automatic(row, run)

    def _automatic(self, row: Row, run: BenefitRun) -> bool:
        """Whether it is granted without a claim."""
        granted = self.rule.granted
        if granted.how != "automatically when":
            return granted.how == "automatically"
        if granted.amount is not None:
            return compare(granted.amount[0], run.quantity, granted.amount[1])
        return self._holds_of_time(row, run)

    def _holds_of_time(self, row: Row, run: BenefitRun) -> bool:
        """Whether the condition holds of any time that was counted; where it does, it matters not what the rest misses."""
        verdicts: list[Verdict] = []
        for each in run.components:
            clock = each.component.clock
            if clock is not None and each.clock is not None and each.parts:
                only = self.owed_when[clock.rule.name]
                verdicts += only.judges[0](row, only.split(each.clock.spans))
        if True not in verdicts:
            raise_missing(verdicts)
        return True in verdicts


def _at_discretion(refusal: Refusal | None) -> bool:
    return refusal is not None and refusal.stage == Stage.DISCRETION


def _taken_down(cap: rules.Value | None, unit: int, values: Values) -> Callable[[Row], int] | None:
    """A cap as a multiple of ``unit``, down; worked out when the policy is loaded where it is fixed."""
    if cap is None:
        return None
    compiled = values.compiled(cap)
    read, denominator = compiled.read, compiled.denominator * unit
    if isinstance(cap, rules.Constant):
        fixed = read(None) // denominator * unit
        return lambda _: fixed
    return lambda row: read(row) // denominator * unit


def _taken_up(minimum: rules.Value | None, unit: int, values: Values) -> Callable[[Row], int] | None:
    """A minimum as a multiple of ``unit``, up."""
    if minimum is None:
        return None
    compiled = values.compiled(minimum)
    read, denominator = compiled.read, compiled.denominator * unit
    return lambda row: -(-read(row) // denominator) * unit


def round_to(numerator: Number, denominator: int, rounding: rules.Rounding) -> Number:
    """``numerator / denominator``, not negative, as a whole number: up, down, or half up. The only division of an amount.

    Of one number, or of a column of them.
    """
    match rounding:
        case "up":
            return -(-numerator // denominator)
        case "down":
            return numerator // denominator
        case "half up":
            return (2 * numerator + denominator) // (2 * denominator)
