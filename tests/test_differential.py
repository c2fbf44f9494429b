"""The calculator against the judge that was written from the policy's text alone: not one difference."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given

from policy.calculator.policies import PolicySet
from policy.calculator.request import Request
from tests.reference import decide
from tests.strategies.grid import GRID
from tests.strategies.malformed import spoilt_requests
from tests.strategies.requests import requests
from tests.support.answers import differences, of_calculator, of_reference
from tests.support.examples import examples


def disagreement(policies: PolicySet, request: Request) -> dict[str, tuple[object, object]]:
    """What the judge says, and the calculator, where they differ."""
    return differences(of_reference(decide(request)), of_calculator(policies.decide, request))


@examples()
@given(request=requests())
def test_calculator_and_judge_agree(policies: PolicySet, request: Request) -> None:
    assert disagreement(policies, request) == {}


@examples(share=0.5)
@given(request=spoilt_requests())
def test_calculator_and_judge_name_the_same_malformed_fields(policies: PolicySet, request: Request) -> None:
    assert disagreement(policies, request) == {}


@pytest.mark.parametrize("axis", GRID, ids=[axis.__name__ for axis in GRID])
def test_calculator_and_judge_agree_around_every_limit(policies: PolicySet, axis: Callable[[], Iterator[Request]]) -> None:
    differing = [(request, found) for request in axis() if (found := disagreement(policies, request))]
    assert differing == [], f"{len(differing)} requests differ; the first is shown"
