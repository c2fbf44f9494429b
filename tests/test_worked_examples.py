"""Cases worked by hand: the judge agrees with each, and so does makegood through every entry point."""

from collections.abc import Mapping
from typing import Final

import pytest

from policy.calculator.errors import InvalidRequest
from policy.tools.cases.answer import answer_of
from server.translate.wire_words import on_the_wire
from tests.reference import decide
from tests.support.answers import of_reference
from tests.support.cases import Case, load_cases
from tests.support.entries import Entry, Result
from tests.support.library import load_policies

CASES: Final = (*load_cases("cn_standard"), *load_cases("malformed"))

BY_WIRE: Final = ("unary", "batch", "stream")

every_case = pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])


@pytest.fixture(scope="session")
def results(entry: Entry) -> Mapping[str, Result]:
    """What an entry point makes of every case, asked once."""
    answers = entry.results([case.explained for case in CASES])
    return {case.id: answer for case, answer in zip(CASES, answers, strict=True)}


@pytest.fixture(scope="session")
def library_results() -> Mapping[str, Result]:
    """What the library makes of every case."""
    library = Entry("library", load_policies().decide)
    return {case.id: answer for case, answer in zip(CASES, library.results([case.explained for case in CASES]), strict=True)}


@every_case
def test_the_judge_agrees_with_the_hand_worked_case(case: Case) -> None:
    assert case.expected.differences(of_reference(decide(case.request))) == (), case.why


@every_case
def test_every_entry_point_gives_the_hand_worked_answer(case: Case, results: Mapping[str, Result]) -> None:
    assert case.expected.differences(answer_of(results[case.id])) == (), case.why


@every_case
def test_every_entry_point_gives_the_decision_of_the_library_to_the_last_field(
    case: Case, entry: Entry, results: Mapping[str, Result], library_results: Mapping[str, Result]
) -> None:
    """Batch = single = stream = command line: ids, keys, clauses, explanation and messages included.

    Messages name codes as whoever reads them writes them: over the wire with the prefix of their enum.
    """
    here, there = results[case.id], library_results[case.id]
    if isinstance(there, InvalidRequest):
        assert isinstance(here, InvalidRequest)
        by_wire = entry.name in BY_WIRE
        assert here.violations == (tuple(map(on_the_wire, there.violations)) if by_wire else there.violations)
    else:
        assert here == there


def test_every_case_says_how_it_was_worked_out() -> None:
    assert [case.id for case in CASES if not case.why] == []


def test_the_ten_examples_of_the_policy_are_there() -> None:
    assert {f"worked_example_{number}" for number in range(1, 11)} <= {case.id for case in CASES}
