"""The same items answered twice: from bytes to bytes, and the ordinary way."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from google.protobuf.message import DecodeError
from prometheus_client import CollectorRegistry

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import PolicySet, Request
from policy.calculator.cycle import begins_outside
from policy.calculator.errors import CalculatorError, InvalidRequest
from policy.calculator.request import Interval
from server.anew import anew
from server.call import ANYBODY, Call
from server.deciding import Deciding
from server.decision_metrics import DecisionMetrics
from server.envelope import Envelope, Envelopes, field
from server.errors import TooLarge
from server.list_counter import ListCounter
from server.translate.requests import NO_DEFAULTS, Defaults
from server.wire.answers import Answers
from tests.server.messages import message_of

NOW = 2_000_000_000
"""Stands in for an as_of that is not given, seconds since 1970 UTC."""
RESULTS = service_pb.BatchComputeResponse.RESULTS_FIELD_NUMBER


class Otherwise(AssertionError):
    """An item, or whether a batch is one, was answered otherwise from bytes to bytes than the ordinary way."""


class Exactly(DecisionMetrics):
    """Adds up in integers as well: a counter holds a float, and the sum of huge amounts depends on their order then."""

    def __init__(self) -> None:
        self.sums: dict[int, int] = {}
        super().__init__(CollectorRegistry())

    def add(self, place: int, amount: int) -> None:
        self.sum(place, amount)
        super().add(place, amount)

    def sum(self, place: int, amount: int) -> None:
        """In integers only."""
        self.sums[place] = self.sums.get(place, 0) + amount

    def hold(self) -> None:
        """Raises Otherwise where a counter, as far as a float can tell, says something else than the sum of it."""
        for place, total in self.sums.items():
            if total < 2**53 and self.numbers.values[place] != total:
                raise Otherwise(f"counter {place}: {self.numbers.values[place]}, not {total}")


class Both:
    """Answers a batch both ways, each with metrics of its own.

    ``fast``: rows that were answered from bytes to bytes so far; ``anew``: how many of them once they were written anew.
    """

    def __init__(self, policies: PolicySet, module: ModuleType) -> None:
        self.opened = Envelopes().opened
        self._lists = ListCounter()
        self._metrics = Exactly(), Exactly()
        for metrics in self._metrics:
            metrics.expect(policies)  # so that in both each counter is at the same place
        self.wire = Answers(policies, module, self._metrics[0])
        self._fast, self._ordinary = (Deciding(policies, metrics) for metrics in self._metrics)
        self.fast = self.anew = 0

    def answers(self, data: bytes) -> tuple[list[bytes], list[bytes]]:
        """The result of each item, from bytes to bytes as far as that goes, and the ordinary way; none of what is no batch."""
        envelope = self._opened(data)
        if envelope is None:
            return [], []
        defaults = self._ordinary.defaults(envelope.defaults)
        fast, _ = self._fast_answers(data, envelope, lambda item: self._answered(self._fast, item, defaults))
        return fast, [self._answered(self._ordinary, item, defaults) for item in envelope.items]

    def compare(self, data: bytes) -> None:
        """The same, but of the items that are answered from bytes to bytes alone, which is what there is to compare.

        Raises Otherwise at the first that differs.
        """
        envelope = self._opened(data)
        if envelope is None:
            return
        if envelope.items:
            self._compare_alone(envelope.items[0])
        defaults = None
        fast, left = self._fast_answers(data, envelope, lambda _: b"")
        for number, (item, answer) in enumerate(zip(envelope.items, fast, strict=True)):
            if number in left:
                continue
            defaults = defaults or self._ordinary.defaults(envelope.defaults)
            ordinary = self._answered(self._ordinary, item, defaults)
            if answer != ordinary:
                raise Otherwise(f"batch: {data.hex()}\nitem {number}: {item.hex()}\n{answer.hex()}\n{ordinary.hex()}")

    def _compare_alone(self, item: bytes) -> None:
        """A question by itself, as it stands and written anew, and what a log line would say of it."""
        ordinary = self._answered(None, item, NO_DEFAULTS)
        self._compare_one(item, ordinary)
        self._compare_one(_anew(item), ordinary)

    def _compare_one(self, item: bytes, ordinary: bytes) -> None:
        rows = self.wire.take(ANYBODY)
        rows.open_one(item, NOW)
        answer = rows.answer_one()
        said = rows.request_id(), rows.decision_id()
        rows.tallies.forget()
        self.wire.give_back(rows)
        if answer is None:
            return
        result = service_pb.BatchResult.FromString(answer)
        if field(RESULTS, answer) != ordinary or said != (result.request_id, result.decision.decision_id):
            raise Otherwise(f"by itself: {item.hex()}\n{answer.hex()}\n{ordinary.hex()}\n{said}")

    def _opened(self, data: bytes) -> Envelope | None:
        """None for what is no batch, or states too much; nor is it answered from bytes to bytes then."""
        try:
            return self.opened(data)
        except DecodeError:
            rows = self.wire.take(ANYBODY)
            if rows.open_batch(data, NOW, 10**6) >= 0:
                raise Otherwise(f"no batch: {data.hex()}") from None
            self.wire.give_back(rows)
            return None
        except InvalidRequest:
            return None

    def _answered(self, counting: Deciding | None, item: bytes, defaults: Defaults) -> bytes:
        """The ordinary way; counted, or not."""
        deciding = counting or self._ordinary
        result = service_pb.BatchResult()
        try:
            asked = service_pb.ComputeCompensationRequest.FromString(item)
            result.request_id = asked.request_id
            tally = deciding.tally()
            deciding.answer(asked, result.decision, Call("BatchCompute", 0.0, ""), NOW, tally, defaults)
            if counting:
                tally.count()
        except (CalculatorError, TooLarge, DecodeError) as error:
            return field(RESULTS, _failed(result, error))
        return field(RESULTS, result.SerializeToString(deterministic=True))

    def _fast_answers(
        self, data: bytes, envelope: Envelope, ordinary: Callable[[bytes], bytes]
    ) -> tuple[list[bytes], set[int]]:
        """An answer to each item, and which of them are those of ``ordinary``."""
        left: set[int] = set()
        again: dict[int, bytes] = {}

        def leave(number: int) -> bytes:
            item = envelope.items[number]
            if rows.item(number) != item:
                raise Otherwise(f"another item {number}: {data.hex()}")
            written = _anew(item)
            answer: bytes | None = None if written == item else rows.answer_anew(written, refused)
            if answer is not None:
                again[number] = written
                return answer
            left.add(number)
            return ordinary(item)

        def refused(request_id: str, started_at: int, ended_at: int, starts: list[int]) -> bytes:
            error = begins_outside(Interval(started_at, ended_at), starts)
            return field(RESULTS, _failed(service_pb.BatchResult(request_id=request_id), error))

        rows = self.wire.take(ANYBODY)
        if self._is_opened(rows, data, envelope):
            fast: list[bytes] = []
            while len(fast) < len(envelope.items):
                fast += rows.answer_items(len(fast), len(envelope.items), leave, refused)
            read = [again.get(number, item) for number, item in enumerate(envelope.items) if number not in left]
            elements = sum(self._lists.elements(each, len(each)) for each in read)
            if rows.elements != elements:
                raise Otherwise(f"{rows.elements} elements, not {elements}: {data.hex()}")
        else:
            left |= set(range(len(envelope.items)))
            fast = [ordinary(item) for item in envelope.items]
        for counters, place, amount in rows.tallies.counted():
            if amount:
                self._metrics[0].sum(counters[place], amount)
        self.wire.count(rows, is_quote=False)
        self.wire.give_back(rows)
        self.fast += len(envelope.items) - len(left)
        self.anew += len(again)
        return fast, left

    @staticmethod
    def _is_opened(rows: Any, data: bytes, envelope: Envelope) -> bool:
        """Whether it is, as it stands or written anew."""
        count = rows.open_batch(data, NOW, 10**6)
        if count < 0:
            count = rows.open_batch(envelope.anew(), NOW, 10**6)
        if count < 0:
            return False
        stated = service_pb.BatchDefaults.FromString(rows.stated_bytes())
        if count != len(envelope.items) or stated != envelope.defaults or rows.items_bytes() != sum(map(len, envelope.items)):
            raise Otherwise(f"another envelope: {data.hex()}")
        return True

    def of_items(self, items: Sequence[bytes], defaults: bytes = b"") -> tuple[list[bytes], list[bytes]]:
        """The same of items that may be no messages."""
        return self.answers(enveloped(items, defaults))

    def compare_items(self, items: Sequence[bytes], defaults: bytes = b"") -> None:
        """As :meth:`compare`."""
        self.compare(enveloped(items, defaults))

    def alone(self, item: bytes) -> bytes | None:
        """What a question by itself is answered from bytes to bytes."""
        rows = self.wire.take(ANYBODY)
        rows.open_one(item, NOW)
        answer: bytes | None = rows.answer_one()
        rows.tallies.forget()
        self.wire.give_back(rows)
        return answer

    def counts(self) -> tuple[object, object]:
        """All that the metrics of each say."""
        for metrics in self._metrics:
            metrics.hold()
        fast, ordinary = (metrics.sums for metrics in self._metrics)
        return fast, ordinary


def _failed(result: service_pb.BatchResult, error: Exception) -> bytes:
    """``result``, which ends in an error."""
    result.error.message = repr(error)[:1000]
    return result.SerializeToString(deterministic=True)


def _anew(item: bytes) -> bytes:
    """An item written anew; what is none, as it stands."""
    try:
        return anew(service_pb.ComputeCompensationRequest.FromString(item))
    except DecodeError:
        return item


def enveloped(items: Sequence[bytes], defaults: bytes) -> bytes:
    """A batch on the wire."""
    stated = field(service_pb.BatchComputeRequest.DEFAULTS_FIELD_NUMBER, defaults) if defaults else b""
    return stated + b"".join([field(service_pb.BatchComputeRequest.ITEMS_FIELD_NUMBER, item) for item in items])


def batch_of(requests: Sequence[Request]) -> service_pb.BatchComputeRequest:
    """Each with an id of its own."""
    messages = [message_of(request) for request in requests]
    for number, message in enumerate(messages):
        message.request_id = f"r-{number}"
    return service_pb.BatchComputeRequest(items=messages)
