"""What the contract has, from its descriptors; without gRPC, which a parent of workers does without."""

from collections.abc import Iterator

from google.protobuf.descriptor import ServiceDescriptor

from makegood.v1 import compensation_service_pb2 as compensation_pb
from makegood.v1 import policy_service_pb2 as policy_pb


def contract() -> tuple[ServiceDescriptor, ...]:
    """The services of the contract, from their descriptors."""
    files = (compensation_pb.DESCRIPTOR, policy_pb.DESCRIPTOR)
    return tuple(service for file in files for service in file.services_by_name.values())


def methods_of(services: tuple[ServiceDescriptor, ...]) -> Iterator[str]:
    """Their methods, as "package.Service/Method"."""
    return (f"{service.full_name}/{method.name}" for service in services for method in service.methods)
