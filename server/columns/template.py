"""Messages that are the same but for some fields, for many rows at once: serialized text with a hole for each such field.

What stands around the holes is serialized by protobuf. Here is only what it cannot do for many messages at once: the holes,
which are whole numbers, texts, and the lengths of the messages around them, written as the wire format has it, in the order of
field numbers, so that a filled template is byte for byte what protobuf makes of the same message.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

import numpy as np
from google.protobuf.message import Message
from numpy.typing import NDArray

from policy.calculator.columns.questions import Ints

_VARINT, _LENGTH_DELIMITED = 0, 2
_BITS: Final = 7
_MORE: Final = 1 << _BITS
_FIRST_OF_WIDTH: Final = np.array([0, *(1 << _BITS * width for width in range(1, 9))], np.int64)


@dataclass(frozen=True, slots=True)
class Hole:
    """What stands in one place of each row: its bytes, and how many there are (one number if as many in every row)."""

    filling: Sequence[bytes]
    length: Ints | int


Part = bytes | Hole
Stand = TypeVar("Stand")


def filled(parts: Iterable[Part]) -> list[bytes]:
    """Each row's bytes. There is at least one hole."""
    text, fillings = [], []
    for part in parts:
        if isinstance(part, bytes):
            text.append(part.replace(b"%", b"%%"))
        else:
            text.append(b"%b")
            fillings.append(part.filling)
    template = b"".join(text)
    return [template % row for row in zip(*fillings, strict=True)]


def enclosed(number: int, parts: Sequence[Part]) -> list[Part]:
    """A field that is a message of these parts."""
    length: Ints | int = sum([len(part) if isinstance(part, bytes) else part.length for part in parts])
    return [_tag(number, _LENGTH_DELIMITED), *_varints(length), *parts]


def single(number: int, message: bytes) -> bytes:
    """A field that is one serialized message."""
    return _tag(number, _LENGTH_DELIMITED) + _varint(len(message)) + message


def texts(number: int, filling: Sequence[bytes], length: Ints | int) -> list[Part]:
    """A field of text. As protobuf has it, an empty one is written by being left out."""
    tag = _tag(number, _LENGTH_DELIMITED)
    if np.all(length):
        return [tag, *_varints(length), Hole(filling, length)]
    written = [tag + _varint(len(text)) + text if text else b"" for text in filling]
    return [Hole(written, lengths(written))]


def integers(number: int, values: Ints, *, explicit: bool = False) -> list[Part]:
    """A field of whole numbers, none below 0. As protobuf has it, 0 is left out, unless the field is ``explicit``."""
    tag = _tag(number, _VARINT)
    if explicit or values.all():
        return [tag, *_varints(values)]
    written = [tag + _varint(value) if value else b"" for value in values.tolist()]
    return [Hole(written, lengths(written))]


def lengths(filling: Iterable[bytes]) -> Ints:
    """Of each."""
    return np.array([len(each) for each in filling], np.int64)


def pierced(message: Message, holes: Mapping[str, Sequence[Stand]]) -> list[bytes | Stand]:
    """The message with ``holes`` in place of the fields so named."""
    number = {name: message.DESCRIPTOR.fields_by_name[name].number for name in holes}
    kept = [field for field, _ in message.ListFields() if field.name not in holes]
    parts: list[bytes | Stand] = []
    low = 0
    for name in sorted(holes, key=number.__getitem__):
        high = number[name]
        parts += [_only(message, [field.name for field in kept if low < field.number < high]), *holes[name]]
        low = high
    return [*parts, _only(message, [field.name for field in kept if low < field.number])]


def _only(message: Message, names: Sequence[str]) -> bytes:
    """These fields of the message, serialized."""
    if not names:
        return b""
    piece = type(message)()
    piece.CopyFrom(message)
    for field, _ in message.ListFields():
        if field.name not in names:
            piece.ClearField(field.name)
    return piece.SerializeToString(deterministic=True)


def _tag(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the last byte is below 128."""
    written = bytearray()
    while value >= _MORE:
        written.append(value % _MORE + _MORE)
        value >>= _BITS
    written.append(value)
    return bytes(written)


@cache
def _short() -> NDArray[np.object_]:
    """The lengths of most messages and texts."""
    return np.array([_varint(value) for value in range(1 << 2 * _BITS)], np.object_)


def _varints(values: Ints | int) -> list[Part]:
    """One text for all, where all are the same."""
    if isinstance(values, int):
        return [_varint(values)]
    least, most = int(values.min()), int(values.max())
    if least == most:
        return [_varint(least)]
    short = _short()
    filling = short[values].tolist() if most < len(short) else _long(values)
    return [Hole(filling, np.searchsorted(_FIRST_OF_WIDTH, values, "right"))]


def _long(values: Ints) -> list[bytes]:
    groups = []
    while True:
        rest = values >> _BITS
        groups.append(np.where(rest, values % _MORE + _MORE, values).astype(np.uint8))
        if not rest.any():
            break
        values = rest
    # A text of NumPy's ends before the zeros that fill it up; the last group of a number is not 0, unless the number is.
    return [text or b"\0" for text in np.stack(groups, axis=1).view(f"S{len(groups)}")[:, 0].tolist()]
