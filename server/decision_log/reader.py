"""Logs read back: every record of every file, and a sentence for whatever is none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from server.decision_log.files import DONE, OPEN
from server.decision_log.record import Record, Unreadable, record_of
from server.decision_log.sealing import Keys

LONGEST_LINE_BYTES: Final = 64 * 2**20
"""A question and its answer are within the limits of messages; what is longer is no line of ours, and is not held."""


SUFFIX: Final = ".parquet"
LINE: Final = "record"
"""The column in which each record stands whole."""
_ROWS_AT_ONCE: Final = 4096
_BEGINS: Final = b'{"log":"makegood-'


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a line, counted from 1, of a file: a record (``raw``: its bytes), or why it is none.

    Line 0: the file as a whole. Of a Parquet file the lines are its rows.
    """

    path: Path
    line: int
    what: Record | str
    raw: bytes = b""

    @property
    def place(self) -> str:
        """As an editor takes it."""
        return f"{self.path}:{self.line}" if self.line else str(self.path)


def files_in(paths: Iterable[Path]) -> Iterator[Path | Found]:
    """Each file, and those of each directory, the oldest first; what holds none is told."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        files = sorted(each for each in path.iterdir() if each.name.endswith((DONE, OPEN, SUFFIX)))
        if not files:
            yield Found(path, 0, f"no file of records is in it: their names end in {DONE}")
        yield from files


def records(paths: Iterable[Path], keys: Keys) -> Iterator[Found]:
    """Every line of every file."""
    for path in files_in(paths):
        if isinstance(path, Found):
            yield path
            continue
        try:
            if path.suffix == SUFFIX:
                yield from _packed(path, keys)
                continue
            with path.open("rb") as file:
                yield from _lines(path, file, keys)
        except OSError as error:
            yield Found(path, 0, f"it cannot be read: {error.strerror}")


def _packed(path: Path, keys: Keys) -> Iterator[Found]:
    """The records of a Parquet file of :mod:`server.decision_log.parquet`."""
    import pyarrow as pa  # noqa: PLC0415  # takes half a second and 60 MB, and most logs are none
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for some in file.iter_batches(_ROWS_AT_ONCE, columns=[LINE]):
                for line in some.column(0).to_pylist():
                    number += 1
                    try:
                        yield Found(path, number, record_of(line or b"", keys), line)
                    except (Unreadable, TypeError, AttributeError) as error:
                        yield Found(path, number, str(error) if isinstance(error, Unreadable) else "it holds no bytes")
    except (pa.ArrowException, IndexError) as error:
        yield Found(path, number, f"it is no Parquet file of a decision log: {str(error).partition(chr(10))[0][:200]}")


def _lines(path: Path, file: BinaryIO, keys: Keys) -> Iterator[Found]:
    number = 0
    while line := file.readline(LONGEST_LINE_BYTES + 1):
        number += 1
        if len(line) > LONGEST_LINE_BYTES:
            yield Found(path, number, f"the line has more than {LONGEST_LINE_BYTES} bytes; no more of the file is read")
            return
        whole = line.endswith(b"\n")
        try:
            content = line[:-1] if whole else line
            yield Found(path, number, record_of(content, keys), content)
        except Unreadable as error:
            if whole:
                yield Found(path, number, str(error))
            else:
                text = "the file ends within it: its process was killed, or writes it still"
                yield Found(path, number, text if number > 1 or line.startswith(_BEGINS) else str(error))
            if number == 1 and not line.startswith(_BEGINS):  # of a file of another kind one sentence says all
                return
