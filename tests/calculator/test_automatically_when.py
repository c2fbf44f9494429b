"""``automatically when``: a condition holds of some time that was counted, or whatever the time; else a claim is needed."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from policy import Decision, Outage, PolicySet, Request, Subscriber, load_catalog

POLICY: Final = """
policy: unasked
title: What is granted unasked
source: made up for tests
language: en
versions: [{version: "1", from: 2026-01-01, to: open}]
zone: Europe/London
currency: GBP
for each: all together
clauses: {"1": "A rule."}
facts:
  calls: {of: subscriber, type: number, at most: 1000, if absent: 0}
MEMBERclocks:
  long: {clause: "1", services: DATA, only: {interruption: more than 4 h}}
benefits:
  credit:
    kind: CREDIT
    sum of:
      by_call: {clause: "1", count: {number: calls}, pay: 1.00 GBP}
      by_hour: {clause: "1", clock: long, count: {started: 1 h}, pay: 0.10 GBP}
    round: {up: 0.01 GBP}
    granted: {automatically when: CONDITION}
claims: {clause: "1", within: open}
"""
EITHER: Final = "{any of: [{amount: at least 3.00 GBP}, {total: more than 6 h}]}"
BOTH: Final = "{amount: at least 3.00 GBP, total: more than 6 h}"
OF_A_MEMBER: Final = "{any of: [{member: yes, amount: at least 3.00 GBP}, {total: more than 6 h}]}"
START: Final = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())
HOUR: Final = 3600


@cache
def policies_with(condition: str) -> PolicySet:
    member = "  member: {of: subscriber, type: yes or no}\n" if "member" in condition else ""
    with TemporaryDirectory() as catalog:
        Path(catalog, "unasked").mkdir()
        Path(catalog, "unasked/1.yaml").write_text(
            POLICY.replace("CONDITION", condition).replace("MEMBER", member), encoding="utf-8"
        )
        return load_catalog(Path(catalog), default_policy_id="unasked")


def decided(condition: str, *, hours: int, calls: int, member: bool | None = None) -> Decision:
    facts: dict[str, int | bool] = {"calls": calls}
    if member is not None:
        facts["member"] = member
    outage = Outage("o-1", START, START + hours * HOUR, "EQUIPMENT_FAILURE", "LOSS", ("DATA",))
    return policies_with(condition).decide(
        Request(Subscriber("s-1", attributes=facts), (outage,), "AUTOMATIC", START + 9 * HOUR)
    )


@pytest.mark.parametrize(
    ("condition", "hours", "calls", "outcome"),
    [
        pytest.param(EITHER, 2, 3, "GRANTED", id="the amount suffices, no time was kept"),
        pytest.param(EITHER, 2, 2, "PROVISIONAL", id="nor is the amount enough"),
        pytest.param(EITHER, 7, 1, "GRANTED", id="the time suffices"),
        pytest.param(EITHER, 6, 1, "PROVISIONAL", id="there is time, but neither is enough"),
        pytest.param(EITHER, 6, 3, "GRANTED", id="there is time, and the amount suffices"),
        pytest.param(BOTH, 2, 3, "PROVISIONAL", id="both are wanted, no time was kept"),
        pytest.param(BOTH, 6, 3, "PROVISIONAL", id="both are wanted, the time is not enough"),
        pytest.param(BOTH, 7, 3, "GRANTED", id="both are wanted and there"),
    ],
)
def test_what_suffices_whatever_the_time_is_asked_also_where_no_time_was_kept(
    condition: str, hours: int, calls: int, outcome: str
) -> None:
    """The judge found that a claim was asked for where the amount alone made it automatic."""
    assert decided(condition, hours=hours, calls=calls).outcome == outcome


@pytest.mark.parametrize(
    ("hours", "calls", "member", "outcome"),
    [
        pytest.param(2, 3, True, "GRANTED", id="a member"),
        pytest.param(2, 3, False, "PROVISIONAL", id="no member"),
        pytest.param(2, 2, None, "PROVISIONAL", id="not known, and it does not matter for the amount"),
        pytest.param(7, 3, None, "GRANTED", id="not known, and it does not matter for the time"),
        pytest.param(2, 3, None, "CANNOT_DECIDE", id="not known, no time was kept"),
        pytest.param(5, 3, None, "CANNOT_DECIDE", id="not known, and the time is not enough"),
    ],
)
def test_a_fact_of_it_is_missed_only_where_it_decides(hours: int, calls: int, member: bool | None, outcome: str) -> None:
    decision = decided(OF_A_MEMBER, hours=hours, calls=calls, member=member)
    assert decision.outcome == outcome
    fields = {'subscriber.attributes["member"]'} if outcome == "CANNOT_DECIDE" else set()
    assert {reason.field for reason in decision.reasons if reason.code == "MISSING_FACT"} == fields
