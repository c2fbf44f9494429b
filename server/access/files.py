"""Reading the files of TLS and of authorisation: from the disk, or as a parent process read them before."""

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from server.cannot_start import CannotStartError

MAX_BYTES: Final = 2**20
"""Many times what a chain of certificates, a bundle of authorities or a key set has."""

Contents = Mapping[str, bytes]
"""What files held, by path."""


class UnusableFiles(CannotStartError):
    """Files cannot be used as they are; ``problems`` says for each thing what to change."""


class Files(Protocol):
    """Where files are read. ``read`` holds what was read so far, and the paths that could not be, with nothing."""

    read: dict[str, bytes]

    def bytes_of(self, path: Path, what: str, *, secret: bool = False) -> bytes:
        """What stands at ``path``; ``what`` names it in errors. Raises UnusableFiles. ``secret``: nobody else may read it."""


class Disk:
    """The files as they are now."""

    def __init__(self) -> None:
        self.read: dict[str, bytes] = {}

    def bytes_of(self, path: Path, what: str, *, secret: bool = False) -> bytes:
        """See :class:`Files`."""
        self.read[str(path)] = b""
        try:
            with path.open("rb", buffering=0) as file:
                mode = path.stat().st_mode
                content = file.read(MAX_BYTES + 1) if stat.S_ISREG(mode) else b""
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            hint = "; let the user that runs the server read it" if isinstance(error, PermissionError) else ""
            raise UnusableFiles([f"{what} {path}: {why}{hint}"]) from error
        except ValueError as error:  # a zero byte in the path
            raise UnusableFiles([f"{what}: no file can have that name"]) from error
        if not stat.S_ISREG(mode):
            raise UnusableFiles([f"{what} {path}: is no file"])
        if not content:
            raise UnusableFiles([f"{what} {path}: is empty"])
        if len(content) > MAX_BYTES:
            raise UnusableFiles([f"{what} {path}: has more than {MAX_BYTES} bytes, which no such file has"])
        if secret and mode & (stat.S_IROTH | stat.S_IWGRP | stat.S_IWOTH):
            hint = f"chmod 600 {path} (or 440, as a mounted secret has with defaultMode: 0440)"
            raise UnusableFiles([f"{what} {path}: others may read or change it ({stat.filemode(mode)}); {hint}"])
        self.read[str(path)] = content
        return content


class Handed:
    """The files as ``contents`` has them."""

    def __init__(self, contents: Contents) -> None:
        self.read = dict(contents)

    def bytes_of(self, path: Path, what: str, *, secret: bool = False) -> bytes:  # noqa: ARG002  # looked at before
        """See :class:`Files`."""
        if not (content := self.read.get(str(path), b"")):
            raise UnusableFiles([f"{what} {path}: was not handed over"])
        return content
