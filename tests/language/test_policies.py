"""Policies that are written right are taken, and decide what they say."""

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest

from policy import Claim, Instant, Interval, Money, Outage, PolicySet, Request, Subscriber, load_catalog
from policy.language.catalog import load_policy, load_versions
from policy.language.load import compile_versions
from tests.language.small import SMALL, policy_directory
from tests.support.library import CATALOG

EVERY_WORD: Final = Path(__file__).parent / "every-word"


def at(text: str) -> int:
    """Seconds since 1970 UTC."""
    return int(datetime.fromisoformat(text).timestamp())


@pytest.fixture(scope="module")
def every_word() -> PolicySet:
    return compile_versions(load_policy(EVERY_WORD), "every-word")


def request() -> Request:
    """Service is lost from a Monday noon to the next; every fact is given, and it is claimed."""
    subscriber = Subscriber(
        "s-1",
        plan_type="CONVERGED",
        monthly_fee=Money("GBP", 90_00),
        data_allowance_bytes=100,
        data_remaining_bytes=5,
        customer_type="CONSUMER",
        payment="PREPAID",
        billing_cycle=Interval(at("2026-01-20T00:00+00:00"), at("2026-02-20T00:00+00:00")),
        granted_this_cycle={},
        attributes={
            "nation": "SCOTLAND",
            "average_bill": Money("GBP", 62_00),
            "joined_on": date(2020, 1, 1),
            "dropped_calls": 7,
            "use_factor": Fraction(3, 2),
            "waited": 7200,
            "has_gateway": False,
        },
    )
    outage = Outage(
        "o-1",
        at("2026-02-02T12:00+00:00"),
        at("2026-02-09T12:00+00:00"),
        cause="EQUIPMENT_FAILURE",
        impact="LOSS",
        services=("FIXED_DATA",),
        reported_at=at("2026-02-02T13:00+00:00"),
        attributes={
            "towers_out": 12,
            "in_district": True,
            "known_at": Instant(at("2026-02-02T12:00+00:00")),
            "delays": (Interval(at("2026-02-05T00:00+00:00"), at("2026-02-06T00:00+00:00")),),
        },
    )
    claim = Claim("WEB", at("2026-02-20T00:00+00:00"), at("2026-02-02T12:00+00:00"), at("2026-02-09T12:00+00:00"))
    return Request(subscriber, (outage,), "APPLICATION", at("2026-03-01T00:00+00:00"), claim=claim)


def test_the_policy_that_uses_every_word_decides_what_it_says(every_word: PolicySet) -> None:
    """By hand.

    repair: reported on Monday, so counting starts at the end of Wednesday; Thursday is a pause; Friday to Monday noon are four
    local days begun. Each of the first five pays 8.40, times 1 (no gateway), times 3/2 (5 of 100 left): 4 x 8.40 x 3/2 = 50.40.
    outage: from Tuesday 00:00, twelve hours after it was known. Monday is not kept, for it has no more than twelve hours. Six
    full days are left and no rest: 6 x 5/28 x 1/2 x 62.00 = 33.2142...; less the voucher of 2.00, together 81.61; at most
    80.00 for what begins in February.
    data: on a working day 8 h x 1/2 + 12 h x 3/2 + 4 h x 6/5 = 26.8 h, on another 20.8 h; 14.8 h of the first Monday and 12 h
    of the second: 4 x 26.8 + 2 x 20.8 + 26.8 = 175.6 h, so 35120 MiB, more than 2 GB. minutes: 7 x 3/2 = 10.5, up to 11.
    bonus: 10 %.
    """
    decision = every_word.decide(request())
    granted = {grant.benefit: grant.quantity for grant in decision.grants}
    assert granted == {"credit": 80_00, "data": 35_120 * 2**20, "minutes": 11 * 60, "bonus": 10_00}
    assert decision.clock_seconds == (3 * 24 + 12) * 3600


def test_the_date_that_the_policy_pins_picks_the_version(every_word: PolicySet) -> None:
    """It is pinned by the report, not by the start of the outage."""
    asked = request()
    for reported_at, version in (("2025-12-31T23:59:59+00:00", "2025"), ("2026-01-01T00:00:00+00:00", "2026")):
        outages = (replace(asked.outages[0], reported_at=at(reported_at)),)
        assert every_word.decide(replace(asked, outages=outages)).policy.version == version


def test_a_list_of_one_may_stand_alone(tmp_path: Path) -> None:
    alone = SMALL.replace("pay: 1/30 of monthly_fee", "pay: 1/30 of monthly_fee\n    times: 1/2")
    listed = alone.replace("times: 1/2", "times: [1/2]")
    (one,) = load_policy(policy_directory(tmp_path / "alone", {"2026.yaml": alone}))
    (other,) = load_policy(policy_directory(tmp_path / "listed", {"2026.yaml": listed}))
    assert one.benefits == other.benefits


@pytest.mark.parametrize("policy_id", sorted(path.name for path in CATALOG.iterdir() if path.is_dir()))
def test_every_policy_of_the_catalog_is_taken(policy_id: str) -> None:
    versions = load_policy(CATALOG / policy_id)
    assert versions
    assert {version.policy_id for version in versions} == {policy_id}


def test_the_catalog_decides_by_the_default_policy() -> None:
    policies = load_catalog(CATALOG, default_policy_id="cn-standard")
    assert policies.in_force("", date(2026, 3, 4)).policy_id == "cn-standard"
    assert len(load_versions(CATALOG)) == sum(len(policies.versions(each)) for each in policies.policy_ids)
