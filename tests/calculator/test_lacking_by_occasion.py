"""A fact that was not given is lacking where it is needed: in these occasions, of these benefits, and in no others."""

from typing import Final

import pytest

from policy import Decision, Outage, PolicySet, Request, Subscriber, load_catalog
from policy.calculator.request import AttributeValue

POLICY: Final = """
policy: lacking
title: What is lacking where
source: made up for tests
language: en
versions: [{version: "1", from: 2020-01-01, to: open}]
zone: Etc/UTC
currency: EUR
for each: interruption
facts:
  member: {of: subscriber, type: yes or no}
  student: {of: subscriber, type: yes or no}
  felt: {of: outage, type: yes or no}
  near: {of: outage, type: yes or no}
clocks:
  outage: {clause: {o: "All of an outage counts."}}
  reported: {clause: {r: "From the report."}, starts: 1 h after reported_at}
  before: {clause: {b: "What is not counted from the report."}, without: reported}
  near: {clause: {n: "What is near."}, where: {near: yes}}
benefits:
  felt:
    clause: {f: "Where it was felt."}
    kind: VALIDITY_DAYS
    when: {any outage: {felt: yes}}
    clock: outage
    count: once
    pay: 1 day
    round: {down: 1 day}
    granted: automatically
  early:
    clause: {e: "For the time before the report."}
    kind: VALIDITY_DAYS
    clock: before
    count: {started: 1 h}
    pay: 1 day
    round: {down: 1 day}
    granted: automatically
  either:
    clause: {i: "For members and students."}
    kind: VALIDITY_DAYS
    when: {any of: [{member: yes}, {student: yes}]}
    clock: near
    count: once
    pay: 1 day
    round: {down: 1 day}
    granted: automatically
recourse:
  clause: {w: "Whoever broke it pays."}
  from: {felt: yes}
  share: 100 %
  value: {felt: 0.00 EUR per day, early: 1.00 EUR per day, either: 0.00 EUR per day}
  round: {half up: 0.01 EUR}
"""
HOUR: Final = 3600
FIRST: Final = 1_700_000_000
SECOND: Final = FIRST + 100 * HOUR


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """The policy of this module."""
    directory = tmp_path_factory.mktemp("catalog") / "lacking"
    directory.mkdir()
    (directory / "1.yaml").write_text(POLICY, encoding="utf-8")
    return load_catalog(directory.parent, default_policy_id="lacking")


def outage(name: str, start: int, reported_at: int | None, **attributes: AttributeValue) -> Outage:
    """Two hours of it."""
    end = start + 2 * HOUR
    return Outage(name, start, end, cause="EQUIPMENT_FAILURE", impact="LOSS", reported_at=reported_at, attributes=attributes)


def decided(policies: PolicySet, *outages: Outage, **attributes: AttributeValue) -> Decision:
    subscriber = Subscriber("s-1", attributes=attributes)
    return policies.decide(Request(subscriber, outages, mode="AUTOMATIC", as_of=1_800_000_000))


def missed(decision: Decision, benefit: str) -> list[set[str]]:
    """The fields that each of a benefit's occasions lacks."""
    return [{reason.field for reason in each.reasons} for each in decision.occasions if benefit in each.benefits]


def test_what_another_clock_keeps_is_lacking_only_where_its_time_is_met(lacking: PolicySet) -> None:
    known = outage("a", FIRST, FIRST, felt=True, near=True)
    decision = decided(lacking, known, outage("b", SECOND, None, felt=True, near=True), member=True)
    assert decision.outcome == "CANNOT_DECIDE"
    assert missed(decision, "early") == [set(), {"outages[1].reported_at"}]
    assert missed(decision, "felt") == [set(), set()]


def test_who_owes_is_lacking_only_in_the_occasions_of_what_is_recovered(lacking: PolicySet) -> None:
    decision = decided(lacking, outage("a", FIRST, FIRST, near=True), member=True)
    assert missed(decision, "early") == [{'outages[0].attributes["felt"]'}]
    assert missed(decision, "either") == [set()]


def test_a_benefit_that_is_meant_lacks_nothing_of_its_condition_where_its_occasions_are_not_known(lacking: PolicySet) -> None:
    decision = decided(lacking, outage("a", FIRST, FIRST, felt=True), student=True)
    assert {reason.field for reason in decision.reasons} == {'outages[0].attributes["near"]'}
    assert missed(decision, "either") == []


def test_the_time_of_a_clock_is_told_where_it_is_not_known_whether_a_benefit_is_meant(lacking: PolicySet) -> None:
    decision = decided(lacking, outage("a", FIRST, FIRST, near=True), outage("b", SECOND, SECOND, felt=True, near=True))
    assert decision.outcome == "CANNOT_DECIDE"
    assert decision.clock_seconds == 4 * HOUR
