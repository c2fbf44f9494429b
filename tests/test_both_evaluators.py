"""What is compiled decides as the source as it stands, whatever was decided in the same memory before.

Where nothing is compiled both are the source; the head of a test run says which it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Final

import pytest

from policy import Decision, Request
from policy.calculator import codes
from policy.calculator.errors import CalculatorError, InvalidRequest, Violation
from policy.calculator.program import Program
from policy.calculator.validate import violations_of
from policy.language.calendars import zone_names
from tests.judge.against import Pair, made_up_pair, pairs
from tests.strategies.any_policy import Generator
from tests.support.evaluators import as_it_stands

REQUESTS: Final = 100
MADE_UP: Final = 60
REQUESTS_MADE_UP: Final = 40
MOST_FORGOTTEN: Final = 6
ZONES: Final = zone_names()
PAIRS: Final = pairs()
Change = Callable[[Generator, Request, Random], Request]


def as_it_is(_: Generator, request: Request, __: Random) -> Request:
    """As it was drawn: with all facts, more often than not."""
    return request


def forgetful(generator: Generator, request: Request, random: Random) -> Request:
    """Without some of the facts that the version reads."""
    for _ in range(random.randrange(MOST_FORGOTTEN)):
        request = generator.without_a_fact(request, random)
    return request


def program_of(pair: Pair) -> Program:
    """The version of a pair, compiled where that is so."""
    return pair.policies.named(pair.version.policy_id, pair.version.version)


def drawn(pair: Pair, count: int, change: Change) -> Iterator[Request]:
    """Requests that the version can decide, the same on every run, explained in one way or another."""
    random, program = Random(f"both evaluators of {pair.name}"), program_of(pair)
    while count:
        request = change(pair.generator, pair.generator.request(random), random)
        request = replace(request, version=pair.version.version, explain=random.choice(codes.EXPLAINS))
        if not violations_of(request, ZONES) and not program.violations_of(request):
            count -= 1
            yield request


def answer_of(program: Program, request: Request) -> Decision | tuple[Violation, ...]:
    """The decision; or what of the request is refused: occasions of another cycle than that whose cap is asked."""
    try:
        return program.decide(request)
    except InvalidRequest as error:
        return error.violations


def assert_decided_alike(pair: Pair, count: int, change: Change) -> None:
    program, source = program_of(pair), as_it_stands(program_of(pair))
    requests = list(drawn(pair, count, change))
    answers = [answer_of(program, each) for each in requests]
    assert answers == [answer_of(source, each) for each in requests]
    assert answers[::-1] == [answer_of(program, each) for each in reversed(requests)]


@pytest.mark.parametrize("change", [as_it_is, forgetful])
@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_both_evaluators_decide_alike_in_any_order(pair: Pair, change: Change) -> None:
    assert_decided_alike(pair, REQUESTS, change)


@pytest.mark.parametrize("change", [as_it_is, forgetful])
@pytest.mark.parametrize("tenth", range(10))
def test_both_evaluators_decide_alike_under_policies_that_nobody_wrote(tenth: int, change: Change) -> None:
    for number in range(MADE_UP // 10):
        assert_decided_alike(made_up_pair(f"both/{tenth}/{number}"), REQUESTS_MADE_UP, change)


@pytest.mark.parametrize("tenth", range(10))
def test_what_is_missed_is_what_the_judge_misses_under_policies_that_nobody_wrote(tenth: int) -> None:
    """Requests without facts, of several outages: each is judged, and each missed fact named of the outage that lacks it."""
    missed = 0
    for number in range(MADE_UP // 10):
        pair = made_up_pair(f"missing/{tenth}/{number}")
        for request in drawn(pair, REQUESTS_MADE_UP, forgetful):
            judged, found = pair.compared(request)
            assert found == {}
            missed += judged.outcome == codes.CANNOT_DECIDE
    assert missed


def test_a_request_that_fails_leaves_nothing_for_the_next() -> None:
    """Numbers beyond 64 bits are worked out by the source; the memory that was begun is not seen again."""
    pair = next(each for each in PAIRS if each.version.policy_id == "cn-standard")
    program, random = program_of(pair), Random(1)
    request = next(drawn(pair, 1, as_it_is))
    expected = program.decide(request)
    for _ in range(20):
        try:
            pair.policies.decide(pair.generator.request(random))
        except CalculatorError:
            continue
        assert program.decide(request) == expected
