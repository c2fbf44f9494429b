"""The dashboard *service*: does it answer, how fast, how much more could it take."""

from typing import Final

from deploy.monitoring.panels import Dashboard, Panel, Query, Row

_UP: Final = Row(
    "Is it up",
    (
        Panel("Replicas up", "short", (Query('sum(up{job="makegood"})', "up"),), "That Prometheus reaches.", "number", 4),
        Panel("Replicas serving", "short", (Query("sum(makegood_serving)", "serving"),), "As /readyz says.", "number", 4),
        Panel(
            "Error budget burn, 1 h",
            "short",
            (Query("makegood:errors:ratio_rate1h / 0.001", "burn"),),
            "1: at this pace the budget of a month, 0.1 % of calls, lasts a month.",
            "number",
            4,
        ),
        Panel(
            "Digests a version",
            "short",
            (Query("max(count by (policy, version) (count by (policy, version, sha256) (makegood_policy_info)))", "digests"),),
            "More than 1: replicas decide by different texts.",
            "number",
            4,
        ),
        Panel(
            "Workers",
            "short",
            (
                Query("sum by (instance) (makegood_workers)", "answering {{instance}}"),
                Query("sum by (instance) (makegood_workers_configured)", "configured {{instance}}"),
            ),
            "Empty where a replica is one process.",
            width=8,
        ),
    ),
)

_CALLS: Final = Row(
    "Calls",
    (
        Panel("Calls by method", "reqps", (Query("sum by (method) (makegood:calls:rate5m)", "{{method}}"),)),
        Panel(
            "Errors by code",
            "reqps",
            (Query('sum by (code) (makegood:calls:rate5m{code!="OK"}) > 0', "{{code}}"),),
            "Of the caller (INVALID_ARGUMENT, NOT_FOUND …) and of the service.",
        ),
        Panel(
            "Share of calls that the service failed",
            "percentunit",
            (
                Query("makegood:errors:ratio_rate5m", "5 min"),
                Query("makegood:errors:ratio_rate1h", "1 h"),
                Query("makegood:errors:ratio_rate6h", "6 h"),
            ),
            "INTERNAL, UNKNOWN, UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, DATA_LOSS.",
        ),
        Panel(
            "p50 by method",
            "s",
            (
                Query(
                    "histogram_quantile(0.5, sum by (le, method) (rate(makegood_grpc_call_duration_seconds_bucket[5m])))",
                    "{{method}}",
                ),
            ),
            "Queueing included.",
        ),
        Panel(
            "p99 by method",
            "s",
            (
                Query(
                    "histogram_quantile(0.99, sum by (le, method) (rate(makegood_grpc_call_duration_seconds_bucket[5m])))",
                    "{{method}}",
                ),
            ),
            "Queueing included.",
        ),
        Panel(
            "Calls by kind of client",
            "reqps",
            (Query("sum by (agent, result) (rate(makegood_grpc_calls_by_agent_total[5m])) > 0", "{{agent}} {{result}}"),),
            "By the first product of the user agent that is known.",
        ),
        Panel(
            "Rows of batches and streams",
            "rowsps",
            (Query("sum by (method) (rate(makegood_batch_rows_sum[5m]))", "{{method}}"),),
        ),
        Panel(
            "Rows in error by code",
            "rowsps",
            (Query("sum by (code) (rate(makegood_rows_in_error_total[5m])) > 0", "{{code}}"),),
        ),
    ),
)

_LOAD: Final = Row(
    "Load and overload",
    (
        Panel(
            "In flight against the limit",
            "percentunit",
            (
                Query(
                    "max by (pool) (makegood_pool_calls / makegood_pool_calls_limit)",
                    "{{pool}}",
                ),
            ),
            "Of the fullest replica. At 100 % one more is refused.",
        ),
        Panel(
            "Calls in flight, and limits",
            "short",
            (
                Query("sum by (pool) (makegood_pool_calls)", "{{pool}}"),
                Query("sum by (pool) (makegood_pool_calls_limit)", "limit {{pool}}"),
            ),
        ),
        Panel(
            "Callers that keep a thread waiting",
            "short",
            (Query("sum by (pool) (makegood_pool_calls_waiting)", "{{pool}}"),),
        ),
        Panel(
            "p99 of the time in the queue",
            "s",
            (Query("histogram_quantile(0.99, sum by (le, pool) (rate(makegood_grpc_queue_seconds_bucket[5m])))", "{{pool}}"),),
        ),
        Panel(
            "Shedding: refusals by reason",
            "reqps",
            (Query("sum by (reason) (rate(makegood_grpc_calls_refused_total[5m]))", "{{reason}}"),),
        ),
        Panel(
            "Shedding: share of calls",
            "percentunit",
            (Query("makegood:shed:ratio_rate5m", "{{instance}}"),),
        ),
    ),
)

_PROCESSES: Final = Row(
    "Processes",
    (
        Panel(
            "Restarts, 1 h",
            "short",
            (
                Query("sum by (instance) (increase(makegood_worker_restarts_total[1h]))", "workers {{instance}}"),
                Query('sum by (instance) (changes(process_start_time_seconds{job="makegood"}[1h]))', "processes {{instance}}"),
            ),
        ),
        Panel(
            "CPU",
            "percentunit",
            (Query('sum by (instance) (rate(process_cpu_seconds_total{job="makegood"}[5m]))', "{{instance}}"),),
            "100 % is one core.",
        ),
        Panel(
            "Memory",
            "bytes",
            (Query('sum by (instance) (process_resident_memory_bytes{job="makegood"})', "{{instance}}"),),
        ),
        Panel(
            "Open files against the limit",
            "percentunit",
            (Query('max by (instance) (process_open_fds{job="makegood"} / process_max_fds{job="makegood"})', "{{instance}}"),),
        ),
        Panel(
            "What runs",
            "short",
            (Query("sum by (instance, version, engine_version, evaluator, not_compiled) (makegood_build_info)"),),
            shape="table",
            width=8,
        ),
        Panel(
            "Digests by replica",
            "short",
            (Query("sum by (policy, version, sha256, instance) (makegood_policy_info)"),),
            shape="table",
            width=8,
        ),
    ),
)

SERVICE: Final = Dashboard(
    "makegood-service",
    "makegood: service",
    "Does it answer, how fast, how much more could it take.",
    (_UP, _CALLS, _LOAD, _PROCESSES),
)
