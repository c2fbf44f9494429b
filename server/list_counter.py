"""How many elements the lists of a message have, counted on the wire, before an object is made for any of them.

An empty element has two bytes there and some 300 as an object. To a message whose fields are bytes, protobuf's parser leaves
them as they are: such shapes are made here of the contract's own descriptors, so that no list is forgotten.

INVARIANT: an element has at least one byte, so what is no longer than a limit has no list over it, and is not opened.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.errors import InvalidRequest, Violation
from server.limits import (
    LIST_ITEMS,
    MESSAGE_ELEMENTS,
    QUESTION_ELEMENTS,
    SMALL_BYTES,
    in_pieces,
    too_many_elements,
    too_many_shared,
)

_QUESTION: Final = service_pb.ComputeCompensationRequest.DESCRIPTOR
_DEFAULTS: Final = service_pb.BatchDefaults.DESCRIPTOR
_KEY_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True)
class _Field:
    """A field that is a list, or a message with lists in it. ``inside``: the shape of that message, or of each element."""

    name: str
    is_list: bool
    is_map: bool
    counts: bool
    inside: "_Shape | None"


@dataclass(frozen=True, slots=True)
class _Shape:
    """``is_list``: the message is nothing but a list, and is named for it."""

    opened: Any
    fields: Sequence[_Field]
    is_list: bool


class ListCounter:
    """Made once, when the server starts."""

    def __init__(self) -> None:
        file = FileDescriptorProto(name="shapes.proto", syntax="proto3")
        for message in (_QUESTION, _DEFAULTS):
            _add(file, message)
        pool = DescriptorPool()
        pool.Add(file)
        self._question = _shape(pool, _QUESTION)
        self._defaults = _shape(pool, _DEFAULTS)

    def check_question(self, data: bytes) -> None:
        """Raises InvalidRequest where a list is too long, or all of them together."""
        self._check(self._question, data, "")

    def check_defaults(self, data: bytes) -> None:
        """The same of what a batch states once."""
        self._check(self._defaults, data, "defaults")

    def check_shared(self, data: bytes, rows: int) -> None:
        """Raises InvalidRequest where the lists of defaults, filled in in so many rows, have too many elements together."""
        if len(data) * rows <= 2 * MESSAGE_ELEMENTS:
            return
        try:
            _Count(MESSAGE_ELEMENTS // rows).elements_of(self._defaults, data)
        except _Enough:
            raise too_many_shared(rows) from None

    def check_items(self, items: Sequence[bytes]) -> None:
        """Raises InvalidRequest where the lists of all items have too many elements together; each item is left to itself."""
        # Two bytes an element: services have one, but do not count.
        if sum(map(len, items)) <= 2 * MESSAGE_ELEMENTS:
            return
        count = _Count(MESSAGE_ELEMENTS)
        try:
            for item in items:
                count.elements_of(self._question, item)
        except _Enough:
            raise too_many_elements("items", f"more than {MESSAGE_ELEMENTS}", MESSAGE_ELEMENTS) from None

    def elements(self, data: bytes, limit: int) -> int:
        """How many elements the lists of a question have together, or some number above the limit."""
        count = _Count(limit)
        with suppress(_Enough):
            count.elements_of(self._question, data)
        return limit - count.left

    def _check(self, shape: _Shape, data: bytes, path: str) -> None:
        if len(data) <= SMALL_BYTES:
            return
        found = list(_too_long(shape, data, path))
        if found:
            raise InvalidRequest(found)
        if len(data) <= 2 * QUESTION_ELEMENTS:
            return
        try:
            _Count(QUESTION_ELEMENTS).elements_of(shape, data)
        except _Enough:
            raise too_many_elements(path, f"more than {QUESTION_ELEMENTS}", QUESTION_ELEMENTS) from None


class _Enough(Exception):
    """There are more than is asked."""


class _Count:
    def __init__(self, limit: int) -> None:
        self.left = limit

    def elements_of(self, shape: _Shape, data: bytes) -> None:
        """Raises _Enough when there are more than the limit, of all that were asked for."""
        message = _opened(shape, data)
        for field in shape.fields if message else ():
            values = getattr(message, field.name)
            # What is no list and comes in pieces is as much work as elements are.
            self.left -= len(values) * field.counts if field.is_list else max(len(values) - 1, 0)
            if self.left < 0:
                raise _Enough
            if field.inside is not None:
                for value in values if field.is_list else (b"".join(values),):
                    self.elements_of(field.inside, value)


def _too_long(shape: _Shape, data: bytes, path: str) -> Iterable[Violation]:
    message = _opened(shape, data)
    for field in shape.fields if message else ():
        values = getattr(message, field.name)
        place = path if shape.is_list else f"{path}.{field.name}" if path else field.name
        if not field.is_list:
            if len(values) > LIST_ITEMS:
                yield in_pieces(place, len(values))
            elif field.inside is not None and len(held := b"".join(values)) > LIST_ITEMS:
                yield from _too_long(field.inside, held, path if field.name == "value" else place)
        elif len(values) > LIST_ITEMS:
            yield Violation(place, f"has {len(values)} items; at most {LIST_ITEMS} are taken")
        elif field.inside is not None:
            for index, value in enumerate(values):
                if len(value) > LIST_ITEMS:
                    key = f'["{_key(field.inside, value)}"]' if field.is_map else f"[{index}]"
                    yield from _too_long(field.inside, value, place + key)


def _opened(shape: _Shape, data: bytes) -> Any:
    """None where the bytes are no message: whoever reads them says so."""
    try:
        return shape.opened.FromString(data)
    except DecodeError:
        return None


def _key(shape: _Shape, entry: bytes) -> str:
    message = _opened(shape, entry)
    key: bytes = message.key[-1] if message and message.key else b""
    text = key[: 4 * _KEY_CHARACTERS].decode(errors="backslashreplace")  # a character has up to four bytes
    return text if len(text) <= _KEY_CHARACTERS else text[: _KEY_CHARACTERS - 1] + "…"


def _has_lists(message: Descriptor) -> bool:
    """Whether there is a list in it, at whatever depth; no message of the contract holds itself."""
    return any(field.is_repeated or (field.message_type and _has_lists(field.message_type)) for field in message.fields)


def _kept(message: Descriptor) -> Iterable[FieldDescriptor]:
    """The fields that are lists, or messages with lists in them."""
    for field in message.fields:
        if field.is_repeated or (field.message_type and _has_lists(field.message_type)):
            yield field


def _name(message: Descriptor) -> str:
    return message.full_name.replace(".", "_")


def _add(file: FileDescriptorProto, message: Descriptor) -> None:
    if any(each.name == _name(message) for each in file.message_type):
        return
    shape = file.message_type.add(name=_name(message))
    for field in message.fields if _is_entry(message) else _kept(message):
        is_bytes = field.message_type is not None or field.type == field.TYPE_STRING
        shape.field.add(
            name=field.name,
            number=field.number,
            label=FieldDescriptorProto.LABEL_REPEATED,
            type=FieldDescriptorProto.TYPE_BYTES if is_bytes else FieldDescriptorProto.TYPE_INT64,
        )
        if field.message_type and _has_lists(field.message_type):
            _add(file, field.message_type)


def _is_entry(message: Descriptor) -> bool:
    return bool(message.GetOptions().map_entry)


def _shape(pool: DescriptorPool, message: Descriptor) -> _Shape:
    fields = tuple(
        _Field(
            field.name,
            is_list=field.is_repeated,
            is_map=bool(field.message_type and _is_entry(field.message_type)),
            counts=field.type != field.TYPE_ENUM,
            inside=_shape(pool, field.message_type) if field.message_type and _has_lists(field.message_type) else None,
        )
        for field in _kept(message)
    )
    return _Shape(GetMessageClass(pool.FindMessageTypeByName(_name(message))), fields, is_list=len(message.fields) == 1)
