"""What the server tells Prometheus about calls; :mod:`server.decision_metrics` tells what was decided.

Seconds and bytes everywhere. Every label value is of a closed set: methods of the contract, codes of gRPC, pools, refusals and
kinds of client. What is counted is there with 0 from the start, for a counter that comes into being with the first burst shows
it as no increase; histograms, which have many series each, come into being with what they measure.

A call leaves what is to be counted in a queue, which takes no lock; whoever reads the metrics counts first, and so does the
warden's thread a few times a second.
"""

from collections import Counter as Counted
from collections import deque
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Final, TypeVar

import grpc
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar

from server import agents
from server.buckets import Buckets
from server.call import Call
from server.errors import REFUSALS

LATENCY_BUCKETS_SECONDS: Final = (
    *(0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
    *(5.0, 30.0, 120.0, 600.0),
)
"""Questions take milliseconds, batches seconds, and streams minutes."""
BATCH_BUCKETS_ROWS: Final = (1, 10, 100, 1_000, 10_000, 100_000)
OK: Final = "OK"
INVALID_ARGUMENT: Final = "INVALID_ARGUMENT"
_OTHER: Final = "OTHER"
_RESULTS: Final = (OK, INVALID_ARGUMENT, _OTHER)
_METHODS_OF_ROWS: Final = ("BatchCompute", "StreamCompute")

M = TypeVar("M", Counter, Gauge)


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
    """Latency, time in the queue, calls in flight, refusals, and sizes of batches; ``methods`` are there from the start."""

    def __init__(self, registry: CollectorRegistry, methods: Iterable[str] = ()) -> None:
        registry.register(_CountFirst(self))
        self._arrived: deque[str] = deque()
        self._ended: deque[tuple[Call, str, float]] = deque()
        self._batches: deque[tuple[str, int]] = deque()
        self._counting = Lock()
        self._durations = Buckets(
            "makegood_grpc_call_duration_seconds",
            "Time from the arrival of a call to the end of its handler, queueing included.",
            ("method", "code"),
            LATENCY_BUCKETS_SECONDS,
            registry,
        )
        self._calls = Children(
            Counter("makegood_grpc_calls", "Calls that ended, by code.", ("method", "code"), registry=registry)
        )
        self._by_agent = Children(
            Counter(
                "makegood_grpc_calls_by_agent",
                "Calls that ended, by the kind of client that their user agent names.",
                ("agent", "result"),
                registry=registry,
            )
        )
        self._queued = Buckets(
            "makegood_grpc_queue_seconds",
            "Time from the arrival of a call to when a thread takes it; of calls that one took.",
            ("pool",),
            LATENCY_BUCKETS_SECONDS,
            registry,
        )
        self._in_flight = Children(_gauge("makegood_grpc_calls_in_flight", "Calls that run or queue.", "method", registry))
        self._in_pool = Children(_gauge("makegood_pool_calls", "Calls that a pool holds.", "pool", registry))
        self._waiting = Children(
            _gauge("makegood_pool_calls_waiting", "Of these, those whose caller keeps a thread waiting.", "pool", registry)
        )
        self._limits = Children(
            _gauge("makegood_pool_calls_limit", "Calls that a pool may hold; one more is refused.", "pool", registry)
        )
        self._refused = Children(
            Counter(
                "makegood_grpc_calls_refused",
                "Calls that were not let in, or not gone on with, by reason; they are among the durations too.",
                ("method", "reason"),
                registry=registry,
            )
        )
        self._batch_rows = Buckets(
            "makegood_batch_rows",
            "Rows in a batch, or in a message of a stream.",
            ("method",),
            BATCH_BUCKETS_ROWS,
            registry,
        )
        self._rows_in_error = Counter(
            "makegood_rows_in_error",
            "Rows of batches and streams that were answered with an error.",
            ("method", "code"),
            registry=registry,
        )
        self._start(methods)
        self._code_names = {code.value[0]: code.name for code in grpc.StatusCode}

    def _start(self, methods: Iterable[str]) -> None:
        """With 0, what may be counted later."""
        for method in methods:
            self._in_flight[(method,)].set(0)
            for code in grpc.StatusCode:
                self._calls[method, code.name].inc(0)
                if method.rpartition("/")[2] in _METHODS_OF_ROWS and code is not grpc.StatusCode.OK:
                    self._rows_in_error.labels(method, code.name)
            for refusal in REFUSALS:
                self._refused[method, refusal].inc(0)
        for agent in agents.KINDS:
            for result in _RESULTS:
                self._by_agent[agent, result].inc(0)

    def arrived(self, method: str) -> None:
        """A call of ``method`` has come in."""
        self._arrived.append(method)

    def ended(self, call: Call, code: str, seconds: float) -> None:
        """``call`` ended with ``code``, ``seconds`` after it arrived. It changes no more."""
        self._ended.append((call, code, seconds))

    def pool(self, name: str, calls: int, waiting: int, limit: int) -> None:
        """What pool ``name`` holds."""
        self._in_pool[(name,)].set(calls)
        self._waiting[(name,)].set(waiting)
        self._limits[(name,)].set(limit)

    def count(self) -> None:
        """Counts what calls have left."""
        with self._counting:
            # In this order, so that no call ends that has not arrived.
            ended = [self._ended.popleft() for _ in range(len(self._ended))]
            more = Counted(self._arrived.popleft() for _ in range(len(self._arrived)))
            durations: dict[tuple[str, ...], list[float]] = {}
            queued: dict[tuple[str, ...], list[float]] = {}
            exemplars: dict[tuple[str, ...], Exemplar] = {}
            calls: Counted[tuple[str, str]] = Counted()
            by_agent: Counted[tuple[str, str]] = Counted()
            for call, code, seconds in ended:
                more[call.method] -= 1
                durations.setdefault((call.method, code), []).append(seconds)
                calls[call.method, code] += 1
                if call.span:
                    exemplars[call.method, code] = _exemplar(call.span, seconds)
                by_agent[call.user_agent, code if code in _RESULTS else _OTHER] += 1
                if call.queued_seconds:
                    queued.setdefault((call.pool,), []).append(call.queued_seconds)
                if call.refused:
                    self._refused[call.method, call.refused].inc()
            for method, change in more.items():
                self._in_flight[(method,)].inc(change)
            for of_code, number in calls.items():
                self._calls[of_code].inc(number)
            for (user_agent, result), number in by_agent.items():
                self._by_agent[agents.kind_of(user_agent), result].inc(number)
            self._durations.add(durations, exemplars)
            self._queued.add(queued)
            rows: dict[tuple[str, ...], list[float]] = {}
            for method, number in [self._batches.popleft() for _ in range(len(self._batches))]:
                rows.setdefault((method,), []).append(number)
            self._batch_rows.add(rows)

    def batch(self, method: str, rows: int) -> None:
        """A message of ``method`` brought ``rows`` rows."""
        self._batches.append((method, rows))

    def row_in_error(self, method: str, code: int, rows: int = 1) -> None:
        """So many rows were answered with ``code``, a number of gRPC's, instead of a decision."""
        self._rows_in_error.labels(method, self._code_names[code]).inc(rows)


def _exemplar(span: tuple[str, str], seconds: float) -> Exemplar:
    trace_id, span_id = span
    return Exemplar({"trace_id": trace_id, "span_id": span_id}, seconds)


def _gauge(name: str, text: str, label: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(name, text, (label,), registry=registry, multiprocess_mode="livesum")


class _CountFirst(Collector):
    """Stands first in a registry, so that what follows is up to date."""

    def __init__(self, metrics: CallMetrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        self._metrics.count()
        yield from ()
