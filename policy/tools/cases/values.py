"""Values as cases write them, each read by the type that is wanted there: exact, with its unit."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from policy.calculator import rules
from policy.calculator.request import Instant, Interval, Money
from policy.language.kinds import PAID_IN
from policy.language.problems import did_you_mean, listed
from policy.language.quantities import DAY_SECONDS, NotAQuantity, Quantity, QuantityType, looks_like_quantity, read_quantity
from policy.language.yaml_tree import Text

INSTANT_HINT: Final = "an instant with its offset, as in 2026-06-10 12:00+08:00"
_PAIRS: Final = re.compile(r"\S+ +\S+")
_BARE: Final = re.compile(r"\d+\.\d+")
_YES_OR_NO: Final[Mapping[str, bool]] = MappingProxyType({"yes": True, "no": False})


class Unreadable(ValueError):
    """A value cannot be read; ``suggestion`` says what to write."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        self.suggestion = suggestion
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads values. ``lenient``: for a case that expects a malformed request, so also what can never be right."""

    lenient: bool = False

    def exact(self, node: Text) -> Quantity:
        """A quantity, or a sum of several of one kind: ``5 h 20 min``."""
        text, sign = node.text, 1
        if self.lenient and text.startswith("-"):
            text, sign = text[1:], -1
        pieces = _PAIRS.findall(text) if len(text.split()) > 2 else [text]
        if " ".join(pieces).split() != text.split():
            raise Unreadable(f"{node.text!r} is no quantity", "a number, a space and a unit, as in 5 h 20 min")
        try:
            parts = [read_quantity(piece, plain=node.plain) for piece in pieces]
        except NotAQuantity as error:
            raise Unreadable(str(error), error.suggestion) from None
        first = parts[0]
        if len({part.type for part in parts}) > 1 or (len(parts) > 1 and first.type != "seconds"):
            raise Unreadable(f"{text!r} mixes units", "only lengths of time are written in several, as in 5 h 20 min")
        return Quantity(sign * sum((part.value for part in parts), Fraction(0)), first.type, first.unit)

    def quantity(self, node: Text, wanted: QuantityType) -> Fraction:
        """A quantity of one type, in its base unit."""
        if wanted != "ratio" and _BARE.fullmatch(node.text):
            raise Unreadable(f"{node.text} lacks its unit; {_NOUNS[wanted]} is needed here", _HINTS[wanted])
        quantity = self.exact(node)
        if quantity.type == "days" and wanted == "seconds":
            return quantity.value * DAY_SECONDS
        if quantity.type != wanted:
            raise Unreadable(f"{node.text} is {_NOUNS[quantity.type]}; {_NOUNS[wanted]} is needed here", _HINTS[wanted])
        return quantity.value

    def whole(self, node: Text, wanted: QuantityType) -> int:
        """A whole number of base units."""
        exact = self.quantity(node, wanted)
        if exact.denominator != 1:
            raise Unreadable(f"{node.text} is no whole number of base units", "bytes, seconds, days and minor units are whole")
        return exact.numerator

    def money(self, node: Text) -> Money:
        """An amount in its currency."""
        minor = self.whole(node, "money")
        return Money(self.exact(node).unit, minor)

    def granted(self, node: Text, kind: str | None) -> int:
        """What a benefit of ``kind`` grants, in its base unit (a percentage in basis points); None: it is unknown."""
        if kind is None:
            return self.exact(node).value.numerator
        wanted = PAID_IN[kind]
        if wanted == "basis points":
            points = self.quantity(node, "ratio") * 10_000
            if points.denominator != 1 or self.exact(node).unit != "%":
                raise Unreadable(f"{node.text} is no percentage", "as in 10 %, at most two decimals")
            return points.numerator
        return self.whole(node, wanted)  # type: ignore[arg-type]  # the other types that are paid are types of quantities

    def number(self, node: Text) -> int:
        """A whole number without a unit."""
        return self.whole(node, "ratio")

    def ratio(self, node: Text) -> Fraction:
        """``3/2``, ``150 %``, ``2``."""
        return self.quantity(node, "ratio")

    def code(self, node: Text, known: tuple[str, ...]) -> str:
        """One of the codes that are known."""
        if node.text not in known and not self.lenient:
            raise Unreadable(f"it is never {node.text!r}", did_you_mean(node.text, known, f"it is {listed(known, 'or')}"))
        return node.text

    def instant(self, node: Text) -> int:
        """Seconds since 1970 UTC."""
        try:
            moment = datetime.fromisoformat(node.text)
        except ValueError:
            raise Unreadable(f"{node.text!r} is no instant", INSTANT_HINT) from None
        if moment.tzinfo is None:
            raise Unreadable(f"{node.text!r} lacks its offset from UTC", INSTANT_HINT)
        if moment.microsecond:
            raise Unreadable(f"{node.text!r} is finer than a second", "instants are whole seconds")
        return int(moment.timestamp())

    def day(self, node: Text) -> date:
        """A date."""
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            raise Unreadable(f"{node.text!r} is no date", "as in 2026-06-10") from None

    def interval(self, node: Text) -> Interval:
        """``2026-06-10 12:00+08:00 to 2026-06-10 14:00+08:00``, the end not included."""
        start, to, end = node.text.partition(" to ")
        if not to:
            raise Unreadable(f"{node.text!r} is no interval", "two instants with to between them, the end not included")
        second = len(start) + len(to)
        return Interval(self.instant(node.part(0, len(start))), self.instant(node.part(second, second + len(end))))

    def yes_or_no(self, node: Text) -> bool:
        """``yes`` or ``no``."""
        if node.text not in _YES_OR_NO:
            raise Unreadable(f"{node.text!r} is neither yes nor no", "write yes or no")
        return _YES_OR_NO[node.text]

    def attribute(self, node: Text, fact: rules.Fact) -> Any:
        """The value of an attribute, by the type that the policy declares; intervals are read one by one."""
        match fact.type:
            case "bytes" | "seconds":
                return self.whole(node, fact.type)
            case "codes":
                return self.code(node, fact.codes)
            case "instant":
                return Instant(self.instant(node))
        reads: Mapping[str, Callable[[Text], Any]] = {
            "money": self.money,
            "number": self.number,
            "ratio": self.ratio,
            "yes or no": self.yes_or_no,
            "date": self.day,
            "intervals": self.interval,
        }
        return reads[fact.type](node)

    def undeclared(self, node: Text) -> Any:
        """The value of an attribute that no version declares, by its looks: what a mistaken caller would send."""
        if not looks_like_quantity(node.text):
            return _YES_OR_NO.get(node.text, node.text)
        quantity = self.exact(node)
        if quantity.type == "money":
            return self.money(node)
        return quantity.value.numerator if quantity.value.denominator == 1 else quantity.value


_NOUNS: Final[Mapping[QuantityType, str]] = MappingProxyType(
    {
        "money": "an amount of money",
        "bytes": "an amount of data",
        "seconds": "a length of time",
        "days": "a number of days",
        "ratio": "a number without a unit",
    }
)
_HINTS: Final[Mapping[QuantityType, str]] = MappingProxyType(
    {
        "money": "as in 46.50 EUR",
        "bytes": "as in 20 GiB",
        "seconds": "as in 5 h 20 min",
        "days": "as in 2 days",
        "ratio": "as in 12 or 3/2",
    }
)
