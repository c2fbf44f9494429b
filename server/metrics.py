"""What the server tells Prometheus about calls and about itself; :mod:`server.decision_metrics` tells what was decided.

Seconds and bytes everywhere. Every label value is of a closed set: methods of the contract, codes of gRPC.
"""

import platform
from importlib.metadata import version
from typing import Final

import grpc
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from policy.calculator.policies import PolicySet
from server.call import Call

LATENCY_BUCKETS_SECONDS: Final = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
BATCH_BUCKETS_ROWS: Final = (1, 10, 100, 1_000, 10_000, 100_000)


class CallMetrics:
    """Latency, calls in flight, and sizes of batches."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._durations = Histogram(
            "makegood_grpc_call_duration_seconds",
            "Time from the arrival of a call to the end of its handler, queueing included.",
            ("method", "code"),
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=registry,
        )
        self._in_flight = Gauge(
            "makegood_grpc_calls_in_flight",
            "Calls that run or queue.",
            ("method",),
            registry=registry,
            multiprocess_mode="livesum",
        )
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
        self._in_flight.labels(method).inc()

    def ended(self, call: Call, code: str, seconds: float) -> None:
        """``call`` ended with ``code``, ``seconds`` after it arrived."""
        self._in_flight.labels(call.method).dec()
        self._durations.labels(call.method, code).observe(seconds)

    def batch(self, method: str, rows: int) -> None:
        """A message of ``method`` brought ``rows`` rows."""
        self._batch_rows.labels(method).observe(rows)

    def row_in_error(self, method: str, code: int) -> None:
        """A row was answered with ``code``, a number of gRPC's, instead of a decision."""
        self._rows_in_error.labels(method, self._code_names[code]).inc()


def describe_server(registry: CollectorRegistry, policies: PolicySet, loaded_at: int) -> None:
    """Says which policies are active since when (``loaded_at``, seconds since 1970 UTC), and what runs here."""
    build = Gauge(
        "makegood_build_info", "What runs here; always 1.", ("version", "engine_version", "python"), registry=registry
    )
    build.labels(version("makegood"), policies.engine_version, platform.python_version()).set(1)
    active = Gauge(
        "makegood_policy_info",
        "A version of a policy that is loaded; always 1.",
        ("policy", "version", "sha256"),
        registry=registry,
    )
    for policy_id in policies.policy_ids:
        for loaded in policies.versions(policy_id):
            active.labels(loaded.policy_id, loaded.version, loaded.sha256).set(1)
    last_load = Gauge(
        "makegood_policies_last_successful_load_timestamp_seconds", "When the policies in use were loaded.", registry=registry
    )
    last_load.set(loaded_at)
