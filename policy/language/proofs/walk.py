"""Every rule of a version once, with its place in the file and its clause; and what a rule is made of."""

from collections.abc import Iterator
from dataclasses import dataclass

from policy.calculator import rules


@dataclass(frozen=True, slots=True)
class Rule:
    """A value, tiers of values, or a condition. ``path``: the words of the file under which it stands."""

    path: tuple[str, ...]
    clause: rules.Clause | None
    what: rules.Value | rules.Tiers | rules.Condition


def component_path(benefit: rules.Benefit, component: rules.Component) -> tuple[str, ...]:
    """Where a component stands: under its benefit, or under its own name."""
    path = ("benefits", benefit.name)
    if len(benefit.components) == 1 and component.name == benefit.name:
        return path
    return (*path, "sum of" if benefit.join == "sum" else "larger of", component.name)


def rules_of(version: rules.Version) -> Iterator[Rule]:
    """Every rule, by section. A figure is listed once, and not again where it is named."""
    if version.calendar is not None:
        yield Rule(("calendar",), None, version.calendar)
    for figure in version.figures:
        yield Rule(("figures", figure.name), figure.clause, figure.value)
    for clock in version.clocks:
        yield from clock_rules(clock)
    for benefit in version.benefits:
        yield from benefit_rules(benefit)
    if version.recourse is not None:
        yield Rule(("recourse", "from"), version.recourse.clause, version.recourse.owed_by)


def clock_rules(clock: rules.Clock) -> Iterator[Rule]:
    """The rules of one clock."""
    path, clause = ("clocks", clock.name), clock.clause
    if clock.services is not None:
        yield Rule((*path, "services"), clause, clock.services)
    if clock.where is not None:
        yield Rule((*path, "where"), clause, clock.where)
    for number, value in enumerate(clock.liable):
        yield Rule((*path, "liable", str(number)), clause, value)
    if clock.starts is not None:
        yield Rule((*path, "starts"), clause, clock.starts)
    for number, condition in enumerate(clock.only):
        yield Rule((*path, "only", str(number)), clause, condition)


def benefit_rules(benefit: rules.Benefit) -> Iterator[Rule]:
    """The rules of one benefit and of its components."""
    for component in benefit.components:
        yield from _of_component(benefit, component)
    yield from _of_benefit(benefit)


def _of_component(benefit: rules.Benefit, component: rules.Component) -> Iterator[Rule]:
    path, clause = component_path(benefit, component), component.clause
    if component.when is not None:
        yield Rule((*path, "when"), clause, component.when)
    if not isinstance(component.pay, rules.Discretion):
        yield Rule((*path, "pay"), clause, component.pay)
    for number, factor in enumerate(component.times):
        yield Rule((*path, "times", str(number)), clause, factor)


def _of_benefit(benefit: rules.Benefit) -> Iterator[Rule]:
    path, clause = ("benefits", benefit.name), benefit.components[0].clause
    if benefit.when is not None:
        yield Rule((*path, "when"), clause, benefit.when)
    bounds = {
        "minus": benefit.minus,
        "at least": benefit.at_least,
        "at most": benefit.at_most,
        "at most per cycle": benefit.at_most_per_cycle,
        "at most per month": benefit.at_most_per_month,
    }
    for word, value in bounds.items():
        if value is not None:
            yield Rule((*path, word), clause, value)
    if benefit.granted.when is not None:
        yield Rule((*path, "granted"), clause, benefit.granted.when)


def inner_values(
    what: rules.Value | rules.Tiers | rules.Condition, *, through_names: bool = False
) -> Iterator[rules.Value | rules.Condition]:
    """``what`` and everything inside it: values, bounds' limits, conditions. ``through_names``: into named figures too."""
    if not isinstance(what, rules.Tiers):
        yield what
    for part in _parts(what, through_names):
        yield from inner_values(part, through_names=through_names)


def _parts(what: rules.Value | rules.Tiers | rules.Condition, through_names: bool) -> tuple[rules.Value | rules.Condition, ...]:
    match what:
        case rules.Named(figure=figure):
            return (figure.value,) if through_names else ()
        case rules.Share(of=of) | rules.MonthShare(of=of) | rules.CycleShare(of=of):
            return (of,)
        case rules.Quotient(numerator=above, denominator=below):
            return above, below
        case rules.Larger(values=values) | rules.Extreme(starts=values):
            return values
        case rules.Start(after=after):
            return (after,)
        case rules.CodeChoice(subject=subject, cases=cases, otherwise=rest):
            return (subject, *(value for _, value in cases), *(() if rest is None else (rest,)))
        case rules.Ladder(subject=subject, steps=steps, otherwise=rest):
            return (subject, *(part for bound, value in steps for part in (bound.value, value)), rest)
        case rules.Tiers(steps=steps, last=last, day_from=day_from):
            return (*(value for _, value in steps), last, *(() if day_from is None else (day_from,)))
    return _tested(what)


def _tested(what: rules.Value | rules.Tiers | rules.Condition) -> tuple[rules.Value | rules.Condition, ...]:
    match what:
        case rules.Compare(subject=subject, bound=bound):
            return subject, bound.value
        case rules.IsOneOf(subject=subject, codes=codes):
            return subject, codes
        case rules.IsYes(subject=subject):
            return (subject,)
        case rules.AnyOf(conditions=conditions) | rules.AllOf(conditions=conditions):
            return conditions
        case rules.OfOutages(condition=condition):
            return (condition,)
    return ()


def figure_value(value: rules.Value) -> rules.Value:
    """What a value is, behind any names."""
    while isinstance(value, rules.Named):
        value = value.figure.value
    return value
