"""From bytes to bytes an item is answered as it is the ordinary way under policies that nobody wrote."""

from dataclasses import replace
from random import Random
from types import ModuleType
from typing import Final

import pytest

from native.choice import from_environment
from policy import Request
from policy.calculator import codes
from server.wire import rows
from tests.judge.against import Pair, made_up_pair
from tests.strategies.any_policy_granted import consistent
from tests.strategies.any_policy_made_up import made_up
from tests.wire.both import Both, batch_of

_CHOICE: Final = from_environment()
MODULE: Final = _CHOICE.module("server.wire.rows") if _CHOICE.compiled else rows
MODULES: Final = [rows, *([MODULE] if _CHOICE.compiled else [])]
POLICIES: Final = 12
ROWS: Final = 40
FOUND: Final = ("wire/110/4", "wire/111/9")
"""Of the key of a benefit that counts by number alone, for each billing cycle: it names the cycle that is given."""


def drawn(pair: Pair, count: int) -> list[Request]:
    """Some with all facts, some without a few; several occasions, months, earlier claims, what was granted before."""
    random, found = Random(f"wire {pair.name}"), []
    for _ in range(count):
        request = pair.generator.request(random)
        for _ in range(random.choice((0, 0, 0, 1, 3))):
            request = pair.generator.without_a_fact(request, random)
        found.append(replace(consistent(request), explain=random.choice(codes.EXPLAINS[:2])))
    return found


def answered_alike(pair: Pair, module: ModuleType, count: int) -> int:
    """Returns how many were answered from bytes to bytes."""
    both = Both(pair.policies, module)
    fast, ordinary = both.answers(batch_of(drawn(pair, count)).SerializeToString())
    assert fast == ordinary, pair.name
    assert both.counts()[0] == both.counts()[1]
    return both.fast


@pytest.mark.parametrize("module", MODULES, ids=lambda module: "as it stands" if module is rows else "compiled")
@pytest.mark.parametrize("tenth", range(10))
def test_items_are_answered_the_same_under_policies_that_nobody_wrote(tenth: int, module: ModuleType) -> None:
    fast = sum(answered_alike(made_up_pair(f"wire/{tenth}/{number}"), module, ROWS) for number in range(POLICIES))
    assert fast > POLICIES * ROWS / 5


@pytest.mark.parametrize("module", MODULES, ids=lambda module: "as it stands" if module is rows else "compiled")
@pytest.mark.parametrize("name", FOUND)
def test_so_are_those_that_were_answered_otherwise_once(name: str, module: ModuleType) -> None:
    assert answered_alike(made_up_pair(name, made_up), module, ROWS) > 0
