"""How often an identity may do a thing: a bucket of tokens, in whole numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic_ns
from typing import Final

NANOS: Final = 10**9
_MILLI: Final = 10**6


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` in ``seconds``, of which what comes in ``burst_seconds`` may come at once, and one in any case."""

    count: int
    seconds: int
    burst_seconds: int


class Bucket:
    """What was taken at ``rate`` and is not yet made up for.

    It lets in what comes while there is room for one, and what is let in may be more than there is room for: a batch is let in
    whole, and who sent it waits the longer for the next. ``clock``: nanoseconds from any start.
    """

    def __init__(self, rate: Rate, clock: Callable[[], int] = monotonic_ns) -> None:
        self.rate = rate
        self._clock = clock
        # One is worth the nanoseconds of the rate's span, and each nanosecond makes up for ``count``: no fraction is ever left.
        self._one = NANOS * rate.seconds
        self._room = max(rate.count * rate.burst_seconds * NANOS, self._one)
        self._debt = 0
        self._at = clock()
        self._lock = Lock()

    def take(self, count: int) -> int:
        """Takes ``count`` and returns 0; or takes none, and returns after how many milliseconds it would."""
        with self._lock:
            now = self._clock()
            self._debt = max(self._debt - (now - self._at) * self.rate.count, 0)
            self._at = now
            beyond = self._debt + self._one - self._room
            if beyond <= 0:
                self._debt += count * self._one
                return 0
            return max(-(-beyond // (self.rate.count * _MILLI)), 1)
