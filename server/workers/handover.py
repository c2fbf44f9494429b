"""What passes between parent and worker: the settings, and the policies as the parent read and checked them.

A worker compiles what it is handed and reads no file, so that one which is started a month later decides as the others do,
whatever has become of the files meanwhile.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from types import MappingProxyType
from typing import Any, BinaryIO, Final

from policy.calculator.rules import Version
from server.settings import Settings

READY: Final = b"ready\n"
"""What a worker says in return when it answers calls; whatever else it says tells why it never will."""

DRAIN: Final = b"drain\n"
"""What a parent says at last. One that ends without it is dead, and its successor wants the port."""


@dataclass(frozen=True, slots=True)
class Handover:
    """``loaded_at``, seconds since 1970 UTC: when the parent read ``versions``.

    ``security``: what the files of TLS and authorisation held that are in use, by what they are and by path.
    """

    settings: Settings
    versions: tuple[Version, ...]
    loaded_at: int
    security: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """Mappings that do not change, which pickle does not know."""
        return (_unchanging, (dict(value),)) if isinstance(value, MappingProxyType) else NotImplemented


def _unchanging(items: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(items)


def packed(handover: Handover) -> bytes:
    """For :func:`unpacked`."""
    data = BytesIO()
    _Pickler(data, pickle.HIGHEST_PROTOCOL).dump(handover)
    return data.getvalue()


def unpacked(stream: BinaryIO) -> Handover:
    """Reads one from ``stream`` and nothing after it. Raises EOFError, UnpicklingError where the writer has gone."""
    handover = pickle.load(stream)  # noqa: S301  # from the parent, by a pipe that nobody else has
    assert isinstance(handover, Handover)
    return handover
