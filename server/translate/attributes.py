"""Attribute values of the contract as plain values.

A value that cannot be carried is a violation and stands as None, so that the calculator's own check says nothing more about it.
"""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from makegood.v1 import facts_pb2 as facts_pb
from policy.calculator.checks import MAX_VIOLATIONS
from policy.calculator.errors import Violation
from policy.calculator.request import AttributeValue, Instant, Interval, Money
from server.translate.instants import instant, interval


def attributes(messages: Mapping[str, facts_pb.Value], wrong: list[Violation], owner: str) -> dict[str, AttributeValue | None]:
    """The attributes of ``owner`` ("subscriber" or "outages[2]") by name."""
    # By name, for the order of a map on the wire is each process's own, and violations come in this one.
    return {name: _value(messages[name], wrong, f'{owner}.attributes["{name}"]') for name in sorted(messages)}


def _value(message: facts_pb.Value, wrong: list[Violation], path: str) -> AttributeValue | None:
    kind = message.WhichOneof("kind")
    if kind is None:
        wrong.append(Violation(path, "has no value; set exactly one kind, or leave the attribute out"))
        return None
    return _READ[kind](message, wrong, path)


def _ratio(message: facts_pb.Value, wrong: list[Violation], path: str) -> Fraction | None:
    ratio = message.ratio
    if ratio.denominator <= 0:
        wrong.append(Violation(f"{path}.ratio.denominator", f"is {ratio.denominator}; a denominator is above 0"))
        return None
    return Fraction(ratio.numerator, ratio.denominator)


def calendar_date(message: facts_pb.Date, wrong: list[Violation], path: str) -> date | None:
    """A date of the calendar, or None and a violation where there is no such day."""
    try:
        return date(message.year, message.month, message.day)
    except ValueError:
        given = f"{message.year}-{message.month}-{message.day}"
        wrong.append(Violation(path, f"{given} is no date of the calendar; give year, month and day"))
        return None


def _intervals(message: facts_pb.Value, wrong: list[Violation], path: str) -> tuple[Interval, ...] | None:
    spans = []
    for index, each in enumerate(message.intervals.intervals):
        span = interval(each, wrong, f"{path}.intervals[{index}]")
        if len(wrong) > MAX_VIOLATIONS:
            break
        if span is not None:
            spans.append(span)
    return tuple(spans) if len(spans) == len(message.intervals.intervals) else None


_READ: Final[Mapping[str, Callable[[facts_pb.Value, list[Violation], str], AttributeValue | None]]] = MappingProxyType(
    {
        "integer": lambda message, wrong, path: message.integer,
        "ratio": _ratio,
        "text": lambda message, wrong, path: message.text,
        "yes_or_no": lambda message, wrong, path: message.yes_or_no,
        "money": lambda message, wrong, path: Money(message.money.currency_code, message.money.amount_minor),
        "instant": lambda message, wrong, path: Instant(instant(message.instant, wrong, path)),
        "date": lambda message, wrong, path: calendar_date(message.date, wrong, path),
        "intervals": _intervals,
    }
)
"""How each kind of the oneof is read."""
