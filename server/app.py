"""From the command line to a served port, and down again on a signal. It fails closed: no valid policies, no port."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Final, TextIO

from prometheus_client import disable_created_metrics

from policy import CatalogError, UnknownPolicy, load_catalog
from server.log import Log
from server.ports import PortUnavailableError
from server.service import Service
from server.settings import Address, Settings, SettingsError, read_settings

UNUSABLE: Final = 2
"""Exit status: the settings or the policies cannot be used, or a port is taken."""
STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs the server until SIGTERM or SIGINT; the exit status."""
    try:
        settings = read_settings(arguments, environment)
        policies = load_catalog(settings.catalog, default_policy_id=settings.default_policy)
        disable_created_metrics()  # type: ignore[no-untyped-call]  # their creation times would double the list
        # Before the first thread, for threads inherit it: a signal then waits for the main thread to ask for it, and no other
        # thread takes it away.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        log = Log(sys.stderr, settings.log_format, settings.log_level)
        service = Service(settings, policies, log)
        address, metrics_address = service.start()
    except (SettingsError, CatalogError) as error:
        return _refuse([str(problem) for problem in error.problems])
    except UnknownPolicy as error:
        return _refuse([f"{error}; name one of them with --default-policy"])
    except PortUnavailableError as error:
        return _refuse([str(error)])
    log.info("settings", **settings.shown())
    _say(sys.stdout, _ready(address, metrics_address))
    signal.sigwait(STOP_SIGNALS)
    _let_the_next_signal_kill()
    stuck = service.stop()
    log.close()
    if stuck:
        # A thread that never comes back would hold up the interpreter's exit; its call was cancelled, nobody waits for it.
        os._exit(0)
    return 0


def _let_the_next_signal_kill() -> None:
    """Whoever signals twice does not want to wait for the drain."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


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
        "  ask it something, in a second terminal:\n"
        f"    {client}.venv/bin/python -m clients.crm quote examples/rogers-2022-07-08.json\n"
        "  see what it granted:\n"
        f"    curl -s http://{metrics_address}/metrics | grep '^makegood_granted'"
    )
