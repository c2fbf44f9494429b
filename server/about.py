"""What the server says about itself: to Prometheus, and by --version."""

import platform
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Gauge

from native.choice import Choice
from policy.calculator.policies import PolicySet
from policy.language.load import engine
from server.coverage import CoverageMetrics


def version_line(choice: Choice) -> str:
    """What runs here, for people."""
    return f"makegood {version('makegood')}, {choice}; engine {engine()}, Python {platform.python_version()}"


def describe_server(registry: CollectorRegistry, policies: PolicySet, choice: Choice, loaded_at: int) -> None:
    """Says which policies are active since when (``loaded_at``, seconds since 1970 UTC), and what runs here."""
    build = Gauge(
        "makegood_build_info",
        "What runs here; always 1. `not_compiled` says why the evaluator is not compiled, and is empty where it is.",
        ("version", "engine_version", "python", "evaluator", "not_compiled"),
        registry=registry,
    )
    evaluator, not_compiled = ("compiled", "") if choice.why_not is None else ("source", choice.why_not.cause.value)
    build.labels(version("makegood"), policies.engine_version, platform.python_version(), evaluator, not_compiled).set(1)
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
    went_well = Gauge(
        "makegood_policies_last_load_successful",
        "1: the last attempt went well. 0: it failed, and the policies from before are in use.",
        registry=registry,
    )
    went_well.set(1)
    CoverageMetrics(registry, lambda: policies)
