"""A decision lets go of all that it was worked out with: what only the garbage collector finds holds the request till then."""

import gc
from dataclasses import replace

import pytest

from policy import Outage, PolicySet, Request, Subscriber
from policy.calculator import codes
from policy.calculator.request import Money

HOUR = 3600
START = 1_772_500_000


@pytest.mark.parametrize("explain", codes.EXPLAINS)
def test_a_decision_leaves_nothing_to_the_garbage_collector(policies: PolicySet, explain: str) -> None:
    outages = tuple(
        Outage(f"o-{number}", START + number * HOUR, START + (number + 3) * HOUR, "CONSTRUCTION_DAMAGE", "LOSS")
        for number in range(3)
    )
    subscriber = Subscriber("s-1", "DATA", Money("CNY", 12_900), 20 * 2**30, 2**30)
    request = Request(subscriber, outages, codes.AUTOMATIC, START + 100 * HOUR, explain=explain)
    policies.decide(request)  # what is made on first use stays
    gc.collect()
    gc.disable()
    try:
        decision = policies.decide(replace(request, as_of=request.as_of + 1))
        left = gc.collect()
    finally:
        gc.enable()
    assert decision.outcome == codes.GRANTED
    assert left == 0
