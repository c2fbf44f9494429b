"""Quantities, times and money as a person writes them, read exactly."""

from datetime import datetime
from fractions import Fraction
from typing import Final

SIZES: Final = {"B": 1, "MiB": 2**20, "GiB": 2**30, "s": 1, "min": 60, "h": 3600}
DAY: Final = "d"


def quantity(text: str) -> int:
    """A whole number of base units: "1900 MiB" in bytes, "5 h 20 min" in seconds, "2 d" in days."""
    exact = ratio(text)
    if exact.denominator != 1:
        raise ValueError(f"{text!r} is not a whole number of base units")
    return int(exact)


def ratio(text: str) -> Fraction:
    """A sum of numbers with units, exactly: "4.75 h", "51.2 h 1.2 s"; a day is the unit of days, not 24 h."""
    words = text.split()
    if not words or len(words) % 2:
        raise ValueError(f"{text!r} is not numbers with units")
    pairs = list(zip(words[::2], words[1::2], strict=True))
    if len({unit in ("B", "MiB", "GiB") for _, unit in pairs}) > 1 or (len(pairs) > 1 and DAY in words):
        raise ValueError(f"{text!r} mixes units")
    return sum((Fraction(number) * (1 if unit == DAY else SIZES[unit]) for number, unit in pairs), Fraction(0))


def instant(text: str) -> int:
    """Seconds since 1970 UTC of a local time with its offset, "2026-06-10 12:00+08:00"."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return int(moment.timestamp())


def money_minor(text: str) -> tuple[int, str]:
    """The minor units and the currency code of "18.60 CNY"."""
    amount, code = text.split()
    minor = Fraction(amount) * 100
    if minor.denominator != 1:
        raise ValueError(f"{text!r} is finer than a hundredth")
    return int(minor), code
