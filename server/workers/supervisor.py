"""Several workers on one port: started together, watched, replaced when they die, drained together. What ``--workers 2`` runs.

The kernel spreads connections over the workers (SO_REUSEPORT), and a connection stays with its worker. This process answers no
calls: it reads and checks the policies, keeps the port, serves /metrics for all, and is what a signal is sent to. Workers are
new processes and no forks, for grpcio and fork do not mix; of what only they need, nothing is imported here.

INVARIANT: no worker outlives this process by more than its drain time; each watches a pipe that ends when this process does.
"""

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry

from native.choice import Choice
from policy.calculator.policies import PolicySet
from server import securing
from server.about import describe_server
from server.cannot_start import CannotStartError
from server.coverage import CoverageMetrics
from server.loading.files import Stamps
from server.loading.metrics import LoadMetrics
from server.loading.page import page
from server.loading.reloader import Reloader
from server.loading.state import LoadState, versions_of
from server.log import Log
from server.metrics_endpoint import MetricsEndpoint
from server.ports import require_free, reserve
from server.process import BEYOND_DRAIN_SECONDS, end_within, tell_ignored
from server.settings import Address, Settings
from server.signals import HELD_SIGNALS, RELOAD_SIGNAL, STOP_SIGNALS, release_signals
from server.standard_streams import STDERR, Output
from server.stray import log_what_python_prints, own_stderr
from server.workers.directory import LOG_LOCK, held
from server.workers.handover import Change, Handover, packed
from server.workers.metrics import WorkerMetrics
from server.workers.process import WorkerProcess
from server.workers.shared_stream import SharedStream

if TYPE_CHECKING:
    from server.access.security import Security

STEADY_SECONDS: Final = 60
"""A worker that lived so long is replaced at once when it dies; one that did not, after a pause."""
PAUSES_SECONDS: Final = (0, 1, 3, 7, 15, 30)
"""By how many in a row did not live so long; so that a defect that kills every worker does not take the whole machine."""
ALONE_SECONDS: Final = 1
"""The longest pause where no other worker answers or comes up: callers who ask again for half a minute then find one."""
FIRST_SECONDS: Final = 10
"""So long the others wait at most where all have died and one comes up: six at once answer only after the work of six."""
TAKE_SECONDS: Final = 60
"""A worker that has not taken a change by then is stuck."""
_LOOK_SECONDS: Final = 0.05


def run(
    settings: Settings,
    policies: PolicySet,
    choice: Choice,
    tell_ready: Callable[[Address, Address], None],
    seen: Stamps,
) -> int:
    """Answers until SIGTERM or SIGINT; the exit status. Raises CannotStartError.

    ``seen``: what the files of the policies were before they were read.
    """
    if not settings.reuse_port:
        require_free(settings.listen, "--listen")
    port, address = reserve(settings.listen, "--listen")
    state = LoadState.first(policies, _now())
    registry = CollectorRegistry()
    describe_server(registry, policies.engine_version, choice)
    with port, held(_private_directory()) as directory:
        metrics = WorkerMetrics(registry, directory, settings.workers)
        log = Log(SharedStream(Output(STDERR), directory / LOG_LOCK), settings.log_format, settings.log_level)
        log_what_python_prints(log)
        handed = Handover(replace(settings, listen=address, reuse_port=True), versions_of(policies), state)
        security = securing.secured(settings, log, None, policies, http=True)  # the workers tell Prometheus
        supervisor = Supervisor(handed, directory, log, metrics, security)
        reloader = supervisor.reloader = Reloader(
            settings.catalog, settings.default_policy, settings.watch_seconds, policies, state, supervisor.put, log, _now, seen
        )
        del policies, handed
        LoadMetrics(registry, reloader.in_use)
        CoverageMetrics(registry, lambda: reloader.in_use()[0])
        entrance = securing.entrance(security, registry)
        endpoint = MetricsEndpoint(
            registry, settings.metrics_listen, log, supervisor.why_not_ready, lambda: page(*reloader.in_use()), entrance
        )
        if security is not None:
            security.start()

        def ready() -> None:
            log.info("settings", **settings.shown(), evaluator=str(choice))
            tell_ready(address, endpoint.address)

        try:
            last_signal = asyncio.run(supervisor.run(ready))
        finally:
            endpoint.close()
            if security is not None:
                security.stop()
            log.close()
    if last_signal is not None:
        _end_by(last_signal)
    return 0


def _end_by(number: int) -> None:
    """As a process ends that does not know the signal."""
    signal.signal(number, signal.SIG_DFL)
    release_signals()
    signal.raise_signal(number)


def _private_directory() -> Path:
    try:
        return Path(mkdtemp(prefix="makegood-"))
    except OSError as error:
        raise CannotStartError([f"workers need a temporary directory: {error}; set TMPDIR, or take --workers 1"]) from error


def _now() -> int:
    return int(time.time())


class Supervisor:
    """Keeps the workers; they share ``directory``; each is handed ``handed``, and the files that ``security`` has in use."""

    def __init__(
        self, handed: Handover, directory: Path, log: Log, metrics: WorkerMetrics, security: "Security | None" = None
    ) -> None:
        self._settings = handed.settings
        self._handed = handed
        self._security = security
        self._change = packed(Change(handed.versions, handed.load))
        self._loop: asyncio.AbstractEventLoop | None = None
        self.reloader: Reloader | None = None
        self._directory = directory
        self._log = log
        self._metrics = metrics
        self._stderr = own_stderr()
        self._workers: dict[int, WorkerProcess] = {}
        self._coming_up: set[int] = set()
        self._stop = asyncio.Event()
        self._killed_by: signal.Signals | None = None

    def why_not_ready(self) -> str:
        """Why no worker answers calls; nothing when one does."""
        if self._stop.is_set():
            return "draining"
        return "" if self._metrics.answering else "no worker answers"

    async def run(self, tell_ready: Callable[[], None]) -> signal.Signals | None:
        """Keeps them until a signal, and drains them; the second signal, if that ended it. Raises CannotStartError."""
        loop = self._loop = asyncio.get_running_loop()
        Thread(target=self._await_signals, args=(loop,), name="signals", daemon=True).start()
        serving, stopping = asyncio.create_task(self._serve(tell_ready)), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():  # it ends only by what it raises
                serving.result()
            serving.cancel()
            await self._drain()
        finally:
            stopping.cancel()
            for worker in self._workers.values():
                worker.kill()
                await worker.ended()
        return self._killed_by

    def _await_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        # They stay held, so that a worker is born with them held, and none kills it before it can say what it makes of them.
        with suppress(RuntimeError):  # the loop is closed
            while True:
                loop.call_soon_threadsafe(self._signalled, signal.sigwait(HELD_SIGNALS))

    def _signalled(self, number: int) -> None:
        if number == RELOAD_SIGNAL and self.reloader is not None:
            self.reloader.ask(signal.Signals(number).name)
            return
        if number not in STOP_SIGNALS:
            tell_ignored(self._log, number)
            return
        if not self._stop.is_set():
            self._stop.set()
            return
        # Whoever signals twice does not want to wait for the drain.
        self._killed_by = signal.Signals(number)
        for worker in self._workers.values():
            worker.kill()

    async def _serve(self, tell_ready: Callable[[], None]) -> None:
        numbers = range(self._settings.workers)
        await asyncio.gather(*(self._start(number) for number in numbers))
        tell_ready()
        if self.reloader is not None:
            self.reloader.start()
        await asyncio.gather(*(self._keep(number) for number in numbers))

    async def _start(self, number: int) -> None:
        """Returns when it answers. Raises CannotStartError."""
        self._coming_up.add(number)
        try:
            await self._come_up(number)
        finally:
            self._coming_up.discard(number)

    async def _come_up(self, number: int) -> None:
        # Of files that cannot be used now, a worker that takes a dead one's place has the last good ones, as the others do.
        begins_with = self._handed
        handed = packed(replace(begins_with, security={} if self._security is None else self._security.contents))
        worker = self._workers[number] = await WorkerProcess.started(number, self._directory, handed, self._log, self._stderr)
        worker.has = begins_with
        await worker.ready()
        while worker.has is not self._handed:  # it changed while this one came up
            if not await worker.take(self._handed, self._change):
                raise CannotStartError([f"a worker did not take what was reloaded: {await worker.ended()}"])
        self._metrics.answers(number, worker.pid)
        self._log.info("worker ready", worker=number, pid=worker.pid)

    async def _keep(self, number: int) -> None:
        """Replaces worker ``number`` whenever it ends."""
        short_lives = 0
        while True:
            worker, began = self._workers[number], time.monotonic()
            how = await worker.ended()
            self._metrics.died(number)
            short_lives = 0 if time.monotonic() - began >= STEADY_SECONDS else short_lives + 1
            pause = PAUSES_SECONDS[min(short_lives, len(PAUSES_SECONDS) - 1)]
            self._log.error("worker died", worker=number, pid=worker.pid, ended=how, replaced_after_seconds=pause)
            await self._pause(pause)
            try:
                await self._start(number)
            except CannotStartError as error:
                self._log.error("worker does not start", worker=number, problems=list(error.problems))

    async def _pause(self, seconds: float) -> None:
        """Before a dead worker is replaced. One of them does not wait for longer than ALONE_SECONDS while there is no other.

        The others then leave it the machine until it answers.
        """
        began = time.monotonic()
        while True:
            waited, none_answers = time.monotonic() - began, not self._metrics.answering
            if waited >= seconds + (FIRST_SECONDS if none_answers and self._coming_up else 0):
                return
            if waited >= ALONE_SECONDS and none_answers and not self._coming_up:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    def put(self, policies: PolicySet | None, load: LoadState) -> None:
        """Has every worker answer by ``policies``, or (None) by those in use, and returns when they do.

        A worker that does not say so in time is killed; one that takes its place begins with them.
        """
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._put(policies, load), self._loop).result()
        if policies is not None and self._security is not None:
            self._security.know(securing.names_of(policies))

    async def _put(self, policies: PolicySet | None, load: LoadState) -> None:
        versions = self._handed.versions if policies is None else versions_of(policies)
        handed = replace(self._handed, versions=versions, load=load)
        told = packed(Change(None if policies is None else versions, load))
        answering = [worker for number, worker in self._workers.items() if self._metrics.is_answering(number)]
        # One that comes up meanwhile is handed all of it, for it may not have what a change without versions leaves as it is.
        self._handed, self._change = handed, packed(Change(versions, load))
        taking = {asyncio.create_task(worker.take(handed, told)): worker for worker in answering}
        late = (await asyncio.wait(taking, timeout=TAKE_SECONDS))[1] if taking else set()
        for task in late:
            self._log.error("worker killed", worker=taking[task].number, pid=taking[task].pid, because="takes no change")
            taking[task].kill()
        deadline = time.monotonic() + TAKE_SECONDS
        while missing := [number for number in self._workers if not self._answers_by(handed, number)]:
            if self._stop.is_set():
                return
            if time.monotonic() > deadline:
                self._log.error("workers missing", workers=missing, because="they have not come up with what was reloaded")
                return
            await asyncio.sleep(_LOOK_SECONDS)

    def _answers_by(self, handed: Handover, number: int) -> bool:
        return self._workers[number].has is handed and self._metrics.is_answering(number)

    async def _drain(self) -> None:
        if self.reloader is not None:
            self.reloader.stop()
        within = self._settings.drain_delay_seconds + self._settings.drain_seconds
        self._log.info("draining", seconds=within)
        end_within(within + BEYOND_DRAIN_SECONDS, self._log)
        workers = [worker for worker in self._workers.values() if worker.alive]
        for worker in workers:
            worker.let_go()
        if workers:
            ends = [asyncio.create_task(worker.ended()) for worker in workers]
            await asyncio.wait(ends, timeout=within + BEYOND_DRAIN_SECONDS)
        stuck = [worker.pid for worker in workers if worker.alive]
        if stuck:
            self._log.warning("workers killed", pids=stuck)
        self._log.info("stopped")
