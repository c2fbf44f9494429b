"""CompensationService: one question, a batch of them, a stream of batches."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.errors import InvalidRequest, Violation
from policy.calculator.request import Request
from server.call import CALL, Call
from server.columns.batches import ColumnBatches
from server.columns.envelope import Envelope
from server.deciding import Deciding
from server.errors import not_a_message
from server.faults import Faults
from server.metrics import CallMetrics
from server.translate.requests import Defaults

SERVICE: Final = service_pb.DESCRIPTOR.services_by_name["CompensationService"].full_name
ROWS_BETWEEN_LOOKS: Final = 256
"""After so many rows that are answered one by one, a batch looks whether its caller is still there."""


class CompensationServicer:
    """Decides by ``deciding``, batches of at most ``max_rows`` items by ``batches``; ``clock``: seconds since 1970 UTC."""

    def __init__(
        self,
        deciding: Deciding,
        batches: ColumnBatches,
        faults: Faults,
        metrics: CallMetrics,
        max_rows: int,
        clock: Callable[[], int],
    ) -> None:
        self._deciding = deciding
        self._batches = batches
        self._faults = faults
        self._metrics = metrics
        self._max_rows = max_rows
        self._clock = clock

    def add_to(self, server: grpc.Server) -> None:
        """Registers the methods. Batches are handed over unread and answered in bytes, which the generated code does not do."""
        opened = self._batches.opened
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "ComputeCompensation": grpc.unary_unary_rpc_method_handler(
                self.compute_compensation, service_pb.ComputeCompensationRequest.FromString
            ),
            "BatchCompute": grpc.unary_unary_rpc_method_handler(self.batch_compute, opened),
            "StreamCompute": grpc.stream_stream_rpc_method_handler(self.stream_compute, opened),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))

    def compute_compensation(
        self,
        request: service_pb.ComputeCompensationRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> service_pb.ComputeCompensationResponse:
        """Decides for one subscriber."""
        call = CALL.get()
        call.request_id = request.request_id or call.request_id
        response = service_pb.ComputeCompensationResponse(request_id=request.request_id)
        call.outcome = self._deciding.answer(request, response.decision, call, self._clock()).outcome
        return response

    def batch_compute(self, request: Envelope, context: grpc.ServicerContext) -> bytes:
        """Decides for many; a bad row fails alone."""
        self._refuse_over_limit(len(request.items))
        return self._answered(request, context)

    def stream_compute(self, requests: Iterator[Envelope], context: grpc.ServicerContext) -> Iterator[bytes]:
        """Answers each message before it asks for the next, so that a slow reader slows the sender and memory stays flat."""
        for index, request in enumerate(requests):
            self._refuse_over_limit(len(request.items), f" in the message at index {index}")
            yield self._answered(request, context)

    def _refuse_over_limit(self, rows: int, where: str = "") -> None:
        """Before any row is decoded: to open an envelope takes 9 ns and 16 bytes a row."""
        if rows > self._max_rows:
            text = f"there are {rows} items{where}; the limit is {self._max_rows}, send them in parts"
            raise InvalidRequest([Violation("items", text)])

    def _answered(self, envelope: Envelope, context: grpc.ServicerContext) -> bytes:
        """Answers every item, all of them looked at as of one instant."""
        call, now = CALL.get(), self._clock()
        call.rows += len(envelope.items)
        self._metrics.batch(call.method, len(envelope.items))
        defaults = self._deciding.defaults(envelope.defaults)
        waiting = 0

        def alone(item: bytes) -> bytes:
            nonlocal waiting
            if waiting % ROWS_BETWEEN_LOOKS == 0 and not context.is_active():
                context.abort(grpc.StatusCode.CANCELLED, "the caller has gone")
            waiting += 1
            return self._row(item, call, now, defaults)

        def request_of(item: bytes) -> Request:
            return self._deciding.request(service_pb.ComputeCompensationRequest.FromString(item), now, defaults)

        response, together = self._batches.answered(envelope, defaults, now, alone, request_of)
        for rows in together:
            self._deciding.decided_together(rows, call)
        return response

    def _row(self, item: bytes, call: Call, now: int, defaults: Defaults) -> bytes:
        """Answers one item by itself."""
        result = service_pb.BatchResult()
        try:
            asked = service_pb.ComputeCompensationRequest.FromString(item)
            result.request_id = asked.request_id
            self._deciding.answer(asked, result.decision, call, now, defaults)
        except DecodeError:
            self._failed(result, not_a_message("the item", call.method), call)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is this row's alone
            self._failed(result, error, call)
        # Deterministic, because the order of a map's entries would else differ from replica to replica.
        return result.SerializeToString(deterministic=True)

    def _failed(self, result: service_pb.BatchResult, error: Exception, call: Call) -> None:
        result.error.CopyFrom(self._faults.status(error, call))
        call.failed_rows += 1
        self._metrics.row_in_error(call.method, result.error.code)
