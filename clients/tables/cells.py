"""Reads one cell of a table, written as text (CSV) or already typed (Parquet, Arrow), into the value of a field.

Every function raises ValueError with a message that fits after the column's name.
"""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp

from clients import identity as rule
from clients import parsing
from clients.parsing import Rounding
from clients.tables import damage
from makegood.v1 import facts_pb2

EXACT_DOUBLE_LIMIT = 2**53
"""Up to here a double holds every whole number, so one that came out of a nullable column is taken at its word."""
_TOO_LARGE: Final = 2**63
_SURE_DIGITS: Final = 18
"""So many digits surely fit 64 bits."""
_SEPARATOR: Final = re.compile(" *; *")
_DECIMALS: Final = re.compile(r"-?\d+(\.\d+|,\d{1,2})")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands in the place of a cell that its file holds damaged, or as nothing that a cell can be."""

    reason: str


class Moment(NamedTuple):
    """An instant of a typed column: whole seconds since 1970 UTC, and nanoseconds on top of them."""

    seconds: int
    nanoseconds: int


Cell = Any
"""Text, or what a column of Arrow holds: int, float, Decimal, bool, Moment, date, list; None where it is empty; Unreadable."""


def is_empty(cell: Cell) -> bool:
    """Whether a cell says nothing: a fact that is not known."""
    if isinstance(cell, str):
        return not cell or (cell[0] == " " and not cell.strip(" "))
    return cell is None or cell == []


def text(cell: Cell) -> str:
    """A text without the plain spaces around it; an identity has a stricter rule."""
    if isinstance(cell, str):
        stripped = cell.strip(" ")
        if not stripped.isprintable() and any(character < " " for character in stripped):
            raise ValueError(f"{stripped!r} holds a control character")
        return stripped
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    raise _not(cell, "a text")


def identity(cell: Cell) -> str:
    """A text that names somebody or something: as it stands, and refused where it may be another's name, damaged."""
    if isinstance(cell, str):
        if cell.isascii() and cell.isdigit():
            return cell
        if problem := rule.problem(cell):
            raise ValueError(f"{cell!r} {problem}")
        if problem := cell and damage.of_identity(cell):
            raise ValueError(problem)
        return cell
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, Decimal) and cell == cell.to_integral_value():
        return str(int(cell))
    raise _not(cell, "a text")


def whole(cell: Cell) -> int:
    """A whole number that fits 64 bits."""
    if type(cell) is int and -_TOO_LARGE <= cell < _TOO_LARGE:
        return cell
    if isinstance(cell, str):
        if cell.isascii() and cell.isdigit() and len(cell) <= _SURE_DIGITS:
            return int(cell)
        stripped = cell.strip(" ")
        if damage.is_null_mark(stripped):
            raise ValueError(damage.null_mark(stripped))
        return parsing.whole(stripped)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= EXACT_DOUBLE_LIMIT:
        return int(cell)
    if isinstance(cell, float) and math.isnan(cell):
        raise ValueError(damage.null_mark("nan"))
    if isinstance(cell, Decimal) and cell == cell.to_integral_value():
        return parsing.whole(str(int(cell)))
    if isinstance(cell, int) and not isinstance(cell, bool):
        return parsing.whole(str(cell))
    raise _not(cell, "a whole number that fits 64 bits")


def currency(cell: Cell) -> str:
    """An ISO 4217 code."""
    code = cell if isinstance(cell, str) and _CURRENCY.fullmatch(cell) else text(cell)
    if not _CURRENCY.fullmatch(code):
        raise ValueError(f"{code!r} is not an ISO 4217 code; write three capital letters such as CNY")
    return code


def minor(cell: Cell, currency_code: str) -> int:
    """Minor units of ``currency_code``, whole. One with decimals is in major units, a hundred times less than it would be."""
    if isinstance(cell, str) and not cell.isdigit() and _DECIMALS.fullmatch(stripped := cell.strip(" ")):
        raise ValueError(f"is {in_major_units(stripped, currency_code)}")
    return whole(cell)


def in_major_units(amount: str, currency_code: str) -> str:
    """What to say of an amount with decimals in a column of minor units: what it is in, and what is wanted instead."""
    found = f"{amount}, so it is in {currency_code or 'major units'}"
    try:
        wanted = f"; {parsing.amount_minor(amount.replace(',', '.'), currency_code or 'CNY')} is wanted"
    except ValueError:
        wanted = "; minor units are wanted, without decimals"
    return f"{found}{wanted} (--fee-in-major-units, if the column is in major units)"


def major(cell: Cell, currency_code: str) -> int:
    """Minor units of an amount in major units, exactly. A double is taken as the shortest decimal that is written for it."""
    if isinstance(cell, str):
        return parsing.amount_minor(cell.strip(" "), currency_code)
    if isinstance(cell, float) and abs(cell) < EXACT_DOUBLE_LIMIT / 10**4:
        return parsing.amount_minor(repr(cell), currency_code)
    if isinstance(cell, Decimal | int) and not isinstance(cell, bool):
        return parsing.amount_minor(str(cell), currency_code)
    raise _not(cell, "an amount in major units")


def timestamp(cell: Cell, rounding: Rounding = Rounding.NONE) -> Timestamp:
    """An instant with its offset."""
    if isinstance(cell, Moment):
        if cell.nanoseconds and rounding is Rounding.NONE:
            shown = f"{Timestamp(seconds=cell.seconds, nanos=cell.nanoseconds).ToJsonString()}"
            raise ValueError(parsing.has_fraction(shown))
        return Timestamp(seconds=cell.seconds + (rounding is Rounding.UP and cell.nanoseconds > 0))
    if isinstance(cell, datetime):
        return Timestamp(seconds=parsing.whole_seconds(cell, str(cell)))
    stripped = text(cell)
    try:
        return Timestamp(seconds=parsing.instant(stripped, rounding))
    except ValueError:
        if damage.is_null_mark(stripped):
            raise ValueError(damage.null_mark(stripped)) from None
        raise


def several(cell: Cell) -> list[str]:
    """Identities: a list, or a text with ; between them; empty ones are left out."""
    if isinstance(cell, str):
        if ";" not in cell:
            return [identity(cell)]
        return [identity(part) for part in _SEPARATOR.split(cell) if part.strip(" ")]
    if isinstance(cell, list):
        if any(isinstance(part, str) and ";" in part for part in cell):
            raise ValueError(f"{cell!r} has a ; within one of its texts; make each a text of its own")
        return [identity(part) for part in cell if not is_empty(part)]
    return [identity(cell)]


def service_codes(cell: Cell) -> list[str]:
    """Codes of services that a subscriber has; a number of them is none."""
    codes = several(cell)
    if "0" in codes:
        raise ValueError("'0' is a number of services and no code; leave the cell empty where there are none")
    return codes


def attribute(cell: Cell) -> facts_pb2.Value:
    """The value of an attribute, by its type in the table or, for a text, by its form."""
    match cell:
        case str():
            return _attribute_text(cell.strip(" "))
        case bool():
            return facts_pb2.Value(yes_or_no=cell)
        case int():
            return facts_pb2.Value(integer=whole(cell))
        case Decimal() if cell == cell.to_integral_value():
            return facts_pb2.Value(integer=whole(cell))
        case Moment() | datetime():
            return facts_pb2.Value(instant=timestamp(cell))
        case date():
            return facts_pb2.Value(date=facts_pb2.Date(year=cell.year, month=cell.month, day=cell.day))
        case _:
            raise _not(cell, "a value that an attribute can have; write it as text, exactly")


def _attribute_text(stripped: str) -> facts_pb2.Value:
    if not stripped or damage.is_null_mark(stripped):
        raise ValueError(damage.null_mark(stripped))
    value = parsing.attribute(stripped)
    if value.HasField("text"):
        identity(stripped)
    return value


def _not(cell: Cell, wanted: str) -> ValueError:
    if isinstance(cell, Unreadable):
        return ValueError(cell.reason)
    shown = f"{cell!r}"
    return ValueError(f"{shown if len(shown) <= 200 else shown[:200] + '…'} is not {wanted}")
