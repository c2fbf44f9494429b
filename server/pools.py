"""The pools of a server: which of them runs which calls."""

from dataclasses import dataclass
from time import monotonic, sleep
from typing import Final

from server.in_place import InPlace
from server.pool import CallPool

_LOOK_EVERY_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Pools:
    """Where calls run: unary ones in ``calls``; batches, which take long, in ``batches``, so that calls do not wait for them.

    Each stream holds a thread of ``streams`` for as long as it lasts. Probes and reflection run in ``control``, so that they do
    not wait behind work, and refusals where they are made.
    """

    calls: CallPool
    batches: CallPool
    streams: CallPool
    control: CallPool
    refusals: InPlace

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Waits until no call is in flight in any pool; False when there still is one after the timeout."""
        deadline = monotonic() + timeout_seconds
        while self.in_flight and monotonic() < deadline:
            sleep(_LOOK_EVERY_SECONDS)
        return not self.in_flight

    @property
    def in_flight(self) -> int:
        """Calls that run or queue in any pool."""
        return sum(pool.in_flight for pool in self.all)

    def shutdown(self) -> None:
        """Starts nothing more; does not wait for what runs."""
        for pool in self.all:
            pool.shutdown()

    @property
    def all(self) -> tuple[CallPool, ...]:
        """Those that have threads."""
        return self.calls, self.batches, self.streams, self.control
