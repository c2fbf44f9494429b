"""What the server tells Prometheus about itself."""

import platform
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Gauge

from policy.calculator.policies import PolicySet


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
