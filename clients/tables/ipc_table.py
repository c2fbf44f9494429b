"""Reads Arrow IPC, the format of .arrow and .feather: a file or a stream of record batches."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from clients.errors import BadInput
from clients.tables.arrow_table import ArrowTable
from clients.tables.options import TableOptions

_FILE_MARK = b"ARROW1"


class IpcTable(ArrowTable):
    """An Arrow IPC file or stream, read batch by batch. Opening it reads it to the end, so that a cut file is found at once."""

    def __init__(self, path: Path, options: TableOptions) -> None:
        self._of = path
        with path.open("rb") as file:
            self._is_file = file.read(len(_FILE_MARK)) == _FILE_MARK
        try:
            with pa.OSFile(str(path)) as opened:
                schema = self._reader(opened).schema
            rows = sum(batch.num_rows for batch in self._all())
        except (pa.ArrowException, OSError, EOFError) as error:
            what = str(error).partition("\n")[0]
            raise BadInput(
                f"{path} is not a whole Arrow file; was it cut off, or is it still being written? ({what})"
            ) from error
        super().__init__(path, schema, rows, options)

    def _reader(self, opened: pa.NativeFile) -> pa.ipc.RecordBatchFileReader | pa.ipc.RecordBatchStreamReader:
        return pa.ipc.open_file(opened) if self._is_file else pa.ipc.open_stream(opened)

    def _all(self) -> Iterator[pa.RecordBatch]:
        with pa.OSFile(str(self._of)) as opened:
            reader = self._reader(opened)
            batches = (reader.get_batch(index) for index in range(reader.num_record_batches)) if self._is_file else reader
            for batch in batches:
                for column in batch.columns:
                    _check_places(column)
                yield batch

    def _batches(self, first_row: int, rows: int, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        skip = first_row
        for whole in self._all():
            batch = whole if columns is None else whole.select(columns)
            kept = batch.slice(min(skip, batch.num_rows))
            skip -= batch.num_rows - kept.num_rows
            yield from (kept.slice(start, rows) for start in range(0, kept.num_rows, rows))


def _check_places(column: pa.Array) -> None:
    """Raises ArrowInvalid where a cell is kept outside of the data: nothing else looks, and to read such a cell is a crash.

    That a text is not UTF-8 is found as well, once its place is; that is for its row to say.
    """
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        if "UTF8" not in str(error):
            raise
