"""Quantities as a case would write them."""

from datetime import UTC, datetime
from fractions import Fraction

from policy.calculator.request import Interval
from policy.language.currencies import DECIMALS
from policy.language.kinds import PAID_IN
from policy.language.quantities import BYTES


def money_text(minor: int, currency_code: str) -> str:
    """``46.50 EUR``, ``900 KRW``."""
    decimals = DECIMALS.get(currency_code, 0)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    amount = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"{'-' if minor < 0 else ''}{amount} {currency_code}"


def bytes_text(count: int) -> str:
    """In the largest unit of which it is a whole number."""
    whole = {unit: size for unit, size in BYTES.items() if count and count % size == 0} or {"B": 1}
    unit = max(whole, key=whole.__getitem__)
    return f"{count // whole[unit]} {unit}"


def seconds_text(seconds: Fraction | int) -> str:
    """``5 h 20 min``; what is no whole number of seconds stays exact."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{amount} {unit}" for amount, unit in ((hours, "h"), (minutes, "min"), (rest, "s")) if amount]
    return " ".join(parts) or "0 s"


def instant_text(at: int) -> str:
    """``2026-06-10T04:00:00Z``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def interval_text(span: Interval) -> str:
    """Two instants with ``to`` between them."""
    return f"{instant_text(span.started_at)} to {instant_text(span.ended_at)}"


def granted_text(amount: int, kind: str, currency_code: str) -> str:
    """What a benefit of ``kind`` grants; a kind that is not known has no unit."""
    match PAID_IN.get(kind):
        case "money":
            return money_text(amount, currency_code)
        case "bytes":
            return bytes_text(amount)
        case "seconds":
            return seconds_text(amount)
        case "days":
            return f"{amount} day{'' if amount == 1 else 's'}"
        case "basis points":
            return f"{Fraction(amount, 100)} %"
        case _:
            return str(amount)
