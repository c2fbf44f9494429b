"""``pay:`` what one unit is worth; by its number or by the total, where the rate changes."""

from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from policy.calculator import rules
from policy.language.bounds import split_bound
from policy.language.choices import CASES, CHOICE, check_ladder, read_value
from policy.language.kinds import NOUNS, Place, Type, fact_type
from policy.language.scalars import quantity_of
from policy.language.scope import Scope
from policy.language.shapes import NAME_PATTERN, choice_of, text
from policy.language.words import Form, Reading, Word, keep, read_all, read_form, text_of
from policy.language.yaml_tree import Map, Node, Text

TIER_SUBJECTS: Final = ("nth", "count")
AT_DISCRETION: Final = "at discretion"
"""What ``pay`` says where the source gives a right and no formula."""


DAY_FROM: Final = "day from"

TIERS: Final[Form[None]] = Form(
    name="a choice by units",
    doc="A rate that changes with the number of the unit, or with the count of all.",
    words={
        "by": Word("nth, the number of the unit; or count, that of all units", choice_of(*TIER_SUBJECTS), keep, required=True),
        DAY_FROM: Word("an instant from which local days are numbered; its own day is 0", text(NAME_PATTERN), keep),
        "otherwise": CHOICE.words["otherwise"],
    },
    others=CASES,
)


def read_pay(
    scope: Scope, node: Node, count: rules.Count | None, want: Type | None, place: Place
) -> rules.Value | rules.Tiers | rules.Discretion:
    """The rate of a unit of ``count`` at ``place``, in the type that the benefit is paid in.

    None: not known, for it could not be read.
    """
    if isinstance(node, Text) and node.text == AT_DISCRETION:
        return rules.Discretion()
    if isinstance(node, Map) and (by := node.get("by")) is not None and isinstance(by, Text) and by.text in TIER_SUBJECTS:
        reading = read_form(TIERS, None, node, scope.report)
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
    day_from = None if (node := reading.get(DAY_FROM)) is None else _day_from(scope, by, node, count, place)
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
    lowest = 1 if day_from is None else 0
    return replace(_steps(scope, how, ordered, values[-1], exact=exact, lowest=lowest), day_from=day_from)


def _day_from(scope: Scope, by: Text, node: Node, count: rules.Count | None, place: Place) -> rules.Fact:
    """The instant from which days are numbered, whether or not each of them is paid."""
    report, name = scope.report, text_of(node, scope.report, f"{DAY_FROM}:")
    if by.text != "nth":
        report.refuse(name.at, f"{DAY_FROM}: numbers days; by: {by.text} asks for no number", "write by: nth")
    if count is not None and not (isinstance(count, rules.Units) and count.length == "local day"):
        report.refuse(name.at, f"{DAY_FROM}: numbers local days, and others are counted", "count {full: local day}")
    if isinstance(count, rules.Units) and count.of_each is not None:
        message = f"{DAY_FROM}: gives each day one number, and of each: {count.of_each} may count it twice"
        report.refuse(name.at, message, "remove of each:")
    fact = scope.fact(name, place)
    if fact.type != "instant":
        report.refuse(name.at, f"{name.text} is {NOUNS[fact_type(fact)]}; days are numbered from an instant")
    return fact


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
    scope: Scope, by: Any, ordered: list[tuple[Text, rules.Bound, rules.Value]], rest: rules.Value, *, exact: bool, lowest: int
) -> rules.Tiers:
    """Tiers from below, each up to and with a last unit."""
    upper: list[Fraction] = []
    for key, bound, _ in ordered:
        assert isinstance(bound.value, rules.Constant)
        if exact and bound.op in ("less than", "at least"):
            other = "at most" if bound.op == "less than" else "more than"
            scope.report.refuse(key.at, "exact units have no last one before a bound", f"write {other}")
        last = bound.value.value - (1 if bound.op in ("less than", "at least") else 0)
        if last < lowest:
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
