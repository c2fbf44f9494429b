"""What requests for any version say was granted: before, for their outages; in the cycle and by month, in all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from policy.calculator import rules
from policy.calculator.request import GrantedBefore, Outage, Request
from tests.judge import Verdict
from tests.strategies.any_policy_limits import MAX_QUANTITY
from tests.strategies.any_policy_times import NEAR, Times


@dataclass(frozen=True, slots=True)
class Booked:
    """Draws what was granted under a version."""

    version: rules.Version
    times: Times

    def quantities(self, random: Random) -> dict[str, int]:
        caps = self._caps()
        amounts = {
            each.name: random.choice((0, 1, each.unit, 10 * each.unit + 1, *caps[each.name], random.randrange(100 * each.unit)))
            for each in self.version.benefits
        }
        return {name: max(0, amount + random.choice(NEAR)) for name, amount in amounts.items() if random.randrange(3)}

    def by_month(self, outages: Sequence[Outage], random: Random) -> dict[str, dict[str, int]]:
        return {month: self.quantities(random) for month in self.times.months(outages, random)}

    def before(self, outages: Sequence[Outage], random: Random) -> tuple[tuple[GrantedBefore, ...], Mapping[str, int]]:
        """By outage; or by benefit alone, where there is one outage and no benefit is for each month."""
        months = {each.name: each.for_each == "month" for each in self.version.benefits}
        ids = sorted({each.outage_id for each in outages})
        if random.randrange(3):
            return (), {}
        if len(ids) < 2 and not any(months.values()) and random.randrange(2):
            return (), self.quantities(random)
        entries = [
            GrantedBefore(outage_id, name, quantity, month)
            for outage_id in ids
            for name, by_month in months.items()
            for month in (self.times.months(outages, random) if by_month else [""])
            for quantity in [self.quantities(random).get(name)]
            if quantity is not None
        ]
        random.shuffle(entries)
        return tuple(entries), {}

    def around(self, owed: Verdict, request: Request, random: Random) -> Request:
        """What was granted before, or what the cycle was granted, around what is owed."""
        assert request.subscriber is not None
        units = {each.name: each.unit for each in self.version.benefits}
        if random.randrange(2):
            by_month = {each.name for each in self.version.benefits if each.for_each == "month"}
            near: dict[tuple[str, str, str], int] = {}
            for occasion, benefit, outage_id, part in _owed_by_outage(owed):
                key = outage_id, benefit, owed.occasions[occasion].month if benefit in by_month else ""
                near[key] = near.get(key, 0) + part + random.choice((-1, 0, 0, 1, -units[benefit]))
            told = tuple(GrantedBefore(*key[:2], max(part, 0), key[2]) for key, part in near.items() if random.randrange(4))
            before = _as_much_as_may_be_told(told)
            return consistent(replace(request, already_granted={}, granted_before=before))
        caps, sums = self._caps(), dict[str, int]()
        for _, benefit, _, part in _owed_by_outage(owed):
            sums[benefit] = sums.get(benefit, 0) + part + random.choice((-1, 0, 1, -units[benefit]))
        left = {name: max(0, random.choice(caps[name]) - amount) for name, amount in sums.items() if caps[name]}
        return consistent(replace(request, subscriber=replace(request.subscriber, granted_this_cycle=left)))

    def _caps(self) -> dict[str, tuple[int, ...]]:
        """Constant caps per cycle or month, by benefit."""
        caps = {each.name: each.at_most_per_cycle or each.at_most_per_month for each in self.version.benefits}
        return {name: (int(cap.value),) if isinstance(cap, rules.Constant) else () for name, cap in caps.items()}


def _as_much_as_may_be_told(told: Sequence[GrantedBefore]) -> tuple[GrantedBefore, ...]:
    """What goes beyond what all of a benefit may come to is left out."""
    left: dict[str, int] = {}
    before = []
    for each in told:
        quantity = min(each.quantity, left.get(each.benefit, MAX_QUANTITY))
        left[each.benefit] = left.get(each.benefit, MAX_QUANTITY) - quantity
        before.append(replace(each, quantity=quantity))
    return tuple(before)


def consistent(request: Request) -> Request:
    """The request with a cycle that was granted no less than what was granted in it before."""
    subscriber = request.subscriber
    if subscriber is None or subscriber.granted_this_cycle is None:
        return request
    before = dict(request.already_granted)
    for each in request.granted_before:
        if not each.month:
            before[each.benefit] = before.get(each.benefit, 0) + each.quantity
    cycle = {
        name: max(subscriber.granted_this_cycle.get(name, 0), before.get(name, 0))
        for name in {**before, **subscriber.granted_this_cycle}
    }
    return replace(request, subscriber=replace(subscriber, granted_this_cycle=cycle))


def _owed_by_outage(verdict: Verdict) -> list[tuple[int, str, str, int]]:
    """Occasion, benefit, outage and part of what is granted; a quote is taken for its first outage's."""
    parts = [(each.occasion, each.benefit, outage_id, part) for each in verdict.grants for outage_id, part in each.parts]
    first = {place: each.outage_ids[0] for place, each in enumerate(verdict.occasions) if each.outage_ids}
    quoted = [
        (each.occasion, each.benefit, first[each.occasion], each.quantity) for each in verdict.quotes if each.occasion in first
    ]
    return parts + quoted
