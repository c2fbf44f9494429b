"""CompensationService: one question, a batch of them, a stream of batches."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError, Message

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.codes import OUTCOMES
from policy.calculator.errors import InvalidRequest, Violation
from server.call import CALL, Call
from server.deciding import Deciding
from server.envelope import Envelope, Envelopes, field
from server.errors import AnswerTooLong, RowErrors, not_a_message
from server.faults import Faults
from server.limits import MESSAGE_ELEMENTS, MESSAGE_STEPS, QUESTION_ELEMENTS, SHARED_BYTES
from server.list_counter import ListCounter
from server.metadata import only_quotes
from server.metrics import CallMetrics
from server.policies_in_force import InForce, PoliciesInForce
from server.receives import BEYOND_BYTES, framed_bytes, received_by, rows_that_fit
from server.recording import Asked, DecisionLog
from server.steps import Steps
from server.translate.requests import Defaults
from server.waiting import Waiting
from server.wire.answers import Answers

SERVICE: Final = service_pb.DESCRIPTOR.services_by_name["CompensationService"].full_name
_PLAIN_BYTES: Final = 2 * QUESTION_ELEMENTS
"""A question of no more has no more elements than one may have."""
_AT_ONCE: Final = 256
"""Rows, after which it is looked whether the caller still waits."""
_RESULTS: Final = service_pb.BatchComputeResponse.RESULTS_FIELD_NUMBER


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
        self._opened = Envelopes().opened
        self._lists = ListCounter()
        self._faults = faults
        self._metrics = metrics
        self._decision_log = decision_log
        self._max_rows = max_rows
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
        is_quote = only_quotes(call.purpose)
        call.caller.rows(1)
        wire = in_force.wire
        if wire is not None and call.caller.may_use_all and len(request) <= _PLAIN_BYTES:
            rows = wire.take()
            rows.open_one(request, now)
            answer: bytes | None = rows.answer_one()
            if answer is not None:
                call.request_id = rows.request_id() or call.request_id
                call.outcome, call.decision_id = OUTCOMES[rows.outcome], rows.decision_id()
                call.stamps.update(rows.stamps())
                wire.count(rows, is_quote=is_quote)
            wire.give_back(rows)
            if answer is not None:
                return answer
        return self._computed(request, context, call, now, in_force.deciding)

    def _computed(self, request: bytes, context: grpc.ServicerContext, call: Call, now: int, deciding: Deciding) -> Message:
        """The ordinary way."""
        try:
            asked, tally = self._question(request), deciding.tally(is_quote=only_quotes(call.purpose))
        except DecodeError:
            raise not_a_message(f"the message at index {call.messages - 1}", call.method) from None
        call.request_id = asked.request_id or call.request_id
        Steps(now).check(asked)
        response = service_pb.ComputeCompensationResponse(request_id=asked.request_id)
        outcome = deciding.answer(asked, response.decision, call, now, tally).outcome
        if asked.explain == service_pb.EXPLAIN_FULL:
            length, limit = response.ByteSize(), received_by(context)
            if length > limit:
                raise AnswerTooLong(length, limit)
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
            return self._answered(data, context, in_force, now, where)
        rows_before = call.rows
        log.admit()
        asked = Asked(call.method, now, in_force.policies, data, is_batch=True)
        try:
            response = self._answered(data, context, in_force, now, where)
        except Exception as error:
            if context.is_active():
                log.refused(asked, max(call.rows - rows_before, 1), error)
            raise
        if context.is_active():
            log.answered(asked, call.rows - rows_before, response)
        return response

    def _refuse_over_limit(self, rows: int, where: str = "") -> None:
        """Before any row is decoded: to open an envelope takes 9 ns and 16 bytes a row."""
        if rows > self._max_rows:
            text = f"there are {rows} items{where}; the limit is {self._max_rows}, send them in parts"
            raise InvalidRequest([Violation("items", text)])

    def _answered(self, data: bytes, context: grpc.ServicerContext, in_force: InForce, now: int, where: str = "") -> bytes:
        """Answers every item, all of them looked at as of one instant. It is counted if its caller can take it."""
        call, wire = CALL.get(), in_force.wire
        counted = False
        if wire is not None and call.caller.may_use_all:
            wired = wire.take()
            count = wired.open_batch(data, now, self._max_rows)
            stated_bytes = len(wired.stated_bytes())
            answer = None
            if count >= 0 and stated_bytes <= _PLAIN_BYTES and stated_bytes * count <= SHARED_BYTES:
                self._refuse_over_limit(count, where)
                call.caller.rows(count)
                counted = True
                answer = self._from_bytes(in_force.deciding, wire, wired, count, call, now, context)
            wire.give_back(wired)
            if answer is not None:
                return answer
        envelope = self._envelope(data, call)
        self._refuse_over_limit(len(envelope.items), where)
        if not counted:
            call.caller.rows(len(envelope.items))
        self._begin_batch(call, len(envelope.items))
        self._lists.check_items(envelope.items)
        items_bytes = sum(map(len, envelope.items))
        rows = _Rows(call, now, in_force.deciding, envelope.defaults, len(envelope.items), items_bytes, context)
        try:
            response = b"".join([field(_RESULTS, each) for each in self._one_by_one(envelope.items, rows)])
        finally:
            self._count_failed(rows)
        self._refuse_too_long(response, rows)
        if context.is_active():
            rows.tally.count()
        return response

    def _begin_batch(self, call: Call, count: int) -> None:
        call.rows += count
        self._metrics.batch(call.method, count)

    def _envelope(self, data: bytes, call: Call) -> Envelope:
        try:
            return self._opened(data)
        except DecodeError:
            raise not_a_message(f"the message at index {call.messages - 1}", call.method) from None

    @staticmethod
    def _refuse_too_long(response: bytes, rows: "_Rows") -> None:
        if len(response) > rows.takes_bytes:
            raise AnswerTooLong(len(response), rows.takes_bytes, rows_that_fit(response, rows.takes_bytes))

    def _from_bytes(
        self,
        deciding: Deciding,
        wire: Answers,
        wired: Any,
        count: int,
        call: Call,
        now: int,
        context: grpc.ServicerContext,
    ) -> bytes | None:
        """Answers from bytes to bytes, except for items that are to go the ordinary way.

        None where that is too much work: then the ordinary way is to say so, or to find that it is not.
        """
        rows = _Rows(call, now, deciding, wired.stated_bytes(), count, wired.items_bytes(), context)
        steps = elements = 0

        def ordinary(number: int) -> bytes:
            nonlocal steps, elements
            rows.waiting.look_now_and_then()
            item = wired.item(number)
            elements += self._lists.elements(item) if may_have_too_many else 0
            if wired.elements + elements > MESSAGE_ELEMENTS:
                return b""  # nor is any other answer taken, see below
            with suppress(InvalidRequest, DecodeError):  # that is told of the item
                steps += rows.steps.of(self._question(item))
            return field(_RESULTS, self._row(item, rows))

        may_have_too_many = wired.items_bytes() > 2 * MESSAGE_ELEMENTS  # see ListCounter.check_items
        results: list[bytes] = []
        size_bytes = fitting = 0
        while len(results) < count:
            rows.waiting.look_now_and_then()
            if wired.is_too_much(len(results), count, MESSAGE_STEPS - steps):
                wired.forget()
                return None
            some = wired.answer_items(len(results), min(len(results) + _AT_ONCE, count), ordinary)
            if wired.steps + steps > MESSAGE_STEPS or wired.elements + elements > MESSAGE_ELEMENTS:
                wired.forget()
                return None
            for each in some:
                size_bytes += len(each)
                fitting += size_bytes <= rows.takes_bytes
                if size_bytes > rows.takes_bytes + BEYOND_BYTES:
                    self._begin_batch(call, count)
                    self._count_failed(rows)
                    raise AnswerTooLong(size_bytes, rows.takes_bytes, fitting)
            results += some
        self._begin_batch(call, count)
        self._count_failed(rows)
        call.stamps.update(wired.stamps())
        response = b"".join(results)
        self._refuse_too_long(response, rows)
        if context.is_active():
            rows.tally.count()
            wire.count(wired, is_quote=rows.is_quote)
        else:
            wired.forget()
        return response

    def _count_failed(self, rows: "_Rows") -> None:
        rows.call.failed_rows += len(rows.failed)
        for code, number in Counter(rows.failed).items():
            self._metrics.row_in_error(rows.call.method, code, number)

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
            rows.deciding.answer(asked, result.decision, rows.call, rows.now, rows.tally, rows.defaults)
        except DecodeError:
            self._failed(result, not_a_message("the item", rows.call.method), rows)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is this row's alone
            self._failed(result, error, rows)
        # Deterministic, because the order of a map's entries would else differ from replica to replica.
        return result.SerializeToString(deterministic=True)

    def _failed(self, result: service_pb.BatchResult, error: Exception, rows: "_Rows") -> None:
        result.error.CopyFrom(rows.errors.told(self._faults.status(error, rows.call)))
        rows.failed.append(result.error.code)


class _Rows:
    """What the rows of one message share. ``stated``: its defaults, which are read when a row asks for them."""

    def __init__(
        self,
        call: Call,
        now: int,
        deciding: Deciding,
        stated: bytes | service_pb.BatchDefaults,
        count: int,
        items_bytes: int,
        context: grpc.ServicerContext,
    ) -> None:
        self.call = call
        self.now = now
        self.count = count
        self.is_quote = only_quotes(call.purpose)
        self.tally = deciding.tally(is_quote=self.is_quote)
        self.takes_bytes = received_by(context)
        self.waiting = Waiting(context)
        self.failed: list[int] = []
        self.deciding = deciding
        self._stated = stated
        self._items_bytes = items_bytes

    @cached_property
    def stated(self) -> service_pb.BatchDefaults:
        return service_pb.BatchDefaults.FromString(self._stated) if isinstance(self._stated, bytes) else self._stated

    @cached_property
    def defaults(self) -> Defaults:
        return self.deciding.defaults(self.stated)

    @cached_property
    def steps(self) -> Steps:
        return Steps(self.now, self.stated)

    @cached_property
    def errors(self) -> RowErrors:
        return RowErrors(self._items_bytes + self.stated.ByteSize())
