"""The bytes of a text file, unpacked, and with its lines ended by LF: what a CSV is read from, from any offset on.

An offset counts these bytes and not those on disk. A plain file is read as it is; of another, what stands before an offset is
read past, which only a run that goes on has to do.
"""

import codecs
import gzip
import io
import zlib
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa

from clients.errors import BadInput

BLOCK_BYTES = 2**18
PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""First bytes of a packed file."""
SUFFIXES = {"gzip": ".gz", "zstd": ".zst"}


class _Blocks(io.RawIOBase):
    """Blocks of bytes as a file to read."""

    def __init__(self, blocks: Generator[bytes, None, None]) -> None:
        self._blocks, self._rest = blocks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = block
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        self._blocks.close()
        super().close()


@dataclass(frozen=True, slots=True)
class Source:
    """A file. ``skip``: bytes of the byte order mark. ``transcoded``: its encoding where that is not read line by line."""

    path: Path
    packed: str = ""
    skip: int = 0
    transcoded: str = ""
    lines_end_in_cr: bool = False

    @property
    def plain(self) -> bool:
        """Whether what is read is what is on disk, so that it can be read from anywhere."""
        return not (self.packed or self.transcoded)

    def open(self, offset: int = 0) -> BinaryIO:
        """The file from an offset on. Reading raises BadInput where it is packed and broken."""
        if self.plain and not self.lines_end_in_cr:
            file = self.path.open("rb")
            file.seek(self.skip + offset)
            return file
        start = self.skip + offset if self.plain else self.skip
        opened = io.BufferedReader(_Blocks(self._blocks(start)), BLOCK_BYTES)
        if not self.plain:
            _read_past(opened, offset)
        return opened

    def end(self) -> tuple[int, bool]:
        """(length, whether the last line has its end). Raises BadInput where a packed file is not whole."""
        if self.plain:
            size = self.path.stat().st_size - self.skip
            with self.open(max(size - 1, 0)) as file:
                return size, file.read(1) in (b"\n", b"")
        with self.open() as file:
            size, last = 0, b"\n"
            while block := file.read(BLOCK_BYTES):
                size, last = size + len(block), block[-1:]
            return size, last == b"\n"

    def _blocks(self, start: int) -> Generator[bytes, None, None]:
        decoder = codecs.getincrementaldecoder(self.transcoded)("replace") if self.transcoded else None
        with closing(_unpacked(self.path, self.packed, start)) as unpacked:
            for raw in unpacked:
                block = raw if decoder is None else decoder.decode(raw).encode()
                yield block.replace(b"\r", b"\n") if self.lines_end_in_cr else block
        if decoder is not None and (rest := decoder.decode(b"", final=True)):
            yield rest.encode()


def packing(path: Path) -> str:
    """gzip, zstd or "", by what the file holds."""
    with path.open("rb") as file:
        head = file.read(4)
    return next((name for mark, name in PACKED.items() if head.startswith(mark)), "")


def head(path: Path, packed: str, length: int) -> bytes:
    """The first bytes, unpacked. Raises BadInput."""
    found = b""
    with closing(_unpacked(path, packed, 0)) as blocks:
        for block in blocks:
            found += block
            if len(found) >= length:
                break
    return found[:length]


def whole(path: Path) -> bytes:
    """All of a file, unpacked; for one that fits memory. Raises BadInput."""
    with closing(_unpacked(path, packing(path), 0)) as blocks:
        return b"".join(blocks)


def _unpacked(path: Path, packed: str, start: int) -> Generator[bytes, None, None]:
    """Blocks of the file from ``start`` on, as it is once unpacked."""
    try:
        with _opened(path, packed) as file:
            if packed:
                _read_past(file, start)
            else:
                file.seek(start)
            while block := file.read(BLOCK_BYTES):
                yield bytes(block)
    except (EOFError, gzip.BadGzipFile, zlib.error, pa.ArrowException) as error:
        raise BadInput(f"{path} is packed and not whole; was it cut off, or is it still being written? ({error})") from error
    except OSError as error:
        if not packed or error.errno is not None:
            raise
        raise BadInput(f"{path} is packed and not whole; was it cut off, or is it still being written? ({error})") from error


def _opened(path: Path, packed: str) -> BinaryIO:
    if packed == "gzip":
        return cast("BinaryIO", gzip.open(path))
    if packed == "zstd":
        opened: BinaryIO = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
        return opened
    return path.open("rb")


def _read_past(file: BinaryIO, count: int) -> None:
    while count > 0 and (block := file.read(min(count, BLOCK_BYTES))):
        count -= len(block)
