"""A bare frame, with a service in it that a test has written: slow, aborting, empty."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import grpc
from prometheus_client import CollectorRegistry

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import compensation_service_pb2_grpc as compensation_grpc
from server.contract import contract, methods_of
from server.frame import Frame
from server.log import Log
from server.metrics import CallMetrics
from server.settings import Settings
from tests.server.running import LOOPBACK

COMPUTE = "makegood.v1.CompensationService/ComputeCompensation"
STREAM = "makegood.v1.CompensationService/StreamCompute"

Unary = Callable[[service_pb.ComputeCompensationRequest, grpc.ServicerContext], service_pb.ComputeCompensationResponse]
Stream = Callable[[Iterator[service_pb.StreamComputeRequest], grpc.ServicerContext], Iterator[service_pb.StreamComputeResponse]]


@dataclass
class Framed:
    """A frame that is up."""

    frame: Frame
    stub: compensation_grpc.CompensationServiceStub
    registry: CollectorRegistry
    stream: io.StringIO

    def calls(self, method: str, code: str) -> float:
        """How many calls ended so."""
        return self._sample("makegood_grpc_call_duration_seconds_count", method=method, code=code)

    def seconds(self, method: str, code: str) -> float:
        """How long they took together."""
        return self._sample("makegood_grpc_call_duration_seconds_sum", method=method, code=code)

    def in_flight(self, method: str) -> float:
        return self._sample("makegood_grpc_calls_in_flight", method=method)

    def _sample(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


def empty(_: service_pb.ComputeCompensationRequest, __: grpc.ServicerContext) -> service_pb.ComputeCompensationResponse:
    """Answers with nothing."""
    return service_pb.ComputeCompensationResponse()


def echo(
    requests: Iterator[service_pb.StreamComputeRequest], _: grpc.ServicerContext
) -> Iterator[service_pb.StreamComputeResponse]:
    """Answers each message with nothing."""
    for _request in requests:
        yield service_pb.StreamComputeResponse()


@contextmanager
def framed(unary: Unary = empty, stream: Stream = echo, **settings: Any) -> Iterator[Framed]:
    """A frame around the two methods, up until the end of the block."""

    class Servicer(compensation_grpc.CompensationServiceServicer):
        def ComputeCompensation(
            self, request: service_pb.ComputeCompensationRequest, context: grpc.ServicerContext
        ) -> service_pb.ComputeCompensationResponse:
            return unary(request, context)

        def BatchCompute(self, _: service_pb.BatchComputeRequest, __: grpc.ServicerContext) -> service_pb.BatchComputeResponse:
            raise AssertionError("no test calls it here")

        def StreamCompute(
            self, request_iterator: Iterator[service_pb.StreamComputeRequest], context: grpc.ServicerContext
        ) -> Iterator[service_pb.StreamComputeResponse]:
            return stream(request_iterator, context)

    output, registry = io.StringIO(), CollectorRegistry()
    log = Log(output, "json", "debug")
    chosen = replace(Settings(), listen=LOOPBACK, drain_seconds=0, **{"threads": 2, **settings})
    frame = Frame(chosen, log, CallMetrics(registry), methods_of(contract()))
    compensation_grpc.add_CompensationServiceServicer_to_server(Servicer(), frame.server)
    address = frame.listen()
    with grpc.insecure_channel(str(address), options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        try:
            yield Framed(frame, compensation_grpc.CompensationServiceStub(channel), registry, output)
        finally:
            frame.drain()
            frame.stop()
            log.close()
