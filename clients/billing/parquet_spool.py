"""A Parquet result: its spool is an Arrow IPC stream, which a thread follows, so that little is left to write at the end.

INVARIANT: the Parquet file holds the batches of the spool in order, each a row group; a run that goes on writes it from the
beginning of the spool again, so it is the same bytes however often the run was stopped.
"""

import io
import os
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from clients.billing import results
from clients.billing.result_schema import SCHEMA
from clients.writing import sync_folder, writing

_PACKED: Final = pa.ipc.IpcWriteOptions(compression="lz4")
"""Most texts are the same in all rows, and what is written is also sent from process to process."""


class ParquetFormat:
    """One row group a part."""

    def head(self) -> bytes:
        return bytes(SCHEMA.serialize())

    def encoded(self, rows: pa.RecordBatch) -> bytes:
        if not rows.num_rows:
            return b""
        stream = io.BytesIO()
        pa.ipc.new_stream(stream, SCHEMA, options=_PACKED).write_batch(rows)
        # The stream of a spool begins with the schema, once, which is its head.
        return stream.getvalue().removeprefix(self.head())

    @contextmanager
    def finishing(self, spool: Path, out: Path) -> Iterator["ParquetFinishing"]:
        with writing(out):
            follower = ParquetFinishing(spool, out, len(self.head()))
        try:
            yield follower
        finally:
            follower.end()


class ParquetFinishing:
    """Writes beside the result, in a thread; the last batch is kept back, for the totals go into its last row."""

    def __init__(self, spool: Path, out: Path, head_bytes: int) -> None:
        """Raises OSError."""
        self._spool, self._out, self._whole = spool, out, out.with_name(out.name + ".whole")
        self._head_bytes = head_bytes
        self._last: pa.RecordBatch | None = None
        self._error: Exception | None = None
        self._lengths: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._writer = pq.ParquetWriter(self._whole, SCHEMA, compression="zstd")
        self._thread = threading.Thread(target=self._run, name="parquet", daemon=True)
        self._thread.start()

    def follow(self, spool_bytes: int) -> None:
        self._lengths.put(spool_bytes)
        self._tell()

    def finish(self, run_totals: str) -> None:
        self._lengths.put(None)
        self._thread.join()
        self._tell()
        with writing(self._out):
            if self._last is not None:
                self._writer.write_batch(results.ended(self._last, run_totals))
            self._writer.close()
            with self._whole.open("rb") as file:
                os.fsync(file.fileno())
            self._whole.replace(self._out)
            sync_folder(self._out)

    def end(self) -> None:
        """Let go of what was not finished."""
        self._lengths.put(None)
        self._thread.join()
        with suppress(OSError, pa.ArrowException):
            self._writer.close()
        self._whole.unlink(missing_ok=True)

    def _run(self) -> None:
        try:
            with self._spool.open("rb") as file:
                file.seek(self._head_bytes)
                for spool_bytes in iter(self._lengths.get, None):
                    while file.tell() < spool_bytes:
                        self._write(pa.ipc.read_record_batch(pa.ipc.read_message(file), SCHEMA))
        except Exception as error:  # noqa: BLE001 -- it is raised where the run hears of it
            self._error = error

    def _write(self, batch: pa.RecordBatch) -> None:
        if self._last is not None:
            self._writer.write_batch(self._last)
        self._last = batch

    def _tell(self) -> None:
        if self._error is not None:
            with writing(self._out):
                raise self._error
