"""Requests for a version, and what columns answer to them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Final

from policy import Request
from policy.calculator import rules
from policy.calculator.columns.answers import Answers
from policy.calculator.columns.gathering import gathered
from policy.calculator.columns.program import ColumnProgram
from policy.calculator.errors import CalculatorError
from policy.calculator.program import Program
from policy.calculator.validate import violations_of
from policy.language.calendars import zone_names
from tests.strategies.any_policy import Generator, generator_for

ZONES: Final = zone_names()
MOST_FORGOTTEN: Final = 6
Change = Callable[[Generator, Request, Random], Request]


def as_it_is(_: Generator, request: Request, __: Random) -> Request:
    """As the generator draws it: with all facts, as often as not."""
    return request


def forgetful(generator: Generator, request: Request, random: Random) -> Request:
    """Without some of the facts that the version reads."""
    for _ in range(random.randrange(MOST_FORGOTTEN)):
        request = generator.without_a_fact(request, random)
    return request


def valid_requests(
    program: Program, versions: Sequence[rules.Version], count: int, seed: int, change: Change = as_it_is
) -> list[Request]:
    """Requests that are valid for the version, around its limits."""

    def owed(request: Request) -> dict[str, int]:
        try:
            return {grant.benefit: grant.quantity for grant in program.decide(request).grants}
        except CalculatorError:
            return {}

    generator, random = generator_for(program.version, versions, owed), Random(seed)
    found: list[Request] = []
    while len(found) < count:
        request = change(generator, generator.request(random), random)
        request = replace(request, explain=random.choice(("NONE", "SUMMARY")))
        if not violations_of(request, ZONES) and not program.violations_of(request):
            found.append(request)
    return found


def answers_to(requests: Sequence[Request], program: Program, columns: ColumnProgram) -> Answers:
    """What the columns of a version answer."""
    names = [benefit.name for benefit in program.version.benefits]
    return columns.decide(gathered(requests, program.reads, names), requests.__getitem__)
