"""Answers to messages of many questions: from bytes to bytes, or item by item the ordinary way."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.cycle import begins_outside
from policy.calculator.errors import InvalidRequest, Violation
from policy.calculator.request import Interval
from server.anew import anew
from server.call import CALL, Call
from server.envelope import Envelope, Envelopes
from server.errors import AnswerTooLong, not_a_message
from server.faults import Faults
from server.limits import MESSAGE_ELEMENTS, MESSAGE_STEPS, QUESTION_ELEMENTS, SHARED_BYTES
from server.list_counter import ListCounter
from server.metrics import CallMetrics
from server.policies_in_force import InForce
from server.results import Results
from server.servicers.message_rows import MessageRows, Read
from server.wire.answers import Answers

PLAIN_BYTES: Final = 2 * QUESTION_ELEMENTS
"""A question of no more has no more elements than one may have."""
_AT_ONCE: Final = 256
"""Rows, after which it is looked whether the caller still waits."""


class Batches:
    """``max_rows``: of a message; ``read``: how a question is read."""

    def __init__(self, faults: Faults, metrics: CallMetrics, lists: ListCounter, read: Read, max_rows: int) -> None:
        self._opened = Envelopes().opened
        self._faults, self._metrics, self._lists, self._read, self._max_rows = faults, metrics, lists, read, max_rows

    def answered(self, data: bytes, context: grpc.ServicerContext, in_force: InForce, now: int, where: str = "") -> bytes:
        """Answers every item, all of them looked at as of one instant. It is counted if its caller can take it.

        ``where`` says of a stream which of its messages this is.
        """
        call, wire = CALL.get(), in_force.wire
        envelope, counted = None, False
        if wire is not None:
            wired = wire.take(call.caller)
            count = wired.open_batch(data, now, self._max_rows)
            if count < 0:
                envelope = self._envelope(data, call)
                self._refuse_over_limit(len(envelope.items), where)
                count = wired.open_batch(envelope.anew(), now, self._max_rows)
            stated = wired.stated_bytes()
            answer = None
            if count >= 0 and len(stated) <= PLAIN_BYTES and len(stated) * count <= SHARED_BYTES:
                self._refuse_over_limit(count, where)
                self._lists.check_shared(stated, count)
                call.caller.rows(count)
                counted = True
                rows = self._rows(call, now, in_force, stated, wired.items_bytes(), context)
                answer = self._from_bytes(rows, wire, wired, count, context)
            wire.give_back(wired)
            if answer is not None:
                return answer
        envelope = envelope or self._envelope(data, call)
        items = envelope.items
        self._refuse_over_limit(len(items), where)
        if not counted:
            call.caller.rows(len(items))
        self._begin(call, len(items))
        self._lists.check_items(items)
        rows = self._rows(call, now, in_force, envelope.defaults, sum(map(len, items)), context)
        response = self._one_by_one(items, rows)
        if context.is_active():
            rows.count_decided()
        return response

    def _refuse_over_limit(self, rows: int, where: str) -> None:
        """Before any row is decoded: to open an envelope takes 9 ns and 16 bytes a row."""
        if rows > self._max_rows:
            text = f"there are {rows} items{where}; the limit is {self._max_rows}, send them in parts"
            raise InvalidRequest([Violation("items", text)])

    def _envelope(self, data: bytes, call: Call) -> Envelope:
        try:
            return self._opened(data)
        except DecodeError:
            raise not_a_message(f"the message at index {call.messages - 1}", call.method) from None

    def _rows(
        self,
        call: Call,
        now: int,
        in_force: InForce,
        stated: bytes | service_pb.BatchDefaults,
        items_bytes: int,
        context: grpc.ServicerContext,
    ) -> MessageRows:
        return MessageRows(call, now, in_force.deciding, stated, items_bytes, context, self._read, self._faults)

    def _begin(self, call: Call, count: int) -> None:
        call.rows += count
        self._metrics.batch(call.method, count)

    def _from_bytes(
        self, rows: MessageRows, wire: Answers, wired: Any, count: int, context: grpc.ServicerContext
    ) -> bytes | None:
        """From bytes to bytes, except for items that are to go the ordinary way.

        None where that is too much work: then the ordinary way is to say so, or to find that it is not.
        """
        left, results = _Left(rows, wired, self._lists), Results(rows.takes_bytes)
        try:
            while len(results) < count:
                rows.waiting.look_now_and_then()
                first = len(results)
                if wired.is_too_much(first, count, left.most_steps):
                    wired.tallies.forget()
                    return None
                some = wired.answer_items(first, min(first + _AT_ONCE, count), left.ordinary, left.refused)
                if left.is_too_much():
                    wired.tallies.forget()
                    return None
                for each in some:
                    results.add(each)
        except AnswerTooLong:
            self._begin(rows.call, count)
            rows.count_failed(self._metrics)
            raise
        self._begin(rows.call, count)
        rows.count_failed(self._metrics)
        rows.call.stamps.update(wired.tallies.stamps())
        response = results.response()
        if context.is_active():
            rows.count_decided()
            wire.count(wired, is_quote=rows.is_quote)
        else:
            wired.tallies.forget()
        return response

    def _one_by_one(self, items: Sequence[bytes], rows: MessageRows) -> bytes:
        """Answers each item by itself. Raises InvalidRequest before the first of them where they are too much together."""
        results = Results(rows.takes_bytes)
        try:
            for item in items:
                asked = None
                with suppress(InvalidRequest, DecodeError):  # that is told of the item
                    asked = self._read(item)
                if asked is not None:
                    rows.steps.add(asked)
            for item in items:
                rows.waiting.look_now_and_then()
                results.add(rows.result(item))
        finally:
            rows.count_failed(self._metrics)
        return results.response()


class _Left:
    """The rows that are not answered from bytes to bytes, and how much work they are besides."""

    def __init__(self, rows: MessageRows, wired: Any, lists: ListCounter) -> None:
        self._rows, self._wired, self._lists = rows, wired, lists
        self._steps = self._elements = 0
        self._may_have_too_many = wired.items_bytes() > 2 * MESSAGE_ELEMENTS  # see ListCounter.check_items

    def is_too_much(self) -> bool:
        """Whether all rows together are."""
        return self._wired.steps + self._steps > MESSAGE_STEPS or self._has_too_many()

    @property
    def most_steps(self) -> int:
        """How much work the others may be."""
        return MESSAGE_STEPS - self._steps

    def _has_too_many(self) -> bool:
        has: bool = self._wired.elements + self._elements > MESSAGE_ELEMENTS
        return has

    def ordinary(self, number: int) -> bytes:
        """The result of an item by its place."""
        self._rows.waiting.look_now_and_then()
        item = self._wired.item(number)
        elements = self._lists.elements(item, MESSAGE_ELEMENTS) if self._may_have_too_many else 0
        self._elements += elements
        if self._has_too_many():
            return b""  # nor is any other answer taken
        with suppress(InvalidRequest, DecodeError):  # that is told of the item
            asked = self._rows.read(item)
            steps, written = self._rows.steps.of(asked), anew(asked)
            answer: bytes | None = None if written == item else self._wired.answer_anew(written, self.refused)
            if answer is not None:
                self._elements -= elements
                return answer
            self._steps += steps
        return self._rows.result(item)

    def refused(self, request_id: str, started_at: int, ended_at: int, starts: list[int]) -> bytes:
        """The result of one whose occasions begin outside of its billing cycle."""
        return self._rows.failed(request_id, begins_outside(Interval(started_at, ended_at), starts))
