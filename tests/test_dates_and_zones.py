"""Versions hold on their dates alone (guarantee 10); days are those of the wall clock of the policy's zone (guarantee 11)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from policy import Claim, InvalidRequest, NotInForce, Outage, PolicySet, Request, Subscriber, load_catalog

POLICY: Final = """
policy: nights
title: Data for each hour, half at night, and a credit for each local day
source: made up for tests
language: en
versions:
{versions}
zone: {zone}
currency: EUR
for each: interruption
measures:
  weighted:
    clause: {{m: "Nights count half."}}
    by: time_of_day
    00:00 to 06:00: 1/2
    06:00 to 24:00: 1
clocks:
  outage:
    clause: {{c: "All of an outage counts."}}
benefits:
  data:
    clause: {{d: "200 MiB for each weighted hour."}}
    kind: DATA_BYTES
    count: {{exact: 1 weighted h}}
    pay: 3600 B
    round: {{down: 1 B}}
    granted: automatically
  days:
    clause: {{e: "1 EUR for each whole local day."}}
    kind: CREDIT
    count: {{full: local day}}
    pay: 1.00 EUR
    round: {{down: 0.01 EUR}}
    granted: automatically
"""
OPEN: Final = '  - {version: "1", from: 2020-01-01, to: open}'
Load = Callable[..., PolicySet]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads the policy with these versions, in this zone."""

    def loaded(versions: str = OPEN, zone: str = "Europe/London") -> PolicySet:
        directory = tmp_path / str(len(list(tmp_path.iterdir()))) / "nights"
        directory.mkdir(parents=True)
        (directory / "nights.yaml").write_text(POLICY.format(versions=versions, zone=zone), encoding="utf-8")
        return load_catalog(directory.parent, default_policy_id="nights")

    return loaded


def request(start: datetime, end: datetime) -> Request:
    """An outage from ``start`` to ``end``, decided long after."""
    outage = Outage("o-1", int(start.timestamp()), int(end.timestamp()), cause="EQUIPMENT_FAILURE", impact="LOSS")
    return Request(Subscriber("s-1"), (outage,), mode="AUTOMATIC", as_of=int(datetime(2040, 1, 1, tzinfo=UTC).timestamp()))


def by_the_clock(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[Fraction, int]:
    """Weighted seconds and whole local days, counted minute by minute with the wall clock in view."""
    weighted = Fraction(0)
    minutes: dict[date, int] = {}
    at = start.astimezone(UTC)
    while at < end.astimezone(UTC):
        local = at.astimezone(zone)
        weighted += Fraction(60, 2 if local.hour < 6 else 1)
        minutes[local.date()] = minutes.get(local.date(), 0) + 1
        at += timedelta(minutes=1)
    whole = 0
    for day, counted in minutes.items():
        midnight, next_one = (datetime(each.year, each.month, each.day, tzinfo=zone) for each in (day, day + timedelta(days=1)))
        whole += counted * 60 == (next_one.astimezone(UTC) - midnight.astimezone(UTC)).total_seconds()
    return weighted, whole


ODD_DAYS: Final = [
    pytest.param("Europe/London", (2026, 3, 29), id="23 hours, in spring"),
    pytest.param("Europe/London", (2026, 10, 25), id="25 hours, in autumn"),
    pytest.param("Australia/Lord_Howe", (2026, 4, 5), id="half an hour more"),
    pytest.param("America/Sao_Paulo", (2018, 11, 4), id="a midnight that does not exist"),
    pytest.param("Africa/Cairo", (2025, 10, 31), id="a midnight that comes twice"),
    pytest.param("Europe/London", (2028, 2, 29), id="leap day"),
    pytest.param("Asia/Kathmandu", (2026, 6, 1), id="an odd offset"),
    pytest.param("America/Santiago", (2026, 9, 6), id="spring of the south"),
]


@pytest.mark.parametrize(("zone", "day"), ODD_DAYS)
@pytest.mark.parametrize(("from_minute", "minutes"), [(0, 1440), (-60, 1560), (30, 1440), (-1440, 4320), (90, 200)])
def test_days_are_counted_by_the_wall_clock(
    load: Load, zone: str, day: tuple[int, int, int], from_minute: int, minutes: int
) -> None:
    here = ZoneInfo(zone)
    start = datetime(*day, tzinfo=here).astimezone(UTC) + timedelta(minutes=from_minute)
    end = start + timedelta(minutes=minutes)
    decision = load(OPEN.replace("2020", "2010"), zone).decide(request(start, end))
    weighted, whole_days = by_the_clock(start, end, here)
    granted = {grant.benefit: grant.quantity for grant in decision.grants}
    assert decision.weighted_seconds == weighted
    assert granted.get("data", 0) == weighted // 1
    assert granted.get("days", 0) == 100 * whole_days


def test_a_day_of_23_hours_is_a_whole_day(load: Load) -> None:
    london = ZoneInfo("Europe/London")
    decision = load().decide(request(datetime(2026, 3, 29, tzinfo=london), datetime(2026, 3, 30, tzinfo=london)))
    assert decision.clock_seconds == 23 * 3600
    assert {grant.benefit: grant.quantity for grant in decision.grants}["days"] == 100


def test_the_time_zone_of_the_subscriber_changes_nothing(load: Load) -> None:
    policies = load()
    asked = request(datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC))
    abroad = replace(asked, subscriber=replace(asked.subscriber, time_zone="Asia/Tokyo"))  # type: ignore[type-var]
    assert policies.decide(abroad) == policies.decide(asked)


def test_a_version_that_starts_after_an_outage_changes_no_decision_about_it(load: Load) -> None:
    before = load('  - {version: "1", from: 2020-01-01, to: open}')
    after = load('  - {version: "1", from: 2020-01-01, to: 2026-07-01}\n  - {version: "2", from: 2026-07-01, to: open}')
    london = ZoneInfo("Europe/London")
    last_second = datetime(2026, 6, 30, 23, 59, 59, tzinfo=london)
    for start in (datetime(2020, 1, 1, tzinfo=london), datetime(2026, 3, 1, tzinfo=london), last_second):
        asked = replace(request(start, start + timedelta(days=3)), explain="FULL")
        then, now = before.decide(asked), after.decide(asked)
        # The line that names the version tells how long it holds; all else is the same to the byte.
        assert replace(now, explanation=None) == replace(then, explanation=None)
        assert now.explanation is not None
        assert then.explanation is not None
        assert now.explanation.lines[1:] == then.explanation.lines[1:]


def test_the_version_in_force_when_the_outage_began_decides(load: Load) -> None:
    policies = load(
        '  - {version: "1", from: 2020-01-01, to: 2026-07-01}\n  - {version: "2", from: 2026-07-01, to: 2027-01-01}'
    )
    london = ZoneInfo("Europe/London")
    second = timedelta(seconds=1)
    for first_day, name in ((datetime(2020, 1, 1, tzinfo=london), "1"), (datetime(2026, 7, 1, tzinfo=london), "2")):
        assert policies.decide(request(first_day, first_day + timedelta(days=400))).policy.version == name
    last = datetime(2027, 1, 1, tzinfo=london) - second
    assert policies.decide(request(last, last + timedelta(days=9))).policy.version == "2"
    assert policies.decide(request(datetime(2026, 7, 1, tzinfo=london) - second, last)).policy.version == "1"


@pytest.mark.parametrize("start", [datetime(2019, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)])
def test_outside_its_dates_a_policy_decides_nothing(load: Load, start: datetime) -> None:
    policies = load('  - {version: "1", from: 2020-01-01, to: 2027-01-01}')
    with pytest.raises(NotInForce, match="2020-01-01 to 2027-01-01"):
        policies.decide(request(start, start + timedelta(days=1)))


def test_a_pinned_version_decides_whatever_the_date(load: Load) -> None:
    policies = load('  - {version: "1", from: 2020-01-01, to: 2027-01-01}')
    asked = request(datetime(2018, 1, 1, tzinfo=UTC), datetime(2018, 1, 2, tzinfo=UTC))
    assert policies.decide(replace(asked, version="1")).policy.version == "1"


@pytest.mark.parametrize("seconds", [-(10**18), -62_135_596_800, -1, 4_102_444_801, 10**18])
def test_an_instant_that_no_calendar_has_is_malformed_and_picks_no_version(load: Load, seconds: int) -> None:
    policies = load('  - {version: "1", from: 2020-01-01, to: 2027-01-01}')
    asked = request(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    far = replace(asked, outages=(replace(asked.outages[0], started_at=seconds, ended_at=None),))
    with pytest.raises(InvalidRequest, match=r"outages\[0\].started_at"):
        policies.decide(far)
    claim = Claim("WEB", 1_767_225_600, seconds, 1_767_225_600)
    with pytest.raises(InvalidRequest, match=r"claim.started_at"):
        policies.decide(replace(asked, outages=(), mode="APPLICATION", claim=claim))
