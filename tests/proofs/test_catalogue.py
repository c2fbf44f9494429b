"""What is proved of the policies that come with the project, and what the nature of their schemes breaks."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import pytest

from policy.calculator import rules
from policy.language.catalog import CASES_FILE, load_policy
from policy.language.load import compile_versions
from policy.language.proofs import properties_of
from policy.language.proofs.names import APART, EXCLUDING, MORE, SPLITTING
from policy.tools.cases.case_file import read_cases
from policy.tools.proving.search import Search
from policy.tools.proving.verdicts import State, Verdict, requests_of, verdicts_of
from tests.proofs.small_schemes import by_name
from tests.support.library import CATALOG

ALL: Final = ""
"""Every version of a policy."""
BROKEN: Final[Mapping[tuple[str, str], frozenset[tuple[str, str]]]] = {
    ("es-rd899", ALL): frozenset({(MORE, "phone_refund")}),
    ("kr-terms", "2018"): frozenset({(MORE, "credit"), (EXCLUDING, "credit")}),
    ("kr-terms", "2023"): frozenset({(MORE, "credit"), (EXCLUDING, "credit"), (SPLITTING, "credit")}),
    ("nl-7.1a", ALL): frozenset({(MORE, "subscription"), (EXCLUDING, "subscription")}),
    ("pe-39a", "2023-08"): frozenset({(MORE, "compensation"), (EXCLUDING, "compensation")}),
    ("us-att-fiber", ALL): frozenset({(MORE, "credit"), (EXCLUDING, "credit")}),
    ("us-att-wireless", ALL): frozenset({(MORE, "credit"), (EXCLUDING, "credit")}),
}
"""What does not hold, by policy and version: the property and the benefit that breaks it. All else does."""
OPEN: Final = frozenset({"nj-cable"})
"""Where one component ends another begins, by arithmetic that the structure does not see: neither broken nor proved."""
POLICIES: Final = tuple(sorted(path.name for path in CATALOG.iterdir() if path.is_dir()))


@dataclass(frozen=True)
class Known:
    """A policy with its verdicts."""

    versions: tuple[rules.Version, ...]
    verdicts: tuple[Verdict, ...]


@cache
def known(policy_id: str) -> Known:
    versions = load_policy(CATALOG / policy_id)
    path = CATALOG / policy_id / CASES_FILE
    cases = read_cases(path, versions) if path.is_file() else ()
    return Known(versions, tuple(verdicts_of(versions, requests_of(cases))))


def broken(policy_id: str, version: str) -> frozenset[tuple[str, str]]:
    return BROKEN.get((policy_id, version)) or BROKEN.get((policy_id, ALL)) or frozenset()


def test_all_properties_of_the_default_policy_are_proved() -> None:
    (version,) = load_policy(CATALOG / "cn-standard")
    assert [each.name for each in version.properties if not each.proved] == []
    assert len(version.properties) == 8


@pytest.mark.parametrize("policy_id", POLICIES)
def test_every_property_is_proved_or_broken_by_a_counterexample_or_varies_by_its_word(policy_id: str) -> None:
    for verdict in known(policy_id).verdicts:
        name, version = verdict.of.name, verdict.version.version
        kinds = {benefit.for_each for benefit in verdict.version.benefits}
        varies = (name == SPLITTING and "outage" in kinds) or (name == APART and "all together" in kinds)
        in_doubt = State.OPEN if policy_id in OPEN else State.BROKEN
        wanted = in_doubt if verdict.benefit else State.VARIES if varies else State.PROVED
        assert verdict.state is wanted, (version, verdict.said)


@pytest.mark.parametrize("policy_id", POLICIES)
def test_a_policy_says_what_it_breaks_and_nothing_else(policy_id: str) -> None:
    for version in known(policy_id).versions:
        said = {(each.property, each.benefit) for each in version.breaks}
        found = {
            (each.of.name, each.benefit)
            for each in known(policy_id).verdicts
            if each.counterexample and each.version is version
        }
        assert said == found == broken(policy_id, version.version), version.version


def counterexamples() -> Iterator[Verdict]:
    yield from (verdict for policy_id in POLICIES for verdict in known(policy_id).verdicts if verdict.counterexample)


def test_each_counterexample_is_two_requests_that_differ_in_their_outages_alone() -> None:
    seen = 0
    for verdict in counterexamples():
        found = verdict.counterexample
        assert found is not None
        policies = compile_versions([verdict.version], verdict.version.policy_id)
        until = max(told.end for told in (*found.less, *found.more))
        less, more = (policies.decide(found.scene.request(told, until)) for told in (found.less, found.more))
        name = found.benefit.name
        paid = [sum(owed.quantity for owed in each.owed if owed.benefit == name) for each in (less, more)]
        assert paid == [found.paid_less, found.paid_more]
        assert found.paid_less > found.paid_more
        if verdict.of.name == MORE:
            assert seconds(found.less) < seconds(found.more)
        else:
            assert seconds(found.less) == seconds(found.more)
        seen += 1
    assert seen == sum(
        len(broken(policy_id, version.version)) for policy_id in POLICIES for version in known(policy_id).versions
    )


def seconds(told: tuple[tuple[int, int, object], ...]) -> set[int]:
    """Each second that is told, so that two tellings can be compared as sets."""
    return {second for start, end, _ in told for second in range(start, end)}


@pytest.mark.parametrize("policy_id", POLICIES)
def test_no_pair_of_requests_speaks_against_what_is_proved(policy_id: str) -> None:
    """The structure is one argument, the calculator another: pairs from the same families never break what was proved."""
    for version in known(policy_id).versions[-2:]:
        policies = compile_versions([version], policy_id)
        for name in (MORE, EXCLUDING, SPLITTING):
            if by_name(version)[name].proved:
                assert Search(version, policies, {}, most_pairs=150).counterexample(name) is None, (version.version, name)


def test_the_structure_is_looked_at_in_milliseconds() -> None:
    """A hang guard, generous: loading a policy must not wait for its proofs."""
    (version,) = load_policy(CATALOG / "cn-standard")
    began = time.perf_counter()
    properties_of(version)
    assert time.perf_counter() - began < 1
