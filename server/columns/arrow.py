"""Arrow arrays of messages as NumPy columns."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from policy.calculator import identity
from policy.calculator.columns.questions import Given, Ints, Mask
from policy.calculator.validate import MAX_INSTANT, MAX_TEXT_LENGTH

Scalar = TypeVar("Scalar", np.int64, np.bool_)
_SPACE, _DELETE = 0x20, 0x7F


def numbers(array: Any) -> Ints:
    """Whole numbers; 0 where there is none."""
    filled = array.fill_null(0) if array.null_count else array
    return np.asarray(filled.to_numpy(zero_copy_only=False), np.int64)


def valid(array: Any) -> Mask:
    """Where there is a value."""
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def within(values: Ints, most: int) -> Mask:
    """Where a number is from 0 to ``most``."""
    fits: Mask = values.view(np.uint64) <= most  # one below 0 is a large one there
    return fits


def instants(array: Any) -> tuple[Given, Mask]:
    """Seconds since 1970 UTC, and where they are not what a request may hold: out of range, or with a fraction."""
    count = len(array)
    if array.null_count == count:
        nowhere = np.zeros(count, np.bool_)
        return Given(np.zeros(count, np.int64), nowhere), nowhere
    seconds, fine = numbers(array.field("seconds")), numbers(array.field("nanos")) == 0
    fine &= within(seconds, MAX_INSTANT)
    return Given(np.where(fine, seconds, 0), valid(array)), ~fine


def spans(array: Any) -> tuple[Ints, Ints, Mask]:
    """(start, end, where it is no interval that a request may hold) of each."""
    parts = fields(array)
    start, start_wrong = instants(parts["started_at"])
    end, end_wrong = instants(parts["ended_at"])
    wrong = start_wrong | end_wrong | ~start.given | ~end.given | (end.numbers <= start.numbers)
    return start.numbers, end.numbers, wrong


def fields(array: Any) -> dict[str, Any]:
    """The fields of a message, each absent where the message is."""
    return dict(zip((field.name for field in array.type), array.flatten(), strict=True))


def repeated(array: Any) -> tuple[Ints, Any]:
    """(offsets, elements) of a repeated field; an absent message has none."""
    offsets = _offsets(array)
    first, last = int(offsets[0]), int(offsets[-1])
    return offsets - first, array.values[first:last]


def entries(array: Any) -> tuple[Ints, Any, Any]:
    """(offsets, keys, values) of a map field."""
    offsets = _offsets(array)
    first, last = int(offsets[0]), int(offsets[-1])
    return offsets - first, array.keys[first:last], array.items[first:last]


def _offsets(array: Any) -> Ints:
    # INVARIANT: what is absent has no elements; the reader of the bytes adds none.
    return np.asarray(array.offsets.to_numpy(zero_copy_only=False), np.int64)


def owners(offsets: Ints) -> Ints:
    """The row of each element."""
    return np.repeat(np.arange(len(offsets) - 1), counts(offsets))


def counts(offsets: Ints) -> Ints:
    """How many elements each row has."""
    return offsets[1:] - offsets[:-1]


def texts(array: Any) -> tuple[Ints, Mask]:
    """(length in bytes of each text that names something, where one is not surely an identity of a valid request)."""
    count = len(array)
    filled = array.fill_null("") if array.null_count else array
    _, places, data = filled.buffers()
    if not count:
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    ends = np.frombuffer(places, np.int32)[filled.offset : filled.offset + count + 1].astype(np.int64)
    lengths = counts(ends)
    wrong = lengths > MAX_TEXT_LENGTH  # in bytes: a row that is under the limit in characters only is looked at alone
    if data is not None and ends[-1] > ends[0]:
        held = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]
        begins = ends - ends[0]
        control = np.flatnonzero((held < _SPACE) | (held == _DELETE))
        if len(control):
            wrong[np.searchsorted(begins, control, "right") - 1] = True
        some = lengths > 0
        wrong[some] |= (held[begins[:-1][some]] == _SPACE) | (held[begins[1:][some] - 1] == _SPACE)
        beyond_ascii = np.flatnonzero(held > _DELETE)
        if len(beyond_ascii):
            which = np.unique(np.searchsorted(begins, beyond_ascii, "right") - 1)
            wrong[which] |= by_distinct(filled.take(which), lambda text: bool(identity.problem(text)), np.bool_)
    return lengths, wrong


def by_distinct(array: Any, said: Callable[[str], Any], kind: type[Scalar]) -> NDArray[Scalar]:
    """What is ``said`` of each text, asked once for each distinct one; an absent text is empty."""
    encoded = array.fill_null("").dictionary_encode()
    found = np.array([said(text) for text in encoded.dictionary.to_pylist()], kind)
    return found[np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)]
