"""Lays a request out in memory: each fact that the version reads in its register, each outage in a line of its own."""

from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import Any, Final

from policy.calculator import codes, rules
from policy.calculator.facts import RATIO_DENOMINATOR, Row
from policy.calculator.lowering.almanac import CYCLE_END, CYCLE_START
from policy.calculator.lowering.assembler import Reg
from policy.calculator.lowering.context import (
    CORE_CODES,
    OUTAGE_END,
    OUTAGE_ENDED,
    OUTAGE_INDEX,
    OUTAGE_NAMES_PARTY,
    OUTAGE_ONGOING,
    OUTAGE_PARTY,
    OUTAGE_RANK,
    OUTAGE_SERVICES,
    OUTAGE_START,
)
from policy.calculator.lowering.version import Lowered
from policy.calculator.memory import HERE, At, Memory
from policy.calculator.request import AttributeValue, Instant, Money, Outage, Request, Subscriber

OfRequest = Callable[[Request, Subscriber], Any]
OfOutage = Callable[[Outage, int], Any]

_OF_REQUEST: Final[dict[str, OfRequest]] = {
    "monthly_fee": lambda _, s: s.monthly_fee,
    "data_allowance": lambda _, s: s.data_allowance_bytes,
    "data_remaining": lambda _, s: s.data_remaining_bytes,
    "plan_type": lambda _, s: s.plan_type,
    "customer_type": lambda _, s: s.customer_type,
    "payment": lambda _, s: s.payment,
    "value_added_services": lambda _, s: len(s.value_added_services),
    "billing_cycle": lambda _, s: None if s.billing_cycle is None else (s.billing_cycle,),
    "claim": lambda r, _: "NONE" if r.claim is None else "MADE",
    "claimed_at": lambda r, _: None if r.claim is None else r.claim.claimed_at,
    "as_of": lambda r, _: r.as_of,
}
_OF_OUTAGE: Final[dict[str, OfOutage]] = {
    "reported_at": lambda o, _: o.reported_at,
    "announced_at": lambda o, _: o.announced_at,
    "cause": lambda o, _: o.cause,
    "impact": lambda o, _: o.impact,
    "notice": lambda o, start: 0 if o.announced_at is None else start - o.announced_at,
}
"""The facts that every policy may read by name; of an outage, where it began is known beside it."""


def plain(value: AttributeValue | None) -> Any:
    """An attribute as the calculator counts it: money in minor units, an instant in seconds, a date as its ordinal."""
    match value:
        case Money(amount_minor=amount):
            return amount
        case Instant(seconds=seconds):
            return seconds
        case bool():
            return int(value)
        case date():
            return value.toordinal()
        case tuple():
            return tuple((span.started_at, span.ended_at) for span in value)
        case _:
            return value


def _millionths(value: Any) -> int | None:
    return None if value is None else int(value * RATIO_DENOMINATOR)


class Loader:
    """Lays out the requests of one version."""

    def __init__(self, lowered: Lowered) -> None:
        self._lowered = lowered
        self._layout = lowered.layout
        self._row = [self._of_request(fact, reg) for fact, reg in lowered.facts.row.values()]
        self._outage = [self._of_outage(fact, reg) for fact, reg in lowered.facts.outage.values()]
        self._services = {code: lowered.codes.bit(code) for code in codes.SERVICES}

    def _number_of(self, fact: rules.Fact) -> Callable[[Any], Any]:
        """From what a request gives to the number in the register; None where it was not given."""
        if fact.type == "codes":
            bits = {code: self._lowered.codes.bit(code) for code in (fact.codes if fact.attribute else CORE_CODES[fact.name])}
            return bits.get
        return _millionths if fact.type == "ratio" else plain

    def _of_request(self, fact: rules.Fact, reg: Reg) -> tuple[rules.Fact, Reg, OfRequest]:
        name = fact.name
        number = self._number_of(fact)
        if fact.attribute:
            return fact, reg, lambda _, s: number(s.attributes.get(name))
        find = _OF_REQUEST[name]
        return fact, reg, (lambda r, s: number(find(r, s)))

    def _of_outage(self, fact: rules.Fact, reg: Reg) -> tuple[rules.Fact, Reg, OfOutage]:
        name = fact.name
        number = self._number_of(fact)
        if fact.attribute:
            return fact, reg, lambda o, _: number(o.attributes.get(name))
        find = _OF_OUTAGE[name]
        return fact, reg, (lambda o, start: number(find(o, start)))

    def load(self, memory: Memory, row: Row) -> None:
        """Lays out a request in which no violation was found."""
        request, subscriber, views = row.request, row.subscriber, row.views
        memory.clear(len(views))
        self._load_request(memory, request, subscriber)
        ranks: dict[str, int] = {}
        parties: dict[str, int] = {}
        if len(views) > 1:
            ranks = {id_: rank for rank, id_ in enumerate(sorted(view.outage.outage_id for view in views))}
            parties = {name: rank for rank, name in enumerate(sorted({view.outage.responsible_party for view in views}))}
        for view in views:
            outage, at = view.outage, At(outage=view.address)
            memory.set(OUTAGE_START, view.start, at)
            memory.set(OUTAGE_END, view.end, at)
            if outage.ended_at is None:
                memory.forget(OUTAGE_ENDED, at)
            else:
                memory.set(OUTAGE_ENDED, outage.ended_at, at)
            memory.set(OUTAGE_ONGOING, int(outage.ended_at is None), at)
            memory.set(OUTAGE_SERVICES, sum({self._services[service] for service in outage.services}), at)
            memory.set(OUTAGE_RANK, ranks.get(outage.outage_id, 0), at)
            memory.set(OUTAGE_PARTY, parties.get(outage.responsible_party, 0), at)
            memory.set(OUTAGE_INDEX, view.index, at)
            memory.set(OUTAGE_NAMES_PARTY, int(bool(outage.responsible_party)), at)
            for fact, reg, find in self._outage:
                _put(memory, fact, reg, find(outage, view.start), at)

    def _load_request(self, memory: Memory, request: Request, subscriber: Subscriber) -> None:
        regs, claim = self._lowered.request, request.claim
        memory.set(regs.claim_given, int(claim is not None))
        for reg, at in ((regs.claimed_at, "claimed_at"), (regs.claim_start, "started_at"), (regs.claim_end, "ended_at")):
            memory.set(reg, 0 if claim is None else attrgetter(at)(claim))
        memory.set(regs.is_application, int(request.mode == codes.APPLICATION))
        memory.set(regs.is_notice, int(request.mode == codes.PROACTIVE_NOTICE))
        memory.set(regs.as_of, request.as_of)
        cycle, before = subscriber.granted_this_cycle, request.already_granted
        memory.set(regs.cycle_told, int(cycle is not None))
        for name, reg in regs.granted_before.items():
            memory.set(reg, before.get(name, 0))
        for name, reg in regs.granted_in_cycle.items():
            memory.set(reg, 0 if cycle is None else cycle.get(name, 0))
        if subscriber.billing_cycle is not None:
            memory.set(CYCLE_START, subscriber.billing_cycle.started_at)
            memory.set(CYCLE_END, subscriber.billing_cycle.ended_at)
        for fact, reg, find in self._row:
            _put(memory, fact, reg, find(request, subscriber), HERE)


def _put(memory: Memory, fact: rules.Fact, reg: Reg, value: Any, at: At) -> None:
    if fact.type == "intervals":
        if value is None and fact.if_absent is None:
            memory.forget(reg, at)
        else:
            memory.put_pairs(reg, value or (), at)
    elif value is None:
        memory.forget(reg, at)
    else:
        memory.set(reg, value, at)
