"""Reads a Parquet file piece by piece, however large its row groups are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from clients.errors import BadInput, BeginAnew
from clients.tables.rows import Position, Row

BUFFER_BYTES = 2**20
"""Read ahead of a column; without it a whole row group of every column would be held."""


@dataclass(frozen=True, slots=True)
class ParquetChunk:
    """A piece of an Arrow table."""

    first_row: int
    table: pa.Table
    after: Position

    def rows(self) -> Iterator[Row]:
        columns = [column.to_pylist() for column in self.table.columns]
        for row, cells in enumerate(zip(*columns, strict=True), start=self.first_row):
            yield Row(row, cells)


class ParquetTable:
    """A Parquet file, read row group by row group."""

    def __init__(self, path: Path) -> None:
        self._path = path
        file = self._open()
        self.columns = tuple(file.schema_arrow.names)
        self.start = Position(1, 0)
        self.end = file.metadata.num_rows
        self._group_rows = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
        file.close()

    def chunks(self, start: Position, rows: int) -> Iterator[ParquetChunk]:
        """Cut at every ``rows`` rows whatever the row groups are: a resumed run has the chunks of one that was not stopped."""
        group, skip = self._find(start.line - 1)
        position = start
        pending: list[pa.Table] = []
        for table in self._tables(group, skip, rows, start.line):
            pending.append(table)
            while sum(piece.num_rows for piece in pending) >= rows:
                whole = pa.concat_tables(pending)
                pending = [whole.slice(rows)] if whole.num_rows > rows else []
                yield (chunk := _parquet_chunk(position, whole.slice(0, rows)))
                position = chunk.after
        if pending:
            yield _parquet_chunk(position, pa.concat_tables(pending))

    def _open(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self._path, buffer_size=BUFFER_BYTES)
        except pa.ArrowInvalid as error:
            what = str(error).partition("\n")[0]
            raise BadInput(
                f"{self._path} is not a whole Parquet file; was it cut off, or is it still being written? ({what})"
            ) from error

    def _find(self, row: int) -> tuple[int, int]:
        """Row group that holds a row (from 0), and how many of the group's rows stand before it."""
        for group, rows in enumerate(self._group_rows):
            if row < rows:
                return group, row
            row -= rows
        return len(self._group_rows), 0

    def _tables(self, group: int, skip: int, rows: int, row: int) -> Iterator[pa.Table]:
        """The rest of the file from ``skip`` rows into ``group`` on; ``row`` counts along for the message."""
        groups = list(range(group, len(self._group_rows)))
        if not groups:
            return
        file = self._open()
        try:
            for batch in file.iter_batches(batch_size=rows, row_groups=groups):
                table = pa.Table.from_batches([batch])
                kept = table.slice(min(skip, table.num_rows))
                skip -= table.num_rows - kept.num_rows
                row += kept.num_rows
                if kept.num_rows:
                    yield kept
        except (pa.ArrowException, OSError) as error:
            what = str(error).partition("\n")[0]
            raise BeginAnew(f"{self._path} is broken after row {row - 1}; write it anew ({what})") from error
        finally:
            file.close()


def _parquet_chunk(position: Position, table: pa.Table) -> ParquetChunk:
    return ParquetChunk(position.line, table, Position(position.line + table.num_rows, position.offset + table.num_rows))
