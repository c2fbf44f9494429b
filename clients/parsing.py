"""Reads what people and files write: whole numbers, instants, money, data volumes, attribute values.

Nothing is guessed and nothing is rounded: a text that does not say exactly one thing is refused with what to write instead.
Every function raises ValueError with a message that fits after the name of the flag or column.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum

from google.protobuf.timestamp_pb2 import Timestamp

from clients.units import BYTES_PER_UNIT, minor_digits
from makegood.v1 import facts_pb2

_WHOLE = re.compile(r"-?[0-9]{1,19}")
_RATIO = re.compile(r"(-?[0-9]{1,19})/([0-9]{1,19})")
_VOLUME = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]+)?")
_MONEY = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) ([A-Z]{3})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
_FRACTION = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2})[.,]([0-9]+)(.*)")
_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_STARTS_LIKE_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]")
_NUMERALS = re.compile(r"[-+0-9.,/]+")
_POWERS_OF_UNIT = {"K": 1, "M": 2, "G": 3, "T": 4}
_YES_OR_NO = {"yes": True, "no": False, "true": True, "false": False, "TRUE": True, "FALSE": False}


def whole(text: str) -> int:
    """A whole number that fits 64 bits; no thousands separators, no exponent, no fraction."""
    if _WHOLE.fullmatch(text) is None or not -(2**63) <= int(text) < 2**63:
        raise ValueError(f"{text!r} is not a whole number that fits 64 bits; write digits only")
    return int(text)


class Rounding(Enum):
    """What becomes of a fraction of a second. Only where that is asked for: outward rounding can join two interruptions."""

    NONE = "refused"
    DOWN = "down, as the start of a span is rounded outward"
    UP = "up, as the end of a span is rounded outward"


def instant(text: str, rounding: Rounding = Rounding.NONE) -> int:
    """Seconds since 1970 UTC of a local time with its offset, for example 2026-03-04T08:00+08:00. Whole seconds only."""
    fraction = _FRACTION.fullmatch(text) if "." in text or "," in text else None
    # Taken off as text: Python reads six digits of a fraction and drops the others.
    whole_text = text if fraction is None else fraction[1] + fraction[3]
    try:
        moment = datetime.fromisoformat(whole_text)
    except ValueError:
        moment = None
    if moment is None or not _STARTS_LIKE_INSTANT.match(text):
        raise ValueError(f"{text!r} is not a time; write it as 2026-03-04T08:00:00+08:00")
    seconds = whole_seconds(moment, text)
    if fraction is None or not fraction[2].strip("0"):
        return seconds
    if rounding is Rounding.NONE:
        raise ValueError(has_fraction(repr(text)))
    return seconds + (rounding is Rounding.UP)


def has_fraction(text: str) -> str:
    """What to say of a time that is not whole seconds."""
    return f"{text} has a fraction of a second; the service counts whole seconds"


def whole_seconds(moment: datetime, text: str) -> int:
    """Seconds since 1970 UTC. ``text`` is how the moment was written, for the message."""
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write it as {moment.isoformat()}+08:00 (or with Z for UTC)")
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    if since.microseconds:
        raise ValueError(has_fraction(repr(text)))
    return since.days * 86400 + since.seconds


def span(text: str) -> tuple[int, int]:
    """Two instants, START/END."""
    start, slash, end = text.partition("/")
    if not slash:
        raise ValueError(f"{text!r} is not a span; write START/END")
    return instant(start), instant(end)


def is_month(text: str) -> bool:
    """Whether a text is a month as the contract has it: 2026-03."""
    return _MONTH.fullmatch(text) is not None


def volume(text: str) -> int:
    """Bytes of a data volume, for example 20GiB, 1.5 GiB or 21474836480."""
    match = _VOLUME.fullmatch(text)
    unit = (match[2] or "B") if match else ""
    if match is None or unit not in BYTES_PER_UNIT:
        raise ValueError(f"{text!r} is not a data volume; {_volume_meant(match)}")
    exact = Decimal(match[1]) * BYTES_PER_UNIT[unit]
    if exact != exact.to_integral_value() or exact >= 2**63:
        raise ValueError(f"{text!r} is not a whole number of bytes that fits 64 bits")
    return int(exact)


def _volume_meant(match: re.Match[str] | None) -> str:
    """What to write instead. GB is 1000 or 1024 MB, by whom you ask, and 20 GB as 20 GiB is 7 % more."""
    number, unit = (match[1], match[2].upper()) if match and match[2] else ("", "")
    power = _POWERS_OF_UNIT.get(unit.removesuffix("B").removesuffix("I"))
    if power is None:
        return f"write bytes, or a number with {', '.join(BYTES_PER_UNIT)}"
    binary = f"{number}{unit[0]}iB"
    if "I" in unit:
        return f"write {binary}"
    plain = Decimal(number) * 1000**power
    return f"{number} {unit} is {binary} where it counts by 1024 and {plain.normalize():f} bytes by 1000; write one of them"


def amount_minor(text: str, currency_code: str) -> int:
    """Minor units of a decimal amount: 129.00 in CNY is 12900, 129 in JPY is 129."""
    digits = minor_digits(currency_code)
    # Decimal() would also take 1.29e2, 129_00, and digits of other scripts.
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text!r} is not an amount; write it as 129.00")
    scaled = Decimal(text).scaleb(digits)
    if scaled != scaled.to_integral_value() or abs(scaled) >= 2**63:
        raise ValueError(f"{text!r} is not an amount with at most {digits} decimals, as {currency_code} has them")
    return int(scaled)


def attribute(text: str) -> facts_pb2.Value:
    """The value of an attribute, its kind told by its form.

    12 is a whole number, 3/2 a ratio, yes or no, 4.30 CNY money, 2026-03-04T08:00+08:00 an instant, 2026-03-04 a date,
    START/END;START/END spans of time; anything else is a code such as GROSS. The policy says which kind it wants.
    """
    if text in _YES_OR_NO:
        return facts_pb2.Value(yes_or_no=_YES_OR_NO[text])
    if _WHOLE.fullmatch(text):
        return facts_pb2.Value(integer=whole(text))
    if ratio := _RATIO.fullmatch(text):
        return facts_pb2.Value(ratio=facts_pb2.Ratio(numerator=whole(ratio[1]), denominator=whole(ratio[2])))
    if money := _MONEY.fullmatch(text):
        return facts_pb2.Value(money=facts_pb2.Money(currency_code=money[2], amount_minor=amount_minor(money[1], money[2])))
    if _DATE.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a date that exists") from None
        return facts_pb2.Value(date=facts_pb2.Date(year=day.year, month=day.month, day=day.day))
    if _STARTS_LIKE_INSTANT.match(text):
        if "/" not in text:
            return facts_pb2.Value(instant=Timestamp(seconds=instant(text)))
        spans = facts_pb2.IntervalList(intervals=[interval(*span(part)) for part in text.split(";")])
        return facts_pb2.Value(intervals=spans)
    if _NUMERALS.fullmatch(text):
        raise ValueError(f"{text!r} is neither a whole number that fits 64 bits nor a ratio; write 3 or 3/2")
    return facts_pb2.Value(text=text)


def interval(started_at: int, ended_at: int) -> facts_pb2.Interval:
    """A span as the contract's message."""
    return facts_pb2.Interval(started_at=Timestamp(seconds=started_at), ended_at=Timestamp(seconds=ended_at))
