"""What passes between parent and worker: the settings, and the policies as the parent read and checked them.

A worker compiles what it is handed and reads no file, so that one which is started a month later decides as the others do,
whatever has become of the files meanwhile. Later it is handed changes, one at a time, and says of each that it has taken it.
"""

import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final, Protocol

from policy.calculator.rules import Version
from server.loading.state import LoadState
from server.settings import Settings

READY: Final = b"ready\n"
"""What a worker says in return when it answers calls; whatever else it says tells why it never will."""
TAKEN: Final = b"taken\n"
"""What it says when it answers by what a change brought."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What a worker begins with. ``load``: how ``versions`` were loaded.

    ``security``: what the files of TLS and authorisation held that are in use, by what they are and by path.
    """

    settings: Settings
    versions: tuple[Version, ...]
    load: LoadState
    security: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """Other versions, or (None) none; either way what is told of them has changed."""

    versions: tuple[Version, ...] | None
    load: LoadState


@dataclass(frozen=True, slots=True)
class Drain:
    """What a parent says at last. One that ends without it is dead, and its successor wants the port."""


Told = Handover | Change | Drain


class Readable(Protocol):
    """Where messages come from. It gives as many bytes as it is asked for, fewer only at its end."""

    def read(self, size: int, /) -> bytes:
        """So many bytes."""

    def readline(self) -> bytes:
        """To the end of the line."""


class FromParent:
    """The descriptor of a pipe, read to the byte. Python's own streams read ahead, and lock while they wait."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read(self, size: int) -> bytes:
        """As many bytes, or what is left before the end."""
        pieces = []
        while size and (piece := os.read(self._descriptor, size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def readline(self) -> bytes:
        """To the end of the line."""
        line = b""
        while not line.endswith(b"\n") and (piece := os.read(self._descriptor, 1)):
            line += piece
        return line


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """Mappings that do not change, which pickle does not know."""
        return (_unchanging, (dict(value),)) if isinstance(value, MappingProxyType) else NotImplemented


def _unchanging(items: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(items)


def packed(told: Told) -> bytes:
    """For :func:`unpacked`."""
    data = BytesIO()
    _Pickler(data, pickle.HIGHEST_PROTOCOL).dump(told)
    return data.getvalue()


def unpacked(stream: Readable) -> Told:
    """Reads one from ``stream`` and nothing after it. Raises EOFError, UnpicklingError where the writer has gone."""
    told = pickle.load(stream)  # noqa: S301  # from the parent, by a pipe that nobody else has
    assert isinstance(told, Told)
    return told
