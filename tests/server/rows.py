"""Batches of rows."""

from makegood.v1 import compensation_service_pb2 as service_pb
from tests.server.samples import question


def batch(*items: service_pb.ComputeCompensationRequest) -> service_pb.BatchComputeRequest:
    return service_pb.BatchComputeRequest(items=items)


def bare(request_id: str) -> service_pb.ComputeCompensationRequest:
    """A row with nothing but the subscriber."""
    return service_pb.ComputeCompensationRequest(request_id=request_id, subscriber=question().subscriber)


def defaults() -> service_pb.BatchDefaults:
    whole = question()
    return service_pb.BatchDefaults(outages=whole.outages, mode=whole.mode, as_of=whole.as_of)
