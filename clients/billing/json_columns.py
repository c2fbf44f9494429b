"""Lists of a result as JSON, as its CSV has them; in their objects, what is empty is left out."""

import json
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from clients.billing.result_schema import TEXTS
from clients.billing.vectors import by_distinct, fields, same_lists

_ESCAPED: Final = r'["\\\x00-\x1f]'
"""What JSON cannot have in a text as it is."""


def lists(column: pa.ListArray) -> pa.Array:
    """Each list as a text; "" where it is empty."""
    texts = pc.binary_join(same_lists(column, _values(column.flatten()), TEXTS), ",")
    return pc.if_else(pc.equal(texts, ""), "", pc.binary_join_element_wise("[", texts, "]", ""))


def _values(values: pa.Array) -> pa.Array:
    if pa.types.is_struct(values.type):
        return _objects(values)
    return _text(values) if pa.types.is_string(values.type) else values.cast(pa.string())


def _objects(structs: pa.StructArray) -> pa.Array:
    members: list[pa.Array] = []
    for name, values in fields(structs).items():
        text = lists(values) if pa.types.is_list(values.type) else _values(values)
        there = pc.not_equal(values if pa.types.is_string(values.type) else text, "")
        members.append(pc.if_else(there, pc.binary_join_element_wise(f',"{name}":', text, ""), ""))
    without_comma = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*members, ""), 1)
    return pc.binary_join_element_wise("{", without_comma, "}", "")


def _text(texts: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(texts, _ESCAPED)).as_py():
        return by_distinct(texts, lambda text: json.dumps(text, ensure_ascii=False))
    return pc.binary_join_element_wise('"', texts, '"', "")
