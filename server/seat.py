"""A thread of a pool as others see it: whom it waits for, and since when."""

from collections.abc import Callable
from time import perf_counter
from typing import Protocol


class Endable(Protocol):
    """A call that can be ended from outside its thread."""

    def refuse(self, why: Exception) -> None:
        """Ends it with the status of ``why``, unless it has ended."""

    def cut(self) -> None:
        """Lets go of it without another word."""


class Seat:
    """Written by its thread, read by the warden; ``client`` and ``ended_at`` are the pool's and the warden's.

    ``since``: a reading of time.perf_counter() in seconds; 0: it waits for nobody. ``is_new``: no message of its call has come.
    ``client``: who keeps it waiting, once it has been replaced. ``counted``: who has one more call without a message by it.
    """

    __slots__ = ("caller", "client", "counted", "end", "ended_at", "is_new", "since")

    def __init__(self) -> None:
        self.since = 0.0
        self.is_new = True
        self.end: Endable | None = None
        self.caller: Callable[[], str] = str
        self.client = ""
        self.counted = ""
        self.ended_at = 0.0

    def waits(self, end: Endable, caller: Callable[[], str], *, is_new: bool) -> None:
        """From now on its thread waits for ``caller``, in the call that ``end`` ends."""
        self.end = end
        self.caller = caller
        self.is_new = is_new
        self.ended_at = 0.0
        self.since = perf_counter()
