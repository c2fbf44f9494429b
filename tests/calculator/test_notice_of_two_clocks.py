"""A message speaks of the time that what is granted was counted by, whatever else the policy has clocks for."""

from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from policy import Outage, PolicySet, Request, Subscriber
from policy.language.catalog import load_policy
from policy.language.load import compile_versions
from tests.language.small import policy_directory

TELEPHONE_AND_INTERNET: Final = """\
policy: small
title: So much for each hour, for the telephone and for the internet
source: made up for tests
language: en
versions:
  - {version: "2026", from: 2026-01-01, to: open}
for each: interruption
zone: Europe/London
currency: EUR
clauses:
  "1": "The telephone."
  "2": "The internet."
clocks:
  phone: {clause: "1", services: FIXED_VOICE}
  internet: {clause: "2", services: FIXED_DATA}
benefits:
  phone:
    clause: "1"
    kind: CREDIT
    clock: phone
    count: {started: 1 h}
    pay: 1.00 EUR
    round: {half up: 0.01 EUR}
    granted: automatically
  internet:
    clause: "2"
    kind: CREDIT
    clock: internet
    count: {started: 1 h}
    pay: 2.00 EUR
    round: {half up: 0.01 EUR}
    granted: automatically
notice:
  clause: "2"
  quantities: {phone: 1.00 EUR, internet: 1.00 EUR}
  sms: {en: "{clock} from {start} to {end} ({cause}): {grants}"}
  words:
    en:
      time: "%H:%M"
      days: "{n} d"
      hours: "{n} h"
      minutes: "{n} min"
      seconds: "{n} s"
      between: " "
      comma: ", "
      and: " and "
      causes: {EQUIPMENT_FAILURE: a fault, otherwise: a storm}
      grants: {phone: "{quantity} EUR for the phone", internet: "{quantity} EUR for the internet"}
"""


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    directory: Path = policy_directory(tmp_path_factory.mktemp("catalog"), {"2026.yaml": TELEPHONE_AND_INTERNET})
    return compile_versions(load_policy(directory), "small")


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"2026-03-04 {text}").replace(tzinfo=ZoneInfo("Europe/London")).timestamp())


def outage(service: str, begins: str, ends: str, cause: str = "EQUIPMENT_FAILURE") -> Outage:
    return Outage(f"o-{begins}", at(begins), at(ends), cause, "LOSS", (service,))


@pytest.mark.parametrize(
    ("outages", "said"),
    [
        ([outage("FIXED_DATA", "10:00", "13:00")], "3 h from 10:00 to 13:00 (a fault): 6.00 EUR for the internet"),
        ([outage("FIXED_VOICE", "12:00", "12:30")], "30 min from 12:00 to 12:30 (a fault): 1.00 EUR for the phone"),
        (
            [outage("FIXED_DATA", "10:00", "13:00"), outage("FIXED_VOICE", "12:00", "12:30", "EXTREME_WEATHER")],
            "3 h from 10:00 to 13:00 (a fault and a storm): 6.00 EUR for the internet and 1.00 EUR for the phone",
        ),
        (
            [outage("FIXED_DATA", "10:00", "11:00"), outage("FIXED_VOICE", "12:00", "12:30")],
            "1 h 30 min from 10:00 to 12:30 (a fault): 2.00 EUR for the internet and 1.00 EUR for the phone",
        ),
        (
            [outage("FIXED_DATA", "10:00", "11:00"), outage("SMS", "08:00", "14:00")],
            "1 h from 10:00 to 11:00 (a fault): 2.00 EUR for the internet",
        ),
    ],
    ids=["internet alone", "phone alone", "one in the other", "one after the other", "beside what nobody is paid for"],
)
def test_a_message_speaks_of_the_time_that_what_is_granted_was_counted_by(
    policies: PolicySet, outages: list[Outage], said: str
) -> None:
    request = Request(Subscriber("s-1"), tuple(outages), "PROACTIVE_NOTICE", at("23:00"))
    assert [each.body for each in policies.decide(request).notice] == [said]
