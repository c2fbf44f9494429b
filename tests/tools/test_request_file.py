"""Request files: every field of the contract is read."""

from fractions import Fraction
from pathlib import Path
from typing import Final

from policy import Claim, GrantedBefore, Instant, Interval, Money, NoticeRequest, Outage, Request, Subscriber
from policy.tools.request_file import read_request

EVERY_FIELD: Final = """\
request_id: r-1
policy: {policy_id: p, version: v}
subscriber:
  subscriber_id: s
  plan_type: VOICE
  monthly_fee: {currency_code: EUR}
  data_allowance_bytes: 0
  data_remaining_bytes: null
  value_added_services: [MUSIC]
  customer_type: CONSUMER
  payment: PREPAID
  time_zone: Europe/Paris
  billing_cycle: {started_at: 1970-01-01T00:00:01Z, ended_at: 1970-01-01T00:00:02Z}
  granted_this_cycle: {quantities: {data: 1}}
  granted_by_month: {"2026-03": {quantities: {data: 3}}, "2026-04": {}}
  attributes:
    integer: {integer: -5}
    ratio: {ratio: {numerator: 6, denominator: 4}}
    text: {text: "5"}
    yes: {yes_or_no: true}
    money: {money: {currency_code: EUR, amount_minor: 7}}
    instant: {instant: 1970-01-01T00:00:09Z}
    spans: {intervals: {intervals: [{started_at: 1970-01-01T00:00:03Z, ended_at: 1970-01-01T00:00:04Z}]}}
outages:
  - outage_id: o
    started_at: 1970-01-01T00:00:05Z
    ended_at: 1970-01-01T00:00:06Z
    reported_at: 1970-01-01T00:00:07Z
    announced_at: 1970-01-01T00:00:08Z
    cause: UNKNOWN
    impact: DEGRADED
    services: [SERVICE_DATA, SMS]
    responsible_party: grid
    areas: [north]
    time_source: MANUAL
    attributes: {none: {intervals: {}}}
mode: APPLICATION
claim:
  {channel: WEB, claimed_at: 1970-01-01T00:00:10Z, started_at: 1970-01-01T00:00:11Z, ended_at: 1970-01-01T00:00:12Z,
   earlier: [{started_at: 1970-01-01T00:00:13Z, ended_at: 1970-01-01T00:00:14Z}]}
notice: {channel: SMS, languages: [en]}
already_granted: {quantities: {voice: 2}}
granted_before: [{outage_id: o, benefit: data, quantity: 5, month: 2026-03}, {}]
as_of: 1970-01-01T01:00:00+01:00
explain: SUMMARY
"""


def test_every_field_of_a_request_is_read(tmp_path: Path) -> None:
    path = tmp_path / "request.yaml"
    path.write_text(EVERY_FIELD, encoding="utf-8")
    asked = read_request(path, now=99)
    assert asked.violations == ()
    subscriber = Subscriber(
        "s", "VOICE", Money("EUR", 0), 0, None, ("MUSIC",), "CONSUMER", "PREPAID", "Europe/Paris", Interval(1, 2), {"data": 1},
        {"2026-03": {"data": 3}, "2026-04": {}},
        {
            "integer": -5, "ratio": Fraction(3, 2), "text": "5", "yes": True, "money": Money("EUR", 7), "instant": Instant(9),
            "spans": (Interval(3, 4),),
        },
    )  # fmt: skip
    outage = Outage(
        "o", 5, 6, "UNKNOWN", "DEGRADED", ("DATA", "SMS"), "grid", 7, 8, ("north",), "MANUAL", {"none": ()}
    )  # fmt: skip
    claim, notice = Claim("WEB", 10, 11, 12, (Interval(13, 14),)), NoticeRequest("SMS", ("en",))
    before = (GrantedBefore("o", "data", 5, "2026-03"), GrantedBefore("", "", 0))
    assert asked.request == Request(
        subscriber, (outage,), "APPLICATION", 0, "p", "v", claim, notice, {"voice": 2}, before, "SUMMARY"
    )


def test_a_request_that_says_nothing_asks_for_a_full_explanation_as_of_now(tmp_path: Path) -> None:
    path = tmp_path / "request.yaml"
    path.write_text("{}", encoding="utf-8")
    assert read_request(path, now=99).request == Request(None, (), "", 99, explain="FULL")
