"""A start that is chosen among figures reads them as any value does: what it read is rested on, what all need is lacking."""

from collections.abc import Mapping
from typing import Final

import pytest

from policy import Decision, Outage, PolicySet, Request, Subscriber, load_catalog

HOUR: Final = 3600
START: Final = 1_700_000_000
POLICY: Final = """
policy: starts
title: Where counting starts
source: made up for tests
language: en
versions: [{version: "1", from: 2020-01-01, to: open}]
zone: Etc/UTC
currency: EUR
for each: interruption
calendar: {by: nation, ENGLAND: GB-EAW, SCOTLAND: GB-SCT}
clauses: {near: "In town.", far: "In the country.", which: "By the place.", time: "What is late.", pay: "So much."}
facts:
  place: {of: subscriber, type: TOWN or COUNTRY or ISLAND or COAST}
  lines: {of: subscriber, type: number, at most: 9}
  nation: {of: subscriber, type: ENGLAND or SCOTLAND}
figures:
  near: {clause: near, is: 1 h after reported_at}
  far: {clause: far, is: 2 h after reported_at}
  begins: {clause: which, by: place, TOWN: near, COUNTRY or ISLAND: far, COAST: {by: lines, at least 2: near, otherwise: far}}
  reported: {clause: which, by: place, TOWN: reported_at, otherwise: 1 working day after reported_at}
  sooner: {clause: which, earliest of: [announced_at, reported]}
clocks:
  late: {clause: time, where: {impact: LOSS}, starts: begins}
  soon: {clause: time, where: {impact: DEGRADED}, starts: sooner}
benefits:
  soon:
    {clause: pay, kind: CREDIT, clock: soon, count: {full: 1 h}, pay: 1.00 EUR, round: {down: 0.01 EUR}, granted: automatically}
  credit:
    clause: pay
    kind: CREDIT
    clock: late
    count: {full: 1 h}
    pay: 1.00 EUR
    round: {down: 0.01 EUR}
    granted: automatically
unsettled:
  - {near: "Where does a town end?"}
  - {far: "Where does the country begin?"}
  - {which: "Which is meant?"}
"""


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """The policy of this module."""
    directory = tmp_path_factory.mktemp("catalog") / "starts"
    directory.mkdir()
    (directory / "1.yaml").write_text(POLICY, encoding="utf-8")
    return load_catalog(directory.parent, default_policy_id="starts")


def decided(policies: PolicySet, hours: int, reported_at: int | None, places: Mapping[str, str]) -> Decision:
    """The decision about an outage of so many hours, which begins at ``START``."""
    outage = Outage("o-1", START, START + hours * HOUR, "EQUIPMENT_FAILURE", "LOSS", reported_at=reported_at)
    return policies.decide(Request(Subscriber("s-1", attributes=places), (outage,), "AUTOMATIC", START + 100 * HOUR))


def test_a_decision_rests_on_the_start_that_was_chosen_and_on_no_other(starts: PolicySet) -> None:
    decision = decided(starts, 3, START, {"place": "TOWN"})
    assert [grant.quantity for grant in decision.grants] == [200]
    assert [warning.clause for warning in decision.warnings] == ["near", "which"]


def test_a_refusal_within_grace_rests_on_the_start_as_well(starts: PolicySet) -> None:
    decision = decided(starts, 2, START, {"place": "ISLAND"})
    assert [reason.code for reason in decision.reasons] == ["WITHIN_GRACE"]
    assert [warning.clause for warning in decision.warnings] == ["far", "which"]


def test_what_every_start_needs_is_lacking_where_it_is_not_known_which_is_meant(starts: PolicySet) -> None:
    decision = decided(starts, 3, None, {})
    assert decision.outcome == "CANNOT_DECIDE"
    assert {reason.field for reason in decision.reasons} == {'subscriber.attributes["place"]', "outages[0].reported_at"}
    assert decision.warnings == ()


def test_what_every_start_needs_and_is_given_is_not_lacking(starts: PolicySet) -> None:
    decision = decided(starts, 3, START, {})
    assert {reason.field for reason in decision.reasons} == {'subscriber.attributes["place"]'}


def test_a_choice_within_a_choice_lacks_what_it_chooses_by_only_where_it_is_come_to(starts: PolicySet) -> None:
    inner, neither = decided(starts, 3, START, {"place": "COAST"}), decided(starts, 3, None, {})
    assert {reason.field for reason in inner.reasons} == {'subscriber.attributes["lines"]'}
    assert {reason.field for reason in neither.reasons} == {'subscriber.attributes["place"]', "outages[0].reported_at"}


def soonest(policies: PolicySet, announced_at: int | None, reported_at: int | None, facts: Mapping[str, str]) -> Decision:
    """The decision about thirty hours, of which those from the earliest of two instants count."""
    outage = Outage("o-1", START, START + 30 * HOUR, "EQUIPMENT_FAILURE", "DEGRADED", (), "", reported_at, announced_at)
    return policies.decide(Request(Subscriber("s-1", attributes=facts), (outage,), "AUTOMATIC", START + 100 * HOUR))


def test_the_earliest_is_of_the_instants_that_are_given(starts: PolicySet) -> None:
    both = soonest(starts, START + 4 * HOUR, START + 2 * HOUR, {"place": "TOWN"})
    one = soonest(starts, START + 4 * HOUR, None, {"place": "TOWN"})
    assert [[grant.quantity for grant in each.grants] for each in (both, one)] == [[2800], [2600]]


@pytest.mark.parametrize(("facts", "lacking"), [({}, {"place"}), ({"place": "ISLAND"}, {"nation"})])
def test_one_that_is_not_known_for_want_of_another_fact_might_be_the_earliest(
    starts: PolicySet, facts: Mapping[str, str], lacking: set[str]
) -> None:
    """Which is meant, or whose working days count: what is announced may be later."""
    decision = soonest(starts, START + 4 * HOUR, START, facts)
    assert decision.outcome == "CANNOT_DECIDE"
    assert {reason.field for reason in decision.reasons} == {f'subscriber.attributes["{name}"]' for name in lacking}
