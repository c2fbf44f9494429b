"""What a worker does.

Its parent hands it over stdin what to answer by; it says READY on stdout, or why it cannot, and answers until its parent says
Drain, or lets go of stdin by death, or until SIGTERM. Then it drains, and no further signal ends it sooner but SIGKILL. Changes
that its parent hands it meanwhile it takes, and says so.
"""

import os
import pickle
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

import prometheus_client.values
from prometheus_client import CollectorRegistry

from policy.calculator.policies import PolicySet
from policy.language.load import compile_versions
from server import securing
from server.cannot_start import CannotStartError
from server.loading.reloader import Put
from server.loading.state import LoadState
from server.log import Log
from server.memory import give_back_what_is_free
from server.process import end_within, keep_what_is_loaded, take_turns_often
from server.service import Service
from server.settings import Settings
from server.standard_streams import Output
from server.stray import log_what_python_prints, raised
from server.workers.directory import LOG_LOCK, held
from server.workers.handover import READY, TAKEN, Change, FromParent, Handover, unpacked
from server.workers.numbers import SharedNumbers
from server.workers.shared_stream import SharedStream

if TYPE_CHECKING:
    from server.access.security import Security

METRICS_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


def main(number: int, directory: Path, stderr: int) -> int:
    """Runs worker ``number`` with what all workers share, ``directory`` and the descriptor of ``stderr``; the exit status."""
    parent = FromParent(sys.stdin.fileno())
    try:
        handed = unpacked(parent)
    except (EOFError, pickle.UnpicklingError):
        return 0  # the parent changed its mind, or is dead
    assert isinstance(handed, Handover)
    with held(directory):
        settings = handed.settings
        lines = SharedStream(Output(stderr), directory / LOG_LOCK)
        log = Log(lines, settings.log_format, settings.log_level, pid=os.getpid())
        log_what_python_prints(log)
        _share_metrics(number, directory)
        service, security = _made(handed, log, SharedNumbers(directory, number))
        keep_what_is_loaded()
        take_turns_often()
        give_back_what_is_free()
        try:
            service.start()
        except CannotStartError as error:
            _tell("\n".join(error.problems).encode())
            return 2
        if security is not None:
            security.start()
        _tell(READY)
        orphaned = Event()
        del handed  # whoever decides holds the policies, for as long as it does
        listening = (parent, settings, partial(_put, service, security), orphaned, log)
        Thread(target=_listen, args=listening, name="parent", daemon=True).start()
        signal.sigwait({signal.SIGTERM})
        end_within(settings.drain_delay_seconds + settings.drain_seconds, log)
        if orphaned.is_set():
            log.warning("parent is dead")
            service.close_port()
        stuck = service.stop(at_once=orphaned.is_set())
        log.close()
    if stuck:
        os._exit(0)  # as one process alone does
    return 0


def _made(handed: Handover, log: Log, numbers: SharedNumbers) -> tuple[Service, "Security | None"]:
    settings, registry = handed.settings, CollectorRegistry()
    policies = compile_versions(handed.versions, settings.default_policy)
    security = securing.secured(settings, log, registry, policies, handed.security)
    entry = securing.entry(security, registry)
    return Service(settings, policies, log, registry, handed.load, entry=entry, numbers=numbers), security


def _put(service: Service, security: "Security | None", policies: PolicySet | None, load: LoadState) -> None:
    service.put(policies, load)
    if policies is not None and security is not None:
        security.know(securing.names_of(policies))


def _share_metrics(number: int, directory: Path) -> None:
    """Keeps all values that are made from now on in files of ``directory`` that bear ``number``.

    Not the process's id, as is usual: so a worker that takes the place of a dead one counts on from where that one was, and the
    files do not grow in number.
    """
    os.environ[METRICS_VARIABLE] = str(directory)
    prometheus_client.values.ValueClass = prometheus_client.values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]


def _tell(said: bytes) -> None:
    with suppress(BrokenPipeError):  # the parent is dead, and stdin will say so
        os.write(sys.stdout.fileno(), said)


def _listen(parent: FromParent, settings: Settings, put: Put, orphaned: Event, log: Log) -> None:
    """Takes changes, and ends the process when its parent says so, when that is dead, or when a change cannot be taken.

    A worker that cannot take one is drained, and its parent has another take its place, which begins with the change.
    """
    try:
        while isinstance(told := unpacked(parent), Change):
            versions = told.versions
            put(None if versions is None else compile_versions(versions, settings.default_policy), told.load)
            del told, versions
            _tell(TAKEN)
    except (EOFError, pickle.UnpicklingError):
        orphaned.set()
    except Exception as error:  # noqa: BLE001  # a defect of ours: it goes, and calls are answered by the others
        log.error("fault", **raised(error))  # noqa: TRY400  # it is no logger of logging
    os.kill(os.getpid(), signal.SIGTERM)
