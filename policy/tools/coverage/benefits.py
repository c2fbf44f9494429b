"""Benefits and their components: what pays, what is counted, what bounds an amount."""

from collections.abc import Iterator
from fractions import Fraction

from policy.calculator import rules
from policy.calculator.codes import APPLICATION
from policy.calculator.lowering.only import heaviest
from policy.calculator.memory import HERE, Memory
from policy.calculator.stages import Stage
from policy.calculator.trace import BenefitRun, ComponentRun, Refused, Run
from policy.language.kinds import PAID_IN
from policy.language.proofs.walk import inner_values
from policy.tools.coverage.branches import condition_items, value_items
from policy.tools.coverage.clocks import see_bands, see_step
from policy.tools.coverage.items import Item, Place, Seen
from policy.tools.describing.values import length_text

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
        said = f"what the {word.rsplit(' ', 1)[1]} has left of {said}" if word.startswith("at most per") else said
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
    if benefit.at_most_per_month is not None:
        yield "at most per month", "at most", benefit.at_most_per_month


def _granted_items(benefit: rules.Benefit, place: Place) -> Iterator[Item]:
    granted = benefit.granted
    if granted.how == "on claim":
        yield place.rule(benefit, "claimed", "one in which it is claimed")
        yield place.rule(benefit, "unclaimed", "one in which it is owed and not claimed")
    for amount in amounts_in(granted.when):
        said = place.say.amount(amount.quantity, PAID_IN[benefit.kind])
        yield from place.edges(amount, amount.op, "one whose amount is", said, ONE_MORE)
    yield from condition_items(granted.when, place)


def amounts_in(condition: rules.Condition | None) -> Iterator[rules.AmountIs]:
    """The bounds of what is owed that a condition tests."""
    for each in () if condition is None else inner_values(condition):
        if isinstance(each, rules.AmountIs):
            yield each


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
            if pay.day_from is None:  # of numbered days the trace keeps how many each step paid, not their numbers
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
    said = f"a multiple of {length_text(count.length)}"
    op: rules.Op = "at most" if count.rounding == "started" else "less than"
    yield from place.at(count.rounding).edges(count, op, "one whose time is", said, "a second")
    if count.rest is not None:
        op, seconds = count.rest
        yield from place.at("rest").edges(count, op, "one whose rest is", length_text(seconds), "a second", part="rest")


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


def see_refused(seen: Seen, run: Run, refused: Refused) -> None:
    """Marks what a benefit did that there was no occasion for."""
    if refused.benefit.when_of_request is not None:
        seen.take(refused.benefit.when_of_request.taken(run.memory, HERE))


def see_benefit(seen: Seen, run: Run, known: BenefitRun) -> None:
    """Marks what a benefit did in one occasion of a run."""
    benefit, rule = known.benefit, known.benefit.rule
    known.enter()
    if benefit.when is not None:
        seen.take(benefit.when.taken(run.memory, HERE))
    for component in known.components:
        _see_component(seen, run, component)
    if known.refusal is not None and known.refusal.stage < Stage.ROUND:
        return
    if benefit.minus is not None:
        seen.take(benefit.minus.taken(known.enter(), HERE))
    if known.set_off:
        seen.rule(rule, "minus")
    if rule.join == "larger":
        amounts = [Fraction(each.amount, each.component.denominator) for each in known.components]
        for number, amount in enumerate(amounts):
            if amount and amount == max(amounts):
                seen.rule(rule, f"larger {number}")
    if max(known.joined - known.set_off, 0) != known.rounded * benefit.denominator:
        seen.rule(rule, "round")
    if known.rounded:
        _see_bounds(seen, run, known)


def _see_bounds(seen: Seen, run: Run, known: BenefitRun) -> None:
    benefit, rule, memory = known.benefit, known.benefit.rule, run.memory
    step = max([_step(memory, each) for each in known.components if each.refusal is None], default=Fraction(0))
    step = max(step, Fraction(rule.unit))
    known.enter()
    bounds = benefit.bounds
    for value in (bounds.at_least, bounds.at_most, bounds.per_cycle, bounds.per_month):
        if value is not None:
            seen.take(value.taken(memory, HERE))
    if bounds.at_least is not None and (bound := bounds.at_least.number(memory, HERE)) is not None:
        seen.edge(rule, "less than", known.rounded, bound, step, part="at least")
    if bounds.at_most is not None and (bound := bounds.at_most.number(memory, HERE)) is not None:
        seen.edge(rule, "at most", known.after_minimum, bound, step, part="at most")
    if known.cycle_left is not None:
        seen.edge(rule, "at most", known.after_granted, known.cycle_left, step, part="at most per cycle")
    if known.month_left is not None:
        left = known.after_granted if known.cycle_left is None else min(known.after_granted, known.cycle_left)
        seen.edge(rule, "at most", left, known.month_left, step, part="at most per month")
    if known.refusal is None:
        _see_granted(seen, run, known, step)


def _see_granted(seen: Seen, run: Run, known: BenefitRun, step: Fraction) -> None:
    rule, granted = known.benefit.rule, known.benefit.rule.granted
    if granted.how == "on claim":
        seen.rule(rule, "claimed" if run.row.request.mode == APPLICATION else "unclaimed")
    for amount in amounts_in(granted.when):
        seen.edge(amount, amount.op, known.after_cap, amount.quantity, step)
    automatic = known.benefit.automatic
    if automatic.when is not None:
        seen.take(automatic.when.taken(known.enter(), HERE))
    for step_of_time in automatic.steps.values():
        known.enter()
        see_step(seen, run, step_of_time)


def _see_component(seen: Seen, run: Run, known: ComponentRun) -> None:
    component, rule, memory = known.component, known.component.rule, known.enter()
    if component.when is not None:
        seen.take(component.when.taken(memory, HERE))
    if known.refusal is not None and known.refusal.stage < Stage.COUNT:
        return
    _see_count(seen, run, known)
    if known.amount or (known.refusal is not None and known.refusal.stage == Stage.DISCRETION):
        seen.rule(rule, "pays")
    if known.refusal is not None:
        return
    for part in known.parts:
        units = Fraction(part.units, component.units_denominator)
        seen.take(component.pay.taken(memory, part.at, units, _unit_of_count(rule.count)))
    for factor in component.times:
        seen.take(factor.taken(memory, HERE))


def _see_count(seen: Seen, run: Run, known: ComponentRun) -> None:
    count = known.component.units
    if count is None or known.clock is None:
        return
    if len(known.parts) > 1 and count.of_each is not None:
        seen.rule(count, "parts")
    if count.measure is not None:
        see_bands(seen, run, count.measure, [(span.start, span.end) for span in known.clock.spans])
    if isinstance(count.length, int) and count.rounding != "exact":
        for part in known.parts:
            _see_units(seen, count, count.length, known.time_of(part))


def _see_units(seen: Seen, count: rules.Units, length: int, time: Fraction) -> None:
    """How far the time of a part stands from whole units, and its rest from what counts as one."""
    second = heaviest(count.measure)
    whole, rest = divmod(time, length)
    if count.rounding != "started":
        seen.edge(count, "less than", rest or Fraction(length), length, second)
    elif whole:
        seen.edge(count, "at most", rest, 0, second)
    if count.rest is not None:
        seen.edge(count, count.rest[0], rest, count.rest[1], second, part="rest")


def _unit_of_count(count: rules.Count) -> Fraction:
    """One unit, or the part of it that a second is."""
    if isinstance(count, rules.Units) and count.rounding == "exact" and isinstance(count.length, int):
        return heaviest(count.measure) / count.length
    return Fraction(1)


def _step(memory: Memory, known: ComponentRun) -> Fraction:
    """What one more unit, or second, adds to the component, at its highest rate."""
    component = known.component
    step = max((component.pay.highest_rate(memory, part.at) for part in known.parts), default=Fraction(0))
    step *= _unit_of_count(component.rule.count)
    for factor in component.times:
        step *= factor.number(memory, HERE) or 0
    return step
