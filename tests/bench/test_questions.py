"""What is compared does the same work."""

from collections.abc import Callable

import pytest

from bench.calculator import require_agreement
from bench.errors import NoFiguresError
from bench.growth import LENGTHS_HOURS, OUTAGES
from bench.questions import PLANS, Question, data_plan, explained, lasting, request_of, with_outages
from policy import PolicySet
from policy.calculator.codes import GRANTED


@pytest.mark.parametrize("plan", PLANS, ids=[name for name, _ in PLANS])
def test_hand_written_function_reference_and_calculator_pay_the_same(
    policies: PolicySet, plan: tuple[str, Callable[[], Question]]
) -> None:
    _, question = plan
    require_agreement(policies, request_of(question()))


def test_another_amount_is_noticed(policies: PolicySet) -> None:
    two_outages = request_of(with_outages(2))  # of which the hand-written function knows only the first
    with pytest.raises(NoFiguresError, match="the hand-written function"):
        require_agreement(policies, two_outages)


def test_every_question_that_is_timed_is_granted(policies: PolicySet) -> None:
    questions = [plan() for _, plan in PLANS]
    questions += [lasting(hours) for _, hours in LENGTHS_HOURS] + [with_outages(count) for count in OUTAGES]
    assert [policies.decide(request_of(question)).outcome for question in questions] == [GRANTED] * len(questions)


def test_a_question_explained_is_a_copy() -> None:
    question = data_plan()
    assert request_of(explained(question, "FULL")).explain == "FULL"
    assert request_of(question).explain == "NONE"
