"""What a decision comes to, and small changes to requests, for the tests of guarantees."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from hypothesis import assume

from policy.calculator.decision import Decision
from policy.calculator.errors import InvalidRequest
from policy.calculator.policies import PolicySet
from policy.calculator.request import GrantedBefore, Outage, Request


def decided(policies: PolicySet, request: Request) -> Decision:
    """What is decided. Where an interruption begins outside of the billing cycle nothing is: another request is drawn."""
    try:
        return policies.decide(request)
    except InvalidRequest as error:
        assume({each.field for each in error.violations} != {"subscriber.billing_cycle"})
        raise


def granted(decision: Decision) -> dict[str, int]:
    """Quantities by benefit name, of all occasions together, quotes included."""
    quantities: Counter[str] = Counter()
    for each in decision.owed:
        quantities[each.benefit] += each.quantity
    return dict(quantities)


def joined(apart: Decision, together: Decision) -> bool:
    """Whether several occasions of one decision are one in the other, where they are rounded and capped once."""
    return any(
        sum(one.started_at < each.ended_at and each.started_at < one.ended_at for each in apart.occasions) > 1
        for one in together.occasions
    )


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


def never_granted(request: Request) -> Request:
    """The request about outages for which nothing was granted before."""
    return replace(request, already_granted={}, granted_before=())


def by_outage(request: Request) -> Request:
    """The request with what was granted before for its only outage told of it by its id."""
    ids = {each.outage_id for each in request.outages}
    told = [GrantedBefore(outage_id, *each) for outage_id in ids for each in request.already_granted.items()]
    return replace(request, already_granted={}, granted_before=(*request.granted_before, *told))


def booked(request: Request, more: Mapping[tuple[str, str], int]) -> Request:
    """The request after ``more`` was granted, by outage and benefit: told before, and of the cycle where that is told."""
    told = Counter({(each.outage_id, each.benefit): each.quantity for each in by_outage(request).granted_before})
    told.update(more)
    before = tuple(GrantedBefore(*key, quantity) for key, quantity in told.items())
    subscriber = request.subscriber
    if subscriber is not None and subscriber.granted_this_cycle is not None:
        cycle = Counter(subscriber.granted_this_cycle)
        for (_, benefit), quantity in more.items():
            cycle[benefit] += quantity
        subscriber = replace(subscriber, granted_this_cycle=dict(cycle))
    return replace(request, already_granted={}, granted_before=before, subscriber=subscriber)
