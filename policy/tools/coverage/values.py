"""Values: the branches of every choice, the bounds of every ladder, and which alternative is the larger."""

from collections.abc import Iterator
from fractions import Fraction

from policy.calculator import rules
from policy.calculator.compiled import compares_dates
from policy.calculator.facts import RATIO_DENOMINATOR, Missing, Row, View
from policy.tools.coverage.items import Item, Place, Seen, on_axis


def value_items(value: rules.Value | None, place: Place) -> Iterator[Item]:
    """The items of a value that stands at ``place``; those of a figure stand with the figure."""
    match value:
        case rules.CodeChoice(subject=subject, cases=cases, otherwise=otherwise):
            chosen_by = place.say.value(subject, "")
            for number, (codes, branch) in enumerate(cases):
                key = " or ".join(codes)
                yield place.at(key).rule(value, str(number), f"one whose {chosen_by} is {key}")
                yield from value_items(branch, place.at(key))
            if otherwise is not None:
                place = place.at("otherwise")
                yield place.rule(value, str(len(cases)), f"one whose {chosen_by} is another")
                yield from value_items(otherwise, place)
        case rules.Ladder():
            yield from _ladder_items(value, place)
        case rules.Larger(values=values):
            for number, part in enumerate(values):
                said = place.say.value(part, place.say.unit(value))
                yield place.rule(value, str(number), f"one in which {said} is the larger")
                yield from value_items(part, place)
        case rules.Share(of=of) | rules.MonthShare(of=of) | rules.CycleShare(of=of):
            yield from value_items(of, place)


def _ladder_items(ladder: rules.Ladder, place: Place) -> Iterator[Item]:
    subject = place.say.value(ladder.subject, "")
    for number, (bound, branch) in enumerate(ladder.steps):
        key = place.say.bound(bound, ladder.subject)
        yield place.at(key).rule(ladder, str(number), f"one whose {subject} is {key}")
        yield from bound_items(bound, ladder.subject, place.at(key))
        yield from value_items(branch, place.at(key))
    answers = place.say.unit(ladder.subject) == "yes or no"
    key, beyond = ("no", "no") if answers else ("otherwise", "beyond every bound")
    yield place.at(key).rule(ladder, str(len(ladder.steps)), f"one whose {subject} is {beyond}")
    yield from value_items(ladder.otherwise, place.at(key))


def bound_items(bound: rules.Bound, subject: rules.Value, place: Place) -> Iterator[Item]:
    """Both sides of a bound; yes and no have none between them."""
    unit = place.say.unit(subject)
    if unit == "yes or no":
        return
    said = place.say.value(bound.value, unit)
    one = {"instant": "a second", "date": "a day", "percentage": "one unit"}.get(unit) or place.say.amount(1, unit)
    yield from place.edges(bound, bound.op, f"one whose {place.say.value(subject, '')} is", said, one)


def see_value(seen: Seen, value: rules.Value | None, ctx: Row | View) -> None:
    """Marks the branches that reading ``value`` takes, as far as the facts are known."""
    match value:
        case rules.Named(figure=figure):
            see_value(seen, figure.value, ctx)
        case rules.Share(of=of) | rules.MonthShare(of=of) | rules.CycleShare(of=of):
            see_value(seen, of, ctx)
        case rules.Larger(values=values):
            for part in values:
                see_value(seen, part, ctx)
            _see_larger(seen, value, ctx)
        case rules.CodeChoice() | rules.Ladder():
            see_value(seen, value.subject, ctx)
            _see_choice(seen, value, ctx)


def _see_larger(seen: Seen, larger: rules.Larger, ctx: Row | View) -> None:
    try:
        numbers = [seen.number(part, ctx) for part in larger.values]
    except Missing:
        return
    for number, each in enumerate(numbers):
        if each == max(numbers):
            seen.rule(larger, str(number))


def _see_choice(seen: Seen, choice: rules.CodeChoice | rules.Ladder, ctx: Row | View) -> None:
    compiled = seen.values.compiled(choice)
    assert compiled.pick is not None  # INVARIANT: a choice compiles with its pick
    try:
        taken = compiled.pick(on_axis(compiled, ctx))
    except Missing:
        return
    seen.rule(choice, str(taken))
    if isinstance(choice, rules.Ladder):
        for bound, _ in choice.steps[: taken + 1]:  # a bound after the one that holds is not asked
            see_bound(seen, choice.subject, bound, ctx)
    branches = [branch for _, branch in (choice.cases if isinstance(choice, rules.CodeChoice) else choice.steps)]
    see_value(seen, branches[taken] if taken < len(branches) else choice.otherwise, ctx)


def see_bound(seen: Seen, subject: rules.Value, bound: rules.Bound, ctx: Row | View) -> None:
    """Marks the side of a bound at which its subject stands, if it stands there."""
    try:
        threshold = seen.number(bound.value, ctx)
        if isinstance(subject, rules.Quotient):
            above, below = seen.number(subject.numerator, ctx), seen.number(subject.denominator, ctx)
            if below:  # over 0 it is above every bound, and not near to any
                seen.edge(bound, bound.op, above / below, threshold, unit_of(subject.numerator) / below)
            return
        value = seen.number(subject, ctx)
    except Missing:
        return
    if compares_dates(subject, bound):
        threshold = Fraction(seen.local.starts_at(int(threshold)))
    seen.edge(bound, bound.op, value, threshold, unit_of(subject))


def unit_of(value: rules.Value) -> Fraction:
    """The smallest step of a value: a base unit of the fact that it comes from."""
    match value:
        case rules.Fact(type="ratio"):
            return Fraction(1, RATIO_DENOMINATOR)
        case rules.Named(figure=figure):
            return unit_of(figure.value)
        case rules.Share(ratio=ratio, of=of):
            return ratio * unit_of(of)
        case rules.MonthShare(numerator=numerator, of=of) | rules.CycleShare(numerator=numerator, of=of):
            return Fraction(numerator, 28) * unit_of(of)
        case rules.Larger(values=values):
            return max(map(unit_of, values))
        case rules.CodeChoice(cases=pairs, otherwise=otherwise):
            return max(unit_of(each) for each in (*(each for _, each in pairs), otherwise) if each is not None)
        case rules.Ladder(steps=steps, otherwise=last):
            return max(unit_of(each) for each in (*(each for _, each in steps), last))
        case _:
            return Fraction(1)
