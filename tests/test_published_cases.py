"""Cases that regulators, operators and the press have published: each is decided as published, or left out with its reason.

A published case stands among the cases of its policy under its published id; ``policy/catalog/LEFT_OUT.md`` says of every
other one why it is left out.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from policy.tools.cases.answer import answer_of
from tests.support.cases import Case, load_published
from tests.support.entries import Entry, Result, result_of
from tests.support.library import CATALOG, load_policies

PUBLISHED_IDS: Final = tuple((Path(__file__).parent / "cases" / "published_ids.txt").read_text("utf-8").split())
CASES: Final = load_published()
LEFT_OUT: Final = CATALOG / "LEFT_OUT.md"

every_case = pytest.mark.parametrize("case", CASES, ids=[f"{case.request.policy_id} {case.id}" for case in CASES])

Results = Mapping[tuple[str, str], Result]


def key(case: Case) -> tuple[str, str]:
    """A case among those of all policies."""
    return case.request.policy_id, case.id


def left_out() -> dict[str, str]:
    """Reasons by id: lines as in "- bt-03, bt-04: goodwill without a rule"."""
    lines = re.findall(r"^- ([\w, -]+): (.+)$", LEFT_OUT.read_text("utf-8"), re.MULTILINE)
    return {case_id.strip(): reason for ids, reason in lines for case_id in ids.split(",")}


@pytest.fixture(scope="session")
def results(entry: Entry) -> Results:
    """What an entry point makes of every case, asked once."""
    answers = entry.results([case.explained for case in CASES])
    return {key(case): answer for case, answer in zip(CASES, answers, strict=True)}


@pytest.fixture(scope="session")
def library_results() -> Results:
    """What the library makes of every case."""
    decide = load_policies().decide
    return {key(case): result_of(decide, case.explained) for case in CASES}


@every_case
def test_every_entry_point_gives_the_published_answer(case: Case, results: Results) -> None:
    assert case.expected.differences(answer_of(results[key(case)])) == (), case.why


@every_case
def test_every_entry_point_gives_the_decision_of_the_library_to_the_last_field(
    case: Case, results: Results, library_results: Results
) -> None:
    here, there = results[key(case)], library_results[key(case)]
    assert answer_of(here) == answer_of(there)
    assert here == there or isinstance(there, Exception)


def test_every_published_case_is_decided_or_left_out_with_a_reason() -> None:
    decided = {case.id for case in CASES}
    missing = [case_id for case_id in PUBLISHED_IDS if case_id not in decided and case_id not in left_out()]
    assert missing == [], "write the case into its policy's cases.yaml, or its reason into LEFT_OUT.md"


def test_no_published_case_is_both_decided_and_left_out() -> None:
    assert {case.id for case in CASES} & left_out().keys() == set()


def test_only_published_cases_are_left_out() -> None:
    assert left_out().keys() <= set(PUBLISHED_IDS)


def test_a_published_case_stands_once_and_names_its_source() -> None:
    published = [case for case in CASES if case.id in PUBLISHED_IDS]
    assert len({case.id for case in published}) == len(published)
    assert [case.id for case in published if not case.source] == []


def test_every_policy_of_the_catalog_has_cases() -> None:
    policies = {directory.name for directory in CATALOG.iterdir() if directory.is_dir()}
    assert {name for name in policies if not (CATALOG / name / "cases.yaml").is_file()} == set()
