"""Explanations add up: from the lines alone, a reader arrives at every grant (guarantee 6)."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Final

import pytest
from hypothesis import assume, given

from policy.calculator.decision import Decision, Line
from policy.calculator.policies import PolicySet
from policy.calculator.request import Request
from tests.strategies.requests import requests
from tests.support.cases import Case, load_cases
from tests.support.examples import examples

few: Final = examples(share=0.1)
DECIDED: Final = [case for case in load_cases("cn_standard") if case.expected.outcome]


def explained(policies: PolicySet, request: Request) -> Decision:
    """The decision with every step."""
    return policies.decide(replace(request, explain="FULL"))


def lines_of(decision: Decision, rule: str) -> list[Line]:
    """The lines of one rule, in order."""
    assert decision.explanation is not None
    return [line for line in decision.explanation.lines if line.rule == rule]


def below(decision: Decision, rule: str) -> list[Line]:
    """The lines of the rules that ``rule`` is made of."""
    assert decision.explanation is not None
    return [line for line in decision.explanation.lines if line.rule.startswith(f"{rule}.")]


def value(line: Line) -> Fraction:
    """What a line came to."""
    return Fraction(line.value)


def inputs(line: Line) -> dict[str, Fraction]:
    """The numbers that a line read, by name."""
    return {each.name: Fraction(each.value) for each in line.inputs if each.value.replace("/", "").isdigit()}


def rounded(amount: Fraction, unit: int, how: str) -> int:
    """An amount rounded to a multiple of ``unit``."""
    steps = amount / unit
    whole = steps.numerator // steps.denominator
    rest = steps - whole
    up = {"up": rest > 0, "down": False, "half up": rest >= Fraction(1, 2)}[how]
    return (whole + up) * unit


def sums(decision: Decision, benefit: str) -> Iterator[tuple[str, Fraction, Fraction]]:
    """Every step of a benefit: what it is, what the line says, what the lines before it come to."""
    name = f"benefits.{benefit}"
    joined = Fraction(0)
    for amount in (line for line in below(decision, name) if line.rule.endswith(".amount")):
        component = amount.rule.removesuffix(".amount")
        counted = [value(line) for line in lines_of(decision, f"{component}.count")]
        paid = lines_of(decision, f"{component}.pay")
        for units, line in zip(counted, paid, strict=True):
            yield f"{component}.pay", value(line), units * inputs(line)["rate"]
        factors = [value(line) for line in below(decision, f"{component}.times")]
        yield amount.rule, value(amount), sum(map(value, paid), Fraction(0)) * prod(factors, start=Fraction(1))
        joined += value(amount)
    [rounding] = lines_of(decision, f"{name}.round")
    left = Fraction(rounded(joined, int(inputs(rounding)["to"]), rounding.note))
    yield rounding.rule, value(rounding), left
    for cap in lines_of(decision, f"{name}.at most"):
        left = min(left, value(cap))
    [before] = lines_of(decision, f"{name}.already granted")
    left = max(left - inputs(before)["already granted"], Fraction(0))
    yield before.rule, value(before), left
    for cycle in lines_of(decision, f"{name}.at most per cycle"):
        left = min(left, inputs(cycle)["left in this cycle"])
        yield cycle.rule, value(cycle), left
    [result] = lines_of(decision, name)
    yield name, value(result), left


def differing(decision: Decision) -> list[tuple[str, Fraction, Fraction]]:
    """The steps that do not follow from those before them, and grants that are not what their last line says."""
    steps = [step for grant in decision.grants for step in sums(decision, grant.benefit)]
    steps += [
        (grant.grant_key, Fraction(grant.quantity), value(lines_of(decision, f"benefits.{grant.benefit}")[0]))
        for grant in decision.grants
    ]
    return [step for step in steps if step[1] != step[2]]


@pytest.mark.parametrize("case", DECIDED, ids=[case.id for case in DECIDED])
def test_the_lines_of_every_case_add_up_to_its_grants(policies: PolicySet, case: Case) -> None:
    assert differing(explained(policies, case.request)) == []


@few
@given(request=requests())
def test_the_lines_add_up_to_the_grants(policies: PolicySet, request: Request) -> None:
    decision = explained(policies, request)
    assume(decision.grants)
    assert differing(decision) == []


@few
@given(request=requests())
def test_spans_and_their_bands_add_up_to_the_counted_and_the_weighted_time(policies: PolicySet, request: Request) -> None:
    decision = explained(policies, request)
    assume(decision.grants)
    spans = [line for line in below(decision, "clocks.outage") if ".spans[" in line.rule]
    lengths = [line for line in spans if not line.rule.endswith(".weighted")]
    weighed = [line for line in spans if line.rule.endswith(".weighted")]
    assert sum(map(value, lengths), Fraction(0)) == decision.clock_seconds
    assert sum(map(value, weighed), Fraction(0)) == decision.weighted_seconds
    for length, line in zip(lengths, weighed, strict=True):
        bands = {Fraction(name.removeprefix("time at ")): read for name, read in inputs(line).items() if name != "liable"}
        assert sum(bands.values(), Fraction(0)) == value(length)
        assert sum((weight * seconds for weight, seconds in bands.items()), Fraction(0)) * inputs(line)["liable"] == value(line)


@few
@given(request=requests())
def test_recourse_lines_add_up_to_the_claims(policies: PolicySet, request: Request) -> None:
    decision = explained(policies, request)
    assume(decision.recourse)
    [together] = lines_of(decision, "recourse")
    parties = {each.responsible_party: each.amount_minor for each in decision.recourse}
    assert {line.rule: line.value for line in decision.explanation.lines if line.rule.startswith('recourse["')} == {  # type: ignore[union-attr]
        f'recourse["{party}"]': str(amount) for party, amount in parties.items()
    }
    assert sum(parties.values()) == value(together)
    read = inputs(together)
    assert rounded(read["value of the grants"] * read["share of the time"], 1, "half up") == value(together)


@few
@given(request=requests())
def test_every_rule_has_a_line_and_every_clause_its_text(policies: PolicySet, request: Request) -> None:
    """Rules that did not apply are there too, with why."""
    decision = explained(policies, request)
    assert decision.explanation is not None
    lines = decision.explanation.lines
    rules = {line.rule for line in lines}
    version = policies.versions("cn-standard")[-1]
    assert {f"figures.{figure.name}" for figure in version.figures} <= rules
    assert {f"benefits.{benefit.name}" for benefit in version.benefits} <= rules
    assert {"versions", "clocks.outage", "recourse"} <= rules
    assert [line for line in lines if not line.applied and not line.note] == []
    texts = dict(decision.explanation.clauses)
    assert {line.clause for line in lines if line.clause} == set(texts)
    assert all(texts[clause][language] for clause in texts for language in ("zh-CN", "en"))


@few
@given(request=requests())
def test_a_summary_is_the_full_explanation_shortened(policies: PolicySet, request: Request) -> None:
    full = explained(policies, request).explanation
    summary = policies.decide(replace(request, explain="SUMMARY")).explanation
    assert full is not None
    assert summary is not None
    assert [line for line in summary.lines if line not in full.lines] == []
    assert {line.rule for line in summary.lines} >= {"clocks.outage", "benefits.data", "benefits.voice", "benefits.value_added"}
