"""The contract's services on a frame, with health and reflection beside them."""

import time
from collections.abc import Callable
from dataclasses import replace

from prometheus_client import CollectorRegistry, Gauge

from makegood.v1 import policy_service_pb2_grpc as policy_grpc
from native.choice import from_environment
from policy.calculator.policies import PolicySet
from server import probes, reflection
from server.contract import contract, methods_of
from server.counts import Numbers
from server.deciding import Deciding
from server.decision_metrics import DecisionMetrics
from server.frame import IN_CLEAR, Entry, Frame
from server.interceptors.ways import UNKNOWN_METHOD
from server.loading.state import LoadState
from server.log import Log
from server.memory_limit import MemoryLimit, limit_bytes
from server.metrics import CallMetrics
from server.policies_in_force import InForce, PoliciesInForce
from server.process import keep_what_is_loaded
from server.recording import decision_log
from server.servicers.compensation import CompensationServicer
from server.servicers.policies import PolicyServicer
from server.settings import Address, Settings
from server.traces import traces_of
from server.wire.answers import Answers


def wall_clock() -> int:
    """Now, whole seconds since 1970 UTC."""
    return int(time.time())


def wire_of(policies: PolicySet, metrics: DecisionMetrics) -> Answers | None:
    """What answers from bytes to bytes, where it is compiled; as it stands, the ordinary way is quicker."""
    choice = from_environment()
    return Answers(policies, choice.module("server.wire.rows"), metrics) if choice.compiled else None


class Service:
    """Answers on ``policies`` between :meth:`start` and :meth:`stop`, and tells ``registry``.

    ``load``: how the policies were loaded. ``clock``: now, in seconds since 1970 UTC. ``entry`` None: callers come in clear,
    whoever they are. ``numbers`` None: what is decided is counted for this process by itself.
    """

    def __init__(
        self,
        settings: Settings,
        policies: PolicySet,
        log: Log,
        registry: CollectorRegistry,
        load: LoadState,
        clock: Callable[[], int] = wall_clock,
        entry: Entry | None = None,
        numbers: Numbers | None = None,
    ) -> None:
        self._settings = settings
        self._log = log
        services = contract()
        names = [service.full_name for service in services]
        methods = (*methods_of(services), *reflection.METHODS)
        metrics = CallMetrics(registry, (*methods, UNKNOWN_METHOD))
        memory = MemoryLimit(limit_bytes(settings.max_memory_bytes, settings.workers))
        limit = Gauge(
            "makegood_memory_limit_bytes",
            "Resident memory over which calls are refused, of all workers; 0: there is no limit.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        limit.set(memory.limit_bytes)
        self._traces = traces_of(settings, registry)
        self._frame = Frame(settings, log, metrics, methods, entry or IN_CLEAR, self._traces, memory)
        self._decision_metrics = DecisionMetrics(registry, numbers)
        self._decision_log = decision_log(settings, log, registry)
        self._in_force = PoliciesInForce(self._answering(policies, load))
        compensation = CompensationServicer(
            self._in_force, self._frame.faults, metrics, self._decision_log, settings.max_batch_rows, clock
        )
        server = self._frame.server
        compensation.add_to(server)
        policy_grpc.add_PolicyServiceServicer_to_server(PolicyServicer(self._in_force, clock), server)
        self._health = probes.Health(names)
        self._health.add_to(server)
        if settings.reflection:
            reflection.add_to(server, (*names, probes.SERVICE))

    def put(self, policies: PolicySet | None, load: LoadState) -> None:
        """Answers by ``policies``, or (None) by those in use, from the next call or stream on; ``load``: how that came.

        What runs is answered to its end by the set that it began with, which goes with the last of them.
        """
        current = self._in_force.current
        if policies is None:
            self._in_force.current = replace(current, load=load)
            return
        self._in_force.current = self._answering(policies, load)
        del current
        keep_what_is_loaded()

    def in_use(self) -> tuple[PolicySet, LoadState]:
        """The policies in use, and how they were loaded."""
        current = self._in_force.current
        return current.policies, current.load

    def _answering(self, policies: PolicySet, load: LoadState) -> InForce:
        self._decision_metrics.expect(policies)
        return InForce(policies, Deciding(policies, self._decision_metrics), wire_of(policies, self._decision_metrics), load)

    def start(self) -> Address:
        """Opens the port, and says where it is. Raises CannotStartError."""
        if self._decision_log is not None:
            self._decision_log.start()
        address = self._frame.listen()
        self._health.serving(True)
        return address

    def close_port(self) -> None:
        """Lets another process have the port, while running calls go on until :meth:`stop`, which is to follow."""
        self._frame.close_port()

    def stop(self, *, at_once: bool = False) -> int:
        """Tells probes, refuses new calls, lets running ones finish, closes; how many calls hold a thread even so.

        New calls are still answered in the drain delay, in which whoever sends them learns from probes to send no more; not
        where it is ``at_once``.
        """
        self._health.serving(False, self._frame.pools.control)
        if self._settings.drain_delay_seconds and not at_once:
            self._log.info("not serving", drains_after_seconds=self._settings.drain_delay_seconds)
            time.sleep(self._settings.drain_delay_seconds)
        self._log.info("draining", seconds=self._settings.drain_seconds)
        cut = self._frame.drain()
        if cut:
            self._log.warning("drain time is over", calls_cancelled=cut)
        stuck = self._frame.stop()
        if self._decision_log is not None:
            self._decision_log.close()
        self._traces.close()
        self._log.info("stopped", calls_cancelled=cut)
        return stuck
