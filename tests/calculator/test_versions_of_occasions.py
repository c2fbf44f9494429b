"""An occasion has the version that its earliest outage pins; a question has one version, or is refused with each."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from policy import Money, Outage, PolicySet, Request, SeveralVersions, Subscriber, VersionOfOccasion
from policy.language.catalog import load_policy
from policy.language.load import compile_versions
from tests.language.small import policy_directory, small

VERSIONS: Final = """{version: "2025", from: 2025-01-01, to: 2026-01-01}
  - {version: "2026", from: 2026-01-01, to: 2026-03-01}"""
ANNA: Final = Subscriber("s-1", monthly_fee=Money("EUR", 3000))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Amsterdam")).timestamp())


DECEMBER: Final = Outage("o-12", at("2025-12-02 08:00"), at("2025-12-03 08:00"), "UNKNOWN", "LOSS")
JANUARY: Final = Outage("o-01", at("2026-01-02 08:00"), at("2026-01-03 08:00"), "UNKNOWN", "LOSS")
MARCH: Final = Outage("o-03", at("2026-03-02 08:00"), at("2026-03-03 08:00"), "UNKNOWN", "LOSS")
NEW_YEARS_EVE: Final = Outage("o-eve", at("2025-12-31 08:00"), at("2026-01-01 02:00"), "UNKNOWN", "LOSS")
NEW_YEAR: Final = Outage("o-new", at("2026-01-01 02:00"), at("2026-01-02 02:00"), "UNKNOWN", "LOSS")


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """The small policy in a version for 2025 and one for the first two months of 2026."""
    directory = policy_directory(tmp_path_factory.mktemp("catalog"), {"both.yaml": small(VERSIONS)})
    return compile_versions(load_policy(directory), "small")


def asked(*outages: Outage, version: str = "") -> Request:
    return Request(ANNA, outages, "AUTOMATIC", at("2026-04-01 00:00"), version=version)


def refused(policies: PolicySet, *outages: Outage) -> SeveralVersions:
    with pytest.raises(SeveralVersions) as error:
        policies.decide(asked(*outages))
    return error.value


def test_outages_that_make_one_occasion_are_decided_by_the_version_of_the_earliest(two_years: PolicySet) -> None:
    decision = two_years.decide(asked(NEW_YEAR, NEW_YEARS_EVE))
    assert (decision.policy.version, len(decision.occasions)) == ("2025", 1)
    assert two_years.decide(asked(NEW_YEAR)).policy.version == "2026"


def test_occasions_of_two_versions_are_refused_with_each(two_years: PolicySet) -> None:
    error = refused(two_years, JANUARY, DECEMBER)
    assert error.policy_id == "small"
    assert error.occasions == (
        VersionOfOccasion(DECEMBER.started_at or 0, "2025"),
        VersionOfOccasion(JANUARY.started_at or 0, "2026"),
    )
    assert "what began at 2025-12-02T07:00:00Z has version 2025, what began at 2026-01-02T07:00:00Z has version 2026" in str(
        error
    )


def test_an_occasion_for_which_no_version_is_in_force_is_named_as_that(two_years: PolicySet) -> None:
    assert [each.version for each in refused(two_years, JANUARY, MARCH).occasions] == ["2026", ""]


@pytest.mark.parametrize("version", ["2025", "2026"])
def test_a_version_that_is_named_decides_all(two_years: PolicySet, version: str) -> None:
    assert two_years.decide(asked(DECEMBER, JANUARY, version=version)).policy.version == version
