"""CompensationService: one question, a batch of them, a stream of batches."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
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
from server.decision_metrics import Tally
from server.errors import AnswerTooLong, RowErrors, not_a_message
from server.faults import Faults
from server.list_counter import ListCounter
from server.metrics import CallMetrics
from server.receives import BEYOND_BYTES, framed_bytes, received_by, rows_that_fit
from server.steps import Steps
from server.translate.requests import Defaults
from server.waiting import Waiting

SERVICE: Final = service_pb.DESCRIPTOR.services_by_name["CompensationService"].full_name


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
        self._lists = ListCounter()
        self._faults = faults
        self._metrics = metrics
        self._max_rows = max_rows
        self._clock = clock

    def add_to(self, server: grpc.Server) -> None:
        """Registers the methods. Batches are handed over unread and answered in bytes, which the generated code does not do."""
        opened = self._batches.opened
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "ComputeCompensation": grpc.unary_unary_rpc_method_handler(self.compute_compensation, self._question),
            "BatchCompute": grpc.unary_unary_rpc_method_handler(self.batch_compute, opened),
            "StreamCompute": grpc.stream_stream_rpc_method_handler(self.stream_compute, opened),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))

    def compute_compensation(
        self,
        request: service_pb.ComputeCompensationRequest,
        context: grpc.ServicerContext,
    ) -> service_pb.ComputeCompensationResponse:
        """Decides for one subscriber."""
        call, now, tally = CALL.get(), self._clock(), self._deciding.tally()
        call.request_id = request.request_id or call.request_id
        call.caller.rows(1)
        Steps(now).check(request)
        response = service_pb.ComputeCompensationResponse(request_id=request.request_id)
        outcome = self._deciding.answer(request, response.decision, call, now, tally).outcome
        if request.explain == service_pb.EXPLAIN_FULL:
            length, limit = response.ByteSize(), received_by(context)
            if length > limit:
                raise AnswerTooLong(length, limit)
        call.outcome = outcome
        tally.count()
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
        """Answers every item, all of them looked at as of one instant. It is counted if its caller can take it."""
        call, now, tally = CALL.get(), self._clock(), self._deciding.tally()
        call.rows += len(envelope.items)
        self._metrics.batch(call.method, len(envelope.items))
        call.caller.rows(len(envelope.items))
        self._lists.check_items(envelope.items)
        takes = received_by(context)
        rows = _Rows(call, now, tally, self._deciding.defaults(envelope.defaults), envelope, Waiting(context), takes)

        def request_of(item: bytes) -> Request:
            return self._deciding.request(service_pb.ComputeCompensationRequest.FromString(item), now, rows.defaults)

        response, together = self._batches.answered(
            envelope,
            rows.defaults,
            now,
            lambda items: self._one_by_one(items, rows),
            request_of,
            rows.waiting.look,
            call.caller.may_use,
        )
        for each in together:
            self._deciding.decided_together(each, call, tally)
        if len(response) > takes:
            raise AnswerTooLong(len(response), takes, rows_that_fit(response, takes))
        if context.is_active():
            tally.count()
        return response

    def _question(self, data: bytes) -> service_pb.ComputeCompensationRequest:
        self._lists.check_question(data)
        return service_pb.ComputeCompensationRequest.FromString(data)

    def _one_by_one(self, items: Sequence[bytes], rows: "_Rows") -> Iterator[bytes]:
        """Answers each item by itself. Raises InvalidRequest before the first of them where they are too much together.

        Raises AnswerTooLong as soon as the answer is far beyond what the caller takes, for nobody will read it.
        """
        for item in items:
            asked = None
            with suppress(InvalidRequest, DecodeError):  # that is told of the item
                asked = self._question(item)
            if asked is not None:
                rows.steps.add(asked)
        size_bytes = fitting = 0
        for item in items:
            rows.waiting.look_now_and_then()
            result = self._row(item, rows)
            size_bytes += framed_bytes(len(result))
            fitting += size_bytes <= rows.takes_bytes
            if size_bytes > rows.takes_bytes + BEYOND_BYTES:
                alone = len(items) == rows.count
                raise AnswerTooLong(size_bytes, rows.takes_bytes, fitting if alone else None)
            yield result

    def _row(self, item: bytes, rows: "_Rows") -> bytes:
        result = service_pb.BatchResult()
        try:
            asked = self._question(item)
            result.request_id = asked.request_id
            rows.steps.check(asked)
            self._deciding.answer(asked, result.decision, rows.call, rows.now, rows.tally, rows.defaults)
        except DecodeError:
            self._failed(result, not_a_message("the item", rows.call.method), rows)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is this row's alone
            self._failed(result, error, rows)
        # Deterministic, because the order of a map's entries would else differ from replica to replica.
        return result.SerializeToString(deterministic=True)

    def _failed(self, result: service_pb.BatchResult, error: Exception, rows: "_Rows") -> None:
        result.error.CopyFrom(rows.errors.told(self._faults.status(error, rows.call)))
        rows.call.failed_rows += 1
        self._metrics.row_in_error(rows.call.method, result.error.code)


class _Rows:
    """What the rows of one message share."""

    def __init__(
        self,
        call: Call,
        now: int,
        tally: Tally,
        defaults: Defaults,
        envelope: Envelope,
        waiting: Waiting,
        takes_bytes: int,
    ) -> None:
        self.count = len(envelope.items)
        self.takes_bytes = takes_bytes
        self.call = call
        self.now = now
        self.tally = tally
        self.defaults = defaults
        self.waiting = waiting
        self.steps = Steps(now, envelope.defaults)
        self.errors = RowErrors(sum(map(len, envelope.items)) + envelope.defaults.ByteSize())
