"""An empty call, to compare with: ``python -m bench.empty bare|framed HOST:PORT`` serves it until it is killed.

bare: grpcio alone, with the threads and the options that makegood has. framed: the same handlers in makegood's own frame, so
behind its interceptors, with its metrics, log and limits. Both read the request and answer with an empty message.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import grpc
from prometheus_client import CollectorRegistry

from makegood.v1 import compensation_service_pb2 as service_pb
from server.contract import contract, methods_of
from server.frame import Frame
from server.log import Log
from server.metrics import CallMetrics
from server.settings import Address, Settings

SETTINGS: Final = Settings()


def compute(
    request: service_pb.ComputeCompensationRequest,  # noqa: ARG001
    context: grpc.ServicerContext,  # noqa: ARG001
) -> service_pb.ComputeCompensationResponse:
    """Decides nothing."""
    return service_pb.ComputeCompensationResponse()


def compute_batch(
    request: service_pb.BatchComputeRequest,  # noqa: ARG001
    context: grpc.ServicerContext,  # noqa: ARG001
) -> service_pb.BatchComputeResponse:
    """Decides nothing, however many rows there are."""
    return service_pb.BatchComputeResponse()


def handlers() -> grpc.GenericRpcHandler:
    """The empty methods, under the names of the contract."""
    return grpc.method_handlers_generic_handler(
        "makegood.v1.CompensationService",
        {
            "ComputeCompensation": grpc.unary_unary_rpc_method_handler(
                compute,
                service_pb.ComputeCompensationRequest.FromString,
                service_pb.ComputeCompensationResponse.SerializeToString,
            ),
            "BatchCompute": grpc.unary_unary_rpc_method_handler(
                compute_batch, service_pb.BatchComputeRequest.FromString, service_pb.BatchComputeResponse.SerializeToString
            ),
        },
    )


def bare(listen: Address) -> tuple[grpc.Server, str]:
    """Grpcio alone, on a port that others may share; the server and its address."""
    options = (("grpc.max_receive_message_length", 2 * SETTINGS.max_message_bytes), ("grpc.so_reuseport", 1))
    server = grpc.server(ThreadPoolExecutor(SETTINGS.threads), options=options)
    server.add_generic_rpc_handlers((handlers(),))
    port = server.add_insecure_port(str(listen))
    server.start()
    return server, f"{listen.host}:{port}"


def framed(listen: Address) -> tuple[grpc.Server, str]:
    """The same in makegood's frame."""
    log = Log(sys.stderr, SETTINGS.log_format, SETTINGS.log_level)
    frame = Frame(replace(SETTINGS, listen=listen), log, CallMetrics(CollectorRegistry()), methods_of(contract()))
    frame.server.add_generic_rpc_handlers((handlers(),))
    return frame.server, str(frame.listen())


def main(kind: str, host: str, port: int) -> None:
    """Serves until killed."""
    server, address = {"bare": bare, "framed": framed}[kind](Address(host, port))
    print(f"ready: gRPC on {address}, empty", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    host, _, port = sys.argv[2].rpartition(":")
    main(sys.argv[1], host, int(port))
