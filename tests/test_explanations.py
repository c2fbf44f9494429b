"""Explanations add up: from the lines alone, a reader arrives at every grant (guarantee 6)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Final

import pytest
from hypothesis import assume, given, reject

from policy.calculator.decision import Decision
from policy.calculator.errors import InvalidRequest
from policy.calculator.policies import PolicySet
from policy.calculator.request import Request
from tests import judge
from tests.judge.shrink import said
from tests.strategies.any_policy import generator_for
from tests.strategies.requests import requests
from tests.support.adding import differing, inputs, rounded, value
from tests.support.cases import Case, load_cases
from tests.support.examples import examples, how_many

few: Final = examples(share=0.1)
THIRD_PARTIES: Final = ("CONSTRUCTION_DAMAGE", "POWER_SUPPLY", "UPSTREAM_CARRIER", "VANDALISM")
OF_AN_OCCASION: Final = re.compile(r"^occasions\[\d+\]\.")
"""What comes before the name of a line where there are several occasions."""
DECIDED: Final = [case for case in load_cases("cn_standard") if case.expected.outcome]


def explained(policies: PolicySet, request: Request) -> Decision:
    """The decision with every step."""
    return policies.decide(replace(request, explain="FULL"))


def explained_if_of_the_cycle(policies: PolicySet, request: Request) -> Decision:
    """The decision with every step; no example where an interruption is of another cycle, for that is refused (line 6a)."""
    try:
        return explained(policies, request)
    except InvalidRequest as error:
        if {each.field for each in error.violations} != {"subscriber.billing_cycle"}:
            raise
        reject()


@pytest.mark.parametrize("case", DECIDED, ids=[case.id for case in DECIDED])
def test_the_lines_of_every_case_add_up_to_its_grants(policies: PolicySet, case: Case) -> None:
    assert differing(explained(policies, case.request)) == []


@few
@given(request=requests())
def test_the_lines_add_up_to_the_grants(policies: PolicySet, request: Request) -> None:
    decision = explained_if_of_the_cycle(policies, request)
    assume(decision.grants)
    assert differing(decision) == []


@few
@given(request=requests())
def test_spans_and_their_bands_add_up_to_the_counted_and_the_weighted_time(policies: PolicySet, request: Request) -> None:
    decision = explained_if_of_the_cycle(policies, request)
    assume(decision.grants)
    assert decision.explanation is not None
    spans = [line for line in decision.explanation.lines if "clocks.outage.spans[" in line.rule]
    lengths = [line for line in spans if not line.rule.endswith(".weighted")]
    weighed = [line for line in spans if line.rule.endswith(".weighted")]
    assert sum(map(value, lengths), Fraction(0)) == decision.clock_seconds
    assert sum(map(value, weighed), Fraction(0)) == decision.weighted_seconds
    for length, line in zip(lengths, weighed, strict=True):
        bands = {Fraction(name.removeprefix("time at ")): read for name, read in inputs(line).items() if name != "liable"}
        assert sum(bands.values(), Fraction(0)) == value(length)
        assert sum((weight * seconds for weight, seconds in bands.items()), Fraction(0)) * inputs(line)["liable"] == value(line)


def recovered(policies: PolicySet, number: int) -> Iterator[Request]:
    """So many requests of which something is recovered from a third party, the same on every run.

    One of the outages is made a third party's: of requests as they come, nine in ten have nothing to recover.
    """
    versions = policies.versions("cn-standard")
    generator = generator_for(versions[-1], versions, lambda request: judge.decide(versions[-1], request))
    random, found = Random("recourse"), 0
    while found < number:
        request = generator.request(random)
        if not request.outages:
            continue
        outage_id, cause = random.choice(request.outages).outage_id, random.choice(THIRD_PARTIES)
        outages = (replace(each, cause=cause) if each.outage_id == outage_id else each for each in request.outages)
        request = replace(request, outages=tuple(outages))
        try:
            recourse = policies.decide(request).recourse
        except InvalidRequest:  # an interruption of another cycle: line 6a
            continue
        if recourse:
            found += 1
            yield request


def test_recourse_lines_are_the_worth_of_each_outages_parts_and_add_up_to_the_claims(policies: PolicySet) -> None:
    """0.02 CNY per MiB, 0.10 CNY per minute and 1.00 CNY per day, half up to the fen, once for the outage."""
    at_cost = {"data": Fraction(2, 2**20), "voice": Fraction(10, 60), "value_added": Fraction(100)}
    for request in recovered(policies, how_many(0.2)):
        decision = explained(policies, request)
        assert decision.explanation is not None
        worth: dict[str, Fraction] = {}
        for grant in decision.grants:
            for part in grant.parts:
                worth[part.outage_id] = worth.get(part.outage_id, Fraction(0)) + part.quantity * at_cost[grant.benefit]
        owed = {each.outage_id: each.amount_minor for party in decision.recourse for each in party.outages}
        lines = {line.rule: line for line in decision.explanation.lines if line.rule.startswith('recourse["')}
        assert lines.keys() == {f'recourse["{outage_id}"]' for outage_id in owed}, said(request)
        for outage_id, amount in owed.items():
            line = lines[f'recourse["{outage_id}"]']
            assert inputs(line)["worth of its parts"] == worth[outage_id], said(request)
            assert rounded(worth[outage_id], 1, "half up") == value(line) == amount, said(request)
        for party in decision.recourse:
            assert party.amount_minor == sum(each.amount_minor for each in party.outages), said(request)


@few
@given(request=requests())
def test_every_rule_has_a_line_and_every_clause_its_text(policies: PolicySet, request: Request) -> None:
    """Rules that did not apply are there too, with why."""
    decision = explained_if_of_the_cycle(policies, request)
    assert decision.explanation is not None
    lines = decision.explanation.lines
    rules = {OF_AN_OCCASION.sub("", line.rule) for line in lines}
    version = policies.versions("cn-standard")[-1]
    assert {f"figures.{figure.name}" for figure in version.figures} <= rules
    assert {f"benefits.{benefit.name}" for benefit in version.benefits} <= rules
    assert {"versions", "clocks.outage"} <= rules
    assert any(rule == "recourse" or rule.startswith('recourse["') for rule in rules)
    assert [line for line in lines if not line.applied and not line.note] == []
    texts = dict(decision.explanation.clauses)
    assert {line.clause for line in lines if line.clause} == set(texts)
    assert all(texts[clause][language] for clause in texts for language in ("zh-CN", "en"))


@few
@given(request=requests())
def test_a_summary_is_the_full_explanation_shortened(policies: PolicySet, request: Request) -> None:
    full = explained_if_of_the_cycle(policies, request).explanation
    summary = policies.decide(replace(request, explain="SUMMARY")).explanation
    assert full is not None
    assert summary is not None
    assert [line for line in summary.lines if line not in full.lines] == []
    assert {OF_AN_OCCASION.sub("", line.rule) for line in summary.lines} >= {
        "clocks.outage",
        "benefits.data",
        "benefits.voice",
        "benefits.value_added",
    }
