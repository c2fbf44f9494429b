"""Values and conditions: the branches of every choice, which alternative is the larger, both sides of every bound.

A condition holds in one case and fails in another; a comparison does so at its very bound.
"""

from collections.abc import Iterator

from policy.calculator import rules
from policy.calculator.lowering.tests import FAILS, HOLDS
from policy.tools.coverage.items import Item, Place
from policy.tools.describing.values import length_text


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


def condition_items(condition: rules.Condition | None, place: Place) -> Iterator[Item]:
    """The items of a condition that stands at ``place``."""
    match condition:
        case rules.AllOf(conditions=parts):
            for part in parts:
                yield from condition_items(part, place)
        case rules.AnyOf(conditions=parts):
            for part in parts:
                yield from condition_items(part, place.at("any of"))
        case rules.Compare(subject=subject, bound=bound):
            place = place.at(place.say.value(subject, ""))
            yield from bound_items(bound, subject, place)
            yield from value_items(bound.value, place)
        case rules.TimeIn(scope=scope, op=op, seconds=seconds, measure=measure):
            said = f"{length_text(seconds)}{f' of {measure.name} time' if measure else ''}"
            yield from place.at(scope).edges(condition, op, f"one whose time in the {scope} is", said, "a second")
        case rules.IsOneOf() | rules.IsYes():
            said = place.say.condition(condition)
            place = place.at(place.say.value(condition.subject, ""))
            yield place.rule(condition, HOLDS, f"one in which {said}")
            yield place.rule(condition, FAILS, f"one in which it is not so that {said}")
