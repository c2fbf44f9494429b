"""From the command line to a served port, and down again on a signal. It fails closed: no valid policies, no port."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from threading import Event
from typing import Final, TextIO

from prometheus_client import disable_created_metrics

from policy import CatalogError, UnknownPolicy, load_catalog
from server.log import Log
from server.ports import PortUnavailableError
from server.service import Service
from server.settings import Address, Settings, SettingsError, read_settings

UNUSABLE: Final = 2
"""Exit status: the settings or the policies cannot be used, or a port is taken."""


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs the server until SIGTERM or SIGINT; the exit status."""
    try:
        settings = read_settings(arguments, environment)
        policies = load_catalog(settings.catalog, default_policy_id=settings.default_policy)
        log = Log(sys.stderr, settings.log_format, settings.log_level)
        disable_created_metrics()  # type: ignore[no-untyped-call]  # their creation times would double the list
        service = Service(settings, policies, log)
        stopping = _stopped_by_signal()
        address, metrics_address = service.start()
    except (SettingsError, CatalogError) as error:
        return _refuse([str(problem) for problem in error.problems])
    except UnknownPolicy as error:
        return _refuse([f"{error}; name one of them with --default-policy"])
    except PortUnavailableError as error:
        return _refuse([str(error)])
    log.info("settings", **settings.shown())
    _say(sys.stdout, _ready(address, metrics_address))
    stopping.wait()
    stuck = service.stop()
    log.close()
    if stuck:
        # A thread that never comes back would hold up the interpreter's exit; its call was cancelled, nobody waits for it.
        os._exit(0)
    return 0


def _stopped_by_signal() -> Event:
    """Set by the first SIGTERM or SIGINT; the second one ends the process as if nothing were installed."""
    stopping = Event()

    def stop(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopping


def _refuse(problems: Sequence[str]) -> int:
    _say(sys.stderr, "\n  ".join(["makegood does not start:", *problems]))
    return UNUSABLE


def _say(stream: TextIO, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()


def _ready(address: Address, metrics_address: Address) -> str:
    client = "" if address == Settings().listen else f"MAKEGOOD_ADDRESS={address} "
    return (
        f"makegood is ready: gRPC on {address}, metrics on http://{metrics_address}/metrics\n"
        f"  ask it something, in a second terminal: {client}.venv/bin/python -m clients.crm quote examples/rogers-2022-07-08.json\n"
        f"  see what it granted:                    curl -s http://{metrics_address}/metrics | grep makegood_granted"
    )
