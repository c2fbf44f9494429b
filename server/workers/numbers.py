"""Counters of a worker, in a file that its parent reads, so that what a worker counted stays when it is killed.

The file has the form of prometheus_client's own (its mmap_dict), for whose collector adds up those of all workers: four bytes
that say how much of it is used, four of nothing, and for each series the length of its name, the name with spaces up to a
multiple of eight bytes, its number and a time, which for counters is none.
"""

import struct
from collections.abc import MutableSequence
from mmap import mmap
from pathlib import Path
from threading import Lock
from typing import Final

from prometheus_client.mmap_dict import MmapedDict, mmap_key

_ROOM_BYTES: Final = 2**16
_HEAD_BYTES: Final = 8
_DOUBLE_BYTES: Final = 8
_LENGTH: Final = struct.Struct("i")
_NUMBER: Final = struct.Struct("dd")


class SharedNumbers:
    """Those in the file of worker ``number`` in ``directory``; one that takes a dead one's place counts on from there."""

    def __init__(self, directory: Path, number: int) -> None:
        self.lock = Lock()
        # The collector tells by the first word that these are counters.
        self._path = directory / f"counter_{number}-plain.db"
        self._grow(_ROOM_BYTES)
        (used,) = _LENGTH.unpack_from(self._bytes, 0)
        self._used = used or _HEAD_BYTES
        self._bytes[: _LENGTH.size] = _LENGTH.pack(self._used)
        self._places: dict[str, int] = {}
        for key, _, _, at in MmapedDict.read_all_values_from_file(self._path):  # type: ignore[no-untyped-call]
            self._places[key] = at

    @property
    def values(self) -> MutableSequence[float]:
        """All of the file as doubles; of these the numbers are some."""
        return self._values

    def _grow(self, size_bytes: int) -> None:
        with self._path.open("a+b") as file:
            file.truncate(max(size_bytes, self._path.stat().st_size))
            # INVARIANT: who still has what was mapped before writes to the same file.
            self._bytes = mmap(file.fileno(), 0)
        self._values: MutableSequence[float] = memoryview(self._bytes).cast("d")  # type: ignore[assignment]

    def place(self, metric: str, labels: dict[str, str], text: str) -> int:
        """That of the file, or one more."""
        key = mmap_key(metric, f"{metric}_total", list(labels), list(labels.values()), text)
        with self.lock:
            at = self._places.get(key)
            if at is None:
                at = self._places[key] = self._add(key.encode())
        return at // _DOUBLE_BYTES

    def _add(self, key: bytes) -> int:
        padded = key + b" " * (8 - (len(key) + _LENGTH.size) % 8)
        entry = _LENGTH.pack(len(key)) + padded + _NUMBER.pack(0.0, 0.0)
        while self._used + len(entry) > len(self._bytes):
            self._grow(2 * len(self._bytes))
        self._bytes[self._used : self._used + len(entry)] = entry
        self._used += len(entry)
        # Last, for whoever reads meanwhile reads so far.
        self._bytes[: _LENGTH.size] = _LENGTH.pack(self._used)
        return self._used - _NUMBER.size
