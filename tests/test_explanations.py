"""Explanations add up: from the lines alone, a reader arrives at every grant (guarantee 6)."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Final

import pytest
from hypothesis import assume, given

from policy.calculator.decision import Decision
from policy.calculator.policies import PolicySet
from policy.calculator.request import Request
from tests import judge
from tests.judge.shrink import said
from tests.strategies.any_policy import generator_for
from tests.strategies.requests import requests
from tests.support.adding import below, differing, inputs, lines_of, rounded, value
from tests.support.cases import Case, load_cases
from tests.support.examples import examples, how_many

few: Final = examples(share=0.1)
THIRD_PARTIES: Final = ("CONSTRUCTION_DAMAGE", "POWER_SUPPLY", "UPSTREAM_CARRIER", "VANDALISM")
DECIDED: Final = [case for case in load_cases("cn_standard") if case.expected.outcome]


def explained(policies: PolicySet, request: Request) -> Decision:
    """The decision with every step."""
    return policies.decide(replace(request, explain="FULL"))


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
        if policies.decide(request).recourse:
            found += 1
            yield request


def test_recourse_lines_add_up_to_the_claims(policies: PolicySet) -> None:
    for request in recovered(policies, how_many(0.2)):
        decision = explained(policies, request)
        [together] = lines_of(decision, "recourse")
        parties = {each.responsible_party: each.amount_minor for each in decision.recourse}
        assert {line.rule: line.value for line in decision.explanation.lines if line.rule.startswith('recourse["')} == {  # type: ignore[union-attr]
            f'recourse["{party}"]': str(amount) for party, amount in parties.items()
        }, said(request)
        assert sum(parties.values()) == value(together), said(request)
        read = inputs(together)
        assert rounded(read["value of the grants"] * read["share of the time"], 1, "half up") == value(together), said(request)


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
