"""One process that does it all: calls on one port, metrics on another. What ``--workers 1`` runs."""

import os
import signal
from collections.abc import Callable

from prometheus_client import CollectorRegistry, ProcessCollector

from native.choice import Choice
from policy.calculator.policies import PolicySet
from server import securing
from server.about import describe_server
from server.coverage import CoverageMetrics
from server.loading.files import Stamps
from server.loading.metrics import LoadMetrics
from server.loading.page import page
from server.loading.reloader import Reloader
from server.loading.state import LoadState
from server.log import Log
from server.memory import give_back_what_is_free
from server.metrics_endpoint import MetricsEndpoint
from server.process import end_within, keep_what_is_loaded, take_turns_often, tell_ignored
from server.service import Service, wall_clock
from server.settings import Address, Settings
from server.signals import HELD_SIGNALS, RELOAD_SIGNAL, STOP_SIGNALS


class SingleProcess:
    """Answers on ``policies`` between :meth:`start` and :meth:`stop`. ``clock`` gives seconds since 1970 UTC."""

    def __init__(
        self, settings: Settings, policies: PolicySet, choice: Choice, log: Log, clock: Callable[[], int] = wall_clock
    ) -> None:
        self._listen = settings.metrics_listen
        self._registry = CollectorRegistry()
        self._log = log
        self._why_not_ready = "starting"
        ProcessCollector(registry=self._registry)
        describe_server(self._registry, policies.engine_version, choice)
        self._security = securing.secured(settings, log, self._registry, policies, http=True)
        entry = securing.entry(self._security, self._registry)
        self._entrance = securing.entrance(self._security, self._registry)
        load = LoadState.first(policies, clock())
        self._service = Service(settings, policies, log, self._registry, load, clock, entry)
        self.in_use = self._service.in_use
        LoadMetrics(self._registry, self.in_use)
        CoverageMetrics(self._registry, lambda: self.in_use()[0])

    def put(self, policies: PolicySet | None, load: LoadState) -> None:
        """As :meth:`Service.put`; who may use which policy is held against them too."""
        self._service.put(policies, load)
        if policies is not None and self._security is not None:
            self._security.know(securing.names_of(policies))

    def start(self) -> tuple[Address, Address]:
        """Opens both ports, calls' and metrics', and says where they are. Raises PortUnavailableError; then neither is open."""
        metrics_endpoint = MetricsEndpoint(
            self._registry,
            self._listen,
            self._log,
            lambda: self._why_not_ready,
            lambda: page(*self.in_use()),
            self._entrance,
        )
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
    settings: Settings,
    policies: PolicySet,
    choice: Choice,
    log: Log,
    tell_ready: Callable[[Address, Address], None],
    seen: Stamps,
) -> int:
    """Answers until SIGTERM or SIGINT, which are held; the exit status. Raises CannotStartError.

    ``seen``: what the files of the policies were before they were read.
    """
    server = SingleProcess(settings, policies, choice, log)
    keep_what_is_loaded()
    take_turns_often()
    give_back_what_is_free()
    addresses = server.start()
    log.info("settings", **settings.shown(), evaluator=str(choice))
    tell_ready(*addresses)
    reloader = Reloader(
        settings.catalog,
        settings.default_policy,
        settings.watch_seconds,
        policies,
        server.in_use()[1],
        server.put,
        log,
        wall_clock,
        seen,
    )
    del policies  # whoever decides holds them, for as long as it does
    reloader.start()
    while (number := signal.sigwait(HELD_SIGNALS)) not in STOP_SIGNALS:
        if number == RELOAD_SIGNAL:
            reloader.ask(signal.Signals(number).name)
        else:
            tell_ignored(log, number)
    reloader.stop()
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
