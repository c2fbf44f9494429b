"""Every version of the catalog, and what draws requests for it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from random import Random
from typing import Final

from policy import Request
from policy.calculator.program import Program
from policy.calculator.validate import violations_of
from policy.language.calendars import zone_names
from tests.judge.against import verdict_of
from tests.strategies.any_policy import Generator, generator_for
from tests.support.library import load_policies

ZONES: Final = zone_names()
MOST_FORGOTTEN: Final = 6
Change = Callable[[Generator, Request, Random], Request]
POLICIES: Final = load_policies()
PROGRAMS: Final = [
    POLICIES.named(policy_id, version.version) for policy_id in POLICIES.policy_ids for version in POLICIES.versions(policy_id)
]


@cache
def generator_of(program: Program) -> Generator:
    """Draws requests around the limits of a version; most are valid."""
    policy_id = program.version.policy_id
    versions = POLICIES.versions(policy_id) if policy_id in POLICIES.policy_ids else (program.version,)
    return generator_for(program.version, versions, partial(verdict_of, program.decide))


def as_it_is(_: Generator, request: Request, __: Random) -> Request:
    """As it was drawn: with all facts, more often than not."""
    return request


def forgetful(generator: Generator, request: Request, random: Random) -> Request:
    """Without some of the facts that the version reads."""
    for _ in range(random.randrange(MOST_FORGOTTEN)):
        request = generator.without_a_fact(request, random)
    return request


def valid_requests(program: Program, count: int, seed: int, change: Change = as_it_is) -> list[Request]:
    """Requests that are valid for the version, around its limits."""
    generator, random = generator_of(program), Random(seed)
    found: list[Request] = []
    while len(found) < count:
        request = change(generator, generator.request(random), random)
        request = replace(request, explain=random.choice(("NONE", "SUMMARY")))
        if not violations_of(request, ZONES) and not program.violations_of(request):
            found.append(request)
    return found
