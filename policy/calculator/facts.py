"""A request being decided: its outages, each once, with the place that each has in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policy.calculator.memory import At
from policy.calculator.request import Outage, Request, Subscriber

RATIO_DENOMINATOR: Final = 1_000_000
"""Ratios that a request gives are exact multiples of a millionth, so that every register has one denominator."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One outage. ``index`` is its place in the request, for field paths; ``end`` is ``as_of`` while it goes on."""

    index: int
    outage: Outage
    start: int
    end: int
    address: int

    @property
    def at(self) -> At:
        """Where its values are."""
        return At(outage=self.address)


@dataclass(frozen=True, slots=True)
class Row:
    """One request. ``by_address``: its outages by the place that each has in memory, for each of many occasions asks."""

    request: Request
    subscriber: Subscriber
    views: Sequence[View]
    by_address: Mapping[int, View]


def row_of(request: Request, first_address: int, places: int) -> Row:
    """A request in which no violation was found; each outage once, in memory from ``first_address`` on."""
    assert request.subscriber is not None  # INVARIANT: validated by the policy set
    views = []
    for number, (index, outage) in enumerate(distinct(request.outages)):
        assert outage.started_at is not None  # INVARIANT: validated by the policy set
        end = request.as_of if outage.ended_at is None else outage.ended_at
        views.append(View(index, outage, outage.started_at, end, first_address + number * places))
    return Row(request, request.subscriber, views, {view.address: view for view in views})


def distinct(outages: Sequence[Outage]) -> list[tuple[int, Outage]]:
    """Each outage once, with the place at which it first stands."""
    if len(outages) == 1:
        return [(0, outages[0])]
    by_id: dict[str, tuple[int, Outage]] = {}
    for index, outage in enumerate(outages):
        by_id.setdefault(outage.outage_id, (index, outage))
    return list(by_id.values())
