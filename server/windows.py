"""Calls whose message has not come, by client: a client may have a few of them at work, and what it sends beyond is held back.

While callers keep threads waiting, any call may be one more that does. A caller who sends its messages has the next of its
calls at work in a moment; one who does not waits for itself, and nobody else does.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Final

from server.in_place import Task

AT_WORK: Final = 2
"""Calls of a client whose message has not come."""
_HELD_BACK: Final = 32
"""Twice what a connection may have open, if it is not told otherwise: who has more is one who resets them."""


class ClientTask(Task):
    """A call of ``client``; ``refuse`` ends it where it has not begun. ``since``: a reading of time.perf_counter()."""

    def __init__(self, client: str, run: Callable[[], object], refuse: Callable[[], object]) -> None:
        super().__init__(run)
        self.client = client
        self.refuse = refuse
        self.since = perf_counter()


class Windows:
    """One for each client that has a call whose message has not come. To be used under the lock of their pool."""

    def __init__(self) -> None:
        self._at_work: Counter[str] = Counter()
        self._held_back: dict[str, deque[ClientTask]] = {}
        self._number = 0

    def __len__(self) -> int:
        """Calls that are held back."""
        return self._number

    def at_work(self, client: str) -> int:
        """How many of its calls are at work."""
        return self._at_work[client]

    def has_no_room(self, client: str) -> bool:
        """Whether no more is held back for it."""
        return len(self._held_back.get(client, ())) >= _HELD_BACK

    def enters(self, client: str) -> None:
        """One more of its calls is at work, whatever it has."""
        self._at_work[client] += 1

    def begins(self, client: str) -> bool:
        """Whether one more of its calls may be at work, which it then is."""
        if self._at_work[client] >= AT_WORK:
            return False
        self._at_work[client] += 1
        return True

    def hold_back(self, task: ClientTask) -> None:
        """Behind what is held back of the same client."""
        self._held_back.setdefault(task.client, deque()).append(task)
        self._number += 1

    def leaves(self, client: str) -> None:
        """A call has its message, or has ended."""
        self._at_work[client] -= 1
        if self._at_work[client] <= 0:
            del self._at_work[client]

    def next_of(self, client: str) -> ClientTask | None:
        """The next that is held back, if it may be at work, which it then is."""
        return self._taken(client) if client in self._held_back and self.begins(client) else None

    def held_since(self, before: float, at_most: int) -> list[ClientTask]:
        """Those that have been held back since ``before``, taken out: of each client in turn."""
        found: list[ClientTask] = []
        for client in tuple(self._held_back):
            if len(found) == at_most:
                break
            if self._held_back[client][0].since < before:
                found.append(self._taken(client))
        return found

    def rest(self) -> Iterator[ClientTask]:
        """All that are held back, taken out."""
        while self._held_back:
            yield self._taken(next(iter(self._held_back)))

    def _taken(self, client: str) -> ClientTask:
        held_back = self._held_back.pop(client)
        task = held_back.popleft()
        self._number -= 1
        if held_back:
            self._held_back[client] = held_back  # the last to be looked at now
        return task
