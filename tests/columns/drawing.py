"""Every version of the catalog, and what draws requests for it."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from policy import Request
from policy.calculator.errors import CalculatorError
from policy.calculator.program import Program
from tests.strategies.any_policy import Generator, generator_for
from tests.support.library import load_policies

POLICIES: Final = load_policies()
PROGRAMS: Final = [
    POLICIES.named(policy_id, version.version) for policy_id in POLICIES.policy_ids for version in POLICIES.versions(policy_id)
]


class Owed:
    """Quantities by benefit name; none for a request that cannot be decided."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def __call__(self, request: Request) -> Mapping[str, int]:
        try:
            return {grant.benefit: grant.quantity for grant in self._program.decide(request).grants}
        except CalculatorError:
            return {}


@cache
def generator_of(program: Program) -> Generator:
    """Draws requests around the limits of a version; most are valid."""
    return generator_for(program.version, POLICIES.versions(program.version.policy_id), Owed(program))
