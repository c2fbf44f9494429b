"""What queues for the threads of a pool: as it came, or, where that would be unfair, one of each connection in turn."""

from collections import deque
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Final, Generic, TypeVar

T = TypeVar("T")


class _Turn:
    """The next of those that are taken in turns, whichever that is by then."""


_TURN: Final = _Turn()


class FairQueue(Generic[T]):
    """Of ``T``; None ends the thread that gets it.

    INVARIANT: the queue holds as many turns as there are things in turns, so that whoever gets a turn finds a thing.
    """

    def __init__(self) -> None:
        self._queue: SimpleQueue[T | _Turn | None] = SimpleQueue()
        self._lock = Lock()
        # The connection whose turn is next stands first.
        self._in_turns: dict[str, deque[T]] = {}

    def __len__(self) -> int:
        return self._queue.qsize()

    def put(self, thing: T | None) -> None:
        """Behind all that is there."""
        self._queue.put(thing)

    def put_in_turn(self, connection: str, thing: T) -> None:
        """Behind what ``connection`` has there, and not behind all that others have."""
        with self._lock:
            self._in_turns.setdefault(connection, deque()).append(thing)
        self._queue.put(_TURN)

    def get(self) -> T | None:
        """The next one, waited for."""
        return self._taken(self._queue.get())

    def rest(self) -> list[T]:
        """All that is there, taken out."""
        found: list[T] = []
        try:
            while (thing := self._taken(self._queue.get_nowait())) is not None:
                found.append(thing)
        except Empty:
            pass
        return found

    def _taken(self, got: T | _Turn | None) -> T | None:
        if not isinstance(got, _Turn):
            return got
        with self._lock:
            connection = next(iter(self._in_turns))
            things = self._in_turns.pop(connection)
            thing = things.popleft()
            if things:
                self._in_turns[connection] = things
        return thing
