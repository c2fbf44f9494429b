"""Reading facts: one row is one request being decided; each of its outages is a view of it.

A fact that was not given and that the policy does not say how to take is *missing*: reading it raises :class:`Missing`,
never 0. Where every alternative would be missing the same fact, that fact is named as well, so that a caller learns all
that is needed at once.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, Final

from policy.calculator import rules
from policy.calculator.request import (
    AttributeValue,
    Instant,
    Money,
    Outage,
    Request,
    Subscriber,
)

RATIO_DENOMINATOR: Final = 1_000_000
"""Ratios that a request gives are exact multiples of a millionth, so that every column has one denominator."""


class Missing(Exception):
    """Facts that are needed and were not given: field path to the clause that needs it ("" until one is known)."""

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        super().__init__(", ".join(fields))

    def cited(self, clause: str) -> "Missing":
        """The same, with ``clause`` for the fields that no inner rule has claimed."""
        return Missing({field: known or clause for field, known in self.fields.items()})


def gather(reads: Iterable[Callable[[], object]]) -> dict[str, str]:
    """All facts that any of ``reads`` misses."""
    fields: dict[str, str] = {}
    for read in reads:
        try:
            read()
        except Missing as missing:
            fields |= missing.fields
    return fields


class Row:
    """One request being decided. ``figures`` remembers named values; ``days_in_month`` is of the part being paid."""

    __slots__ = ("days_in_month", "figures", "request", "subscriber", "views")

    def __init__(self, request: Request, subscriber: Subscriber, outages: Iterable[tuple[int, Outage]], figures: int) -> None:
        self.request = request
        self.subscriber = subscriber
        self.figures: list[Any] = [None] * figures
        self.views = [View(self, index, outage, figures) for index, outage in outages]
        self.days_in_month = 0


class View:
    """One outage of a row. ``index`` is its place in the request, for field paths; ``end`` is ``as_of`` while it goes on."""

    __slots__ = ("end", "figures", "index", "outage", "row", "start")

    def __init__(self, row: Row, index: int, outage: Outage, figures: int) -> None:
        assert outage.started_at is not None  # INVARIANT: validated before a row is made
        self.row = row
        self.index = index
        self.outage = outage
        self.figures: list[Any] = [None] * figures
        self.start: int = outage.started_at
        self.end: int = row.request.as_of if outage.ended_at is None else outage.ended_at


def distinct(outages: Sequence[Outage]) -> list[tuple[int, Outage]]:
    """Each outage once, with the place at which it first stands."""
    if len(outages) == 1:
        return [(0, outages[0])]
    by_id: dict[str, tuple[int, Outage]] = {}
    for index, outage in enumerate(outages):
        by_id.setdefault(outage.outage_id, (index, outage))
    return list(by_id.values())


RowRead = Callable[[Row], Any]
ViewRead = Callable[[View], Any]

_CORE: Final[dict[str, Callable[[Any], Any]]] = {
    "monthly_fee": lambda row: None if row.subscriber.monthly_fee is None else row.subscriber.monthly_fee.amount_minor,
    "data_allowance": attrgetter("subscriber.data_allowance_bytes"),
    "data_remaining": attrgetter("subscriber.data_remaining_bytes"),
    "plan_type": attrgetter("subscriber.plan_type"),
    "customer_type": attrgetter("subscriber.customer_type"),
    "payment": attrgetter("subscriber.payment"),
    "value_added_services": lambda row: len(row.subscriber.value_added_services),
    "billing_cycle": lambda row: None if row.subscriber.billing_cycle is None else plain((row.subscriber.billing_cycle,)),
    "started_at": attrgetter("start"),
    "ended_at": attrgetter("outage.ended_at"),
    "reported_at": attrgetter("outage.reported_at"),
    "announced_at": attrgetter("outage.announced_at"),
    "cause": attrgetter("outage.cause"),
    "impact": attrgetter("outage.impact"),
    "notice": lambda view: 0 if view.outage.announced_at is None else view.start - view.outage.announced_at,
    "claim": lambda row: "NONE" if row.request.claim is None else "MADE",
    "claimed_at": lambda row: None if row.request.claim is None else row.request.claim.claimed_at,
    "as_of": attrgetter("request.as_of"),
}
"""The facts that every policy may read by name, from a row or, for those of an outage, from a view."""


def plain(value: AttributeValue | None) -> Any:
    """An attribute as the calculator counts it: money in minor units, an instant in seconds, a date as its ordinal."""
    match value:
        case Money(amount_minor=amount):
            return amount
        case Instant(seconds=seconds):
            return seconds
        case date():
            return value.toordinal()
        case tuple():
            return tuple((span.started_at, span.ended_at) for span in value)
        case _:
            return value


def _millionths(value: Any) -> int | None:
    return None if value is None else int(value * RATIO_DENOMINATOR)


def getter(fact: rules.Fact) -> RowRead | ViewRead:
    """A function that reads ``fact`` from a row (a view, for a fact of an outage) and raises Missing if it is not there."""
    find = _finder(fact)
    if_absent = _if_absent(fact)
    if fact.of == "outage":
        before, after = fact.field.split("[]", 1)

        def of_view(view: View) -> Any:
            value = find(view)
            if value is None or value == "":
                if if_absent is None:
                    raise Missing({f"{before}[{view.index}]{after}": ""})
                return if_absent
            return value

        return of_view

    def of_row(row: Row) -> Any:
        value = find(row)
        if value is None or value == "":
            if if_absent is None:
                raise Missing({fact.field: ""})
            return if_absent
        return value

    return of_row


def _if_absent(fact: rules.Fact) -> Any:
    return _millionths(fact.if_absent) if fact.type == "ratio" else fact.if_absent


def _finder(fact: rules.Fact) -> Callable[[Any], Any]:
    """How to look ``fact`` up; None where it was not given."""
    name = fact.name
    if not fact.attribute:
        return _CORE[name]
    counted = _millionths if fact.type == "ratio" else plain
    if fact.of == "outage":
        return lambda view: counted(view.outage.attributes.get(name))
    return lambda row: counted(row.subscriber.attributes.get(name))
