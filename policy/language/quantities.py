"""Quantities as they are written: ``200 MiB``, ``5 min``, ``8.40 GBP``, ``3/2``, ``150 %``. All exact, all with their unit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal

from policy.language.currencies import DECIMALS
from policy.language.problems import did_you_mean

QuantityType = Literal["money", "bytes", "seconds", "days", "ratio"]

MAX_BASE: Final = 2**63 - 1
"""Amounts are kept in 64 bits, in base units."""

BYTES: Final[Mapping[str, int]] = MappingProxyType(
    {"B": 1}
    | {f"{prefix}B": 1000**n for n, prefix in enumerate("kMGT", 1)}
    | {f"{prefix}iB": 1024**n for n, prefix in enumerate("KMGT", 1)}
)
"""Units of data, in bytes."""
SECONDS: Final[Mapping[str, int]] = MappingProxyType({"s": 1, "min": 60, "h": 3600})
"""Units of elapsed time, in seconds."""
DAY_UNITS: Final = ("day", "days")
DAY_SECONDS: Final = 86_400

_RATIO = re.compile(r"(\d+)/(\d+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_COMMA = re.compile(r"(\d+),(\d+)((?: .+)?)")
_CALENDAR_DAYS = re.compile(r"\d+ (?:local|working|calendar|business) days?")
_WITH_UNIT = re.compile(r"(\d+(?:\.\d+)?)( *)([^\W\d_]+|%)")
_MAX_LENGTH: Final = 40
_SPELT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sec": "s", "second": "s", "seconds": "s", "mins": "min", "minute": "min", "minutes": "min", "hr": "h", "hrs": "h",
        "hour": "h", "hours": "h", "d": "days", "byte": "B", "bytes": "B", "percent": "%",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount: ``value`` in the base unit of its type (minor units, bytes, seconds, days, none).

    ``unit`` as written: a currency for money, "%" for a percentage, "" for a plain ratio.
    """

    value: Fraction
    type: QuantityType
    unit: str


class NotAQuantity(ValueError):
    """A text is no quantity; ``suggestion`` says what to write."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        self.suggestion = suggestion
        super().__init__(message)


def looks_like_quantity(text: str) -> bool:
    """Whether ``text`` can only be meant as a quantity: names and codes begin with a letter."""
    return text[:1].isdigit() or text[:1] in ("-", "+", ".")


def read_quantity(text: str, *, plain: bool) -> Quantity:
    """The quantity that ``text`` writes; ``plain``: it stands without quotes. Raises NotAQuantity."""
    if text.startswith("-"):
        raise NotAQuantity(f"{text} is negative; every quantity of a policy is 0 or more", "set off amounts with minus:")
    if len(text) > _MAX_LENGTH:
        raise NotAQuantity(f"{text[:_MAX_LENGTH]}… is too long for a quantity")
    if ratio := _RATIO.fullmatch(text):
        if int(ratio[2]) == 0:
            raise NotAQuantity(f"{text} divides by 0", "a share is of one or more, as in 1/30; for nothing, write 0")
        return _in_range(Quantity(Fraction(int(ratio[1]), int(ratio[2])), "ratio", ""), text)
    if _NUMBER.fullmatch(text):
        if plain and "." in text:
            exact = Fraction(text)
            raise NotAQuantity(
                f"{text} is a bare decimal number, which is not always kept exact",
                f'write {exact}, "{text}" or {_decimal(exact * 100)} %; with a unit if it has one',
            )
        return _in_range(Quantity(Fraction(text), "ratio", ""), text)
    if with_unit := _WITH_UNIT.fullmatch(text):
        number, space, unit = with_unit.groups()
        if not space and unit != "%":
            raise NotAQuantity(f"{text} lacks the space before its unit", f"write {number} {unit}")
        return _in_range(_of_unit(number, unit), text)
    if comma := _COMMA.fullmatch(text):
        whole, rest, unit = comma.groups()
        thousands = f", or {whole}{rest}{unit} if it is thousands" if len(rest) == 3 else ""
        raise NotAQuantity(f"{text} has a comma", f"write {whole}.{rest}{unit}, with a point{thousands}")
    if _CALENDAR_DAYS.fullmatch(text):
        hint = "they stand under count: and starts:, as in 2 working days after reported_at; or write days of 24 h"
        raise NotAQuantity(f"{text} is no fixed length of time", hint)
    raise NotAQuantity(f"{text} is no quantity", "a number, a space and a unit, as in 200 MiB, 5 min, 8.40 GBP, 30 days, 150 %")


def _of_unit(number: str, unit: str) -> Quantity:
    exact = Fraction(number)
    if unit == "%":
        return Quantity(exact / 100, "ratio", "%")
    if unit in BYTES:
        return Quantity(exact * BYTES[unit], "bytes", unit)
    if unit in SECONDS:
        return Quantity(exact * SECONDS[unit], "seconds", unit)
    if unit in DAY_UNITS:
        return Quantity(exact, "days", "days")
    if unit in DECIMALS:
        return Quantity(_minor(number, unit), "money", unit)
    if re.fullmatch("[A-Z]{3}", unit):
        raise NotAQuantity(f"{unit} is no currency of ISO 4217", did_you_mean(unit, DECIMALS))
    known = _SPELT_OUT.get(unit.casefold())
    hint = f"write {number} {known}" if known else did_you_mean(unit, (*BYTES, *SECONDS, *DAY_UNITS, "%"))
    raise NotAQuantity(
        f"{unit} is no unit", hint or "units are B, kB, MB, GB, KiB, MiB, GiB, s, min, h, days, % and currencies"
    )


def _minor(number: str, currency: str) -> Fraction:
    """Minor units. As many decimals as the currency has: 8.4 GBP may be a slip for 8.04, and 8.400 KRW for 8400."""
    whole, _, decimals = number.partition(".")
    wanted = DECIMALS[currency]
    if len(decimals) != wanted:
        exact = f"{whole}.{decimals[:wanted]:0<{wanted}}" if wanted else whole
        places = f"{wanted} decimals" if wanted else "no decimals"
        if decimals[wanted:].strip("0"):
            exact = f"{exact} or {_one_more(exact)}" if exact.strip("0.") else _one_more(exact)
        hint = f"write {exact} {currency}"
        raise NotAQuantity(f"{number} {currency}: amounts in {currency} have {places}", hint)
    return Fraction(int(whole + decimals))


def _one_more(amount: str) -> str:
    """The next amount that can be written with as many decimals."""
    decimals = len(amount.partition(".")[2])
    digits = str(int(amount.replace(".", "")) + 1).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def _in_range(quantity: Quantity, text: str) -> Quantity:
    if max(quantity.value.numerator, quantity.value.denominator) > MAX_BASE:
        raise NotAQuantity(f"{text} is beyond 64 bits in its base unit")
    return quantity


def _decimal(value: Fraction) -> str:
    """An exact decimal number; ``value`` came from one."""
    decimals = 0
    while (value * 10**decimals).denominator != 1:
        decimals += 1
    digits = str(int(value * 10**decimals)).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
