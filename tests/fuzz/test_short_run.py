"""Whatever comes from others ends in an answer or a reason; ``python -m tests.fuzz`` tries millions."""

from random import Random

import pytest

from tests.fuzz.targets import TARGETS

EXECUTIONS = {"rpc": 3_000, "access": 300, "tokens": 300, "policies": 60, "decision-log": 20_000}
"""A second or a few of each."""


@pytest.mark.parametrize("target", TARGETS)
def test_spoilt_input_is_taken_or_refused_and_nothing_else(target: str) -> None:
    taken = sum(TARGETS[target](Random(seed)) for seed in range(EXECUTIONS[target]))
    assert 0 < taken < EXECUTIONS[target]
