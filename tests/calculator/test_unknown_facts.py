"""A fact that was not given is a third value: it decides nothing, and is missed only where it must be known."""

from typing import Final

import pytest

from policy import Decision, Outage, PolicySet, Request, Subscriber, load_catalog
from policy.calculator.request import AttributeValue

POLICY: Final = """
policy: unknowns
title: What is done without facts
source: made up for tests
language: en
versions: [{version: "1", from: 2020-01-01, to: open}]
zone: Etc/UTC
currency: EUR
for each: interruption
facts:
  first: {of: subscriber, type: yes or no}
  second: {of: subscriber, type: yes or no}
  rate: {of: subscriber, type: money, at most: 100.00 EUR}
  other_rate: {of: subscriber, type: money, at most: 100.00 EUR}
clocks:
  outage: {clause: {c: "All of an outage counts."}}
benefits:
  either:
    clause: {e: "If either holds."}
    kind: VALIDITY_DAYS
    when: {any of: [{first: yes}, {second: yes}]}
    count: once
    pay: 1 day
    round: {down: 1 day}
    granted: automatically
  both:
    clause: {b: "If both hold."}
    kind: VALIDITY_DAYS
    when: [{first: yes}, {second: yes}]
    count: once
    pay: 2 days
    round: {down: 1 day}
    granted: automatically
  branch:
    clause: {r: "One rate or the other."}
    kind: CREDIT
    when: {first: yes}
    count: once
    pay: {by: second, yes: rate, no: other_rate}
    round: {down: 0.01 EUR}
    granted: automatically
"""


@pytest.fixture(scope="module")
def unknowns(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """The policy of this module."""
    directory = tmp_path_factory.mktemp("catalog") / "unknowns"
    directory.mkdir()
    (directory / "1.yaml").write_text(POLICY, encoding="utf-8")
    return load_catalog(directory.parent, default_policy_id="unknowns")


def decided(policies: PolicySet, **attributes: AttributeValue) -> Decision:
    """The decision about an hour's outage for a subscriber of whom this is known."""
    outage = Outage("o-1", 1_700_000_000, 1_700_003_600, cause="EQUIPMENT_FAILURE", impact="LOSS")
    subscriber = Subscriber("s-1", attributes=attributes)
    return policies.decide(Request(subscriber, (outage,), mode="AUTOMATIC", as_of=1_800_000_000))


def missed(decision: Decision) -> set[str]:
    """The attributes that a decision misses."""
    return {reason.field.removeprefix('subscriber.attributes["').removesuffix('"]') for reason in decision.reasons}


def test_one_that_holds_is_enough_for_any_of_whatever_the_other_is(unknowns: PolicySet) -> None:
    # `both` still has to know, so the whole is not decided, but `either` does not ask.
    decision = decided(unknowns, second=True)
    assert decision.outcome == "CANNOT_DECIDE"
    assert missed(decision) == {"first"}


def test_one_that_fails_is_enough_against_all_of_whatever_the_other_is(unknowns: PolicySet) -> None:
    decision = decided(unknowns, first=False, second=False)
    assert decision.outcome == "NOT_ELIGIBLE"
    decision = decided(unknowns, first=False)
    assert missed(decision) == {"second"}  # of `either`; `both` and `branch` are settled by the first


def test_nothing_known_names_every_fact_that_is_needed(unknowns: PolicySet) -> None:
    decision = decided(unknowns)
    assert decision.outcome == "CANNOT_DECIDE"
    assert decision.grants == ()
    assert missed(decision) == {"first", "second"}


def test_only_the_branch_that_is_taken_is_asked_for(unknowns: PolicySet) -> None:
    assert missed(decided(unknowns, first=True, second=True)) == {"rate"}
    assert missed(decided(unknowns, first=True, second=False)) == {"other_rate"}
    assert missed(decided(unknowns, first=True)) == {"second"}
