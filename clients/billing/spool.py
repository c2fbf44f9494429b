"""Writes results so that a killed run loses nothing: an append-only file whose length after each part is on record.

What stands behind the recorded length is cut off when a run is resumed. A CSV is its own spool; that of a Parquet file, which
cannot be appended to, is read as it grows.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from clients.billing import json_columns, results
from clients.billing.parquet_spool import ParquetFormat
from clients.billing.result_schema import SCHEMA
from clients.writing import sync_folder, write_all


class Finishing(Protocol):
    """Makes the result of a spool."""

    def follow(self, spool_bytes: int) -> None:
        """The spool holds as much, for good. Raises CannotWrite."""

    def finish(self, run_totals: str) -> None:
        """Put the whole result in its place in one step, with the totals in its last row; the spool may be left."""


class Format(Protocol):
    """How results become bytes."""

    def head(self) -> bytes:
        """What the spool begins with."""

    def encoded(self, rows: pa.RecordBatch) -> bytes:
        """The rows of one part."""

    def finishing(self, spool: Path, out: Path) -> AbstractContextManager[Finishing]:
        """What makes ``out`` of the spool, while that grows."""


class CsvFormat:
    """Lists as JSON, empty lists as nothing."""

    def head(self) -> bytes:
        return _csv([SCHEMA.names])

    def encoded(self, rows: pa.RecordBatch) -> bytes:
        cells = [json_columns.lists(column) if pa.types.is_list(column.type) else column for column in rows.columns]
        return _csv(zip(*(column.to_pylist() for column in cells), strict=True))

    @contextmanager
    def finishing(self, spool: Path, out: Path) -> Iterator[Finishing]:
        yield CsvFinishing(spool, out)


class CsvFinishing:
    """The spool is the result, but for the totals in its last cell."""

    def __init__(self, spool: Path, out: Path) -> None:
        self._spool, self._out, self._bytes = spool, out, 0

    def follow(self, spool_bytes: int) -> None:
        self._bytes = spool_bytes

    def finish(self, run_totals: str) -> None:
        if run_totals:
            # The last cell is empty, so the last byte is the end of its line. Once more after a kill, it is the same bytes.
            with self._spool.open("r+b", buffering=0) as file:
                file.seek(self._bytes - 1)
                write_all(file, _csv([[run_totals]]))
        self._spool.replace(self._out)
        sync_folder(self._out)


def format_of(out: Path) -> Format:
    """By the ending of the result's name."""
    return ParquetFormat() if out.suffix == ".parquet" else CsvFormat()


def whole(rows: pa.RecordBatch, run_totals: str) -> bytes:
    """A CSV result of these rows alone."""
    return CsvFormat().head() + CsvFormat().encoded(results.ended(rows, run_totals))


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
