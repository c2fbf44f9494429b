"""Terms that cn-standard does not use: fixed dates, an amount at discretion, a last day for claims, open rules."""

from datetime import UTC, datetime
from typing import Final

import pytest

from policy import Claim, Decision, Interval, Outage, PolicySet, Request, Subscriber, load_catalog

POLICY: Final = """
policy: terms
title: What is given, when it can be used, and who says how much
source: made up for tests
language: en
versions: [{version: "1", from: 2026-01-01, to: open}]
zone: Europe/London
currency: GBP
for each: interruption
clauses:
  data-cut: "Cuts of data."
  voice-cut: "Cuts of calls."
  day: "A day of free data."
  more: "More, as the manager sees fit."
  credit: "A pound."
  registration: "On registration until 30 June."
clocks:
  data: {clause: data-cut, services: DATA}
  voice: {clause: voice-cut, services: VOICE, only: {interruption: more than 1 h}}
benefits:
  free_day:
    clause: day
    kind: UNLIMITED_DATA
    clock: data
    count: once
    pay: 1 day
    round: {up: 1 day}
    usable: {from: 2026-03-29, to: 2026-03-30}
    granted: automatically
  goodwill:
    clause: more
    kind: CREDIT
    clock: voice
    count: once
    pay: at discretion
    round: {up: 0.01 GBP}
    granted: automatically
  credit: {clause: credit, kind: CREDIT, clock: voice, count: once, pay: 1.00 GBP, round: {up: 0.01 GBP}, granted: on claim}
claims: {clause: registration, within: open, before: 2026-07-01}
unsettled:
  - {day: "Whether roaming is free is not said."}
  - {voice-cut: "Whether an hour is enough is not said."}
  - {as-a-whole: "The source is a newspaper."}
"""


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """The policy of this module."""
    directory = tmp_path_factory.mktemp("catalog") / "terms"
    directory.mkdir()
    (directory / "1.yaml").write_text(POLICY, encoding="utf-8")
    return load_catalog(directory.parent, default_policy_id="terms")


def at(text: str) -> int:
    """An instant in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def decide(policies: PolicySet, service: str, *, minutes: int = 120, claimed_at: str = "") -> Decision:
    """The decision on an outage of ``service`` on 2 March 2026, claimed or not."""
    start = at("2026-03-02 08:00")
    claim = Claim("WEB", at(claimed_at), start, start + 60 * minutes) if claimed_at else None
    outage = Outage("o-1", start, start + 60 * minutes, "SOFTWARE_FAULT", "LOSS", (service,))
    mode = "APPLICATION" if claim else "AUTOMATIC"
    return policies.decide(Request(Subscriber("s-1"), (outage,), mode, at("2026-08-01 00:00"), claim=claim, explain="FULL"))


def reasons(decision: Decision) -> list[tuple[str, str, str]]:
    """Code, clause and benefit of each reason."""
    return [(reason.code, reason.clause, reason.benefit) for reason in decision.reasons]


def unsettled(decision: Decision) -> list[str]:
    """The clauses of the open rules that the decision rests on."""
    return [warning.clause for warning in decision.warnings if warning.code == "RULE_UNSETTLED"]


def test_a_grant_is_usable_between_the_local_midnights_of_its_dates(terms: PolicySet) -> None:
    """The night of 29 March 2026 has 23 hours in London, for the clocks go forward."""
    (grant,) = decide(terms, "DATA").grants
    assert grant.window == Interval(at("2026-03-29 00:00"), at("2026-03-29 23:00"))
    assert (grant.quantity, grant.valid_for_seconds) == (86_400, 0)


def test_an_amount_at_discretion_is_for_a_person_and_stands_beside_what_has_a_formula(terms: PolicySet) -> None:
    """With nothing else owed it is NEEDS_REVIEW; beside something owed it is a reason."""
    decision = decide(terms, "VOICE", claimed_at="2026-06-30 22:59:59")
    assert (decision.outcome, [grant.benefit for grant in decision.grants]) == ("GRANTED", ["credit"])
    assert reasons(decision) == [("AMOUNT_AT_DISCRETION", "more", "goodwill")]


def test_an_amount_at_discretion_is_refused_as_any_other(terms: PolicySet) -> None:
    """No more than an hour gives no right, so nobody has to say how much."""
    decision = decide(terms, "VOICE", minutes=60)
    assert (decision.outcome, reasons(decision)) == ("NOT_ELIGIBLE", [("BELOW_MINIMUM_DURATION", "voice-cut", "")])


def test_a_claim_is_late_from_the_first_second_of_the_day_named(terms: PolicySet) -> None:
    """London is an hour ahead of UTC in summer."""
    late = decide(terms, "VOICE", claimed_at="2026-06-30 23:00")
    assert (late.outcome, reasons(late)) == ("NOT_ELIGIBLE", [("CLAIM_TOO_LATE", "registration", "")])


@pytest.mark.parametrize(
    ("service", "minutes", "expected"),
    [
        ("DATA", 120, ["day", "as-a-whole"]),
        ("VOICE", 120, ["voice-cut", "as-a-whole"]),
        ("VOICE", 60, ["voice-cut", "as-a-whole"]),
        ("SMS", 120, []),
    ],
)
def test_an_open_rule_warns_where_it_was_applied_to_grant_or_to_refuse(
    terms: PolicySet, service: str, minutes: int, expected: list[str]
) -> None:
    """And an entry of no rule wherever any rule was; the explanation has a line for each, with its text."""
    decision = decide(terms, service, minutes=minutes)
    assert unsettled(decision) == expected
    assert decision.explanation is not None
    assert [line.clause for line in decision.explanation.lines if line.rule == "unsettled"] == expected
    assert {clause for clause, _ in decision.explanation.clauses} >= set(expected)
