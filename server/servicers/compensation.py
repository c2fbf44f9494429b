"""CompensationService: one question, a batch of them, a stream of batches."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError, Message

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.codes import OUTCOMES
from server.anew import anew
from server.call import CALL, Call
from server.deciding import Deciding
from server.errors import AnswerTooLong, not_a_message
from server.faults import Faults
from server.list_counter import ListCounter
from server.metadata import only_quotes
from server.metrics import CallMetrics
from server.policies_in_force import InForce, PoliciesInForce
from server.receives import received_by
from server.recording import Asked, DecisionLog
from server.servicers.batches import PLAIN_BYTES, Batches
from server.steps import Steps
from server.wire.answers import Answers
from server.wire.places import FULL

SERVICE: Final = service_pb.DESCRIPTOR.services_by_name["CompensationService"].full_name


def _unread(data: bytes) -> bytes:
    return data


class CompensationServicer:
    """Decides by what is in force when a call begins; ``max_rows``: of a batch; ``clock``: seconds since 1970 UTC."""

    def __init__(
        self,
        in_force: PoliciesInForce,
        faults: Faults,
        metrics: CallMetrics,
        decision_log: DecisionLog | None,
        max_rows: int,
        clock: Callable[[], int],
    ) -> None:
        self._in_force = in_force
        self._lists = ListCounter()
        self._batches = Batches(faults, metrics, self._lists, self._read, max_rows)
        self._decision_log = decision_log
        self._clock = clock

    def add_to(self, server: grpc.Server) -> None:
        """Registers the methods. Messages are handed over unread and answered in bytes, as the generated code does not."""
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "ComputeCompensation": grpc.unary_unary_rpc_method_handler(self.compute_compensation, _unread),
            "BatchCompute": grpc.unary_unary_rpc_method_handler(self.batch_compute, _unread),
            "StreamCompute": grpc.stream_stream_rpc_method_handler(self.stream_compute, _unread),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))

    def compute_compensation(self, request: bytes, context: grpc.ServicerContext) -> bytes | Message:
        """Decides for one subscriber."""
        call, now, in_force, log = CALL.get(), self._clock(), self._in_force.current, self._decision_log
        if log is None:
            return self._one(request, context, in_force, call, now)
        log.admit()
        asked = Asked(call.method, now, in_force.policies, request, is_batch=False)
        try:
            response = self._one(request, context, in_force, call, now)
        except Exception as error:
            log.refused(asked, 1, error)
            raise
        log.answered(asked, 1, response)
        return response

    def _one(self, request: bytes, context: grpc.ServicerContext, in_force: InForce, call: Call, now: int) -> bytes | Message:
        call.caller.rows(1)
        wire = in_force.wire
        answer = None if wire is None else self._from_bytes(request, context, wire, call, now)
        if answer is not None:
            return answer
        try:
            asked = self._read(request)
        except DecodeError:
            raise not_a_message(f"the message at index {call.messages - 1}", call.method) from None
        if wire is not None and (written := anew(asked)) != request:
            answer = self._from_bytes(written, context, wire, call, now)
        return answer or self._computed(asked, context, call, now, in_force.deciding)

    def _from_bytes(self, request: bytes, context: grpc.ServicerContext, wire: Answers, call: Call, now: int) -> bytes | None:
        """From bytes to bytes; None where it is to go the ordinary way."""
        if len(request) > PLAIN_BYTES:
            return None
        rows = wire.take(call.caller)
        rows.open_one(request, now)
        answer: bytes | None = rows.answer_one()
        if answer is not None:
            call.request_id = rows.request_id() or call.request_id
            call.decision_id = rows.decision_id()
            call.stamps.update(rows.tallies.stamps())
            if rows.explained == FULL:
                self._refuse_too_long_of_one(len(answer), context)
            call.outcome = OUTCOMES[rows.outcome]
            wire.count(rows, is_quote=only_quotes(call.purpose))
        wire.give_back(rows)
        return answer

    @staticmethod
    def _refuse_too_long_of_one(length: int, context: grpc.ServicerContext) -> None:
        limit = received_by(context)
        if length > limit:
            raise AnswerTooLong(length, limit)

    def _computed(
        self,
        asked: service_pb.ComputeCompensationRequest,
        context: grpc.ServicerContext,
        call: Call,
        now: int,
        deciding: Deciding,
    ) -> Message:
        """The ordinary way."""
        tally = deciding.tally(is_quote=only_quotes(call.purpose))
        call.request_id = asked.request_id or call.request_id
        Steps(now).check(asked)
        response = service_pb.ComputeCompensationResponse(request_id=asked.request_id)
        outcome = deciding.answer(asked, response.decision, call, now, tally).outcome
        if asked.explain == service_pb.EXPLAIN_FULL:
            self._refuse_too_long_of_one(response.ByteSize(), context)
        call.outcome = outcome
        tally.count()
        return response

    def batch_compute(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        """Decides for many; a bad row fails alone."""
        return self._recorded(request, context, self._in_force.current)

    def stream_compute(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """Answers each message before it asks for the next, so that a slow reader slows the sender and memory stays flat.

        To its end by what was in force when it began.
        """
        in_force = self._in_force.current
        index = 0
        for request in requests:  # not enumerate, which holds what it gave
            response = [self._recorded(request, context, in_force, f" in the message at index {index}")]
            del request
            index += 1  # noqa: SIM113
            yield response.pop()

    def _recorded(self, data: bytes, context: grpc.ServicerContext, in_force: InForce, where: str = "") -> bytes:
        """Answers every item, and puts down what; or why there is no answer to any."""
        call, now, log = CALL.get(), self._clock(), self._decision_log
        if log is None:
            return self._batches.answered(data, context, in_force, now, where)
        rows_before = call.rows
        log.admit()
        asked = Asked(call.method, now, in_force.policies, data, is_batch=True)
        try:
            response = self._batches.answered(data, context, in_force, now, where)
        except Exception as error:
            if context.is_active():
                log.refused(asked, max(call.rows - rows_before, 1), error)
            raise
        if context.is_active():
            log.answered(asked, call.rows - rows_before, response)
        return response

    def _read(self, data: bytes) -> service_pb.ComputeCompensationRequest:
        self._lists.check_question(data)
        return service_pb.ComputeCompensationRequest.FromString(data)
