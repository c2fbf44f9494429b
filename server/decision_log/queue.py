"""The queue between calls and the thread that writes: bounded in bytes, and what becomes of a call when it is full is chosen.

The bound is looked at before a call is answered, so that what is refused costs nothing; what is then being answered, one
message for each thread, may still be put beyond it.
"""

from collections import deque
from threading import Condition
from time import monotonic

from server.decision_log.entry import Entry
from server.decision_log.metrics import BLOCKED, DROPPED, SHED, LogMetrics
from server.errors import DecisionLogFull
from server.when_full import WhenFull


class EntryQueue:
    """Entries in order, of ``limit_bytes`` together; a call that is blocked waits for ``wait_millis`` at most."""

    def __init__(self, limit_bytes: int, when_full: WhenFull, wait_millis: int, metrics: LogMetrics) -> None:
        self._limit_bytes = limit_bytes
        self._when_full = when_full
        self._wait_seconds = wait_millis / 1000
        self._metrics = metrics
        self._entries: deque[Entry] = deque()
        # Guarded by the condition, which is told whenever there is room again.
        self._size_bytes = 0
        self._room = Condition()

    @property
    def size_bytes(self) -> int:
        """What waits."""
        return self._size_bytes

    def admit(self) -> None:
        """Returns where there is room, or none is needed. Raises DecisionLogFull."""
        if self._size_bytes < self._limit_bytes or self._when_full == "drop":
            return
        if self._when_full == "block" and self._waited():
            return
        self._metrics.calls[SHED].inc()
        raise DecisionLogFull

    def _waited(self) -> bool:
        self._metrics.calls[BLOCKED].inc()
        until = monotonic() + self._wait_seconds
        with self._room:
            return self._room.wait_for(lambda: self._size_bytes < self._limit_bytes, max(until - monotonic(), 0))

    def put(self, entry: Entry) -> None:
        """Takes what a call was answered, or drops it, if that is what was chosen."""
        with self._room:
            if self._when_full == "drop" and self._size_bytes >= self._limit_bytes:
                self._metrics.records[DROPPED].inc(entry.rows)
                return
            self._size_bytes += entry.size_bytes
            self._entries.append(entry)

    def first(self) -> Entry | None:
        """The one that has waited longest; it stays until it is :meth:`done`."""
        return self._entries[0] if self._entries else None

    def done(self) -> None:
        """The first one is written."""
        with self._room:
            self._size_bytes -= self._entries.popleft().size_bytes
            self._room.notify_all()

    def left(self) -> int:
        """Records that still wait."""
        return sum(entry.rows for entry in self._entries)
