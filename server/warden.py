"""The thread that looks after callers who keep threads waiting: replaces the threads, and ends the calls in the end."""

from collections.abc import Callable, Sequence
from threading import Event, Thread
from time import perf_counter
from typing import Final

from server.errors import Draining, KeptWaiting, ShortOfMemory
from server.memory_limit import MemoryLimit
from server.pool import CallPool
from server.seat import Seat

_QUIET_SECONDS: Final = 0.02
_CROWDED_SECONDS: Final = 0.003
_COUNT_SECONDS: Final = 0.1
_CUT_AFTER_SECONDS: Final = 1.0
"""A caller who does not read does not read why its call has ended either; it gets so long to do so."""
_DRAINING_SECONDS: Final = 1.0
_ENDED_WHEN_SHORT: Final = 16
"""Calls of each pool that end at each look; the next look sees what that has brought."""


class Warden:
    """Looks at ``pools`` until it is stopped; a call may keep a thread waiting for ``max_seconds``.

    ``also`` is called a few times a second. While calls hold more than ``memory``, those end whose messages or answers are on
    their way, a few at each look, the last that came first.
    """

    def __init__(
        self, pools: Sequence[CallPool], max_seconds: int, also: Callable[[], None], memory: MemoryLimit | None = None
    ) -> None:
        self._pools = pools
        self._max_seconds = max_seconds
        self._also = also
        self._memory = memory or MemoryLimit()
        self._stopping = Event()
        self._draining = False
        self._thread = Thread(target=self._look_now_and_then, name="warden", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def drain(self) -> None:
        """From now on nobody waits long for a first message."""
        self._draining = True

    def stop(self) -> None:
        """Looks no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look_now_and_then(self) -> None:
        pause, slept_at, counted_at = _QUIET_SECONDS, perf_counter(), 0.0
        while not self._stopping.wait(pause):
            late = max(0.0, perf_counter() - slept_at - pause)
            is_short = self._memory.look(is_busy=any(pool.in_flight for pool in self._pools))
            for pool in self._pools:
                self._look_at(pool, late)
                if is_short:
                    for seat in pool.last_to_wait(_ENDED_WHEN_SHORT):
                        self._end(seat, ShortOfMemory())
            pause = _CROWDED_SECONDS if any(pool.crowded for pool in self._pools) else _QUIET_SECONDS
            slept_at = perf_counter()
            if slept_at - counted_at > _COUNT_SECONDS:
                counted_at = slept_at
                self._also()
                slept_at = perf_counter()

    def _look_at(self, pool: CallPool, late_seconds: float) -> None:
        giving_way, overdue = pool.look(_DRAINING_SECONDS if self._draining else self._max_seconds, late_seconds)
        for seat in giving_way:
            self._end(seat, KeptWaiting(None))
        for seat in overdue:
            if not self._draining:
                self._end(seat, KeptWaiting(self._max_seconds))
            elif seat.is_new:
                self._end(seat, Draining())

    def _end(self, seat: Seat, why: Exception) -> None:
        now, end = perf_counter(), seat.end
        if end is None or not seat.since:
            return
        if not seat.ended_at:
            seat.ended_at = now
            end.refuse(why)
        elif now - seat.ended_at > _CUT_AFTER_SECONDS:
            end.cut()
