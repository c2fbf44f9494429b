"""What a decision comes to, and small changes to requests, for the tests of guarantees."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from policy.calculator.decision import Decision
from policy.calculator.policies import PolicySet
from policy.calculator.request import Outage, Request


def granted(decision: Decision) -> dict[str, int]:
    """Quantities by benefit name, quotes included."""
    return {grant.benefit: grant.quantity for grant in decision.grants}


def owed(policies: PolicySet, request: Request) -> dict[str, int]:
    """What a request comes to."""
    return granted(policies.decide(request))


def at_least(more: Mapping[str, int], less: Mapping[str, int]) -> bool:
    """Whether no benefit of the second is larger than the first's."""
    return all(more.get(name, 0) >= quantity for name, quantity in less.items())


def plus(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Sum by benefit name."""
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def changed(request: Request, outage_id: str, change: Callable[[Outage], Outage]) -> Request:
    """The request with one outage changed, every repeat of it alike."""
    return replace(request, outages=tuple(change(each) if each.outage_id == outage_id else each for each in request.outages))


def ended(request: Request) -> Request:
    """The request with ongoing outages ended at as_of."""
    return replace(request, outages=tuple(replace(each, ended_at=each.ended_at or request.as_of) for each in request.outages))
