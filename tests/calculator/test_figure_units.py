"""A figure of money is told in the unit that its number is in."""

from pathlib import Path
from typing import Final

from policy import Money, Outage, Request, Subscriber, load_catalog

POLICY: Final = """
policy: shares
title: A share of the fee
source: made up for tests
language: en
versions: [{version: "1", from: 2020-01-01, to: open}]
zone: Etc/UTC
currency: EUR
for each: interruption
facts: {monthly_fee: {at most: 1000.00 EUR}}
figures:
  net_fee: {clause: {n: "The fee net of tax."}, is: 100/124 of monthly_fee}
clocks:
  outage: {clause: {c: "All of an outage counts."}}
benefits:
  credit: {clause: {p: "It all."}, kind: CREDIT, count: once, pay: net_fee, round: {down: 0.01 EUR}, granted: automatically}
"""


def test_money_is_told_in_minor_units_wherever_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "shares").mkdir()
    (tmp_path / "shares" / "1.yaml").write_text(POLICY, encoding="utf-8")
    policies = load_catalog(tmp_path, default_policy_id="shares")
    outage = Outage("o-1", 1_700_000_000, 1_700_003_600, cause="EQUIPMENT_FAILURE", impact="LOSS")
    subscriber = Subscriber("s-1", monthly_fee=Money("EUR", 6200))
    decision = policies.decide(Request(subscriber, (outage,), mode="AUTOMATIC", as_of=1_800_000_000, explain="FULL"))
    assert decision.explanation is not None
    lines = {line.rule: line for line in decision.explanation.lines}
    assert (lines["figures.net_fee"].value, lines["figures.net_fee"].unit) == ("5000", "minor units of EUR")
    [given] = [each for each in lines["benefits.credit.pay"].inputs if each.name == "figures.net_fee"]
    assert (given.value, given.unit) == ("5000", "minor units of EUR")
