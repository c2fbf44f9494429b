"""What a value can be: the types of the language, how they are named to a person, and which benefit is paid in which."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

from policy.calculator import rules
from policy.language.currencies import DECIMALS
from policy.language.problems import At, listed
from policy.language.quantities import BYTES, SECONDS

Type = Literal[
    "money", "bytes", "seconds", "days", "ratio", "number", "basis points", "quotient",
    "code", "codes", "yes or no", "instant", "date", "intervals", "start",
]  # fmt: skip
"""The type of a value. "code" is one code, "codes" a set of them; "quotient" is a ratio that is only compared; "start" is
an instant, or a time after one, from which an outage counts."""

NOUNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "money": "an amount of money",
        "bytes": "an amount of data",
        "seconds": "a length of time",
        "days": "a number of days",
        "ratio": "a ratio",
        "number": "a whole number",
        "basis points": "a percentage",
        "quotient": "a quotient of two facts",
        "code": "a code",
        "codes": "a set of codes",
        "yes or no": "yes or no",
        "instant": "an instant",
        "date": "a date",
        "intervals": "a list of intervals",
        "start": "an instant from which time counts",
    }
)
"""How an error names each type."""


def fact_type(fact: rules.Fact) -> Type:
    """The type of a value that a fact gives: of several codes that it may hold, it holds one."""
    return "code" if fact.type == "codes" else fact.type


PAID_IN: Final[Mapping[str, Type]] = MappingProxyType(
    {
        "DATA_BYTES": "bytes",
        "VOICE_SECONDS": "seconds",
        "VALUE_ADDED_DAYS": "days",
        "VALIDITY_DAYS": "days",
        "CREDIT": "money",
        "UNLIMITED_DATA": "seconds",
        "TOP_UP_BONUS": "basis points",
    }
)
"""What each kind of benefit is paid in. A percentage is counted in basis points."""

NUMERIC: Final = frozenset[Type]({"money", "bytes", "seconds", "days", "ratio", "number", "basis points"})
"""Types that can be paid, shared and bounded by quantities."""


def example(wanted: Type, currency: str) -> str:
    """A quantity of the type as it is written."""
    examples: dict[Type, str] = {
        "money": f"{_one(currency)} {currency}",
        "bytes": "200 MiB",
        "seconds": "5 min",
        "days": "1 day",
        "basis points": "10 %",
        "number": "10",
        "start": "12 h after known_at",
    }
    return examples.get(wanted, "3/2 or 150 %")


def with_units(number: str, wanted: Type, currency: str) -> str:
    """What may be meant by ``number`` where a quantity of the type is wanted: with each unit that the type has."""
    if wanted == "money":
        decimals = DECIMALS.get(currency, 2)
        return f"write {number}{'.' * (decimals > 0)}{'0' * decimals} {currency}"
    units = {"bytes": tuple(BYTES), "seconds": (*SECONDS, "days"), "days": ("day" if number == "1" else "days",)}[wanted]
    return f"write {listed([f'{number} {unit}' for unit in units], 'or')}"


def _one(currency: str) -> str:
    decimals = DECIMALS.get(currency, 2)
    return f"1.{'0' * decimals}" if decimals else "1"


Axis = rules.Of | Literal["occasion", "availability"]
"""Whose facts a value reads. Of the occasion it is its ``length``; ``availability`` is of one that is a month or a cycle."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A value with what is known of it before any request.

    ``codes``: those that it may yield, where it yields codes; () where any may come. ``axes``: whose facts it reads.
    ``by_month``: it depends on the month of the part that is paid. ``written``: where each code that a file gives stands first.
    """

    value: rules.Value
    type: Type
    codes: tuple[str, ...] = ()
    axes: frozenset[Axis] = frozenset()
    by_month: bool = False
    written: tuple[tuple[str, At], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value or a condition stands: how errors name the place, whose facts can be read there, and what else.

    ``month``: a share by days_in_month. ``time``: how much of a clock's time there is. ``of_outages``: conditions on any or
    every outage of the occasion. ``amount``: what the occasion is owed, of the type ``paid_in`` (None: unreadable).
    ``elsewhere``: what to write where a fact of an outage cannot be read. ``factor``: what stands here multiplies.
    """

    name: str
    axes: frozenset[Axis]
    month: bool = False
    time: bool = False
    of_outages: bool = False
    amount: bool = False
    paid_in: Type | None = None
    elsewhere: str = "facts of an outage stand in where, liable, starts, minus, only and from"
    factor: bool = False


_ROW: Final = frozenset[Axis]({"subscriber", "claim", "request"})
_ALL: Final = _ROW | frozenset[Axis]({"outage"})
_OCCASION: Final = _ROW | frozenset[Axis]({"occasion"})
_BY_OUTAGE: Final = "write for each: outage, or test them under when: {any outage: ...} or {every outage: ...}"
_TESTED_BY_OUTAGE: Final = "write {any outage: ...} or {every outage: ...}; or for each: outage"

FIGURE: Final = Place("a figure", _ALL | _OCCASION | frozenset[Axis]({"availability"}), month=True)
CALENDAR: Final = Place("calendar", frozenset({"subscriber"}))
SERVICES: Final = Place("services", _ROW)
WHERE: Final = Place("where", _ALL)
LIABLE: Final = Place("liable", _ALL, factor=True)
STARTS: Final = Place("starts", _ALL)
ONLY: Final = Place("only", _ALL, time=True)
RECOURSE: Final = Place("from", _ALL)
OF_OUTAGES: Final = Place("any outage", _ALL)

# What stands under a benefit is of an occasion: of all its outages, unless it is for each outage (:func:`of_occasion`).
WHEN: Final = Place("when", _OCCASION, of_outages=True, elsewhere=_TESTED_BY_OUTAGE)
NUMBER: Final = Place("number", _ROW)
PAY: Final = Place("pay", _OCCASION, month=True, elsewhere=_BY_OUTAGE)
TIMES: Final = Place("times", _OCCASION, elsewhere=_BY_OUTAGE, factor=True)
BOUNDS: Final = Place("a bound of a benefit", _OCCASION, elsewhere=_BY_OUTAGE)
GRANTED: Final = Place("granted", _OCCASION, time=True, of_outages=True, amount=True, elsewhere=_TESTED_BY_OUTAGE)


def of_occasion(place: Place, for_each: rules.ForEach | None) -> Place:
    """``place`` under a benefit that is worked out for each of these.

    For each outage it can read what that outage is, and for each month or billing cycle the availability of that. None: not
    known, for it could not be read; then nothing is refused that one of them might take.
    """
    more: set[Axis] = set()
    if for_each in ("outage", None):
        more.add("outage")
    if for_each in ("month", "billing cycle", None):
        more.add("availability")
    return replace(place, axes=place.axes | more)
