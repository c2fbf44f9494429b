"""A caller that speaks HTTP/2 and keeps to none of gRPC's manners: it opens calls and sends nothing, or reads nothing."""

import socket
import struct
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from server.settings import Address
from tests.server.running import eventually

Headers = Iterable[tuple[str, str]]
_PIECE_BYTES = 2**16


class Raw:
    """One connection to ``address``. ``window_bytes``: how much of each answer the server may send unread."""

    def __init__(self, address: Address, window_bytes: int | None = None) -> None:
        self._socket = socket.create_connection((address.host, address.port))
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8", validate_outbound_headers=False))
        self._h2.initiate_connection()
        if window_bytes is not None:
            self._h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window_bytes})
        self._flush()
        self.is_closed = False
        self.calls_at_most = 0
        """What the server said of calls at a time."""
        self.ended: dict[int, str] = {}
        """How calls have ended: their grpc-status, or "reset"."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._socket.close()

    def open(
        self, path: str, message: bytes | None = None, *, ends: bool = False, more: Headers = (), waits: bool = False
    ) -> int:
        """A call with its headers, and perhaps a message; its number. ``waits``: until :meth:`send` sends it."""
        stream = self._h2.get_next_available_stream_id()
        plain = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"), ("te", "trailers")]
        self._h2.send_headers(stream, [*plain, ("content-type", "application/grpc"), *more])
        if message is not None:
            self._h2.send_data(stream, struct.pack(">BI", 0, len(message)) + message, end_stream=ends)
        if not waits:
            self._flush()
        return stream

    def send(self) -> None:
        """Sends all calls that wait."""
        self._flush()

    def reset(self, stream: int) -> None:
        self._h2.reset_stream(stream)
        self._flush()

    def hear(self, seconds: float = 0.0) -> None:
        """Takes in what the server says within that time, without making room for more of any answer."""
        self._socket.settimeout(seconds or 0.001)
        try:
            while data := self._socket.recv(_PIECE_BYTES):
                for event in self._h2.receive_data(data):
                    self._heard(event)
                if self.is_closed:
                    return
                self._flush()
            self.is_closed = True
        except ProtocolError:  # what comes after the goodbye is not for us
            self.is_closed = True
        except TimeoutError:
            pass
        except OSError:
            self.is_closed = True

    def hear_until(self, holds: Callable[[], object]) -> None:
        """Takes in what the server says until something has come true by it."""

        def has_come() -> bool:
            self.hear(0.05)
            return bool(holds())

        eventually(has_come)

    def _heard(self, event: Event) -> None:
        match event:
            case RemoteSettingsChanged():
                changed = event.changed_settings.get(SettingCodes.MAX_CONCURRENT_STREAMS)
                self.calls_at_most = changed.new_value if changed else self.calls_at_most
            case TrailersReceived() | ResponseReceived():
                status = {str(name): str(value) for name, value in event.headers or ()}.get("grpc-status")
                if status is not None:
                    self.ended[event.stream_id or 0] = status
            case ConnectionTerminated():
                self.is_closed = True
            case StreamReset() | StreamEnded():
                self.ended.setdefault(event.stream_id or 0, "reset")

    def _flush(self) -> None:
        self._socket.sendall(self._h2.data_to_send())
