"""The lines of the benefits: counted, paid, multiplied, joined, rounded, bounded."""

from collections.abc import Iterator
from fractions import Fraction

from policy.calculator import rules
from policy.calculator.decision import Input, Line
from policy.calculator.memory import HERE
from policy.calculator.stages import REASON, Refusal, Stage
from policy.calculator.texts import exact, instant_text, unit_of
from policy.calculator.trace import BenefitRun, ComponentRun, OccasionRun, Run


def benefit_lines(occasion: OccasionRun, run: Run) -> Iterator[Line]:
    """Every step of every benefit of an occasion, in the order of the policy; one that could not be decided says so."""
    for rule, known in _benefits(occasion, run):
        if known is None:
            yield _undecided(rule)
        else:
            yield from _benefit(known, run)


def benefit_summary(occasion: OccasionRun, run: Run) -> Iterator[Line]:
    """The last line of every benefit of an occasion."""
    for rule, known in _benefits(occasion, run):
        yield _undecided(rule) if known is None else _result(known)


def refused_benefits(run: Run) -> Iterator[Line]:
    """The benefits that there was no occasion for."""
    there = {benefit.rule.name for occasion in run.occasions for benefit in occasion.of.benefits}
    refused = {each.benefit.rule.name: each for each in run.refused}
    for benefit in run.lowered.benefits:
        rule = benefit.rule
        if rule.name in there:
            continue
        if rule.name in refused:
            yield _nothing(rule, refused[rule.name].refusal)
        else:
            yield _undecided(rule)


def _benefits(occasion: OccasionRun, run: Run) -> Iterator[tuple[rules.Benefit, BenefitRun | None]]:
    decided = {each.benefit.rule.name: each for each in run.benefits_in(occasion)}
    for benefit in occasion.of.benefits:
        yield benefit.rule, decided.get(benefit.rule.name)


def _benefit(known: BenefitRun, run: Run) -> Iterator[Line]:
    rule = known.benefit.rule
    name, clause, unit = f"benefits.{rule.name}", known.benefit.clause, unit_of(rule.kind, rule.currency_code)
    for component in known.components:
        inner = name if len(rule.components) == 1 else f"{name}.{component.component.rule.name}"
        yield from _component(inner, component, run, unit)
    refusal = known.refusal
    if refusal is None or Stage.ROUND <= refusal.stage <= Stage.CAP:
        yield from _settling(name, known, unit)
    if refusal is None and (window := known.benefit.window) is not None:
        inputs = (Input("from", instant_text(window.started_at)), Input("until", instant_text(window.ended_at)))
        yield Line(f"{name}.usable", clause, True, inputs, str(window.ended_at - window.started_at), "s", "")
    yield _result(known)
    for part in known.parts if len(known.parts) > 1 else ():
        yield Line(f"{name}.parts", clause, True, (Input("outage", part.outage_id),), str(part.quantity), unit, "")


def _result(known: BenefitRun) -> Line:
    """What the benefit came to, or why to nothing."""
    rule = known.benefit.rule
    if known.refusal is not None:
        return _nothing(rule, known.refusal)
    note = "" if known.granted else "a quote: nothing can be booked on it"
    if known.claim_required:
        note = "owed on a claim only"
    unit = unit_of(rule.kind, rule.currency_code)
    return Line(f"benefits.{rule.name}", known.benefit.clause, True, (), str(known.quantity), unit, note)


def _nothing(rule: rules.Benefit, refusal: Refusal) -> Line:
    unit = unit_of(rule.kind, rule.currency_code)
    return Line(f"benefits.{rule.name}", refusal.clause, False, (), "0", unit, REASON[refusal.stage])


def _undecided(rule: rules.Benefit) -> Line:
    return Line(f"benefits.{rule.name}", rule.components[0].clause.id, False, (), "", "", "not decided: a fact is missing")


def _component(name: str, known: ComponentRun, run: Run, unit: str) -> Iterator[Line]:
    component = known.component
    rule, clause = component.rule, component.rule.clause.id
    if known.refusal is not None:
        word = "pay" if known.refusal.stage == Stage.DISCRETION else "count"
        yield Line(f"{name}.{word}", clause, False, (), "", "", REASON[known.refusal.stage])
        return
    assert not isinstance(rule.pay, rules.Discretion)  # INVARIANT: what is at discretion is refused
    denominator, memory = component.units_denominator, known.enter()
    for part, paid in zip(known.parts, known.paid, strict=True):
        start = (Input("part from", instant_text(part.start)), *run.cycle_inputs(of_each_cycle(rule.count)))
        yield Line(f"{name}.count", clause, True, start, exact(part.units, denominator), "units", _counted(rule.count))
        units = Fraction(part.units, denominator)
        inputs = [Input("units", str(units))]
        for paid_units, value in component.pay.tiers_taken(memory, part.at, units):
            rate = "rate" if paid_units == units else f"rate of {paid_units} of them"
            inputs += [Input(rate, value.text(memory, part.at), unit), *dict.fromkeys(value.inputs(memory, part.at))]
        yield Line(f"{name}.pay", clause, True, tuple(inputs), exact(paid, component.pay.denominator), unit, "")
    for number, (named, read, factor) in enumerate(zip(rule.times, known.times, component.times, strict=True)):
        which = named.figure.name if isinstance(named, rules.Named) else str(number)
        inputs_read = tuple(dict.fromkeys(factor.inputs(memory, HERE)))
        yield Line(f"{name}.times.{which}", clause, True, inputs_read, exact(read, factor.denominator), "", "")
    yield Line(f"{name}.amount", clause, True, (), exact(known.amount, component.denominator), unit, "")


def of_each_cycle(count: rules.Count) -> bool:
    """Whether time is counted cycle by cycle."""
    return isinstance(count, rules.Units) and count.of_each == "billing cycle"


def _counted(count: rules.Count) -> str:
    match count:
        case rules.Once():
            return "once"
        case rules.Number(fact=fact):
            return f"as many as {fact.field} says"
    length = count.length if isinstance(count.length, str) else f"{count.length} s"
    measure = f" of {count.measure.name} time" if count.measure else ""
    each = f", of each {count.of_each}" if count.of_each else ""
    return f"{count.rounding} {length}{measure}{each}"


def _settling(name: str, known: BenefitRun, unit: str) -> Iterator[Line]:
    rule, clause, denominator = known.benefit.rule, known.benefit.clause, known.benefit.denominator
    joined = exact(known.joined, denominator)
    if len(rule.components) > 1:
        how = "sum of" if rule.join == "sum" else "larger of"
        yield Line(f"{name}.{how}", clause, True, (), joined, unit, "")
    owed = known.joined
    if rule.minus is not None:
        owed = max(known.joined - known.set_off, 0)
        set_off = Input("set off", exact(known.set_off, denominator), unit)
        yield Line(f"{name}.minus", clause, True, (Input("amount", joined, unit), set_off), exact(owed, denominator), unit, "")
    inputs = (Input("amount", exact(owed, denominator), unit), Input("to", str(rule.unit), unit))
    yield Line(f"{name}.round", clause, True, inputs, str(known.rounded), unit, rule.rounding)
    if not known.rounded:
        return
    if rule.at_least is not None:
        yield _bound(f"{name}.at least", clause, known.rounded, known.after_minimum, unit)
    if rule.at_most is not None:
        yield _bound(f"{name}.at most", clause, known.after_minimum, known.after_cap, unit)
    before = known.before
    granted = (Input("before", str(known.after_cap), unit), Input("already granted", str(before), unit))
    yield Line(
        f"{name}.already granted", clause, bool(before), granted, str(known.after_granted), unit, "" if before else "nothing"
    )
    left = known.after_granted
    for word, cap, which in (("cycle", known.cycle_left, "this cycle"), ("month", known.month_left, "this month")):
        if cap is not None:
            inputs = (Input("before", str(left), unit), Input(f"left in {which}", str(cap), unit))
            lowered, left = cap < left, min(cap, left)
            yield Line(f"{name}.at most per {word}", clause, lowered, inputs, str(left), unit, "" if lowered else "not reached")


def _bound(name: str, clause: str, before: int, after: int, unit: str) -> Line:
    changed = before != after
    return Line(
        name, clause, changed, (Input("before", str(before), unit),), str(after), unit, "" if changed else "not reached"
    )
