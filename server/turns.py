"""Work that takes long is done one after the other, so that calls which take a moment find the interpreter free in between.

Two batches at once end no sooner than one after the other: most of their work holds the interpreter's lock. But each thread
that wants it makes all others wait once more for it, a call at each of its steps.
"""

from threading import Semaphore
from time import perf_counter
from typing import Final

import grpc

_LOOK_EVERY_SECONDS: Final = 0.1


class Turns:
    """``together`` pieces of work may be done at once."""

    def __init__(self, together: int) -> None:
        self._free = Semaphore(together)

    def turn(self, context: grpc.ServicerContext) -> "Turn":
        """For one call."""
        return Turn(self._free, context)


class Turn:
    """The turns of one call, which has at most one at a time."""

    def __init__(self, free: Semaphore, context: grpc.ServicerContext) -> None:
        self._free = free
        self._context = context
        self._has_it = False
        self._since = 0.0
        self.length_bytes = 0

    def take(self, length_bytes: int) -> None:
        """Waits for it, to work on a message of so many bytes. Raises RpcError where the caller does not wait."""
        while not self._free.acquire(timeout=_LOOK_EVERY_SECONDS):
            if not self._context.is_active():
                raise grpc.RpcError
        self._has_it, self._since, self.length_bytes = True, perf_counter(), length_bytes

    def give_back(self) -> float:
        """Lets the next one have it; for how many seconds it was taken, 0 where it was not."""
        if not self._has_it:
            return 0.0
        self._has_it = False
        self._free.release()
        return perf_counter() - self._since
