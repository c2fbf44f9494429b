"""Outages that a row names more than once count once: the first time."""

from typing import Any

import numpy as np
import pyarrow as pa

from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.validate import MAX_ITEMS
from server.columns.arrow import counts, fields, owners, repeated


def each_once(array: Any) -> tuple[Any, list[bytes], Ints, Mask]:
    """(the outages of each row, each once; their ids; the place of each in its row; rows that are not surely valid).

    Those have too many, or do not say of an outage word for word what they said of it before.
    """
    offsets, messages = repeated(array)
    column = fields(messages)["outage_id"]
    ids: list[bytes] = column.view("binary").to_pylist()
    owner, of_row = owners(offsets), counts(offsets)
    place = np.arange(len(ids)) - offsets[owner]
    wrong: Mask = of_row > MAX_ITEMS
    if (of_row < 2).all():
        return array, ids, place, wrong
    encoded = column.dictionary_encode()
    named = owner * len(encoded.dictionary) + np.asarray(encoded.indices.to_numpy(), np.int64)
    _, first, of_name = np.unique(named, return_index=True, return_inverse=True)
    before = first[of_name]
    again = np.flatnonzero(before != np.arange(len(ids))).tolist()
    for at in again:
        if not wrong[owner[at]]:
            wrong[owner[at]] = messages[at] != messages[int(before[at])]
    if not again:
        return array, ids, place, wrong
    kept = np.ones(len(ids), np.bool_)
    kept[again] = False
    ends = np.concatenate(([0], np.cumsum(kept)))[offsets]
    once = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), messages.filter(pa.array(kept)), type=array.type)
    return once, [each for each, keeps in zip(ids, kept.tolist(), strict=True) if keeps], place[kept], wrong
