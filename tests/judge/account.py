"""What a request says was granted of a benefit, as its occasions take their turn in order of time."""

from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from policy.calculator import rules
from policy.calculator.request import Request
from tests.judge.occasions import Occasion
from tests.judge.wall_clock import local


@dataclass(slots=True)
class Account:
    """Of one benefit.

    ``before``: by outage and month, as far as it is not used up. ``this_cycle`` and ``by_month``: in all, with this request.
    """

    zone: ZoneInfo
    before: dict[tuple[str, str], int] = field(default_factory=dict)
    this_cycle: int = 0
    by_month: dict[str, int] = field(default_factory=dict)

    def use_up(self, occasion: Occasion, needed: int) -> int:
        """First of the outage whose record, cut to the occasion, ends first, then of the smaller id; each once.

        What was granted before is of the request's cycle: none of it is of an occasion before or after that.
        """
        if occasion.place in ("before", "after"):
            return 0
        used = 0
        for outage_id in sorted(occasion.ids, key=lambda each: (_end_of(each, occasion), each)):
            taken = min(needed - used, self.before.get((outage_id, occasion.month), 0))
            if taken:
                self.before[outage_id, occasion.month] -= taken
                used += taken
        return used

    def book(self, occasion: Occasion, quantity: int) -> None:
        """What an occasion was granted; a quote takes nothing."""
        self.this_cycle += quantity
        month = self.month_of(occasion)
        self.by_month[month] = self.by_month.get(month, 0) + quantity

    def in_month_of(self, occasion: Occasion) -> int:
        return self.by_month.get(self.month_of(occasion), 0)

    def month_of(self, occasion: Occasion) -> str:
        """The local month in which it begins."""
        begins: date = local(occasion.started_at, self.zone).date()
        return f"{begins:%Y-%m}"


def _end_of(outage_id: str, occasion: Occasion) -> int:
    """Of a record, cut to the occasion; without any clock, the record's own."""
    if spans := occasion.recorded.get(outage_id):
        return spans[-1][1]
    return next(each.ended_at for each in occasion.outages if each.outage.outage_id == outage_id)


def account_of(rule: rules.Benefit, request: Request, zone: ZoneInfo) -> Account:
    """What a request says of a benefit. ``already_granted`` is of its only outage."""
    subscriber = request.subscriber
    assert subscriber is not None
    before = {(each.outage_id, each.month): each.quantity for each in request.granted_before if each.benefit == rule.name}
    if rule.name in request.already_granted:
        before |= {(each.outage_id, ""): request.already_granted[rule.name] for each in request.outages}
    return Account(
        zone,
        before,
        (subscriber.granted_this_cycle or {}).get(rule.name, 0),
        {month: quantities.get(rule.name, 0) for month, quantities in subscriber.granted_by_month.items()},
    )
