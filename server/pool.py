"""A thread pool that knows how many calls it holds.

grpcio hands a call to a pool in the same thread in which interceptors let it in, and its task ends with the call on every path:
answered, failed, cancelled while it still queued. So the tasks of a pool are the calls in flight, with nothing to leak.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from time import monotonic, sleep
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_LOOK_EVERY_SECONDS: Final = 0.01


class CallPool(ThreadPoolExecutor):
    """``threads`` run calls; ``limit`` says how many may run and queue together. Whoever submits asks ``full`` first."""

    def __init__(self, name: str, threads: int, limit: int) -> None:
        super().__init__(max_workers=threads, thread_name_prefix=name)
        self.name = name
        self.limit = limit
        self._in_flight = 0
        self._counting = Lock()

    @property
    def in_flight(self) -> int:
        """Calls that run or queue."""
        return self._in_flight

    @property
    def full(self) -> bool:
        """Whether one more call would be over the limit."""
        return self._in_flight >= self.limit

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Runs a call in a thread of the pool, as every executor does, and counts it until it ends."""
        with self._counting:
            self._in_flight += 1
        try:
            return super().submit(self._counted, fn, *args, **kwargs)
        except BaseException:  # the pool is shut down, or no thread can be started
            self._leave()
            raise

    def _counted(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return fn(*args, **kwargs)
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._counting:
            self._in_flight -= 1


@dataclass(frozen=True, slots=True)
class Pools:
    """Where calls run: unary ones in ``calls``; each stream holds a thread of ``streams`` for as long as it lasts.

    Refusals and health probes run in ``control``, so that neither waits behind work.
    """

    calls: CallPool
    streams: CallPool
    control: CallPool

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Waits until no call is in flight in any pool; False when there still is one after the timeout."""
        deadline = monotonic() + timeout_seconds
        while self.in_flight and monotonic() < deadline:
            sleep(_LOOK_EVERY_SECONDS)
        return not self.in_flight

    @property
    def in_flight(self) -> int:
        """Calls that run or queue in any pool."""
        return sum(pool.in_flight for pool in (self.calls, self.streams, self.control))

    def shutdown(self) -> None:
        """Starts nothing more; does not wait for what runs."""
        for pool in (self.calls, self.streams, self.control):
            pool.shutdown(wait=False, cancel_futures=True)
