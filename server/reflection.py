"""Server reflection, v1 and v1alpha. grpcio ships v1alpha alone; v1 is the same messages under another name."""

from collections.abc import Sequence
from typing import Any, Final

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.reflection import SERVICE_NAME, ReflectionServicer

V1: Final = "grpc.reflection.v1.ServerReflection"
_SERVICES: Final = (V1, SERVICE_NAME)
METHODS: Final = tuple(f"{service}/ServerReflectionInfo" for service in _SERVICES)


def add_to(server: grpc.Server, services: Sequence[str]) -> None:
    """Tells callers of ``services``, and of itself."""
    servicer = ReflectionServicer((*services, *_SERVICES), _with_v1(services))
    handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "ServerReflectionInfo": grpc.stream_stream_rpc_method_handler(
            servicer.ServerReflectionInfo, reflection_pb2.ServerReflectionRequest.FromString
        )
    }
    server.add_generic_rpc_handlers(tuple(grpc.method_handlers_generic_handler(service, handlers) for service in _SERVICES))


def _with_v1(services: Sequence[str]) -> DescriptorPool:
    """The files of ``services``, and the file of v1, which nobody else has."""
    known, pool, added = descriptor_pool.Default(), DescriptorPool(), set[str]()

    def add(file: FileDescriptor) -> None:
        if file.name in added:
            return
        added.add(file.name)
        for needed in file.dependencies:
            add(needed)
        pool.AddSerializedFile(file.serialized_pb)

    for service in (*services, SERVICE_NAME):
        add(known.FindFileContainingSymbol(service))
    v1 = FileDescriptorProto.FromString(reflection_pb2.DESCRIPTOR.serialized_pb)
    v1.name = "grpc/reflection/v1/reflection.proto"
    v1.package = V1.rpartition(".")[0]
    for field in (field for message in v1.message_type for field in message.field if field.type_name):
        field.type_name = _renamed(field.type_name)
    for method in v1.service[0].method:
        method.input_type, method.output_type = _renamed(method.input_type), _renamed(method.output_type)
    pool.Add(v1)
    return pool


def _renamed(type_name: str) -> str:
    return type_name.replace(".v1alpha.", ".v1.")
