"""A fact that was not given is lacking where it is needed: in these occasions, of these benefits, and in no others."""

from datetime import UTC, datetime
from typing import Final

import pytest

from policy import Decision, Outage, PolicySet, Request, Subscriber, load_catalog
from policy.calculator.request import AttributeValue, Instant

HEAD: Final = """
title: What is lacking in occasions
source: made up for tests
language: en
versions: [{version: "1", from: 2020-01-01, to: open}]
zone: Etc/UTC
currency: EUR
for each: interruption
clauses: {o: "All of an outage counts.", k: "From an hour after it was known.", s: "Some of it.", p: "It is paid for."}
"""
CREDIT: Final = """
facts: {known_at: {of: outage, type: instant}}
benefits:
  credit:
    clause: p
    kind: CREDIT
    count: {started: 1 h}
    pay: 1.00 EUR
    round: {down: 0.01 EUR}
    granted: automatically
"""
LEAVES_OUT: Final = f"""
policy: leaves-out
{HEAD}{CREDIT}
    clock: slow
clocks:
  lost: {{clause: k, where: {{impact: LOSS}}, starts: 1 h after known_at}}
  slow: {{clause: s, where: {{impact: DEGRADED}}, without: lost}}
"""
LONG_ONES: Final = f"""
policy: long-ones
{HEAD}{CREDIT}
    when: {{length: more than 1 h}}
clocks:
  outage: {{clause: k, starts: 1 h after known_at}}
"""
SEVERAL: Final = f"""
policy: several
{HEAD}
facts:
  member: {{of: subscriber, type: yes or no}}
  student: {{of: subscriber, type: yes or no}}
  felt: {{of: outage, type: yes or no}}
  near: {{of: outage, type: yes or no}}
clocks:
  outage: {{clause: o}}
  near: {{clause: s, where: {{near: yes}}}}
benefits:
  felt:
    clause: p
    kind: VALIDITY_DAYS
    when: {{any outage: {{felt: yes}}}}
    clock: outage
    count: once
    pay: 1 day
    round: {{down: 1 day}}
    granted: automatically
  hours:
    clause: p
    kind: VALIDITY_DAYS
    clock: outage
    count: {{started: 1 h}}
    pay: 1 day
    round: {{down: 1 day}}
    granted: automatically
  either:
    clause: p
    kind: VALIDITY_DAYS
    when: {{any of: [{{member: yes}}, {{student: yes}}]}}
    clock: near
    count: once
    pay: 1 day
    round: {{down: 1 day}}
    granted: automatically
recourse:
  clause: o
  from: {{felt: yes}}
  share: 100 %
  value: {{felt: 0.00 EUR per day, hours: 1.00 EUR per day, either: 0.00 EUR per day}}
  round: {{half up: 0.01 EUR}}
"""
PARTS: Final = f"""
policy: parts
{HEAD}
facts:
  member: {{of: subscriber, type: yes or no}}
  student: {{of: subscriber, type: yes or no}}
clocks:
  lost: {{clause: o, where: {{impact: LOSS}}}}
  slow: {{clause: s, where: {{impact: DEGRADED}}}}
benefits:
  credit:
    kind: CREDIT
    sum of:
      members: {{clause: p, when: {{member: yes}}, clock: lost, count: once, pay: 1.00 EUR}}
      students: {{clause: p, when: {{student: yes}}, clock: slow, count: once, pay: 2.00 EUR}}
    round: {{down: 0.01 EUR}}
    granted: automatically
"""
TEXTS: Final = {"leaves-out": LEAVES_OUT, "long-ones": LONG_ONES, "several": SEVERAL, "parts": PARTS}
HOUR: Final = 3600
NOON: Final = int(datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp())
KNOWN_AT: Final = 'attributes["known_at"]'


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """The policies of this module."""
    catalog = tmp_path_factory.mktemp("catalog")
    for name, text in TEXTS.items():
        (catalog / name).mkdir()
        (catalog / name / "1.yaml").write_text(text, encoding="utf-8")
    return load_catalog(catalog, default_policy_id="long-ones")


def decided(policies: PolicySet, policy_id: str, *outages: Outage, **attributes: AttributeValue) -> Decision:
    subscriber = Subscriber("s-1", attributes=attributes)
    return policies.decide(Request(subscriber, outages, "AUTOMATIC", NOON + 100 * HOUR, policy_id=policy_id))


def outage(outage_id: str, first: int, last: int, impact: str = "LOSS", **attributes: AttributeValue) -> Outage:
    """From so many hours after noon to so many."""
    return Outage(outage_id, NOON + first * HOUR, NOON + last * HOUR, "EQUIPMENT_FAILURE", impact, attributes=attributes)


def known(hour: int) -> Instant:
    """So many hours after noon."""
    return Instant(NOON + hour * HOUR)


def lacking(decision: Decision, benefit: str) -> list[set[str]]:
    """The fields that each of a benefit's occasions lacks."""
    return [{reason.field for reason in each.reasons} for each in decision.occasions if benefit in each.benefits]


# ------------------------------------------------------------------------------------------------- what another clock keeps


def test_what_another_clock_keeps_is_not_asked_of_time_that_it_cannot_take(policies: PolicySet) -> None:
    """The lost one lacks when it was known, and lies elsewhere."""
    decision = decided(policies, "leaves-out", outage("slow", 0, 3, "DEGRADED"), outage("lost", 5, 9))
    assert (decision.outcome, [each.quantity for each in decision.grants]) == ("GRANTED", [300])


def test_what_another_clock_may_keep_is_lacking_in_the_occasions_whose_time_it_may_take(policies: PolicySet) -> None:
    """Both occasions are told all the same: what is met is known."""
    slow = outage("slow", 0, 3, "DEGRADED"), outage("later", 20, 22, "DEGRADED")
    decision = decided(policies, "leaves-out", *slow, outage("lost", 2, 9))
    assert (decision.outcome, decision.owed) == ("CANNOT_DECIDE", ())
    assert [(each.code, each.clause, each.field) for each in decision.reasons] == [
        ("MISSING_FACT", "k", f"outages[2].{KNOWN_AT}")
    ]
    assert [(each.outage_ids, each.reasons) for each in decision.occasions] == [(("slow",), decision.reasons), (("later",), ())]


def test_what_another_clock_is_known_to_keep_is_left_out(policies: PolicySet) -> None:
    """Known at noon, the lost one is kept from one o'clock on: an hour of the slow one is left."""
    decision = decided(policies, "leaves-out", outage("slow", 0, 3, "DEGRADED"), outage("lost", 0, 3, known_at=known(0)))
    assert [each.quantity for each in decision.grants] == [100]


# ------------------------------------------------------------------------------------------------ recourse, and what is meant


def test_who_owes_is_lacking_only_in_the_occasions_of_what_is_recovered(policies: PolicySet) -> None:
    decision = decided(policies, "several", outage("a", 0, 2, near=True), member=True)
    assert lacking(decision, "hours") == [{'outages[0].attributes["felt"]'}]
    assert lacking(decision, "either") == [set()]


def test_a_benefit_that_is_meant_lacks_nothing_of_its_condition_where_its_occasions_are_not_known(policies: PolicySet) -> None:
    decision = decided(policies, "several", outage("a", 0, 2, felt=True), student=True)
    assert {reason.field for reason in decision.reasons} == {'outages[0].attributes["near"]'}
    assert lacking(decision, "either") == []


def test_what_the_condition_of_one_component_lacks_does_not_hide_what_that_of_another_lacks(policies: PolicySet) -> None:
    decision = decided(policies, "parts", outage("a", 0, 2))
    assert {reason.field for reason in decision.reasons} == {
        f'subscriber.attributes["{name}"]' for name in ("member", "student")
    }


# ----------------------------------------------------------------------------------------------------------- time of a clock


def test_the_time_of_a_clock_is_told_where_it_is_not_known_whether_a_benefit_is_meant(policies: PolicySet) -> None:
    decision = decided(policies, "several", outage("a", 0, 2, near=True), outage("b", 20, 22, felt=True, near=True))
    assert decision.outcome == "CANNOT_DECIDE"
    assert decision.clock_seconds == 4 * HOUR


def test_the_time_of_a_clock_is_not_told_where_it_is_not_known_in_an_occasion_that_may_be_meant(policies: PolicySet) -> None:
    """Whether the first is long hangs on when it was known; the other, which is long, is not all."""
    late = outage("b", 20, 25, known_at=known(20))
    assert decided(policies, "long-ones", late).clock_seconds == 4 * HOUR
    decision = decided(policies, "long-ones", outage("a", 0, 3), late)
    assert [each.field for each in decision.reasons] == [f"outages[0].{KNOWN_AT}"]
    assert (decision.outcome, decision.clock_seconds) == ("CANNOT_DECIDE", None)
