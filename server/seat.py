"""A thread of a pool as others see it: whom it waits for, and since when."""

from collections import Counter
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Final, Protocol

_GIVES_WAY_SECONDS: Final = (0.02, 1.0)
"""In a full pool a call gives way to a new one when it has kept its thread waiting so long: for its first message, for more."""


class Endable(Protocol):
    """A call that can be ended from outside its thread."""

    def refuse(self, why: Exception) -> None:
        """Ends it with the status of ``why``, unless it has ended."""

    def cut(self) -> None:
        """Lets go of it without another word."""


class Seat:
    """Written by its thread, read by the warden; ``client`` and ``ended_at`` are the pool's and the warden's.

    ``since``: a reading of time.perf_counter() in seconds; 0: it waits for nobody. ``is_new``: no message of its call has come.
    ``client``: who keeps it waiting, once it has been replaced; ``brings_more``: with more threads than one, because it waited
    for a first message then. ``counted``: who has one more call without a message by it.
    """

    __slots__ = ("brings_more", "caller", "client", "counted", "end", "ended_at", "is_new", "since")

    def __init__(self) -> None:
        self.since = 0.0
        self.is_new = True
        self.end: Endable | None = None
        self.caller: Callable[[], str] = str
        self.client = ""
        self.brings_more = False
        self.counted = ""
        self.ended_at = 0.0

    def waits(self, end: Endable, caller: Callable[[], str], *, is_new: bool) -> None:
        """From now on its thread waits for ``caller``, in the call that ``end`` ends."""
        self.end = end
        self.caller = caller
        self.is_new = is_new
        self.ended_at = 0.0
        self.since = perf_counter()


def first_to_give_way(seats: Iterable[Seat], now: float) -> Seat | None:
    """Of the client who keeps most threads waiting, the one that has done so longest; None where none has for long."""
    can = [seat for seat in seats if seat.client and _gives_way(seat, now)]
    hosts = Counter(_host(seat.client) for seat in can)
    return max(can, key=lambda seat: (hosts[_host(seat.client)], now - seat.since), default=None)


def _gives_way(seat: Seat, now: float) -> bool:
    first, more = _GIVES_WAY_SECONDS
    return bool(seat.since) and now - seat.since > (first if seat.is_new else more)


def _host(client: str) -> str:
    """The address of a peer without its port."""
    return client.rpartition(":")[0]
