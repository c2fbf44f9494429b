"""RULE_UNSETTLED stands with the decisions that rest on an open rule, and with no others."""

from datetime import UTC, datetime
from typing import Final

import pytest

from policy import Decision, Outage, PolicySet, Request, Subscriber, load_catalog
from tests.language.small import ENGLISH_WORDS

POLICY: Final = (
    """
policy: open
title: What is left open
source: made up for tests
language: en
versions: [{version: "1", from: 2026-01-01, to: open}]
zone: Europe/London
currency: GBP
for each: interruption
clauses: {long: "Long ones.", pay: "So much.", day: "By day.", night: "By night.", share: "Others owe.", told: "They are told."}
measures:
  daytime: {clause: day, by: time_of_day, 08:00 to 22:00: 1, otherwise: 0}
  nighttime: {clause: night, by: time_of_day, 08:00 to 22:00: 0, otherwise: 1}
clocks:
  outage: {clause: long, only: {total: more than 1 daytime h}}
benefits:
  credit:
    clause: pay
    kind: CREDIT
    count: {started: 1 h}
    pay: 1.00 GBP
    round: {up: 0.01 GBP}
    granted: {automatically when: {total: more than 1 nighttime h}}
claims: {clause: pay, within: open}
recourse:
  clause: share
  from: {cause: POWER_SUPPLY}
  share: 50 %
  value: {}
  round: {half up: 0.01 GBP}
notice:
  clause: told
  quantities: {credit: 1.00 GBP}
  sms: {en: "{grants}"}
"""
    + ENGLISH_WORDS
    + """\
      grants: {credit: "{quantity} GBP"}
unsettled:
  - {day: "When is it day?"}
  - {night: "When is it night?"}
  - {share: "Whose share?"}
  - {told: "In which words?"}
"""
)


@pytest.fixture(scope="module")
def unsettled(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    directory = tmp_path_factory.mktemp("catalog") / "open"
    directory.mkdir()
    (directory / "1.yaml").write_text(POLICY, encoding="utf-8")
    return load_catalog(directory.parent, default_policy_id="open")


def decide(policies: PolicySet, start: str, hours: int) -> Decision:
    began = int(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp())
    end = began + hours * 3600
    outage = Outage("o-1", began, end, "POWER_SUPPLY", "LOSS", responsible_party="grid")
    return policies.decide(Request(Subscriber("s-1"), (outage,), "PROACTIVE_NOTICE", end + 60))


@pytest.mark.parametrize(
    ("start", "hours", "outcome", "open_rules"),
    [
        pytest.param("2026-03-02T12:00", 12, "GRANTED", ["day", "night", "share", "told"], id="all"),
        pytest.param(
            "2026-03-02T12:00", 2, "PROVISIONAL", ["day", "night", "share"], id="nobody is told of what has to be claimed"
        ),
        pytest.param("2026-03-02T12:00", 1, "NOT_ELIGIBLE", ["day"], id="only the first was asked"),
    ],
)
def test_a_decision_rests_on_the_measures_it_asked_and_on_the_notice_it_gives(
    unsettled: PolicySet, start: str, hours: int, outcome: str, open_rules: list[str]
) -> None:
    decision = decide(unsettled, start, hours)
    assert decision.outcome == outcome
    assert [warning.clause for warning in decision.warnings if warning.code == "RULE_UNSETTLED"] == open_rules
