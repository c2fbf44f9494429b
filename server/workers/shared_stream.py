"""One stream that several processes write whole lines to."""

import fcntl
from pathlib import Path

from server.log import Stream


class SharedStream:
    """``stream``, used in turn by all who name the same ``lock`` file.

    A pipe takes only so many bytes at once; a line that is longer could be mixed with one of another process. A process that
    ends with the lock, however it ends, gives it back.
    """

    def __init__(self, stream: Stream, lock: Path) -> None:
        self._stream = stream
        self._lock = lock.open("w", encoding="ascii")

    def write(self, text: str) -> None:
        """Writes ``text``, all of it, when nobody else does."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            self._stream.write(text)
            self._stream.flush()
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def flush(self) -> None:
        """Nothing is left to do."""
