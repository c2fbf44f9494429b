"""CompensationService: one question, a batch of them, a stream of batches."""

from collections.abc import Callable, Iterator
from typing import Final

import grpc

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1.compensation_service_pb2_grpc import CompensationServiceServicer
from policy.calculator.errors import InvalidRequest, Violation
from server.call import CALL, Call
from server.deciding import Deciding
from server.faults import Faults
from server.metrics import CallMetrics
from server.translate.requests import Defaults

ROWS_BETWEEN_LOOKS: Final = 256
"""After so many rows a batch looks whether its caller is still there."""

Batch = service_pb.BatchComputeRequest | service_pb.StreamComputeRequest
Results = service_pb.BatchComputeResponse | service_pb.StreamComputeResponse


class CompensationServicer(CompensationServiceServicer):
    """Decides by ``deciding``; ``clock`` gives seconds since 1970 UTC; a batch may have ``max_rows`` items."""

    def __init__(
        self, deciding: Deciding, faults: Faults, metrics: CallMetrics, max_rows: int, clock: Callable[[], int]
    ) -> None:
        self._deciding = deciding
        self._faults = faults
        self._metrics = metrics
        self._max_rows = max_rows
        self._clock = clock

    def ComputeCompensation(  # noqa: N802
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

    def BatchCompute(  # noqa: N802
        self, request: service_pb.BatchComputeRequest, context: grpc.ServicerContext
    ) -> service_pb.BatchComputeResponse:
        """Decides for many; a bad row fails alone."""
        self._refuse_over_limit(len(request.items))
        response = service_pb.BatchComputeResponse()
        self._fill(response, request, context)
        return response

    def StreamCompute(  # noqa: N802
        self, request_iterator: Iterator[service_pb.StreamComputeRequest], context: grpc.ServicerContext
    ) -> Iterator[service_pb.StreamComputeResponse]:
        """Answers each message before it asks for the next, so that a slow reader slows the sender and memory stays flat."""
        for index, request in enumerate(request_iterator):
            self._refuse_over_limit(len(request.items), f" in the message at index {index}")
            response = service_pb.StreamComputeResponse()
            self._fill(response, request, context)
            yield response

    def _refuse_over_limit(self, rows: int, where: str = "") -> None:
        if rows > self._max_rows:
            text = f"there are {rows} items{where}; the limit is {self._max_rows}, send them in parts"
            raise InvalidRequest([Violation("items", text)])

    def _fill(self, response: Results, request: Batch, context: grpc.ServicerContext) -> None:
        """Answers every item, all of them looked at as of one instant."""
        call, now = CALL.get(), self._clock()
        call.rows += len(request.items)
        self._metrics.batch(call.method, len(request.items))
        defaults = self._deciding.defaults(request.defaults)
        for index, item in enumerate(request.items):
            if index % ROWS_BETWEEN_LOOKS == 0 and not context.is_active():
                context.abort(grpc.StatusCode.CANCELLED, "the caller has gone")
            self._row(response.results.add(request_id=item.request_id), item, call, now, defaults)

    def _row(
        self,
        result: service_pb.BatchResult,
        item: service_pb.ComputeCompensationRequest,
        call: Call,
        now: int,
        defaults: Defaults,
    ) -> None:
        try:
            self._deciding.answer(item, result.decision, call, now, defaults)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is this row's alone
            result.error.CopyFrom(self._faults.status(error, call))
            call.failed_rows += 1
            self._metrics.row_in_error(call.method, result.error.code)
