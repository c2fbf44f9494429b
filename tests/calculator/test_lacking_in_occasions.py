"""What is lacking of an outage's time is lacking in the occasions that it may take or give time of, and in no other."""

from datetime import UTC, datetime
from typing import Final

import pytest

from policy import Decision, Outage, PolicySet, Request, Subscriber, load_catalog
from policy.calculator.request import Instant

POLICY: Final = """
policy: {name}
title: What is lacking in occasions
source: made up for tests
language: en
versions: [{{version: "1", from: 2020-01-01, to: open}}]
zone: Etc/UTC
currency: EUR
for each: interruption
facts:
  known_at: {{of: outage, type: instant}}
clocks:
  {clocks}
benefits:
  credit:
    clause: {{c: "A euro for each hour."}}
    kind: CREDIT
    {benefit}
    count: {{started: 1 h}}
    pay: 1.00 EUR
    round: {{down: 0.01 EUR}}
    granted: automatically
"""
TEXTS: Final = {
    "leaves-out": POLICY.format(
        name="leaves-out",
        clocks="""lost: {clause: {l: "From an hour after it was known."}, where: {impact: LOSS}, starts: 1 h after known_at}
  slow: {clause: {s: "What is slow and not lost."}, where: {impact: DEGRADED}, without: lost}""",
        benefit="clock: slow",
    ),
    "long-ones": POLICY.format(
        name="long-ones",
        clocks="""outage: {clause: {o: "From an hour after it was known."}, starts: 1 h after known_at}""",
        benefit="when: {length: more than 1 h}",
    ),
}
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


def decided(policies: PolicySet, policy_id: str, *outages: Outage) -> Decision:
    return policies.decide(Request(Subscriber("s-1"), outages, "AUTOMATIC", NOON + 100 * HOUR, policy_id=policy_id))


def outage(outage_id: str, first: int, last: int, impact: str = "LOSS", known: int | None = None) -> Outage:
    """From so many hours after noon to so many, known at one of them."""
    attributes = {} if known is None else {"known_at": Instant(NOON + known * HOUR)}
    return Outage(outage_id, NOON + first * HOUR, NOON + last * HOUR, "EQUIPMENT_FAILURE", impact, attributes=attributes)


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
        ("MISSING_FACT", "l", f"outages[2].{KNOWN_AT}")
    ]
    assert [(each.outage_ids, each.reasons) for each in decision.occasions] == [(("slow",), decision.reasons), (("later",), ())]


def test_what_another_clock_is_known_to_keep_is_left_out(policies: PolicySet) -> None:
    """Known at noon, the lost one is kept from one o'clock on: an hour of the slow one is left."""
    decision = decided(policies, "leaves-out", outage("slow", 0, 3, "DEGRADED"), outage("lost", 0, 3, known=0))
    assert [each.quantity for each in decision.grants] == [100]


def test_time_of_a_clock_is_not_told_where_it_is_not_known_in_an_occasion_that_may_be_meant(policies: PolicySet) -> None:
    """Whether the first is long hangs on when it was known; the other, which is long, is not all."""
    late = outage("b", 20, 25, known=20)
    assert decided(policies, "long-ones", late).clock_seconds == 4 * HOUR
    decision = decided(policies, "long-ones", outage("a", 0, 3), late)
    assert [each.field for each in decision.reasons] == [f"outages[0].{KNOWN_AT}"]
    assert (decision.outcome, decision.clock_seconds) == ("CANNOT_DECIDE", None)
