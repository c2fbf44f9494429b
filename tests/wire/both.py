"""The same items answered twice: from bytes to bytes, and the ordinary way."""

from collections.abc import Sequence
from types import ModuleType

from google.protobuf.message import DecodeError
from prometheus_client import CollectorRegistry

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import PolicySet, Request
from policy.calculator.errors import CalculatorError
from server.call import Call
from server.deciding import Deciding
from server.decision_metrics import DecisionMetrics
from server.envelope import Envelopes, field
from server.errors import TooLarge
from server.wire.answers import Answers
from tests.server.messages import message_of

NOW = 2_000_000_000
"""Stands in for an as_of that is not given, seconds since 1970 UTC."""
RESULTS = service_pb.BatchComputeResponse.RESULTS_FIELD_NUMBER


class Both:
    """Answers a batch both ways, each with metrics of its own. ``fast``: rows that were answered from bytes to bytes so far."""

    def __init__(self, policies: PolicySet, module: ModuleType) -> None:
        self.wire = Answers(policies, module)
        self.opened = Envelopes().opened
        self._registries = CollectorRegistry(), CollectorRegistry()
        self._fast, self._ordinary = (Deciding(policies, DecisionMetrics(registry)) for registry in self._registries)
        self.fast = 0

    def answers(self, data: bytes) -> tuple[list[bytes], list[bytes]]:
        """The result of each item, from bytes to bytes as far as that goes, and the ordinary way; none of what is no batch."""
        try:
            envelope = self.opened(data)
        except DecodeError:  # nor is it opened from bytes to bytes
            with self.wire.rows() as rows:
                assert rows.open_batch(data, NOW, 10**6) < 0
            return [], []
        defaults = self._ordinary.defaults(envelope.defaults)

        def ordinary(deciding: Deciding, item: bytes) -> bytes:
            result = service_pb.BatchResult()
            try:
                asked = service_pb.ComputeCompensationRequest.FromString(item)
                result.request_id = asked.request_id
                tally = deciding.tally()
                deciding.answer(asked, result.decision, Call("BatchCompute", 0.0, ""), NOW, tally, defaults)
                tally.count()
            except (CalculatorError, TooLarge, DecodeError) as error:
                result.error.message = repr(error)[:1000]
            return field(RESULTS, result.SerializeToString(deterministic=True))

        slow: list[int] = []

        def left(number: int) -> bytes:
            slow.append(number)
            return ordinary(self._fast, envelope.items[number])

        with self.wire.rows() as rows:
            count = rows.open_batch(data, NOW, 10**6)
            if count < 0:
                fast = [left(number) for number in range(len(envelope.items))]
            else:
                assert count == len(envelope.items)
                fast = []
                while len(fast) < count:
                    fast += rows.answer_items(len(fast), count, left)
            tally = self._fast.tally()
            self.wire.tell(rows, tally)
            tally.count()
        self.fast += len(envelope.items) - len(slow)
        return fast, [ordinary(self._ordinary, item) for item in envelope.items]

    def of_items(self, items: Sequence[bytes], defaults: bytes = b"") -> tuple[list[bytes], list[bytes]]:
        """The same of items that may be no messages."""
        stated = field(service_pb.BatchComputeRequest.DEFAULTS_FIELD_NUMBER, defaults) if defaults else b""
        return self.answers(
            stated + b"".join([field(service_pb.BatchComputeRequest.ITEMS_FIELD_NUMBER, item) for item in items])
        )

    def alone(self, item: bytes) -> bytes | None:
        """What a question by itself is answered from bytes to bytes."""
        with self.wire.rows() as rows:
            rows.open_one(item, NOW)
            answer: bytes | None = rows.answer_one()
            self.wire.forget(rows)
        return answer

    def counts(self) -> tuple[object, object]:
        """All that the metrics of each say."""
        fast, ordinary = (
            {
                (sample.name, *sorted(sample.labels.items())): sample.value
                for metric in registry.collect()
                for sample in metric.samples
                if not sample.name.endswith("_created")
            }
            for registry in self._registries
        )
        return fast, ordinary


def batch_of(requests: Sequence[Request]) -> service_pb.BatchComputeRequest:
    """Each with an id of its own."""
    messages = [message_of(request) for request in requests]
    for number, message in enumerate(messages):
        message.request_id = f"r-{number}"
    return service_pb.BatchComputeRequest(items=messages)
