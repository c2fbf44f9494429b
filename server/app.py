"""From the command line to a served port. It fails closed: no valid policies, no port."""

import sys
from collections.abc import Mapping, Sequence
from typing import Final, TextIO

from prometheus_client import disable_created_metrics

from policy import CatalogError, UnknownPolicy
from policy.language.catalog import load_versions
from policy.language.load import compile_versions
from server.cannot_start import CannotStartError
from server.process import hold_signals
from server.settings import Address, Settings, read_settings
from server.workers import supervisor

UNUSABLE: Final = 2
"""Exit status: the settings or the policies cannot be used, a port is taken, or a worker does not come up."""


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs the server until SIGTERM or SIGINT; the exit status."""
    try:
        settings = read_settings(arguments, environment)
        versions = load_versions(settings.catalog)
        policies = compile_versions(versions, settings.default_policy)
        disable_created_metrics()  # type: ignore[no-untyped-call]  # their creation times would double the list
        if settings.workers == 1:
            hold_signals()
            # Not at the top: some of it starts threads, and the parent of workers does without 60 MB and half a second.
            from server import alone  # noqa: PLC0415

            return alone.run(settings, policies, _tell_ready)
        return supervisor.run(settings, versions, policies, _tell_ready)
    except (CannotStartError, CatalogError) as error:
        return _refuse([str(problem) for problem in error.problems])
    except UnknownPolicy as error:
        return _refuse([f"{error}; name one of them with --default-policy"])


def _refuse(problems: Sequence[str]) -> int:
    _say(sys.stderr, "\n  ".join(["makegood does not start:", *problems]))
    return UNUSABLE


def _say(stream: TextIO, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()


def _tell_ready(address: Address, metrics_address: Address) -> None:
    client = "" if address == Settings().listen else f"MAKEGOOD_ADDRESS={address} "
    _say(
        sys.stdout,
        f"makegood is ready: gRPC on {address}, metrics on http://{metrics_address}/metrics\n"
        "  ask it something, in a second terminal:\n"
        f"    {client}.venv/bin/python -m clients.crm quote examples/rogers-2022-07-08.json\n"
        "  see what it granted:\n"
        f"    curl -s http://{metrics_address}/metrics | grep '^makegood_granted'",
    )
