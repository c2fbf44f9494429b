"""Reads one cell of a table, written as text (CSV) or already typed (Parquet), into the value of a field.

Every function raises ValueError with a message that fits after the column's name.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from clients import values
from makegood.v1 import facts_pb2

EXACT_DOUBLE_LIMIT = 2**53
"""Up to here a double holds every whole number, so one that came out of a nullable column is taken at its word."""

Cell = Any
"""Text, or what Arrow makes of a Parquet column: int, float, Decimal, bool, datetime, date, list."""


def text(cell: Cell) -> str:
    """A text without the spaces around it: with them, one subscriber would have two ids and be paid twice."""
    if isinstance(cell, str):
        stripped = cell.strip()
        if not stripped.isprintable() and any(character < " " for character in stripped):
            raise ValueError(f"{stripped!r} holds a control character")
        return stripped
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    raise ValueError(f"{cell!r} is not a text")


def whole(cell: Cell) -> int:
    """A whole number that fits 64 bits."""
    if isinstance(cell, str):
        return values.whole(cell.strip())
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= EXACT_DOUBLE_LIMIT:
        return int(cell)
    if isinstance(cell, Decimal) and cell == cell.to_integral_value():
        return values.whole(str(int(cell)))
    if isinstance(cell, int) and not isinstance(cell, bool):
        return values.whole(str(cell))
    raise ValueError(f"{cell!r} is not a whole number that fits 64 bits")


def timestamp(cell: Cell) -> Timestamp:
    """An instant with its offset."""
    if isinstance(cell, datetime):
        return Timestamp(seconds=values.whole_seconds(cell, str(cell)))
    return Timestamp(seconds=values.instant(text(cell)))


def several(cell: Cell) -> list[str]:
    """A list, or texts with ; between them; empty ones are left out."""
    parts = cell if isinstance(cell, list) else text(cell).split(";")
    return [part for part in map(text, parts) if part]


def attribute(cell: Cell) -> facts_pb2.Value:
    """The value of an attribute, by its type in the table or, for a text, by its form."""
    match cell:
        case str():
            return values.attribute(cell.strip())
        case bool():
            return facts_pb2.Value(yes_or_no=cell)
        case int():
            return facts_pb2.Value(integer=whole(cell))
        case datetime():
            return facts_pb2.Value(instant=timestamp(cell))
        case date():
            return facts_pb2.Value(date=facts_pb2.Date(year=cell.year, month=cell.month, day=cell.day))
        case _:
            raise ValueError(f"{cell!r} is not a value that an attribute can have; write it as text, exactly")
