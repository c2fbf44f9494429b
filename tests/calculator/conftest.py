"""Every test of the evaluator is one of its source and, where it was built, of its compiled twin."""

import pytest

from policy.calculator.program import Evaluator
from tests.calculator.small_programs import EVALUATORS


@pytest.fixture(params=EVALUATORS, ids=str, scope="session")
def evaluator(request: pytest.FixtureRequest) -> Evaluator:
    """Each in turn."""
    return EVALUATORS[request.param]
