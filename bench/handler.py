"""BatchCompute's handler without gRPC around it: request bytes in, response bytes out, in this process."""

import io
from typing import Final, cast

import grpc
from prometheus_client import CollectorRegistry

from bench.questions import AS_OF
from bench.servers import MANY_ROWS, RECEIVES
from policy import PolicySet
from server.call import CALL, Call
from server.deciding import Deciding
from server.decision_metrics import DecisionMetrics
from server.faults import Faults
from server.loading.state import LoadState
from server.log import Log
from server.metrics import CallMetrics
from server.policies_in_force import InForce, PoliciesInForce
from server.service import wire_of
from server.servicers.compensation import SERVICE, CompensationServicer

_METHOD: Final = f"{SERVICE}/BatchCompute"


class _Context:
    """As much of a grpc.ServicerContext as a batch asks for."""

    @staticmethod
    def is_active() -> bool:
        return True

    @staticmethod
    def invocation_metadata() -> tuple[tuple[str, str], ...]:
        return (RECEIVES,)


class BatchHandler:
    """Does for each call what a worker does between its deserializer and its interceptors: opens, decides, counts, closes."""

    def __init__(self, policies: PolicySet) -> None:
        registry = CollectorRegistry()
        metrics = CallMetrics(registry)
        faults = Faults(Log(io.StringIO(), "json", "info"))
        decisions = DecisionMetrics(registry)
        in_force = InForce(
            policies, Deciding(policies, decisions), wire_of(policies, decisions), LoadState.first(policies, AS_OF)
        )
        self._servicer = CompensationServicer(PoliciesInForce(in_force), faults, metrics, None, MANY_ROWS, lambda: AS_OF)
        self._context = cast(grpc.ServicerContext, _Context())

    def __call__(self, request: bytes) -> bytes:
        """The response to a serialized BatchComputeRequest."""
        CALL.set(Call(_METHOD, 0.0, "bench"))
        return self._servicer.batch_compute(request, self._context)
