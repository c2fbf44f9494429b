"""Writes results so that a killed run loses nothing: an append-only file whose length after each part is on record.

What stands behind the recorded length is cut off when a run is resumed. A CSV is its own spool. A Parquet file cannot be
appended to, so its spool is an Arrow IPC stream, from which the Parquet file is written at the end.
"""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from clients.billing import json_columns
from clients.billing.result_schema import SCHEMA
from clients.billing.results import RUN_TOTALS
from clients.writing import write_all


class Format(Protocol):
    """How results become bytes."""

    def head(self) -> bytes:
        """What the spool begins with."""

    def encoded(self, rows: pa.RecordBatch) -> bytes:
        """The rows of one part."""

    def finish(self, spool: Path, spool_bytes: int, out: Path, run_totals: str) -> None:
        """Put the whole result in place of ``out`` in one step, with the totals in its last row; the spool may be left."""


class CsvFormat:
    """Lists as JSON, empty lists as nothing."""

    def head(self) -> bytes:
        return _csv([SCHEMA.names])

    def encoded(self, rows: pa.RecordBatch) -> bytes:
        cells = [json_columns.lists(column) if pa.types.is_list(column.type) else column for column in rows.columns]
        return _csv(zip(*(column.to_pylist() for column in cells), strict=True))

    def finish(self, spool: Path, spool_bytes: int, out: Path, run_totals: str) -> None:
        if run_totals:
            # The last cell is empty, so the last byte is the end of its line. Once more after a kill, it is the same bytes.
            with spool.open("r+b", buffering=0) as file:
                file.seek(spool_bytes - 1)
                write_all(file, _csv([[run_totals]]))
        spool.replace(out)
        sync_folder(out)


class ParquetFormat:
    """One row group a part."""

    def head(self) -> bytes:
        return bytes(SCHEMA.serialize())

    def encoded(self, rows: pa.RecordBatch) -> bytes:
        if not rows.num_rows:
            return b""
        stream = io.BytesIO()
        # Packed: most texts are the same in all rows, and what is written is also sent from process to process.
        pa.ipc.new_stream(stream, SCHEMA, options=pa.ipc.IpcWriteOptions(compression="lz4")).write_batch(rows)
        # INVARIANT: the stream of a spool begins with the schema, once, which is its head.
        return stream.getvalue().removeprefix(self.head())

    def finish(self, spool: Path, spool_bytes: int, out: Path, run_totals: str) -> None:  # noqa: ARG002 -- of a CSV
        whole = out.with_name(out.name + ".whole")
        with (
            spool.open("rb") as file,
            pa.ipc.open_stream(file) as parts,
            pq.ParquetWriter(whole, SCHEMA, compression="zstd") as writer,
        ):
            last = None
            for part in parts:
                if last is not None:
                    writer.write_batch(last)
                last = part
            if last is not None:
                writer.write_batch(_ended(last, run_totals))
        with whole.open("rb") as file:
            os.fsync(file.fileno())
        whole.replace(out)
        sync_folder(out)


def format_of(out: Path) -> Format:
    """By the ending of the result's name."""
    return ParquetFormat() if out.suffix == ".parquet" else CsvFormat()


def sync_folder(path: Path) -> None:
    """Make a rename beside ``path`` survive a power cut."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def whole(rows: pa.RecordBatch, run_totals: str) -> bytes:
    """A CSV result of these rows alone."""
    return CsvFormat().head() + CsvFormat().encoded(_ended(rows, run_totals))


def _ended(rows: pa.RecordBatch, run_totals: str) -> pa.RecordBatch:
    """The rows with the totals in the last one."""
    texts = pa.array([*[""] * (rows.num_rows - 1), run_totals])
    return rows.set_column(SCHEMA.get_field_index(RUN_TOTALS), RUN_TOTALS, texts)


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
