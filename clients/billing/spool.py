"""Writes results so that a killed run loses nothing: an append-only file whose length after each part is on record.

What stands behind the recorded length is cut off when a run is resumed. A CSV is its own spool. A Parquet file cannot be
appended to, so its spool is an Arrow IPC stream, from which the Parquet file is written at the end.
"""

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from clients.billing import result_row
from clients.billing.result_row import SCHEMA, Result
from clients.billing.results import RUN_TOTALS
from clients.writing import write_all


class Format(Protocol):
    """How results become bytes."""

    def head(self) -> bytes:
        """What the spool begins with."""

    def encoded(self, results: Sequence[Result]) -> bytes:
        """The results of one part."""

    def finish(self, spool: Path, spool_bytes: int, out: Path, run_totals: str) -> None:
        """Put the whole result in place of ``out`` in one step, with the totals in its last row; the spool may be left."""


class CsvFormat:
    """Lists as JSON, empty lists as nothing."""

    def head(self) -> bytes:
        return _csv([SCHEMA.names])

    def encoded(self, results: Sequence[Result]) -> bytes:
        rows: list[list[Any]] = [list(result) for result in results]
        for number in result_row.LISTS:
            for row in rows:
                row[number] = _json(row[number])
        return _csv(rows)

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

    def encoded(self, results: Sequence[Result]) -> bytes:
        return bytes(result_row.batch(results).serialize()) if results else b""

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
                texts = pa.array([*[""] * (last.num_rows - 1), run_totals])
                writer.write_batch(last.set_column(SCHEMA.get_field_index(RUN_TOTALS), RUN_TOTALS, texts))
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


def whole(result: Result, run_totals: str) -> bytes:
    """A CSV result of one row."""
    return CsvFormat().head() + CsvFormat().encoded([result._replace(run_totals=run_totals)])


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _json(value: Sequence[object]) -> str:
    """A list; in its objects, what is empty is left out."""
    return json.dumps([_lean(each) for each in value], ensure_ascii=False, separators=(",", ":")) if value else ""


def _lean(value: Any) -> object:
    if isinstance(value, tuple):
        pairs = zip(value._fields, value, strict=True)  # type: ignore[attr-defined]  # INVARIANT: of result_row
        return {name: _lean(each) for name, each in pairs if each not in ("", [])}
    return [_lean(each) for each in value] if isinstance(value, list) else value
