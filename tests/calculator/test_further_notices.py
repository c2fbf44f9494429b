"""Claims about the messages for an outage that is known, a top-up and a correction."""

from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from policy import GrantedBefore, Money, Outage, PolicySet, Request, Subscriber
from policy.language.catalog import load_policy
from policy.language.load import compile_versions
from tests.language.small import SMALL, policy_directory

NOTICE: Final = """\
notice:
  clause: {3: "Customers are told."}
  quantities: {credit: 1.00 EUR}
  sms: {en: "Down for {clock}. You get {grants}."}
  push: {en: {title: "Your outage", body: "You get {grants}."}}
  known: {sms: {en: "Down since {start} ({cause})."}}
  top up: {sms: {en: "Down for {clock}: {grants} more, {whole} in all."}}
  correction: {sms: {en: "Down for {clock}: you got {grants}, and {whole} is due."}}
  words:
    en:
      time: "%Y-%m-%d %H:%M"
      days: "{n} d"
      hours: "{n} h"
      minutes: "{n} min"
      seconds: "{n} s"
      between: " "
      comma: ", "
      and: " and "
      causes: {EQUIPMENT_FAILURE: a fault, otherwise: an outage}
      grants: {credit: "{quantity} EUR"}
"""
ANNA: Final = Subscriber("s-1", monthly_fee=Money("EUR", 6000))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Amsterdam")).timestamp())


MONDAY: Final = Outage("o-1", at("2026-03-02 08:00"), at("2026-03-03 10:00"), "EQUIPMENT_FAILURE", "LOSS")
SHORT: Final = Outage("o-1", at("2026-03-02 08:00"), at("2026-03-02 10:00"), "EQUIPMENT_FAILURE", "LOSS")
ONGOING: Final = Outage("o-2", at("2026-03-09 23:00"), None, "EQUIPMENT_FAILURE", "LOSS")


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """A thirtieth of 60.00 for each day begun in an interruption of more than 12 h, with messages of each kind."""
    directory: Path = policy_directory(tmp_path_factory.mktemp("catalog"), {"2026.yaml": SMALL + NOTICE})
    return compile_versions(load_policy(directory), "small")


def told(policies: PolicySet, *outages: Outage, before: int = 0, mode: str = "PROACTIVE_NOTICE") -> list[str]:
    """The texts; 26 h are two days begun, 4.00."""
    granted = (GrantedBefore("o-1", "credit", before),) if before else ()
    request = Request(ANNA, outages, mode, at("2026-03-10 02:00"), granted_before=granted)
    return [each.body for each in policies.decide(request).notice]


def test_what_is_granted_for_the_first_time_is_told_as_a_grant(policies: PolicySet) -> None:
    assert told(policies, MONDAY) == ["Down for 26 h. You get 4.00 EUR.", "You get 4.00 EUR."]


def test_what_is_added_is_told_with_what_it_comes_to_and_without_such_a_text_as_a_grant(policies: PolicySet) -> None:
    assert told(policies, MONDAY, before=150) == ["Down for 26 h: 2.50 EUR more, 4.00 EUR in all.", "You get 2.50 EUR."]


def test_nothing_is_told_where_all_was_granted_before(policies: PolicySet) -> None:
    assert told(policies, MONDAY, before=400) == []


def test_an_outage_that_goes_on_is_told_before_anything_is_granted(policies: PolicySet) -> None:
    """Also where it is not long enough yet: it is three hours."""
    assert told(policies, ONGOING) == ["Down since 2026-03-09 23:00 (a fault)."]


def test_an_outage_that_ended_is_no_news(policies: PolicySet) -> None:
    assert told(policies, SHORT) == []


def test_more_than_stands_is_corrected_with_what_stands_and_its_time(policies: PolicySet) -> None:
    assert told(policies, MONDAY, before=401) == ["Down for 26 h: you got 4.01 EUR, and 4.00 EUR is due."]


def test_where_nothing_stands_all_of_it_is_corrected(policies: PolicySet) -> None:
    assert told(policies, SHORT, before=400) == ["Down for 0 min: you got 4.00 EUR, and 0.00 EUR is due."]


def test_nothing_is_corrected_while_an_outage_goes_on(policies: PolicySet) -> None:
    assert told(policies, SHORT, ONGOING, before=400) == ["Down since 2026-03-09 23:00 (a fault)."]


def test_only_a_notice_that_is_asked_for_is_told(policies: PolicySet) -> None:
    assert told(policies, ONGOING, mode="AUTOMATIC") == []
