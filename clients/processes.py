"""Other processes that work out pieces of a run, while this one writes down what becomes of them, in order.

They are begun anew and no forks, for grpcio and fork do not mix. Each has files and connections of its own and writes nothing,
so that it may be ended at any instant; it ends by itself where this process does, however that ends.
"""

import ctypes
import gc
import multiprocessing
import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from clients.errors import ClientError, ExitCode

READY: Final = "ready"
MOST: Final = 64
"""Processes of a run."""


class ProcessEnded(ClientError):
    """A process that worked out a piece is gone: killed, or out of memory."""

    exit_code = ExitCode.UNEXPECTED

    def __init__(self) -> None:
        super().__init__("a process of this run was ended from outside, or was out of memory; what was done until then is kept")


Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
Asked_contra = TypeVar("Asked_contra", contravariant=True)
Answered_co = TypeVar("Answered_co", covariant=True)


class Job(Protocol[Asked_contra, Answered_co]):
    """All that another process has to know; it goes there pickled, and so does what is asked and answered."""

    def opened(self, tell: Callable[[Any], None]) -> AbstractContextManager[Callable[[Asked_contra], Answered_co]]:
        """There: what answers, and may ``tell`` something meanwhile. Raises ClientError."""


class _Told(NamedTuple):
    """What is said before there is an answer."""

    said: Any


class Processes(Generic[Asked, Answered]):
    """Some of them, or none. Several threads may ask at once."""

    def __init__(
        self,
        job: Job[Asked, Answered] | None = None,
        number: int = 1,
        on_told: Callable[[Any], None] = lambda said: None,
        lanes: int = 1,
    ) -> None:
        """``number`` 1: none, for this process works out pieces itself. ``on_told``: hears what they tell meanwhile.

        ``lanes``: pieces that each of them works out at a time, so that it does not stand still while one waits for answers.
        """
        self._job, self.number, self._on_told, self._lanes = job, number, on_told, lanes
        self._begun: list[BaseProcess] = []
        self._free: queue.SimpleQueue[Pipe] = queue.SimpleQueue()

    def begin(self) -> bool:
        """Begin them, unless they have, and do not wait until they are ready; whether there are any."""
        if self._job is None or self.number == 1:
            return False
        if self._begun:
            return True
        context = multiprocessing.get_context("spawn")
        # Now, for it lets SIGINT through in the thread that begins it, as the first of the processes would.
        resource_tracker.ensure_running()
        # Ctrl-C goes to all processes of a terminal; what becomes of these is for this one to say. They inherit the mask.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for _ in range(self.number):
                pipes = [context.Pipe() for _ in range(self._lanes)]
                process = context.Process(target=_serve, args=([there for _, there in pipes], self._job), daemon=True)
                process.start()
                self._begun.append(process)
                for here, there in pipes:
                    there.close()
                    threading.Thread(target=self._wait_for, args=(here,), daemon=True).start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return True

    @property
    def at_a_time(self) -> int:
        """Pieces that they work out at a time."""
        return self.number * self._lanes

    def _wait_for(self, pipe: Pipe) -> None:
        pipe.poll(None)
        self._free.put(pipe)

    def answer(self, asked: Asked) -> Answered | None:
        """What one of them answers; None: none of them is ready. Raises what answering raised, and ProcessEnded."""
        try:
            pipe = self._free.get_nowait()
        except queue.Empty:
            return None
        try:
            if (ready := pipe.recv()) != READY:
                raise ready
            pipe.send(asked)
            while isinstance(answered := pipe.recv(), _Told):
                self._on_told(answered.said)
        except (EOFError, OSError) as error:
            raise ProcessEnded from error
        if isinstance(answered, Exception):
            raise answered
        self._free.put(pipe)
        found: Answered = answered
        return found

    def end(self) -> None:
        """End them, in the middle of whatever they do."""
        for process in self._begun:
            process.terminate()
        for process in self._begun:
            process.join()
        self._begun, self._free = [], queue.SimpleQueue()


def cores() -> int:
    """Those that this process may use."""
    return min(len(os.sched_getaffinity(0)), MOST)


def collect_seldom() -> None:
    """A run makes many small objects, which live until their piece is booked: to look at them seldom saves a tenth."""
    gc.set_threshold(100_000, 50, 100)


def hold_less() -> None:
    """Have the C library keep what many threads free in two places, for all to use, and not in one for each.

    Else a run of several threads holds a fifth more, and more the longer it is. Elsewhere than with glibc it is as it is.
    """
    allocator = ctypes.CDLL(None)
    if sys.platform == "linux" and _ARENAS_WANTED not in os.environ and hasattr(allocator, "mallopt"):
        allocator.mallopt(_M_ARENA_MAX, 2)


_ARENAS_WANTED: Final = "MALLOC_ARENA_MAX"
_M_ARENA_MAX: Final = -8
"""As malloc.h has it."""


def _serve(pipes: Sequence[Pipe], job: Job[Any, Any]) -> None:
    """The other process, with a thread for each of its lanes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    collect_seldom()
    hold_less()
    lanes = [threading.Thread(target=_answer, args=(pipe, job)) for pipe in pipes]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()


def _answer(pipe: Pipe, job: Job[Any, Any]) -> None:
    """Says that it is ready, and then works out each piece that it is sent."""
    try:
        with job.opened(lambda said: pipe.send(_Told(said))) as answer:
            while True:
                pipe.send(READY)
                pipe.send(answer(pipe.recv()))
    except (EOFError, ConnectionError):
        return  # nobody asks any more
    except Exception as error:  # noqa: BLE001 -- it is told to the process that asked, if that still listens
        with suppress(ConnectionError):
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
