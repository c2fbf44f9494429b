"""Files of records: readable by their owner alone, begun anew by size and by age, and named when they are done."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import gmtime, monotonic, strftime, time
from typing import Final

from server.cannot_start import CannotStartError

DONE: Final = ".jsonl"
OPEN: Final = ".jsonl.open"
"""Of a file that is being written, or whose process was killed: then its last line may be cut."""
_OWNER: Final = 0o600
_DIRECTORY: Final = 0o700


class RotatedFiles:
    """Lines in files of ``directory``. Not safe to share between threads; between processes it is."""

    def __init__(self, directory: Path, max_bytes: int, max_age_seconds: int, clock: Callable[[], float] = monotonic) -> None:
        """Raises CannotStartError where no file can be made there."""
        self._directory = directory
        self._max_bytes = max_bytes
        self._max_age_seconds = max_age_seconds
        self._clock = clock
        self._number = 0
        self._descriptor = -1
        self._path = directory
        self._size = 0
        self._began = 0.0
        try:
            directory.mkdir(_DIRECTORY, exist_ok=True)
            self._begin()
            self._abandon()
        except OSError as error:
            raise CannotStartError([f"--decision-log {directory}: no file can be written there: {error.strerror}"]) from error

    def write(self, lines: bytes) -> None:
        """Appends whole lines. Raises OSError, and then none of them is there."""
        if self._descriptor < 0:
            self._begin()
        written = memoryview(lines)
        try:
            while written:
                written = written[os.write(self._descriptor, written) :]
        except OSError:
            # Half a line at the end of what is there would spoil the next one.
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(lines)
        if self._size >= self._max_bytes:
            self.close()

    def close_when_old(self) -> None:
        """Is done with the file if it was begun long ago. Raises OSError."""
        if self._descriptor >= 0 and self._clock() - self._began >= self._max_age_seconds:
            self.close()

    def close(self) -> None:
        """Is done with the file, which is on the disk then, under its name. Raises OSError."""
        if self._descriptor < 0:
            return
        os.fsync(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = -1
        self._path.rename(self._path.with_name(self._path.name.removesuffix(OPEN) + DONE))

    def _begin(self) -> None:
        began = strftime("%Y%m%dT%H%M%SZ", gmtime(time()))
        path = self._directory / f"decisions-{began}-{os.getpid()}-{self._number:06}{OPEN}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, _OWNER)
        self._number += 1
        self._descriptor, self._path, self._size, self._began = descriptor, path, 0, self._clock()

    def _abandon(self) -> None:
        """Takes away a file that holds nothing."""
        os.close(self._descriptor)
        self._descriptor = -1
        self._path.unlink()
