"""Files that a program writes: when one cannot be written, it is that file which is named."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from clients.errors import BadInput

KEPT = "  what was decided is kept; mend that and run the same command again"


class CannotWrite(BadInput):
    """A file cannot be written: no folder, no permission, no space."""


@contextmanager
def writing(path: Path, flag: str = "", kept: str = KEPT) -> Iterator[None]:
    """Says of an OSError inside that ``path``, the file of ``flag``, cannot be written. Raises CannotWrite."""
    try:
        yield
    except OSError as error:
        named = f"{flag} {path}" if flag else str(path)
        raise CannotWrite(f"{named} cannot be written: {error.strerror or error}", [kept]) from error


class Appended:
    """A file that grows by pieces, each on disk once it is appended. Without a buffer, which would fail again when closed."""

    def __init__(self, path: Path, file: FileIO, length: int) -> None:
        self._path, self._file, self.length = path, file, length

    @staticmethod
    @contextmanager
    def at(path: Path, length: int) -> Iterator["Appended"]:
        """A file that is there, cut to its first ``length`` bytes. Raises CannotWrite."""
        with writing(path):
            file = FileIO(path, "r+")
        with file:
            with writing(path):
                file.truncate(length)
                file.seek(length)
            yield Appended(path, file, length)

    def append(self, data: bytes) -> None:
        """Raises CannotWrite; what was appended before stands."""
        with writing(self._path):
            write_all(self._file, data)
        self.length += len(data)


def write_all(file: FileIO, data: bytes) -> None:
    """Write ``data`` and put it on disk. An unbuffered file may take a piece at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
    os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Make a rename beside ``path`` survive a power cut."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
