"""What Prometheus is told of the policies in use and of attempts to load others.

All of it is read from one state at once, so that no scrape sees half of a change.
"""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from policy.calculator.policies import PolicySet
from server.loading.state import LoadState, versions_of

InUse = Callable[[], tuple[PolicySet, LoadState]]


class LoadMetrics(Collector):
    """Told to ``registry``; ``in_use`` gives the policies in use and how they were loaded."""

    def __init__(self, registry: CollectorRegistry, in_use: InUse) -> None:
        self._in_use = in_use
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Names alone, so that registering asks for nothing."""
        return [Metric("makegood_policy_info", "", "gauge")]

    def collect(self) -> Iterator[Metric]:
        """Of the state as it is now."""
        policies, state = self._in_use()
        versions = GaugeMetricFamily(
            "makegood_policy_info",
            "A version of a policy that is loaded; always 1.",
            labels=("policy", "version", "sha256"),
        )
        for each in versions_of(policies):
            versions.add_metric((each.policy_id, each.version, each.sha256), 1)
        yield versions
        whole = GaugeMetricFamily(
            "makegood_policy_set_info",
            "The set of all versions that are loaded, their dates and the default policy; always 1.",
            labels=("sha256",),
        )
        whole.add_metric((state.sha256,), 1)
        yield whole
        yield _gauge(
            "policies_last_successful_load_timestamp_seconds",
            "When the files of the policies were last read and taken. A failed attempt does not move it.",
            state.succeeded_at,
        )
        yield _gauge(
            "policies_last_load_attempt_timestamp_seconds",
            "When they were last looked at to that end.",
            state.attempted_at,
        )
        yield _gauge(
            "policies_last_load_successful",
            "1: the last attempt went well. 0: it failed, and the policies from before are in use.",
            int(not state.problem_count),
        )
        yield _gauge("policies_load_problems", "Problems that the last attempt found.", state.problem_count)
        reloads = CounterMetricFamily("makegood_policies_reloads", "Attempts to load them anew.", labels=("result",))
        reloads.add_metric(("loaded",), state.attempts - state.failures)
        reloads.add_metric(("failed",), state.failures)
        yield reloads
        problems = GaugeMetricFamily(
            "makegood_policies_load_problem_info",
            "Where the files are wrong, the first places, as long as the last attempt is one that failed; always 1.",
            labels=("file", "line"),
        )
        for file, line in sorted({(problem.path, problem.line) for problem in state.problems}):
            problems.add_metric((file, str(line)), 1)
        yield problems


def _gauge(name: str, text: str, value: int) -> Metric:
    return GaugeMetricFamily(f"makegood_{name}", text, value=value)
