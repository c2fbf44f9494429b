"""A way to a server that can swallow everything, as when a machine loses its power: no end is told that the other has gone."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from server.settings import Address

_PIECE_BYTES = 2**16


@dataclass(frozen=True)
class Way:
    """Where callers connect. Once ``swallows`` is set nothing arrives, in either direction."""

    address: str
    swallows: Event
    given_up: Event
    """Set when the server has closed a connection."""


@contextmanager
def way_to(address: Address) -> Iterator[Way]:
    """A proxy in front of ``address``, up until the end of the block."""
    sockets: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        way = Way(f"127.0.0.1:{door.getsockname()[1]}", Event(), Event())

        def let_in() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:  # the block has ended
                    return
                server = socket.create_connection((address.host, address.port))
                sockets.extend([caller, server])
                Thread(target=_carry, args=(caller, server, way.swallows, Event()), daemon=True).start()
                Thread(target=_carry, args=(server, caller, way.swallows, way.given_up), daemon=True).start()

        Thread(target=let_in, daemon=True).start()
        try:
            yield way
        finally:
            door.shutdown(socket.SHUT_RDWR)
            for each in sockets:
                each.close()


def _carry(source: socket.socket, target: socket.socket, swallows: Event, closed: Event) -> None:
    try:
        while data := source.recv(_PIECE_BYTES):
            if not swallows.is_set():
                target.sendall(data)
        closed.set()
        if not swallows.is_set():
            target.shutdown(socket.SHUT_WR)
    except OSError:  # reset, or closed at the end of the block
        closed.set()
