"""Other processes that work out pieces of a run, while this one books them in order.

They are begun anew and no forks, for grpcio and fork do not mix. Each has a connection of its own to ledger and service, and
writes nothing, so that it may be ended at any instant; it ends by itself where this process does, however that ends.
"""

import gc
import multiprocessing
import os
import pickle
import queue
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from clients.account import database, service, sources
from clients.account.extract import ExtractReader
from clients.account.proposing import How, Proposing, Worked
from clients.account.sources import Piece, Reads
from clients.channel import Connection
from clients.errors import ClientError, ExitCode
from clients.tables import opening
from clients.tables.options import TableOptions

READY: Final = "ready"


class ProcessEnded(ClientError):
    """A process that worked out a piece is gone: killed, or out of memory."""

    exit_code = ExitCode.UNEXPECTED

    def __init__(self) -> None:
        super().__init__("a process of this run was ended from outside, or was out of memory; what was booked is kept")


@dataclass(frozen=True, slots=True)
class File:
    """How rows of a file are read. ``areas``: those that outages name."""

    path: Path
    options: TableOptions
    areas: tuple[str, ...]

    def reads(self) -> Reads:
        """Takes pieces of it apart. Raises BadInput."""
        table = opening.open_table(self.path, self.options)
        return sources.of_rows(ExtractReader(table, str(self.path), self.options, self.areas))


@dataclass(frozen=True, slots=True)
class Job:
    """All that another process has to know. ``file`` None: pieces hold subjects. ``engine`` "": the first that decides."""

    ledger: str
    wait_seconds: float
    to: Connection
    versions: frozenset[str]
    engine: str
    how: How
    file: File | None

    @contextmanager
    def opened(self) -> Iterator[Proposing]:
        """What works out pieces. Raises ClientError."""
        with (
            database.opened(self.ledger, create=False, wait_seconds=self.wait_seconds) as opened,
            service.asking(self.to, self.how.policy_id, self.versions) as ask,
        ):
            ask.engine = self.engine
            yield Proposing(opened, self.how, ask.all, sources.as_they_are if self.file is None else self.file.reads())


class Processes:
    """Some of them, or none. Several threads may ask at once."""

    def __init__(self, job: Job | None = None, number: int = 1) -> None:
        """``number`` 1: none, for this process works out pieces itself."""
        self._job, self.number = job, number
        self._begun: list[BaseProcess] = []
        self._free: queue.SimpleQueue[Pipe] = queue.SimpleQueue()

    def begin(self) -> None:
        """Begin them, and do not wait until they are ready."""
        if self._job is None or self.number == 1 or self._begun:
            return
        context = multiprocessing.get_context("spawn")
        # Ctrl-C goes to all processes of a terminal; what becomes of these is for this one to say. They inherit the mask.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for _ in range(self.number):
                here, there = context.Pipe()
                process = context.Process(target=_serve, args=(there, self._job), daemon=True)
                process.start()
                there.close()
                self._begun.append(process)
                threading.Thread(target=self._wait_for, args=(here,), daemon=True).start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _wait_for(self, pipe: Pipe) -> None:
        pipe.poll(None)
        self._free.put(pipe)

    def work_out(self, piece: Piece, *, dry: bool) -> Worked | None:
        """A piece; None: none of them is ready. Raises what working it out raised, and ProcessEnded."""
        try:
            pipe = self._free.get_nowait()
        except queue.Empty:
            return None
        try:
            if (ready := pipe.recv()) != READY:
                raise ready
            pipe.send((piece, dry))
            worked = pipe.recv()
        except (EOFError, OSError) as error:
            raise ProcessEnded from error
        if isinstance(worked, Exception):
            raise worked
        assert isinstance(worked, Worked)
        self._free.put(pipe)
        return worked

    def end(self) -> None:
        """End them, in the middle of whatever they do."""
        for process in self._begun:
            process.terminate()
        for process in self._begun:
            process.join()
        self._begun, self._free = [], queue.SimpleQueue()


def collect_seldom() -> None:
    """A run makes many small objects, which live until their piece is booked: to look at them seldom saves a tenth."""
    gc.set_threshold(100_000, 50, 100)


def _serve(pipe: Pipe, job: Job) -> None:
    """The other process: says that it is ready, and then works out each piece that it is sent."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    collect_seldom()
    try:
        with job.opened() as proposing:
            while True:
                pipe.send(READY)
                piece, dry = pipe.recv()
                pipe.send(proposing.piece(piece, dry=dry))
    except (EOFError, BrokenPipeError):
        return
    except Exception as error:  # noqa: BLE001 -- it is told to the process that asked
        pipe.send(_sendable(error))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(ExitCode.INTERRUPTED)


def _sendable(error: Exception) -> Exception:
    """As it is, where it can be taken apart and put together again."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 -- its own
    except Exception:  # noqa: BLE001 -- errors of libraries need not be made for it
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
