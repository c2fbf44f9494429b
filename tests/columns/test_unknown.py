"""What is not known, over columns: each value and condition misses what the reading for one request misses, and no more."""

from fractions import Fraction
from itertools import product
from typing import Any, Final

import numpy as np
import pytest

from policy import Outage, Request, Subscriber
from policy.calculator import rules
from policy.calculator.columns.calendar import ColumnTime
from policy.calculator.columns.conditions import condition
from policy.calculator.columns.frame import Axis, Frame
from policy.calculator.columns.gathering import gathered
from policy.calculator.columns.unknown import Unknown, is_of_outage
from policy.calculator.columns.values import LARGEST_FACTS, ColumnValues
from policy.calculator.conditions import compile_condition
from policy.calculator.facts import Missing, Row
from policy.calculator.values import Values
from policy.language.calendars import zone


def fact(name: str, of: rules.Of, kind: rules.FactType, codes: tuple[str, ...] = ()) -> rules.Fact:
    owner = "outages[]" if of == "outage" else "subscriber"
    return rules.Fact(name, of, kind, f'{owner}.attributes["{name}"]', attribute=True, codes=codes, at_most=10)


CLAUSE: Final = rules.Clause("c", {"en": "…"})
MEMBER, PLAN, FEE, CALLS = (
    fact("member", "subscriber", "yes or no"),
    fact("plan", "subscriber", "codes", ("A", "B")),
    fact("fee", "subscriber", "number"),
    fact("calls", "subscriber", "number"),
)
FELT, TOWERS = fact("felt", "outage", "yes or no"), fact("towers", "outage", "number")
ONE: Final = rules.Constant(Fraction(1))
FIGURE: Final = rules.Named(rules.Figure("figure", CLAUSE, CALLS, "row"))


def more_than_one(value: rules.Value) -> rules.Condition:
    return rules.Compare(value, rules.Bound("more than", ONE))


def by_plan(first: rules.Value, other: rules.Value) -> rules.Value:
    return rules.CodeChoice(PLAN, ((("A",), first),), other)


def by_fee(first: rules.Value, other: rules.Value) -> rules.Value:
    return rules.Ladder(FEE, ((rules.Bound("at most", ONE), first),), other)


IS_MEMBER, MANY_CALLS, WAS_FELT = rules.IsYes(MEMBER, True), more_than_one(CALLS), rules.IsYes(FELT, True)
OF_ROW: Final[dict[str, rules.Condition]] = {
    "one fact": IS_MEMBER,
    "all of two": rules.AllOf((IS_MEMBER, MANY_CALLS)),
    "any of two": rules.AnyOf((IS_MEMBER, MANY_CALLS)),
    "all of, in any of": rules.AnyOf((rules.AllOf((IS_MEMBER, MANY_CALLS)), more_than_one(FEE))),
    "any of, in all of": rules.AllOf((rules.AnyOf((IS_MEMBER, MANY_CALLS)), more_than_one(FEE))),
    "a fact that two parts read": rules.AnyOf((rules.AllOf((IS_MEMBER, MANY_CALLS)), rules.AllOf((MANY_CALLS, IS_MEMBER)))),
    "a fact against a fact": rules.Compare(FEE, rules.Bound("at least", CALLS)),
    "a share, and the larger": more_than_one(rules.Larger((rules.Share(Fraction(1, 2), FEE), CALLS))),
    "a quotient": rules.Compare(rules.Quotient(FEE, CALLS), rules.Bound("less than", ONE)),
    "a choice by a code": more_than_one(by_plan(FEE, ONE)),
    "a choice of which all cases miss a fact": more_than_one(by_plan(FEE, rules.Larger((FEE, CALLS)))),
    "a ladder": more_than_one(by_fee(CALLS, ONE)),
    "a ladder in a choice": more_than_one(by_plan(by_fee(ONE, CALLS), CALLS)),
    "a choice in a ladder": more_than_one(by_fee(by_plan(CALLS, ONE), CALLS)),
    "one of some codes": rules.IsOneOf(PLAN, rules.Code(("A",))),
    "one of codes that are chosen": rules.IsOneOf(PLAN, by_fee(rules.Code(("A",)), rules.Code(("A", "B")))),
    "a figure": rules.AllOf((more_than_one(FIGURE), IS_MEMBER)),
}  # fmt: skip
OF_OUTAGE: Final[dict[str, rules.Condition]] = {
    "a fact of each outage": WAS_FELT,
    "a fact of the row": IS_MEMBER,
    "either": rules.AnyOf((WAS_FELT, IS_MEMBER)),
    "both": rules.AllOf((IS_MEMBER, WAS_FELT)),
    "a choice by the row, of the outage": more_than_one(rules.CodeChoice(PLAN, ((("A",), TOWERS),), ONE)),
    "an outage against the row": rules.Compare(TOWERS, rules.Bound("at least", CALLS)),
    "a figure of the row": rules.AnyOf((more_than_one(FIGURE), WAS_FELT)),
}


def request(of_row: dict[str, Any], of_outages: tuple[dict[str, Any], ...]) -> Request:
    outages = tuple(Outage(f"o-{number}", 100, 200, attributes=_given(each)) for number, each in enumerate(of_outages))
    return Request(Subscriber("s", attributes=_given(of_row)), outages, "AUTOMATIC", 1000)


def _given(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


ROWS: Final = [
    request({"member": member, "plan": plan, "fee": fee, "calls": calls}, ())
    for member, plan, fee, calls in product((True, False, None), ("A", "B", None), (0, 2, None), (0, 4, None))
]
OUTAGES: Final = [
    request({"member": member, "plan": plan, "calls": calls}, tuple({"felt": each[0], "towers": each[1]} for each in outages))
    for member, plan, calls in product((True, False, None), ("A", "B", None), (0, 4, None))
    for outages in product(product((True, False, None), (0, 3, None)), repeat=2)
]


TIME: Final = ColumnTime(zone("Europe/London"))


def by_columns(rule: rules.Condition, requests: list[Request], axis: Axis) -> list[tuple[bool | None, dict[str, str]]]:
    """Whether it holds of each row, or of each outage: None, and what is missing, with its clause, where that is not known."""
    facts = {each.field: each for each in (MEMBER, PLAN, FEE, CALLS, FELT, TOWERS)}
    values, frame = ColumnValues(TIME, LARGEST_FACTS[0]), Frame(gathered(requests, facts, ()))
    found, unknown = frame.apart(condition(rule, values, axis), np.ones(frame.size(axis), np.bool_))
    index = frame.view_index if axis == "view" else np.zeros(frame.count, np.int64)
    missing = [_missing(unknown, number, int(index[number])) for number in range(frame.size(axis))]
    assert not frame.hard.any()
    return [(None if missed else bool(holds), missed) for holds, missed in zip(found, missing, strict=True)]


def _missing(unknown: Unknown, number: int, index: int) -> dict[str, str]:
    clauses = {1: "", 2: CLAUSE.id}
    return {
        field.replace("[]", f"[{index}]", 1) if is_of_outage(field) else field: clauses[int(clause[number])]
        for field, clause in unknown.items()
        if clause[number]
    }


def one_by_one(rule: rules.Condition, requests: list[Request], axis: Axis) -> list[tuple[bool | None, dict[str, str]]]:
    """The same, as the reading for one request says it."""
    values = Values(lambda instant: instant)
    test = compile_condition(rule, values, of_outage=axis == "view")
    said: list[tuple[bool | None, dict[str, str]]] = []
    for each in requests:
        assert each.subscriber is not None
        row = Row(each, each.subscriber, enumerate(each.outages), len(values.slots))
        for context in row.views if axis == "view" else [row]:
            try:
                said.append((test(context), {}))
            except Missing as missing:
                said.append((None, dict(missing.fields)))
    return said


@pytest.mark.parametrize("name", OF_ROW)
def test_a_condition_of_the_row_misses_what_it_misses_alone(name: str) -> None:
    said = by_columns(OF_ROW[name], ROWS, "row")
    assert said == one_by_one(OF_ROW[name], ROWS, "row")
    assert {holds for holds, _ in said} == {True, False, None}


@pytest.mark.parametrize("name", OF_OUTAGE)
def test_a_condition_of_outages_misses_what_it_misses_alone(name: str) -> None:
    said = by_columns(OF_OUTAGE[name], OUTAGES, "view")
    assert said == one_by_one(OF_OUTAGE[name], OUTAGES, "view")
    assert {holds for holds, _ in said} == {True, False, None}
