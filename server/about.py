"""What the server says about itself: to Prometheus, and by --version."""

import platform
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Gauge

from native.choice import Choice
from policy.language.load import engine


def version_line(choice: Choice) -> str:
    """What runs here, for people."""
    return f"makegood {version('makegood')}, {choice}; engine {engine()}, Python {platform.python_version()}"


def describe_server(registry: CollectorRegistry, engine_version: str, choice: Choice) -> None:
    """Says what runs here."""
    build = Gauge(
        "makegood_build_info",
        "What runs here; always 1. `not_compiled` says why the evaluator is not compiled, and is empty where it is.",
        ("version", "engine_version", "python", "evaluator", "not_compiled"),
        registry=registry,
    )
    evaluator, not_compiled = ("compiled", "") if choice.why_not is None else ("source", choice.why_not.cause.value)
    build.labels(version("makegood"), engine_version, platform.python_version(), evaluator, not_compiled).set(1)
