"""Whether the caller of a long call still waits for it."""

from time import monotonic
from typing import Final

import grpc

LOOK_EVERY_SECONDS: Final = 0.02
"""To look takes a lock of grpcio's."""


class Waiting:
    """The caller of ``context``, who may leave."""

    def __init__(self, context: grpc.ServicerContext) -> None:
        self._context = context
        self._looked_at = monotonic()

    def look(self) -> None:
        """Ends the call, by what grpcio raises, where nobody waits for it."""
        if not self._context.is_active():
            self._context.abort(grpc.StatusCode.CANCELLED, "the caller has gone")

    def look_now_and_then(self) -> None:
        """The same, for whoever asks after each row."""
        now = monotonic()
        if now - self._looked_at >= LOOK_EVERY_SECONDS:
            self._looked_at = now
            self.look()
