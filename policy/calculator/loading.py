"""Lays a request out in memory: each fact that the version reads in its register, each outage in a line of its own."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, Final

from policy.calculator import codes, rules
from policy.calculator.contract import FIELD_OF
from policy.calculator.facts import RATIO_DENOMINATOR, Row
from policy.calculator.lowering.almanac import CYCLE_END, CYCLE_START
from policy.calculator.lowering.assembler import Reg
from policy.calculator.lowering.context import OUTAGE_ENDED, OUTAGE_PLACES
from policy.calculator.lowering.version import Lowered
from policy.calculator.memory import HERE, UNKNOWN, At, Memory
from policy.calculator.request import AttributeValue, Claim, Instant, Money, Outage, Request, Subscriber

OfRequest = Callable[[Request, Subscriber], Any]
OfOutage = Callable[[Outage, int], Any]

_OF_REQUEST: Final[dict[str, OfRequest]] = {
    "value_added_services": lambda _, s: len(s.value_added_services),
    "claim": lambda r, _: "NONE" if r.claim is None else "MADE",
    "claimed_at": lambda r, _: None if r.claim is None else r.claim.claimed_at,
    "billing_cycle": lambda _, s: None if s.billing_cycle is None else (s.billing_cycle,),
    "as_of": lambda r, _: r.as_of,
}
_OF_OUTAGE: Final[dict[str, OfOutage]] = {
    "notice": lambda o, start: 0 if o.announced_at is None else start - o.announced_at,
}
"""The facts that are not read from their field as they stand; of an outage, where it began is known beside it."""


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


@dataclass(frozen=True, slots=True)
class _OfRow:
    """A fact of the request: the address of its register, and what finds its number; None where it was not given."""

    address: int
    find: OfRequest


@dataclass(frozen=True, slots=True)
class _OfOutage:
    """A fact of an outage: the place of its register, and what finds its number; None where it was not given."""

    place: int
    find: OfOutage


class Loader:
    """Lays out the requests of one version."""

    def __init__(self, lowered: Lowered) -> None:
        self._lowered, regs = lowered, lowered.request
        self._services = {code: lowered.codes.bit(code) for code in codes.SERVICES}
        self._row: list[_OfRow] = []
        self._outage: list[_OfOutage] = []
        self._intervals: list[tuple[rules.Fact, Reg, Any]] = []
        for fact, reg in lowered.facts.row.values():
            find = self._of_request(fact)
            if fact.type == "intervals":
                self._intervals.append((fact, reg, find))
            else:
                self._row.append(_OfRow(self._address(reg), find))
        for fact, reg in lowered.facts.outage.values():
            found = self._of_outage(fact)
            if fact.type == "intervals":
                self._intervals.append((fact, reg, found))
            else:
                self._outage.append(_OfOutage(reg.number, found))
        self._numbers = {benefit.name: number for number, benefit in enumerate(lowered.version.benefits)}
        self._in_cycle = [(name, self._address(reg)) for name, reg in regs.granted_in_cycle.items()]
        claims = lowered.version.claims
        self._widen = None if claims is None else claims.widen_seconds
        self._before, self._by_month, self._gaps = regs.granted_before, regs.granted_by_month, regs.gaps
        of_claim = (
            regs.claim_given, regs.claimed_at, regs.claim_start, regs.claim_end, regs.claimed_from, regs.claimed_until,
        )  # fmt: skip
        self._claim = [self._address(reg) for reg in of_claim]
        self._modes = [self._address(regs.is_application), self._address(regs.is_notice)]
        self._as_of = self._address(regs.as_of)
        self._cycle_told = self._address(regs.cycle_told)

    def _address(self, reg: Reg) -> int:
        return self._lowered.layout.address(reg, HERE)

    def _number_of(self, fact: rules.Fact) -> Callable[[Any], Any]:
        """From what a request gives to the number in the register; None where it was not given."""
        if fact.type == "codes":
            bits = {code: self._lowered.codes.bit(code) for code in fact.codes}
            return bits.get
        return _millionths if fact.type == "ratio" else plain

    def _of_request(self, fact: rules.Fact) -> OfRequest:
        name, number = fact.name, self._number_of(fact)
        if fact.attribute:
            return lambda _, s: number(s.attributes.get(name))
        find = _OF_REQUEST.get(name)
        if find is not None:
            return lambda r, s: number(find(r, s))
        field = attrgetter(FIELD_OF[name].name)
        return lambda _, s: number(field(s))

    def _of_outage(self, fact: rules.Fact) -> OfOutage:
        name, number = fact.name, self._number_of(fact)
        if fact.attribute:
            return lambda o, _: number(o.attributes.get(name))
        find = _OF_OUTAGE.get(name)
        if find is not None:
            return lambda o, start: number(find(o, start))
        field = attrgetter(FIELD_OF[name].name)
        return lambda o, _: number(field(o))

    def load(self, memory: Memory, row: Row) -> None:
        """Lays out a request in which no violation was found."""
        memory.clear(len(row.views))
        self._load_request(memory, row.request, row.subscriber)
        self._load_outages(memory, row)
        self._load_granted(memory, row)
        for fact, reg, find in self._intervals:
            if fact.of != "outage":
                _put_pairs(memory, fact, reg, find(row.request, row.subscriber), HERE)
            else:
                for view in row.views:
                    _put_pairs(memory, fact, reg, find(view.outage, view.start), view.at)

    def _load_request(self, memory: Memory, request: Request, subscriber: Subscriber) -> None:
        m, k, claim = memory.m, memory.k, request.claim
        given: tuple[int, ...] = (0,) * len(self._claim)
        gaps: tuple[tuple[int, int], ...] = ()
        if claim is not None:
            windows = windows_of(claim, self._widen or 0)
            if self._widen is not None:  # else outages are not cut to what was claimed
                gaps = tuple((before[1], after[0]) for before, after in itertools.pairwise(windows))
            instants = (claim.claimed_at or 0, claim.started_at or 0, claim.ended_at or 0)
            given = (1, *instants, windows[0][0], windows[-1][1])
        for address, number in zip(self._claim, given, strict=True):
            m[address], k[address] = number, 1
        memory.put_pairs(self._gaps, gaps)
        modes = (request.mode == codes.APPLICATION, request.mode == codes.PROACTIVE_NOTICE)
        for address, number in zip(self._modes, modes, strict=True):
            m[address], k[address] = number, 1
        m[self._as_of], k[self._as_of] = request.as_of, 1
        cycle = subscriber.granted_this_cycle
        m[self._cycle_told], k[self._cycle_told] = cycle is not None, 1
        for name, address in self._in_cycle:
            m[address], k[address] = 0 if cycle is None else cycle.get(name, 0), 1
        if subscriber.billing_cycle is not None:
            memory.set(CYCLE_START, subscriber.billing_cycle.started_at)
            memory.set(CYCLE_END, subscriber.billing_cycle.ended_at)
        for fact in self._row:
            number = fact.find(request, subscriber)
            if number is None:
                k[fact.address] = UNKNOWN
            else:
                m[fact.address], k[fact.address] = number, 1

    def _load_outages(self, memory: Memory, row: Row) -> None:
        m, k, views = memory.m, memory.k, row.views
        ranks: dict[str, int] = {}
        parties: dict[str, int] = {}
        if len(views) > 1:
            ranks = {id_: rank for rank, id_ in enumerate(sorted(view.outage.outage_id for view in views))}
            parties = {name: rank for rank, name in enumerate(sorted({view.outage.responsible_party for view in views}))}
        for view in views:
            outage, at = view.outage, view.address
            services = sum({self._services[service] for service in outage.services}) if outage.services else 0
            ongoing = outage.ended_at is None
            numbers = (
                view.start, view.end, 0 if outage.ended_at is None else outage.ended_at, services,
                ranks.get(outage.outage_id, 0), parties.get(outage.responsible_party, 0), view.index, ongoing,
                outage.responsible_party != "",
            )  # fmt: skip
            for place, number in enumerate(numbers, at):
                m[place] = number
            k[at : at + OUTAGE_PLACES] = _KNOWN
            if ongoing:
                k[at + OUTAGE_ENDED.number] = UNKNOWN
            for fact in self._outage:
                number = fact.find(outage, view.start)
                if number is None:
                    k[at + fact.place] = UNKNOWN
                else:
                    m[at + fact.place], k[at + fact.place] = number, 1

    def _load_granted(self, memory: Memory, row: Row) -> None:
        """What was granted before, by outage, and by month."""
        request, numbers = row.request, self._numbers
        address_of = {view.outage.outage_id: view.address for view in row.views}
        before = [(numbers[each.benefit], address_of[each.outage_id], month_of(each.month), each.quantity)
                  for each in request.granted_before]  # fmt: skip
        before += [(numbers[name], row.views[0].address, ANY_MONTH, quantity)
                   for name, quantity in request.already_granted.items() if row.views and name in numbers]  # fmt: skip
        memory.put_items(self._before, before)
        months = {month_of(month): told for month, told in row.subscriber.granted_by_month.items()}
        by_month = [(NO_BENEFIT, month, 0) for month in months]
        by_month += [(numbers[name], month, quantity)
                     for month, told in months.items() for name, quantity in told.items() if name in numbers]  # fmt: skip
        memory.put_items(self._by_month, by_month)


ANY_MONTH: Final = -1
NO_BENEFIT: Final = -1
"""What a month that is told has an item of, whatever it was granted."""


def month_of(text: str) -> int:
    """The number of a month, "2026-03", counted from year 0; "": any."""
    if not text:
        return ANY_MONTH
    year, month = text.split("-")
    return 12 * int(year) + int(month) - 1


def windows_of(claim: Claim, widen_seconds: int) -> list[tuple[int, int]]:
    """What was claimed, now and before, each with its margin, joined where they overlap or touch; in order."""
    spans = [(span.started_at, span.ended_at) for span in claim.earlier]
    spans.append((claim.started_at or 0, claim.ended_at or 0))
    joined: list[tuple[int, int]] = []
    for start, end in sorted((start - widen_seconds, end + widen_seconds) for start, end in spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


_KNOWN: Final = b"\1" * OUTAGE_PLACES


def _put_pairs(memory: Memory, fact: rules.Fact, reg: Reg, value: Any, at: At) -> None:
    if value is None and fact.if_absent is None:
        memory.forget(reg, at)
    else:
        memory.put_pairs(reg, value or (), at)
