"""``pay:`` what one unit is worth; by its number or by the total, where the rate changes."""

from fractions import Fraction
from typing import Any, Final

from policy.calculator import rules
from policy.language.bounds import split_bound
from policy.language.choices import CASES, CHOICE, check_ladder, read_value
from policy.language.kinds import Place, Type
from policy.language.scalars import quantity_of
from policy.language.scope import Scope
from policy.language.words import Reading, read_all, read_form
from policy.language.yaml_tree import Map, Node, Text

TIER_SUBJECTS: Final = ("nth", "count")
AT_DISCRETION: Final = "at discretion"
"""What ``pay`` says where the source gives a right and no formula."""


def read_pay(
    scope: Scope, node: Node, count: rules.Count | None, want: Type | None, place: Place
) -> rules.Value | rules.Tiers | rules.Discretion:
    """The rate of a unit of ``count`` at ``place``, in the type that the benefit is paid in.

    None: not known, for it could not be read.
    """
    if isinstance(node, Text) and node.text == AT_DISCRETION:
        return rules.Discretion()
    if isinstance(node, Map) and (by := node.get("by")) is not None and isinstance(by, Text) and by.text in TIER_SUBJECTS:
        reading = read_form(CHOICE, None, node, scope.report)
        return _tiers(scope, by, reading, count, want, place)
    typed = read_value(scope, node, place, want)
    if typed.by_month and isinstance(count, rules.Number):
        scope.report.refuse(node.at, "a share by days_in_month needs time that lies in a month; number: counts none")
    return typed.value


def _tiers(scope: Scope, by: Text, reading: Reading, count: rules.Count | None, want: Type | None, place: Place) -> rules.Tiers:
    report = scope.report
    if isinstance(count, rules.Once):
        report.refuse(by.at, "once: counts 1, so there is nothing to choose by", "choose by a fact")
    exact = isinstance(count, rules.Units) and count.rounding == "exact"
    if exact and by.text == "nth":
        report.refuse(by.at, "exact units have no number", "choose by: count, or count started or full units")
    rest: Node | None = reading.get("otherwise")
    if rest is None or not reading.others:
        lacks = "otherwise:" if rest is None else "a case"
        report.refuse(by.at, f"the choice by {by.text} lacks {lacks}", CASES.doc)
    bounds = read_all(tuple(reading.others), lambda case: (case[0], _bound(scope, case[0])))
    values = read_all(
        tuple(value for _, value in (*reading.others, (by, rest))), lambda value: read_value(scope, value, place, want).value
    )
    check_ladder(scope, bounds)
    ordered = [(key, bound, value) for (key, bound), value in zip(bounds, values, strict=False)]
    how: Any = by.text
    return _steps(scope, how, ordered, values[-1], exact=exact)


def _bound(scope: Scope, key: Text) -> rules.Bound:
    words = split_bound(scope, key)
    if words.word in ("before", "from"):
        scope.report.refuse(key.at, f"{words.word} is for dates", "write less than or at most, more than or at least")
    quantity = quantity_of(scope, words.limit)
    if quantity.type != "ratio" or quantity.unit or quantity.value.denominator != 1:
        scope.report.refuse(
            words.limit.at, f"{words.limit.text} is no number of units", "write a whole number, as in at most 2"
        )
    return rules.Bound(words.op, rules.Constant(quantity.value))


def _steps(
    scope: Scope, by: Any, ordered: list[tuple[Text, rules.Bound, rules.Value]], rest: rules.Value, *, exact: bool
) -> rules.Tiers:
    """Tiers from below, each up to and with a last unit."""
    upper: list[Fraction] = []
    for key, bound, _ in ordered:
        assert isinstance(bound.value, rules.Constant)
        if exact and bound.op in ("less than", "at least"):
            other = "at most" if bound.op == "less than" else "more than"
            scope.report.refuse(key.at, "exact units have no last one before a bound", f"write {other}")
        last = bound.value.value - (1 if bound.op in ("less than", "at least") else 0)
        if last < 1:
            scope.report.refuse(
                key.at, f"no unit is {key.text}" if bound.op in ("less than", "at most") else f"every unit is {key.text}"
            )
        upper.append(last)
    values = [value for _, _, value in ordered]
    if ordered[0][1].op in ("less than", "at most"):
        return _distinct(scope, ordered, rules.Tiers(by, tuple(zip(upper, values, strict=True)), rest))
    # Bounds from above, the highest first: what stands otherwise is the lowest tier.
    upper.reverse()
    values.reverse()
    return _distinct(scope, ordered, rules.Tiers(by, tuple(zip(upper, [rest, *values[:-1]], strict=True)), values[-1]))


def _distinct(scope: Scope, ordered: list[tuple[Text, rules.Bound, rules.Value]], tiers: rules.Tiers) -> rules.Tiers:
    limits = [upper for upper, _ in tiers.steps]
    if len(set(limits)) < len(limits):
        scope.report.refuse(
            ordered[-1][0].at, f"no unit falls under {ordered[-1][0].text!r} alone", "remove one of the two bounds"
        )
    return tiers
