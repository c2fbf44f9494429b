"""Batches as lists of serialized messages: to a message whose fields are bytes, protobuf's parser leaves them as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.errors import InvalidRequest
from server.anew import anew
from server.limits import LIST_ITEMS, SHARED_BYTES, in_pieces, too_much_shared
from server.list_counter import ListCounter

_REQUEST: Final = service_pb.BatchComputeRequest.DESCRIPTOR.fields_by_name
_DEFAULTS: Final = _REQUEST["defaults"].number
_ITEMS: Final = _REQUEST["items"].number
_LENGTH_GIVEN: Final = 2
"""The type on the wire of what says how many bytes it has."""
_BITS: Final = 7
_LOW_BITS: Final = 127
_MORE: Final = 128


@dataclass(frozen=True, slots=True)
class Envelope:
    """A batch, opened: its defaults, and its items as bytes."""

    defaults: service_pb.BatchDefaults
    items: Sequence[bytes]

    def anew(self) -> bytes:
        """The batch, its defaults written anew."""
        return b"".join([field(_DEFAULTS, anew(self.defaults)), *(field(_ITEMS, item) for item in self.items)])


class Envelopes:
    """Opens requests of BatchCompute and StreamCompute, which have the same fields."""

    def __init__(self) -> None:
        self._lists = ListCounter()
        file = FileDescriptorProto(name="envelopes.proto", syntax="proto3")
        _add(file, "Request", _REQUEST["defaults"], _REQUEST["items"])
        pool = DescriptorPool()
        pool.Add(file)
        self._request = GetMessageClass(pool.FindMessageTypeByName("Request"))

    def opened(self, data: bytes) -> Envelope:
        """Raises DecodeError where the bytes are no message of that form, InvalidRequest where its defaults are too much."""
        message: Any = self._request.FromString(data)
        if len(message.defaults) > LIST_ITEMS:
            raise InvalidRequest([in_pieces("defaults", len(message.defaults))])
        # Said in several pieces, they are one message: that is what protobuf makes of pieces one after the other.
        defaults = b"".join(message.defaults)
        if len(defaults) * len(message.items) > SHARED_BYTES:
            raise too_much_shared(len(message.items), len(defaults))
        self._lists.check_defaults(defaults)
        self._lists.check_shared(defaults, len(message.items))
        return Envelope(service_pb.BatchDefaults.FromString(defaults), message.items)


def field(number: int, content: bytes) -> bytes:
    """A message as it stands in another, which it is a field of."""
    length, head = len(content), bytearray((number << 3 | _LENGTH_GIVEN,))
    while length > _LOW_BITS:
        head.append(length & _LOW_BITS | _MORE)
        length >>= _BITS
    head.append(length)
    return bytes(head) + content


def _add(file: FileDescriptorProto, name: str, *fields: FieldDescriptor) -> None:
    message = file.message_type.add(name=name)
    for field in fields:
        kind, label = FieldDescriptorProto.TYPE_BYTES, FieldDescriptorProto.LABEL_REPEATED
        message.field.add(name=field.name, number=field.number, type=kind, label=label)
