"""Messages of callers who take their time."""

import time
from collections.abc import Iterator
from threading import Event

from tests.server.running import PATIENCE_SECONDS


class Silent:
    """Messages that do not come."""

    def __iter__(self) -> Iterator[bytes]:
        Event().wait(PATIENCE_SECONDS)
        yield b""


class Late:
    """A message that comes a moment after its call."""

    def __init__(self, message: bytes) -> None:
        self._message = message

    def __iter__(self) -> Iterator[bytes]:
        time.sleep(0.05)
        yield self._message
