"""Items of a batch as a table of Arrow, read by ptars, and kept to what protobuf makes of each by itself."""

from collections.abc import Sequence
from typing import Any, Final

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp
from ptars import HandlerPool

from makegood.v1 import compensation_service_pb2 as service_pb

_REQUEST: Final = service_pb.ComputeCompensationRequest
_PLAIN: Final = "plain"
"""The package that instants are moved to."""


class ItemReader:
    """Reads items of requests.

    An instant is read as the message that it is, seconds and nanos. What ptars makes of a Timestamp is one number, in which
    nanos of a whole second are lost among the seconds.
    """

    def __init__(self) -> None:
        pool = DescriptorPool()
        _add(pool, service_pb.DESCRIPTOR, set())
        request = pool.FindMessageTypeByName(_REQUEST.DESCRIPTOR.full_name)
        self._reader = HandlerPool([request.file]).get_for_message(request)

    def read(self, items: Sequence[bytes]) -> Any:
        """A column for each field, a line for each item; an empty one for what is no message: alone it is told what it is.

        None where ptars takes no item as it is, nor as protobuf would write it.
        """
        table = self._read(items)
        return self._read([_rewritten(item) for item in items]) if table is None else table

    def _read(self, items: Sequence[bytes]) -> Any:
        try:
            return self._reader.list_to_record_batch(items)
        except ValueError:  # one is no message, or holds a text that is not UTF-8
            return None
        except BaseException as error:
            # As of an entry of a map that leaves out its value. A panic of Rust is no Exception, and of no module to import.
            if type(error).__name__ != "PanicException":
                raise
            return None


def _rewritten(item: bytes) -> bytes:
    try:
        return _REQUEST.FromString(item).SerializeToString()
    except DecodeError:
        return b""


def _add(pool: DescriptorPool, file: FileDescriptor, added: set[str]) -> None:
    """Adds a file and what it imports, with Timestamp in a package where it is a message like any other."""
    if file.name in added:
        return
    added.add(file.name)
    for imported in file.dependencies:
        _add(pool, imported, added)
    copy = FileDescriptorProto()
    file.CopyToProto(copy)
    if file.name == Timestamp.DESCRIPTOR.file.name:
        copy.package = _PLAIN
    for message in copy.message_type:
        _with_plain_instants(message)
    pool.Add(copy)


def _with_plain_instants(message: DescriptorProto) -> None:
    for field in message.field:
        if field.type_name == f".{Timestamp.DESCRIPTOR.full_name}":
            field.type_name = f".{_PLAIN}.{Timestamp.DESCRIPTOR.name}"
    for nested in message.nested_type:
        _with_plain_instants(nested)
