"""Shapes: rows whose answers differ in numbers only. What tells shapes apart is gathered in columns of small numbers."""

from collections.abc import Iterable

import numpy as np

from policy.calculator.columns.questions import Ints

_ROOM = 2**62


def told_apart(columns: Iterable[Ints], count: int) -> tuple[Ints, Ints]:
    """(the first row of each shape, the shape of each row): rows are of one shape where they agree in every column."""
    code, width = np.zeros(count, np.int64), 1
    for each in columns:
        column, least = each, int(each.min())
        span = int(each.max()) - least + 1
        if span == 1:
            continue
        if width * span > _ROOM:
            _, code = np.unique(code, return_inverse=True)
            width = int(code.max()) + 1
        if width * span > _ROOM:
            _, column = np.unique(column, return_inverse=True)
            least, span = 0, int(column.max()) + 1
        code = code * span + (column - least)
        width *= span
    _, first, place = np.unique(code, return_index=True, return_inverse=True)
    return first, place
