"""The cells of an Arrow column as Python values; one that cannot be any is Unreadable, and the others are read."""

from typing import Final

import pyarrow as pa

from clients.tables import arrow_types
from clients.tables.cells import Cell, Moment, Unreadable

_PER_SECOND: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999; what is beyond them is how programs write infinity."""


def cells_of(column: pa.ChunkedArray) -> list[Cell]:
    """All cells of a column."""
    if pa.types.is_timestamp(column.type):
        return _moments(column)
    try:
        found: list[Cell] = column.to_pylist()
    except (ValueError, OverflowError, pa.ArrowException):
        return [_cell(column, index) for index in range(len(column))]
    return found


def _moments(column: pa.ChunkedArray) -> list[Cell]:
    """Whole seconds and the rest, however fine the type; an infinite time is no time."""
    per_second = _PER_SECOND[column.type.unit]
    nanoseconds = 10**9 // per_second
    result: list[Cell] = []
    for value in column.cast(pa.int64()).to_pylist():
        if value is None:
            result.append(None)
            continue
        seconds, rest = divmod(value, per_second)
        if _FIRST_SECOND <= seconds <= _LAST_SECOND:
            result.append(Moment(seconds, rest * nanoseconds))
        else:
            result.append(Unreadable("infinity is not a time; leave it null where there is none, or while the outage goes on"))
    return result


def _cell(column: pa.ChunkedArray, index: int) -> Cell:
    try:
        return column[index].as_py()
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        return Unreadable(f"its bytes are not UTF-8 (0x{byte:02X}); write it as UTF-8")
    except (ValueError, OverflowError, pa.ArrowException) as error:
        what = str(error).partition("\n")[0]
        return Unreadable(f"a cell of type {arrow_types.plain(column.type)} that cannot be read: {what}")
