"""What a worker does.

Its parent hands it over stdin what to answer by; it says READY on stdout, or why it cannot, and answers until its parent says
DRAIN, or lets go of stdin by death, or until SIGTERM. Then it drains, and no further signal ends it sooner but SIGKILL.
"""

import os
import pickle
import signal
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Final

import prometheus_client.values
from prometheus_client import CollectorRegistry

from policy.language.load import compile_versions
from server import securing
from server.cannot_start import CannotStartError
from server.log import Log
from server.memory import give_back_what_is_free
from server.process import end_within, keep_what_is_loaded, take_turns_often
from server.service import Service
from server.standard_streams import Output
from server.stray import log_what_python_prints
from server.workers.directory import LOG_LOCK, held
from server.workers.handover import READY, unpacked
from server.workers.shared_stream import SharedStream

METRICS_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


def main(number: int, directory: Path, stderr: int) -> int:
    """Runs worker ``number`` with what all workers share, ``directory`` and the descriptor of ``stderr``; the exit status."""
    try:
        handed = unpacked(sys.stdin.buffer)
    except (EOFError, pickle.UnpicklingError):
        return 0  # the parent changed its mind, or is dead
    with held(directory):
        settings = handed.settings
        lines = SharedStream(Output(stderr), directory / LOG_LOCK)
        log = Log(lines, settings.log_format, settings.log_level, pid=os.getpid())
        log_what_python_prints(log)
        _share_metrics(number, directory)
        policies = compile_versions(handed.versions, settings.default_policy)
        registry = CollectorRegistry()
        security = securing.secured(settings, log, registry, policies, handed.security)
        entry = securing.entry(security, registry)
        service = Service(settings, policies, log, registry, handed.loaded_at, entry=entry)
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
        Thread(target=_stop_when_let_go, args=(orphaned,), name="parent", daemon=True).start()
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


def _stop_when_let_go(orphaned: Event) -> None:
    # Below Python's own streams: the interpreter does not end in peace while a thread waits in one of them.
    if not os.read(sys.stdin.fileno(), 1):
        orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)
