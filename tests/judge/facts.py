"""What a request says of a fact, and what it does not."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from policy.calculator import rules
from policy.calculator.request import Instant, Money, Outage, Request, Subscriber


@dataclass(frozen=True, slots=True)
class Unknown:
    """What depends on facts that were not given: their paths in the request."""

    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Absent(Unknown):
    """A start whose instant was not given: the earliest of several is of the others."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, seconds since 1970 UTC: unlike a number, it has a local date."""

    seconds: int


Spans = tuple[tuple[int, int], ...]
Known = int | Fraction | tuple[str, ...] | bool | Moment | date | Spans
"""A fact's value: an amount in base units, codes, yes or no, an instant, a date, or spans of time."""


@dataclass(frozen=True, slots=True)
class Told:
    """One outage as the request tells it, at its place among them: its recorded time, until it is looked at if it goes on."""

    index: int
    outage: Outage
    started_at: int
    ended_at: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: for a request, perhaps one outage of it, an occasion, a part of time in a month of so many days.

    ``used`` collects the clauses of the figures that were read. ``outages`` and ``length`` are of the occasion; ``whole`` are
    the seconds of its month or cycle. ``begins`` says when a start of the outage is.
    """

    request: Request
    zone: ZoneInfo
    used: set[str] = field(default_factory=set)
    told: Told | None = None
    days_in_month: int | None = None
    outages: tuple[Told, ...] | None = None
    length: "Fraction | Unknown | None" = None
    whole: int | None = None
    begins: "Callable[[rules.Start], Moment | Unknown] | None" = None

    def of(self, told: Told) -> "Reader":
        """The same, reading of one outage."""
        return replace(self, told=told)

    def in_month_of(self, days: int) -> "Reader":
        """The same, for a part of time."""
        return replace(self, days_in_month=days)

    def in_occasion(
        self, outages: tuple[Told, ...], only: Told | None, length: "Fraction | Unknown", whole: int | None
    ) -> "Reader":
        """The same, in an occasion of these outages; ``only``: the one that it is of, where a benefit is for each outage."""
        return replace(self, told=only, outages=outages, length=length, whole=whole)


def read_fact(fact: rules.Fact, reader: Reader) -> Known | Unknown:
    """The value of a fact: as given, or as the policy takes an absent one."""
    given = _core(fact, reader) if not fact.attribute else _attribute(fact, reader)
    if given is not None and given not in ("", ("",)):
        return given
    if fact.if_absent is None:
        return Unknown(frozenset({_path(fact, reader)}))
    absent = fact.if_absent
    return (absent,) if isinstance(absent, str) else absent


def _path(fact: rules.Fact, reader: Reader) -> str:
    return fact.field if reader.told is None else fact.field.replace("[]", f"[{reader.told.index}]", 1)


def _attribute(fact: rules.Fact, reader: Reader) -> Known | None:
    owner = _outage(reader) if fact.of == "outage" else _subscriber(reader)
    given = owner.attributes.get(fact.name)
    match given:
        case Money(amount_minor=amount):
            return amount
        case Instant(seconds=seconds):
            return Moment(seconds)
        case str():
            return (given,)
        case tuple():
            return tuple((span.started_at, span.ended_at) for span in given)
        case _:
            return given


def _core(fact: rules.Fact, reader: Reader) -> Known | None:
    if fact.of == "outage":
        return _of_outage(fact.name, _outage(reader))
    if fact.of == "subscriber":
        return _of_subscriber(fact.name, _subscriber(reader))
    claim = reader.request.claim
    match fact.name:
        case "claim":
            return ("NONE",) if claim is None else ("MADE",)
        case "claimed_at":
            return None if claim is None else _moment(claim.claimed_at)
        case "as_of":
            return Moment(reader.request.as_of)
    raise AssertionError(f"no such fact: {fact.name}")


INSTANTS: Final = ("started_at", "ended_at", "reported_at", "announced_at")


def _of_outage(name: str, outage: Outage) -> Known | None:
    if name in INSTANTS:
        return _moment(getattr(outage, name))
    if name == "notice":
        return 0 if outage.announced_at is None else (outage.started_at or 0) - outage.announced_at
    return (str(getattr(outage, name)),)


def _of_subscriber(name: str, subscriber: Subscriber) -> Known | None:
    match name:
        case "monthly_fee":
            return None if subscriber.monthly_fee is None else subscriber.monthly_fee.amount_minor
        case "data_allowance":
            return subscriber.data_allowance_bytes
        case "data_remaining":
            return subscriber.data_remaining_bytes
        case "value_added_services":
            return len(subscriber.value_added_services)
    return (str(getattr(subscriber, name)),)


def _moment(seconds: int | None) -> Moment | None:
    return None if seconds is None else Moment(seconds)


def _outage(reader: Reader) -> Outage:
    assert reader.told is not None
    return reader.told.outage


def _subscriber(reader: Reader) -> Subscriber:
    assert reader.request.subscriber is not None
    return reader.request.subscriber
