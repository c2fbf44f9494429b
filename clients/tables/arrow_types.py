"""Judges the type of a column of Parquet or Arrow once: whether what is wanted can be read from it without a guess."""

import pyarrow as pa
import pyarrow.compute as pc

from clients.tables.rows import Use

_EXACT_UP_TO = {"float": 2**24, "halffloat": 2**11, "double": 2**53}
"""Whole numbers that a floating type holds exactly."""
_TEXT_TYPES = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_BINARY_TYPES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
_LIST_TYPES = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list, pa.types.is_list_view)


def plain(type_: pa.DataType) -> pa.DataType:
    """Without the dictionary that repeated values are kept in."""
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def is_text(type_: pa.DataType) -> bool:
    """Whether cells are texts."""
    return any(known(type_) for known in _TEXT_TYPES)


def is_list(type_: pa.DataType) -> bool:
    """Whether cells are lists."""
    return any(known(type_) for known in _LIST_TYPES)


def misfit(type_: pa.DataType, use: Use, *, utc: bool) -> str:
    """Why a column of this type cannot be read as that, and what to write instead; "" where it can.

    ``utc``: a timestamp without a zone is known to be in UTC.
    """
    type_ = plain(type_)
    if pa.types.is_null(type_):  # a column that is empty in every row
        return ""
    if any(known(type_) for known in _BINARY_TYPES):
        return f"is {type_}; write it as a string"
    if is_text(type_):
        return ""
    if pa.types.is_timestamp(type_) and use in (Use.INSTANT, Use.ATTRIBUTE):
        return _zone(type_, utc=utc)
    if _fits(type_, use):
        return ""
    return f"is {type_} and {_wanted(type_, use)}"


def _fits(type_: pa.DataType, use: Use) -> bool:
    decimal: bool = pa.types.is_decimal(type_)
    floating: bool = pa.types.is_floating(type_)
    whole: bool = pa.types.is_integer(type_) or (decimal and type_.scale == 0)
    match use:
        case Use.IDENTITY:
            return whole
        case Use.SEVERAL:
            return whole or (is_list(type_) and _is_element(plain(type_.value_type)))
        case Use.WHOLE:
            return whole or floating
        case Use.MINOR:  # one with decimals is refused with an amount of it
            return whole or floating or decimal
        case Use.MAJOR:
            return whole or decimal or bool(pa.types.is_float64(type_))
        case Use.ATTRIBUTE:
            return whole or bool(pa.types.is_boolean(type_) or pa.types.is_date(type_))
        case _:
            return False


def _is_element(type_: pa.DataType) -> bool:
    return is_text(type_) or bool(pa.types.is_integer(type_) or pa.types.is_null(type_))


def _wanted(type_: pa.DataType, use: Use) -> str:
    """What to write instead."""
    if use is Use.IDENTITY and pa.types.is_floating(type_):
        return "loses digits and leading zeros; write it as a string"
    if use is Use.MAJOR:
        return f"{use.value} is wanted; write it as decimal"
    if use is Use.ATTRIBUTE:
        return "no value that an attribute can have; write it as a string, exactly (3/2, 4.30 CNY)"
    if use is Use.INSTANT:
        return "an instant is wanted; write it as a timestamp in UTC, or as a string with its offset"
    return f"{use.value} is wanted; write it as {'int64' if use in (Use.WHOLE, Use.MINOR) else 'a string'}"


def _zone(type_: pa.DataType, *, utc: bool) -> str:
    if type_.tz is None:
        return "" if utc else f"is {type_}, which has no zone; write it as a timestamp in UTC, or as a string with its offset"
    try:
        pc.assume_timezone(pa.array([0], pa.timestamp("s")), type_.tz)
    except (pa.ArrowException, ValueError):
        return f"is {type_}, and there is no zone {type_.tz}; write it as a timestamp in UTC"
    return ""


def first_with_decimals(column: pa.ChunkedArray) -> int | None:
    """Index of the first cell that is no whole number, or is beyond what its type holds exactly."""
    type_ = plain(column.type)
    if is_text(type_):
        wrong = pc.match_substring_regex(column.cast(pa.binary()).cast(pa.large_binary()), r"^\s*-?\d+(\.\d+|,\d{1,2})\s*$")
    elif pa.types.is_decimal(type_) and type_.scale > 0:
        wrong = pc.is_valid(column)
    elif pa.types.is_floating(type_):
        wide = column.cast(pa.float64())
        beyond = pc.greater(pc.abs(wide), _EXACT_UP_TO[str(type_)])
        wrong = pc.and_(pc.is_finite(wide), pc.or_(pc.not_equal(pc.floor(wide), wide), beyond))
    else:
        return None
    index: int = pc.index(pc.fill_null(wrong, fill_value=False), value=True).as_py()
    return None if index < 0 else index
