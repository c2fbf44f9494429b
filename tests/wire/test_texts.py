"""Every text of the contract is read from bytes to bytes as the ordinary way reads it, whatever bytes stand in it."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from google.protobuf.descriptor import Descriptor

from makegood.v1 import compensation_service_pb2 as service_pb
from server.wire import rows
from tests.server.samples import question
from tests.wire.both import Both
from tests.wire.drawing import POLICIES

PLACEHOLDER: Final = "qzxj"
"""What stands in a text until its bytes are put there; as many as the longest has."""
TEXTS: Final = [
    *(bytes([first, 0x80]) for first in range(0x7C, 0x100)),
    *(bytes([0xC2, second]) for second in range(0x7E, 0xC2)),
    *(bytes([first, second, 0x80]) for first in (0xE0, 0xE1, 0xED, 0xEF) for second in (0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC0)),
    *(bytes([first, second, 0xBF, 0x80]) for first in (0xF0, 0xF1, 0xF3, 0xF4, 0xF5) for second in (0x7F, 0x8F, 0x90, 0xBF)),
    *(bytes([0xF1, 0x80, third, fourth]) for third, fourth in ((0x7F, 0x80), (0x80, 0x7F), (0xC0, 0x80), (0x80, 0xC0))),
    *(bytes([control]) for control in (*range(0x21), 0x7F)),
    *(chr(each).encode() for each in (0xBF, 0xC0, 0x17F, 0x180, 0x40F, 0x410, 0x44F, 0x450)),
    *(chr(each).encode() for each in (0x3040, 0x3041, 0x3096, 0x3097, 0x30A0, 0x30A1, 0x30FA, 0x30FB, 0x4DFF, 0x4E00)),
    *(chr(each).encode() for each in (0x9FFF, 0xA000, 0xABFF, 0xAC00, 0xD7A3, 0xD7A4, 0xFB00, 0x1F600)),
    b" ", b"\xe4", b"\xe4\xb8", b"\xf0\x9f\x98",
]  # fmt: skip


def texts_of(descriptor: Descriptor, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for field in descriptor.fields:
        if field.message_type is not None:
            yield from texts_of(field.message_type, (*path, field.name))
        elif field.type == field.TYPE_STRING:
            yield (*path, field.name)


def put(message: Any, path: tuple[str, ...], text: str) -> None:
    """Puts a text at a path; into the first element of a list, under or as the first key of a map."""
    name, *rest = path
    field, value = message.DESCRIPTOR.fields_by_name[name], getattr(message, name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        if rest == ["key"]:
            _at(value, text)
        elif len(rest) > 1:
            put(_at(value, "x"), tuple(rest[1:]), text)
        else:
            value["x"] = text
    elif field.is_repeated:
        if rest:
            put(value[0] if value else value.add(), tuple(rest), text)
        else:
            value.append(text)
    elif rest:
        put(value, tuple(rest), text)
    else:
        setattr(message, name, text)


def _at(values: Any, key: str) -> Any:
    """The value under a key, which is there from now on."""
    if hasattr(values, "get_or_create"):
        return values.get_or_create(key)
    values[key] = values.get(key, 1)
    return values[key]


@pytest.fixture(scope="module")
def both() -> Both:
    return Both(POLICIES, rows)


@pytest.mark.parametrize("path", [*texts_of(service_pb.ComputeCompensationRequest.DESCRIPTOR)], ids=".".join)
def test_bytes_of_any_kind_in_a_text_are_answered_the_same(both: Both, path: tuple[str, ...]) -> None:
    items = []
    for text in TEXTS:
        item = question()
        put(item, path, PLACEHOLDER[: len(text)])
        data = item.SerializeToString()
        assert data.count(PLACEHOLDER[: len(text)].encode()) == 1 or len(text) == 1
        at = data.rindex(PLACEHOLDER[: len(text)].encode())
        items.append(data[:at] + text + data[at + len(text) :])
    fast, ordinary = both.of_items(items)
    assert fast == ordinary
