"""The boundaries of a policy: every threshold at which one unit more, or one second, can change a decision.

One list for all who look at them: the boundary sheet decides one unit below, at and above each; coverage asks for cases on
both sides of each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from policy.calculator import rules
from policy.language.proofs.walk import component_path, inner_values, rules_of

Kind = Literal["fact", "time", "rest", "units", "minimum", "cap", "cycle cap", "amount", "deadline", "last day", "record"]
"""What is compared with the limit:

a fact, a quotient or a figure; the time in a scope (``only``, ``automatically when``); the remainder of ``full`` units; the
number of units (``nth``, ``count``); the amount before ``at least``, before ``at most``, with what the cycle was given; the
amount that is granted automatically; the time from the end of the last outage to the claim; the local date of the claim;
the share of the claimed interval that is on record.
"""


@dataclass(frozen=True, slots=True)
class Boundary:
    """One threshold. ``op`` and ``limit`` are as the file has them: ``less than 59.00 CNY``.

    ``path`` are the words under which it stands in the file. ``subject``: the value (kind fact), the test (time), the count
    (rest, units) or the benefit (all that look at an amount). ``limit`` is a constant, or a fact or figure.
    """

    path: tuple[str, ...]
    clause: rules.Clause | None
    kind: Kind
    subject: rules.Value | rules.TimeIn | rules.Units | rules.Component | rules.Benefit | rules.Claims
    op: rules.Op
    limit: rules.Value


def boundaries(version: rules.Version) -> tuple[Boundary, ...]:
    """Every boundary of a version, in the order of the file's sections; one that stands twice is listed at each place."""
    return (*_of_values(version), *_of_time(version), *_of_counts(version), *_of_amounts(version), *_of_claims(version))


def _of_values(version: rules.Version) -> Iterator[Boundary]:
    """Ladders and comparisons of facts, quotients and figures; yes and no are no boundary."""
    for rule in rules_of(version):
        for each in inner_values(rule.what):
            if isinstance(each, rules.Ladder) and not is_yes_or_no(each.subject):
                for bound, _ in each.steps:
                    yield Boundary(rule.path, rule.clause, "fact", each.subject, bound.op, bound.value)
            elif isinstance(each, rules.Compare):
                yield Boundary(rule.path, rule.clause, "fact", each.subject, each.bound.op, each.bound.value)


def is_yes_or_no(value: rules.Value) -> bool:
    """Whether a value is yes or no; a choice by one is a ladder of one step."""
    while isinstance(value, rules.Named):
        value = value.figure.value
    return isinstance(value, rules.Fact) and value.type == "yes or no"


def _of_time(version: rules.Version) -> Iterator[Boundary]:
    for rule in rules_of(version):
        for each in inner_values(rule.what):
            if isinstance(each, rules.TimeIn):
                limit = rules.Constant(each.seconds)
                yield Boundary((*rule.path, each.scope), rule.clause, "time", each, each.op, limit)


def _of_counts(version: rules.Version) -> Iterator[Boundary]:
    for benefit in version.benefits:
        for component in benefit.components:
            path = component_path(benefit, component)
            count, pay = component.count, component.pay
            if isinstance(count, rules.Units) and count.rest is not None:
                op, seconds = count.rest
                limit = rules.Constant(Fraction(seconds))
                yield Boundary((*path, "count", "rest"), component.clause, "rest", count, op, limit)
            if isinstance(pay, rules.Tiers):
                for upper, _ in pay.steps:
                    yield Boundary((*path, "pay"), component.clause, "units", component, "at most", rules.Constant(upper))


def _of_amounts(version: rules.Version) -> Iterator[Boundary]:
    for benefit in version.benefits:
        clause, path = benefit.components[0].clause, ("benefits", benefit.name)
        if benefit.at_least is not None:
            yield Boundary((*path, "at least"), clause, "minimum", benefit, "at least", benefit.at_least)
        if benefit.at_most is not None:
            yield Boundary((*path, "at most"), clause, "cap", benefit, "at most", benefit.at_most)
        if benefit.at_most_per_cycle is not None:
            cycle = benefit.at_most_per_cycle
            yield Boundary((*path, "at most per cycle"), clause, "cycle cap", benefit, "at most", cycle)
        if benefit.granted.amount is not None:
            op, amount = benefit.granted.amount
            yield Boundary((*path, "granted"), clause, "amount", benefit, op, rules.Constant(Fraction(amount)))


def _of_claims(version: rules.Version) -> Iterator[Boundary]:
    claims = version.claims
    if claims is None:
        return
    if claims.within_seconds is not None:
        within = rules.Constant(Fraction(claims.within_seconds))
        yield Boundary(("claims", "within"), claims.clause, "deadline", claims, "at most", within)
    if claims.before is not None:
        day = rules.Constant(Fraction(claims.before.toordinal()))
        yield Boundary(("claims", "before"), claims.clause, "last day", claims, "less than", day)
    if claims.warn_below is not None:
        yield Boundary(
            ("claims", "warn below"), claims.clause, "record", claims, "less than", rules.Constant(claims.warn_below)
        )
