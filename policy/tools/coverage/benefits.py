"""Benefits and their components: what pays, what is counted, what bounds an amount."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from policy.calculator import rules
from policy.calculator.benefit import BenefitRun, Component, ComponentRun
from policy.calculator.clock import Clock
from policy.calculator.codes import APPLICATION
from policy.calculator.counting import compile_units
from policy.calculator.facts import Row
from policy.calculator.stages import Stage
from policy.language.kinds import PAID_IN
from policy.tools.coverage.clocks import heaviest, see_bands, see_only
from policy.tools.coverage.conditions import condition_items, see_condition
from policy.tools.coverage.items import Item, Place, Seen
from policy.tools.coverage.values import see_value, value_items
from policy.tools.describing.values import length_said

ONE_MORE = "one more unit or second"
"""How far an amount stands from a bound at most: what one more counted unit, or second, adds to it."""


def benefit_items(benefit: rules.Benefit, place: Place) -> Iterator[Item]:
    """The items of a benefit."""
    yield from condition_items(benefit.when, place.at("when"))
    for component in benefit.components:
        alone = len(benefit.components) == 1
        inner = place if alone else place.at(f"{benefit.join} of", component.name, clause=component.clause.id)
        yield from _component_items(component, inner)
    if benefit.join == "larger":
        for number, component in enumerate(benefit.components):
            yield place.rule(benefit, f"larger {number}", f"one in which {component.name} is the larger")
    if benefit.minus is not None:
        yield place.at("minus").rule(benefit, "minus", "one in which something is set off")
        yield from value_items(benefit.minus, place.at("minus"))
    if _may_be_broken(benefit):
        yield place.at("round").rule(benefit, "round", f"one whose amount has to be rounded ({benefit.rounding})")
    for word, op, value in _bounds(benefit):
        inner = place.at(word)
        yield from value_items(value, inner)
        said = place.say.value(value, PAID_IN[benefit.kind])
        said = f"what the cycle has left of {said}" if word == "at most per cycle" else said
        yield from inner.edges(benefit, op, "one whose amount is", said, ONE_MORE, part=word)
    yield from _granted_items(benefit, place.at("granted"))


def _bounds(benefit: rules.Benefit) -> Iterator[tuple[str, rules.Op, rules.Value]]:
    """The bounds of an amount: the word, how the amount compares with it, its value."""
    if benefit.at_least is not None:
        yield "at least", "less than", benefit.at_least
    if benefit.at_most is not None:
        yield "at most", "at most", benefit.at_most
    if benefit.at_most_per_cycle is not None:
        yield "at most per cycle", "at most", benefit.at_most_per_cycle


def _granted_items(benefit: rules.Benefit, place: Place) -> Iterator[Item]:
    granted = benefit.granted
    if granted.how == "on claim":
        yield place.rule(benefit, "claimed", "one in which it is claimed")
        yield place.rule(benefit, "unclaimed", "one in which it is owed and not claimed")
    if granted.amount is not None:
        op, amount = granted.amount
        said = place.say.amount(amount, PAID_IN[benefit.kind])
        yield from place.edges(granted, op, "one whose amount is", said, ONE_MORE)
    yield from condition_items(granted.time, place)


def _component_items(component: rules.Component, place: Place) -> Iterator[Item]:
    count, pay = component.count, component.pay
    yield place.rule(component, "pays", "one in which this comes to something")
    yield from condition_items(component.when, place.at("when"))
    if isinstance(count, rules.Units):
        yield from _count_items(count, place.at("count"))
    if isinstance(pay, rules.Tiers):
        for number, (upper, value) in enumerate(pay.steps):
            inner = place.at("pay", f"at most {upper}")
            yield inner.rule(pay, str(number), f"one of which units are paid by the step up to {upper}")
            yield from inner.edges(pay, "at most", "one whose units are", str(upper), part=str(number))
            yield from value_items(value, inner)
        yield place.at("pay", "otherwise").rule(pay, str(len(pay.steps)), "one of which units are paid by the last step")
        yield from value_items(pay.last, place.at("pay", "otherwise"))
    elif not isinstance(pay, rules.Discretion):
        yield from value_items(pay, place.at("pay"))
    for factor in component.times:
        yield from value_items(factor, place.at("times"))


def _count_items(count: rules.Units, place: Place) -> Iterator[Item]:
    if count.of_each is not None:
        yield place.at("of each").rule(count, "parts", f"one with more than one {count.of_each}")
    if isinstance(count.length, str) or count.rounding == "exact":
        return
    said = f"a multiple of {length_said(count.length)}"
    op: rules.Op = "at most" if count.rounding == "started" else "less than"
    yield from place.at(count.rounding).edges(count, op, "one whose time is", said, "a second")
    if count.rest is not None:
        op, seconds = count.rest
        yield from place.at("rest").edges(count, op, "one whose rest is", length_said(seconds), "a second", part="rest")


def _may_be_broken(benefit: rules.Benefit) -> bool:
    """Whether an amount can lie between two units of rounding."""
    return any(
        (isinstance(component.count, rules.Units) and component.count.rounding == "exact")
        or any(_is_broken(value, benefit.unit) for value in _rates(component))
        or any(_is_broken(value, 1) for value in component.times)
        for component in benefit.components
    )


def _is_broken(value: rules.Value, unit: int) -> bool:
    match value:
        case rules.Constant(value=number):
            return number % unit != 0
        case rules.Fact():
            return unit != 1
        case rules.Named(figure=figure):
            return _is_broken(figure.value, unit)
        case rules.Larger(values=values):
            return any(_is_broken(each, unit) for each in values)
        case rules.CodeChoice(cases=pairs, otherwise=last) | rules.Ladder(steps=pairs, otherwise=last):
            return any(_is_broken(each, unit) for _, each in pairs) or (last is not None and _is_broken(last, unit))
        case _:
            return True


def _rates(component: rules.Component) -> list[rules.Value]:
    match component.pay:
        case rules.Tiers(steps=steps, last=last):
            return [*(value for _, value in steps), last]
        case rules.Discretion():
            return []
    return [component.pay]


def see_benefit(seen: Seen, row: Row, run: BenefitRun) -> None:
    """Marks what a benefit did in one run."""
    rule = run.benefit.rule
    see_condition(seen, rule.when, row)
    for component in run.components:
        _see_component(seen, row, component)
    if run.refusal is not None and run.refusal.stage < Stage.ROUND:
        return
    see_value(seen, rule.minus, row)
    if run.set_off:
        seen.rule(rule, "minus")
    if rule.join == "larger":
        amounts = [Fraction(each.amount, each.component.denominator) for each in run.components]
        for number, amount in enumerate(amounts):
            if amount and amount == max(amounts):
                seen.rule(rule, f"larger {number}")
    if max(run.joined - run.set_off, 0) != run.rounded * run.benefit.denominator:
        seen.rule(rule, "round")
    if run.rounded:
        _see_bounds(seen, row, run)


def _see_bounds(seen: Seen, row: Row, run: BenefitRun) -> None:
    rule = run.benefit.rule
    step = max([_step(seen, row, component) for component in run.components if component.refusal is None], default=Fraction(0))
    step = max(step, Fraction(rule.unit))
    before = {"at least": run.rounded, "at most": run.after_minimum, "at most per cycle": run.after_granted}
    for word, op, value in _bounds(rule):
        see_value(seen, value, row)
        bound = seen.number(value, row)
        if word == "at most per cycle" and run.cycle_left is not None:
            bound = Fraction(run.cycle_left)
        seen.edge(rule, op, before[word], bound, step, part=word)
    if run.refusal is not None:
        return
    if rule.granted.how == "on claim":
        seen.rule(rule, "claimed" if row.request.mode == APPLICATION else "unclaimed")
    if rule.granted.amount is not None:
        op, amount = rule.granted.amount
        seen.edge(rule.granted, op, run.quantity, amount, step)
    if rule.granted.time is not None:
        for component in run.components:
            if component.component.clock is not None and component.clock is not None:
                see_only(seen, row, component.component.clock, (rule.granted.time,), component.clock.spans)
                return


def _see_component(seen: Seen, row: Row, run: ComponentRun) -> None:
    component, rule = run.component, run.component.rule
    if see_condition(seen, rule.when, row) is not True or (run.clock is not None and run.clock.refusal is not None):
        return
    if isinstance(rule.count, rules.Units) and component.clock is not None:
        _see_count(seen, row, run, rule.count, component.clock)
    if run.refusal is not None:
        if run.refusal.stage == Stage.DISCRETION:
            seen.rule(rule, "pays")
        return
    if run.amount:
        seen.rule(rule, "pays")
    denominator = component.counter.denominator if component.counter else 1
    for part in run.parts:
        component.set_month(row, part)
        if isinstance(rule.pay, rules.Tiers):
            _see_tiers(seen, row, rule.pay, Fraction(part.units, denominator), _unit_of_count(rule.count))
        elif not isinstance(rule.pay, rules.Discretion):
            see_value(seen, rule.pay, row)
    for factor in rule.times:
        see_value(seen, factor, row)


def _see_tiers(seen: Seen, row: Row, tiers: rules.Tiers, units: Fraction, unit: Fraction) -> None:
    below = Fraction(0)
    steps = [*tiers.steps, (max(units, tiers.steps[-1][0]) if tiers.steps else units, tiers.last)]
    for number, (upper, value) in enumerate(steps):
        if number < len(tiers.steps):
            seen.edge(tiers, "at most", units, upper, unit, part=str(number))
        reached = units > below if tiers.by == "nth" else below < units <= upper
        if reached:
            seen.rule(tiers, str(number))
            see_value(seen, value, row)
        below = upper


def _see_count(seen: Seen, row: Row, run: ComponentRun, count: rules.Units, clock: Clock) -> None:
    if run.clock is None:
        return
    if len(run.parts) > 1 and count.of_each is not None:
        seen.rule(count, "parts")
    if count.measure is not None:
        see_bands(seen, row, clock, count.measure, run.clock.spans)
    if isinstance(count.length, str) or count.rounding == "exact":
        return
    exactly = compile_units(replace(count, rounding="exact", rest=None), clock, clock.almanac)
    second = heaviest(count.measure)
    for part in exactly.parts(row, run.clock):
        seconds = Fraction(part.units * count.length, exactly.denominator)
        whole, rest = divmod(seconds, count.length)
        if count.rounding == "started":
            if whole:
                seen.edge(count, "at most", rest, 0, second)
        else:
            seen.edge(count, "less than", rest or Fraction(count.length), count.length, second)
        if count.rest is not None:
            seen.edge(count, count.rest[0], rest, count.rest[1], second, part="rest")


def _unit_of_count(count: rules.Count) -> Fraction:
    """One unit, or the part of it that a second is."""
    if isinstance(count, rules.Units) and count.rounding == "exact" and isinstance(count.length, int):
        return heaviest(count.measure) / count.length
    return Fraction(1)


def _step(seen: Seen, row: Row, run: ComponentRun) -> Fraction:
    """What one more unit, or second, adds to the component, at its highest rate."""
    component: Component = run.component
    for part in run.parts:
        component.set_month(row, part)
    rates = [seen.number(value, row) for value in _rates(component.rule)]
    step = max(rates, default=Fraction(0)) * _unit_of_count(component.rule.count)
    for factor in component.rule.times:
        step *= seen.number(factor, row)
    return step
