"""Conditions: each holds in one case and fails in another; a comparison does so at its very bound."""

from collections.abc import Iterator

from policy.calculator import rules
from policy.calculator.conditions import compile_condition
from policy.calculator.facts import Missing, Row, View
from policy.tools.coverage.items import Item, Place, Seen
from policy.tools.coverage.values import bound_items, see_bound, see_value, value_items
from policy.tools.describing.values import length_said

HOLDS = "holds"
FAILS = "fails"


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
            said = f"{length_said(seconds)}{f' of {measure.name} time' if measure else ''}"
            yield from place.at(scope).edges(condition, op, f"one whose time in the {scope} is", said, "a second")
        case rules.IsOneOf() | rules.IsYes():
            said = place.say.condition(condition)
            place = place.at(place.say.value(condition.subject, ""))
            yield place.rule(condition, HOLDS, f"one in which {said}")
            yield place.rule(condition, FAILS, f"one in which it is not so that {said}")


def see_condition(seen: Seen, condition: rules.Condition | None, ctx: Row | View) -> bool | None:
    """Marks how a condition on facts comes out, and says it; None: it hangs on a fact that was not given.

    A part that decides leaves those after it unasked.
    """
    match condition:
        case None:
            return True
        case rules.AllOf(conditions=parts):
            return _see_parts(seen, parts, ctx, decisive=False)
        case rules.AnyOf(conditions=parts):
            return _see_parts(seen, parts, ctx, decisive=True)
        case rules.TimeIn():
            return None  # of a clock's time, which is looked at as a whole
    see_value(seen, condition.subject, ctx)
    if isinstance(condition, rules.Compare):
        see_value(seen, condition.bound.value, ctx)
        see_bound(seen, condition.subject, condition.bound, ctx)
    elif isinstance(condition, rules.IsOneOf):
        see_value(seen, condition.codes, ctx)
    try:
        holds = compile_condition(condition, seen.values, of_outage=isinstance(ctx, View))(ctx)
    except Missing:
        return None
    seen.rule(condition, HOLDS if holds else FAILS)
    return holds


def _see_parts(seen: Seen, parts: tuple[rules.Condition, ...], ctx: Row | View, *, decisive: bool) -> bool | None:
    unknown = False
    for part in parts:
        holds = see_condition(seen, part, ctx)
        if holds is decisive:
            return decisive
        unknown = unknown or holds is None
    return None if unknown else not decisive
