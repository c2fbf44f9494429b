"""Outages that a row names more than once count once: the first time."""

from typing import Any

import numpy as np
import pyarrow as pa

from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.validate import MAX_ITEMS
from server.columns.arrow import fields, repeated


def each_once(array: Any) -> tuple[Any, list[bytes], Ints, Mask]:
    """(the outages of each row, each once; their ids; the place of each in its row; rows that are not surely valid).

    Those have too many, or do not say of an outage word for word what they said of it before.
    """
    offsets, messages = repeated(array)
    ids: list[bytes] = fields(messages)["outage_id"].view("binary").to_pylist()
    counts = np.diff(offsets)
    place = np.arange(len(ids)) - np.repeat(offsets[:-1], counts)
    wrong: Mask = counts > MAX_ITEMS
    again: list[int] = []
    for row in np.flatnonzero(counts > 1).tolist():
        first, last = int(offsets[row]), int(offsets[row + 1])
        if len(set(ids[first:last])) == last - first or wrong[row]:
            continue
        seen: dict[bytes, int] = {}
        for at in range(first, last):
            before = seen.setdefault(ids[at], at)
            if before != at:
                again.append(at)
                wrong[row] |= messages[before] != messages[at]
    if not again:
        return array, ids, place, wrong
    kept = np.ones(len(ids), np.bool_)
    kept[again] = False
    ends = np.concatenate(([0], np.cumsum(kept)))[offsets]
    once = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), messages.filter(pa.array(kept)), type=array.type)
    return once, [each for each, keeps in zip(ids, kept.tolist(), strict=True) if keeps], place[kept], wrong
