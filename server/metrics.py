"""What the server tells Prometheus about calls; :mod:`server.decision_metrics` tells what was decided.

Seconds and bytes everywhere. Every label value is of a closed set: methods of the contract, codes of gRPC.
"""

from typing import Final, TypeVar

import grpc
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from server.call import Call

LATENCY_BUCKETS_SECONDS: Final = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
BATCH_BUCKETS_ROWS: Final = (1, 10, 100, 1_000, 10_000, 100_000)


M = TypeVar("M", Counter, Gauge, Histogram)


class Children(dict[tuple[str, ...], M]):
    """The children of ``metric`` by their label values, of closed sets; to ask the metric itself costs 1 µs each time."""

    def __init__(self, metric: M) -> None:
        super().__init__()
        self._metric: M = metric

    def __missing__(self, values: tuple[str, ...]) -> M:
        child: M = self._metric.labels(*values)
        self[values] = child
        return child


class CallMetrics:
    """Latency, calls in flight, and sizes of batches."""

    def __init__(self, registry: CollectorRegistry) -> None:
        durations = Histogram(
            "makegood_grpc_call_duration_seconds",
            "Time from the arrival of a call to the end of its handler, queueing included.",
            ("method", "code"),
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=registry,
        )
        in_flight = Gauge(
            "makegood_grpc_calls_in_flight",
            "Calls that run or queue.",
            ("method",),
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._durations, self._in_flight = Children(durations), Children(in_flight)
        self._batch_rows = Histogram(
            "makegood_batch_rows",
            "Rows in a batch, or in a message of a stream.",
            ("method",),
            buckets=BATCH_BUCKETS_ROWS,
            registry=registry,
        )
        self._rows_in_error = Counter(
            "makegood_rows_in_error",
            "Rows of batches and streams that were answered with an error.",
            ("method", "code"),
            registry=registry,
        )

        self._code_names = {code.value[0]: code.name for code in grpc.StatusCode}

    def arrived(self, method: str) -> None:
        """A call of ``method`` has come in."""
        self._in_flight[(method,)].inc()

    def ended(self, call: Call, code: str, seconds: float) -> None:
        """``call`` ended with ``code``, ``seconds`` after it arrived."""
        self._in_flight[(call.method,)].dec()
        self._durations[call.method, code].observe(seconds)

    def batch(self, method: str, rows: int) -> None:
        """A message of ``method`` brought ``rows`` rows."""
        self._batch_rows.labels(method).observe(rows)

    def row_in_error(self, method: str, code: int) -> None:
        """A row was answered with ``code``, a number of gRPC's, instead of a decision."""
        self._rows_in_error.labels(method, self._code_names[code]).inc()
