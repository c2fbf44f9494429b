"""Whole columns of Arrow at once; what has to be worked out of a value is worked out once for each distinct one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

_LOW_BITS: Final = 32


def by_distinct(values: pa.Array, of: Callable[[Any], object], type_: pa.DataType | None = None) -> pa.Array:
    """``of`` each value, a text unless a type is named; null where the value is."""
    encoded = values.dictionary_encode()
    return pa.array([of(each) for each in encoded.dictionary.to_pylist()], type_ or pa.string()).take(encoded.indices)


def fields(structs: pa.StructArray) -> dict[str, pa.Array]:
    """Its fields by name, null where the struct is."""
    return dict(zip((field.name for field in structs.type), structs.flatten(), strict=True))


def ends(lengths: pa.Array) -> pa.Array:
    """Of lists of these lengths, put behind one another: 0, and where each ends."""
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths.cast(pa.int32()))])


def same_lists(lists: pa.ListArray, values: pa.Array, type_: pa.ListType) -> pa.ListArray:
    """Lists as long as these, of other values; empty where one is null."""
    return pa.ListArray.from_arrays(ends(pc.fill_null(pc.list_value_length(lists), 0)), values, type=type_)


def lists_of(rows: Sequence[Sequence[Any]], type_: pa.ListType) -> pa.ListArray:
    """Lists of plain values, or of tuples as long as the structs of ``type_``."""
    values: list[Any] = [value for row in rows for value in row]
    of = type_.value_type
    if pa.types.is_struct(of):
        columns = list(zip(*values, strict=True)) or [()] * of.num_fields
        arrays = [pa.array(column, of.field(number).type) for number, column in enumerate(columns)]
        flat = pa.StructArray.from_arrays(arrays, fields=list(of))
    else:
        flat = pa.array(values, of)
    return pa.ListArray.from_arrays(ends(pa.array(map(len, rows), pa.int32())), flat, type=type_)


def without_repeats(lists: pa.ListArray) -> pa.ListArray:
    """Each value of a list once, where it stands first."""
    values, before = lists.flatten(), ends(pc.list_value_length(lists))
    if pc.max(pc.list_value_length(lists)).as_py() in (None, 0, 1):
        return lists
    places = pa.array(range(len(values)), pa.int32())
    named = pa.table({"list": pc.list_parent_indices(lists), "value": values, "place": places})
    first = named.group_by(["list", "value"]).aggregate([("place", "min")])["place_min"].combine_chunks()
    kept = pc.is_in(places, value_set=first)
    return pa.ListArray.from_arrays(ends(kept.cast(pa.int32())).take(before), values.filter(kept), type=lists.type)


def grouped(keys: Sequence[pa.Array], quantities: pa.Array | None = None) -> Iterator[tuple[tuple[Any, ...], int, int]]:
    """(key, how many have it, the sum of their quantities), exactly: in halves whose sums fit 64 bits for 2^31 rows."""
    names = [str(number) for number in range(len(keys))]
    table = pa.table(list(keys), names)
    wanted: list[tuple[Any, str]] = [([], "count_all")]
    if quantities is not None:
        low = pc.bit_wise_and(quantities, pa.scalar(2**_LOW_BITS - 1, pa.int64()))
        table = table.append_column("high", pc.shift_right(quantities, _LOW_BITS)).append_column("low", low)
        wanted += [("high", "sum"), ("low", "sum")]
    found = table.group_by(names).aggregate(wanted)
    counts = found["count_all"].to_pylist()
    sums: Iterable[int] = (0 for _ in counts)
    if quantities is not None:
        halves = zip(found["high_sum"].to_pylist(), found["low_sum"].to_pylist(), strict=True)
        sums = ((high << _LOW_BITS) + low for high, low in halves)
    yield from zip(zip(*(found[name].to_pylist() for name in names), strict=True), counts, sums, strict=True)
