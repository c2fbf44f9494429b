"""The same batch answered twice: in columns, and row by row."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import PolicySet, Request
from policy.calculator.errors import CalculatorError
from server.call import Call
from server.columns.batches import ColumnBatches
from server.columns.counting import count
from server.deciding import Deciding
from server.decision_metrics import DecisionMetrics
from tests.server.messages import message_of

NOW = 2_000_000_000
"""Stands in for an as_of that is not given, seconds since 1970 UTC."""


class Both:
    """Answers a batch in columns and row by row, each with metrics of its own. ``together``: rows decided in columns so far."""

    def __init__(self, policies: PolicySet) -> None:
        self._batches = ColumnBatches(policies)
        self._registries = CollectorRegistry(), CollectorRegistry()
        self._metrics = DecisionMetrics(self._registries[0])
        self._columns, self._rows = Deciding(policies, self._metrics), Deciding(policies, DecisionMetrics(self._registries[1]))
        self.together = 0

    def answers(self, batch: service_pb.BatchComputeRequest) -> tuple[bytes, bytes]:
        """What columns say, and what the rows say one by one."""
        envelope = self._batches.opened(batch.SerializeToString())
        defaults = self._columns.defaults(envelope.defaults)

        def answered(deciding: Deciding, item: bytes) -> bytes:
            result, asked = service_pb.BatchResult(), service_pb.ComputeCompensationRequest.FromString(item)
            result.request_id = asked.request_id
            tally = deciding.tally()
            try:
                deciding.answer(asked, result.decision, Call("BatchCompute", 0.0, ""), NOW, tally, defaults)
                tally.count()
            except CalculatorError as error:
                result.error.message = repr(error)
            return result.SerializeToString(deterministic=True)

        def request_of(item: bytes) -> Request:
            return self._columns.request(service_pb.ComputeCompensationRequest.FromString(item), NOW, defaults)

        columns, together = self._batches.answered(
            envelope, defaults, NOW, lambda items: (answered(self._columns, item) for item in items), request_of
        )
        for each in together:
            self.together += len(each.rows)
            tally = self._metrics.tally()
            count(each, tally)
            tally.count()
        rows = service_pb.BatchComputeResponse(
            results=[service_pb.BatchResult.FromString(answered(self._rows, item)) for item in envelope.items]
        )
        return columns, rows.SerializeToString(deterministic=True)

    def counts(self) -> tuple[object, object]:
        """All that the metrics of each say."""
        columns, rows = (
            {
                (s.name, *sorted(s.labels.items())): s.value
                for m in registry.collect()
                for s in m.samples
                if not s.name.endswith("_created")
            }
            for registry in self._registries
        )
        return columns, rows


def batch_of(requests: Sequence[Request]) -> service_pb.BatchComputeRequest:
    """Each with an id of its own."""
    messages = [message_of(request) for request in requests]
    for number, message in enumerate(messages):
        message.request_id = f"r-{number}"
    return service_pb.BatchComputeRequest(items=messages)
