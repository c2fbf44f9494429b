"""One process that does it all: calls on one port, metrics on another. What ``--workers 1`` runs."""

import os
import signal
from collections.abc import Callable

from prometheus_client import CollectorRegistry, ProcessCollector

from native.choice import Choice
from policy.calculator.policies import PolicySet
from server import securing
from server.about import describe_server
from server.log import Log
from server.memory import give_back_what_is_free
from server.metrics_endpoint import MetricsEndpoint
from server.process import end_within, keep_what_is_loaded, take_turns_often, tell_ignored
from server.service import Service, wall_clock
from server.settings import Address, Settings
from server.signals import HELD_SIGNALS, STOP_SIGNALS


class Alone:
    """Answers on ``policies`` between :meth:`start` and :meth:`stop`. ``clock`` gives seconds since 1970 UTC."""

    def __init__(
        self, settings: Settings, policies: PolicySet, choice: Choice, log: Log, clock: Callable[[], int] = wall_clock
    ) -> None:
        self._listen = settings.metrics_listen
        self._registry = CollectorRegistry()
        self._log = log
        self._why_not_ready = "starting"
        loaded_at = clock()
        ProcessCollector(registry=self._registry)
        describe_server(self._registry, policies, choice, loaded_at)
        self._security = securing.secured(settings, log, self._registry, policies, http=True)
        entry = securing.entry(self._security, self._registry)
        self._entrance = securing.entrance(self._security, self._registry)
        self._service = Service(settings, policies, log, self._registry, loaded_at, clock, entry)

    def start(self) -> tuple[Address, Address]:
        """Opens both ports, calls' and metrics', and says where they are. Raises PortUnavailableError; then neither is open."""
        metrics_endpoint = MetricsEndpoint(self._registry, self._listen, self._log, lambda: self._why_not_ready, self._entrance)
        try:
            address = self._service.start()
        except BaseException:
            metrics_endpoint.close()
            raise
        self._metrics_endpoint = metrics_endpoint
        if self._security is not None:
            self._security.start()
        self._why_not_ready = ""
        return address, metrics_endpoint.address

    def stop(self) -> int:
        """Tells probes, refuses new calls, lets running ones finish, closes; how many calls hold a thread even so."""
        self._why_not_ready = "draining"
        stuck = self._service.stop()
        if self._security is not None:
            self._security.stop()
        self._metrics_endpoint.close()
        return stuck


def run(
    settings: Settings, policies: PolicySet, choice: Choice, log: Log, tell_ready: Callable[[Address, Address], None]
) -> int:
    """Answers until SIGTERM or SIGINT, which are held; the exit status. Raises CannotStartError."""
    server = Alone(settings, policies, choice, log)
    keep_what_is_loaded()
    take_turns_often()
    give_back_what_is_free()
    addresses = server.start()
    log.info("settings", **settings.shown(), evaluator=str(choice))
    tell_ready(*addresses)
    while (number := signal.sigwait(HELD_SIGNALS)) not in STOP_SIGNALS:
        tell_ignored(log, number)
    _let_the_next_signal_kill()
    end_within(settings.drain_delay_seconds + settings.drain_seconds, log)
    stuck = server.stop()
    if stuck:
        log.close()
        # A thread that never comes back would hold up the interpreter's exit; its call was cancelled, nobody waits for it.
        os._exit(0)
    return 0


def _let_the_next_signal_kill() -> None:
    """Whoever signals twice does not want to wait for the drain."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
