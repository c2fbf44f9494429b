"""What Prometheus is told of the decision log. Every series is there from the start, so that the first loss is an increase."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

WRITTEN, DROPPED, LOST = "written", "dropped", "lost"
BLOCKED, SHED = "blocked", "shed"
_FATES: Final = (WRITTEN, DROPPED, LOST)
_HELD_UP: Final = (BLOCKED, SHED)


class LogMetrics:
    """Records by what became of them, calls by what a full queue did to them, and whether files can be written."""

    def __init__(self, registry: CollectorRegistry, limit_bytes: int) -> None:
        records = Counter(
            "makegood_decision_log_records",
            "Records of decisions and refusals: written; dropped by a full queue; lost, for they could not be written in time.",
            ("fate",),
            registry=registry,
        )
        calls = Counter(
            "makegood_decision_log_calls",
            "Calls that came when the queue was full: blocked, until there was room; shed, and to be made again.",
            ("fate",),
            registry=registry,
        )
        self.records = {fate: records.labels(fate) for fate in _FATES}
        self.calls = {fate: calls.labels(fate) for fate in _HELD_UP}
        self.write_errors = Counter(
            "makegood_decision_log_write_errors",
            "Attempts to write that failed; each is made again.",
            registry=registry,
        )
        self.key_errors = Counter(
            "makegood_decision_log_key_errors", "Key files that changed and could not be used.", registry=registry
        )
        self.queued_bytes = Gauge(
            "makegood_decision_log_queue_bytes", "What waits to be written.", registry=registry, multiprocess_mode="livesum"
        )
        limit = Gauge(
            "makegood_decision_log_queue_limit_bytes",
            "What may wait before the queue is full.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        limit.set(limit_bytes)
