"""A table of typed columns, read piece by piece however large the pieces of its file are."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from clients.errors import BadInput, BeginAnew
from clients.tables import arrow_types, distinct
from clients.tables.arrow_cells import cells_of
from clients.tables.cells import Cell
from clients.tables.options import TableOptions
from clients.tables.rows import Columns, InMajorUnits, Position, Row, Use

PANDAS_INDEX: Final = re.compile("__index_level_[0-9]+__")
"""What pandas adds to the columns where its rows were sorted or filtered; it says nothing about them."""


@dataclass(frozen=True, slots=True)
class ArrowChunk:
    """A piece of an Arrow table."""

    first_row: int
    table: pa.Table
    null: frozenset[str]
    after: Position

    def rows(self) -> Iterator[Row]:
        columns = [cells_of(column) for column in self.table.columns]
        if self.null:
            columns = [[None if _is_null(cell, self.null) else cell for cell in column] for column in columns]
        for row, cells in enumerate(zip(*columns, strict=True), start=self.first_row):
            yield Row(row, cells)

    def columns(self) -> Columns:
        lines = range(self.first_row, self.first_row + self.table.num_rows)
        return Columns(lines, lambda index: _without_null(self.table.column(index), self.null), (), self._row)

    def _row(self, place: int) -> Row:
        return next(replace(self, first_row=self.first_row + place, table=self.table.slice(place, 1)).rows())


def _without_null(column: pa.ChunkedArray, null: frozenset[str]) -> pa.Array:
    """With what stands for no value taken out, as :func:`_is_null` says of each distinct cell."""
    if not null:
        return column.combine_chunks()
    cells, places = distinct.cells(column.combine_chunks())
    empty = pa.array([_is_null(cell, null) for cell in cells], pa.bool_()).take(places)
    return pc.if_else(empty, None, column.combine_chunks())


def _is_null(cell: Cell, null: frozenset[str]) -> bool:
    if isinstance(cell, float):
        return math.isnan(cell) and ("nan" in null or "NaN" in null)
    return isinstance(cell, str) and cell in null


class ArrowTable(ABC):
    """What the formats of typed columns share."""

    unended = False

    def __init__(self, path: Path, schema: pa.Schema, rows: int, options: TableOptions) -> None:
        self._path, self._schema, self._null = path, schema, options.null
        self.columns = tuple(schema.names)
        self.start = Position(1, 0)
        self.end = rows
        self.notes: tuple[str, ...] = ()
        if indexes := [name for name in self.columns if PANDAS_INDEX.fullmatch(name)]:
            self.notes += (f"{', '.join(indexes)} is an index of pandas and not read",)
        if not self.columns:
            raise BadInput(f"{path} holds no column")

    @abstractmethod
    def _batches(self, first_row: int, rows: int, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """The rest of the file from a row on (from 0), at most ``rows`` rows at a time, of some of the columns or of all."""

    def in_utc(self, column: int) -> bool:  # noqa: ARG002 -- a format may know more
        """Whether timestamps of a column that has no zone are known to be in UTC."""
        return False

    def chunks(self, start: Position, rows: int) -> Iterator[ArrowChunk]:
        """Cut at every ``rows`` rows whatever the pieces are: a resumed run has the chunks of one that was not stopped."""
        position = start
        pending: list[pa.Table] = []
        for table in self._tables(start.line - 1, rows):
            pending.append(table)
            while sum(piece.num_rows for piece in pending) >= rows:
                whole = pa.concat_tables(pending)
                pending = [whole.slice(rows)] if whole.num_rows > rows else []
                yield (chunk := self._chunk(position, whole.slice(0, rows)))
                position = chunk.after
        if pending:
            yield self._chunk(position, pa.concat_tables(pending))

    def misfit(self, column: int, use: Use) -> str:
        """Why the type of a column cannot be read as this; "" where it can."""
        return arrow_types.misfit(self._schema.field(column).type, use, utc=self.in_utc(column))

    def in_major_units(self, column: int, currency: int | None, use: Use) -> InMajorUnits | None:
        """The first cell with decimals, or beyond what a floating type holds exactly; only the two columns are read."""
        type_ = arrow_types.plain(self._schema.field(column).type)
        looked_at = pa.types.is_floating(type_) or (use is Use.MINOR and not pa.types.is_integer(type_))
        if not looked_at or pa.types.is_null(type_):
            return None
        names = [self.columns[index] for index in (column, currency) if index is not None]
        row = 1
        for table in self._tables(0, 2**16, names):
            index = arrow_types.first_with_decimals(table.column(0))
            if index is not None:
                cells = [cells_of(each.slice(index, 1))[0] for each in table.columns]
                return InMajorUnits(row + index, _shown(cells[0]), str(cells[1] or "") if len(cells) > 1 else "")
            row += table.num_rows
        return None

    def _tables(self, first_row: int, rows: int, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Pieces of the file, with what is wrong with it said by row."""
        row = first_row
        try:
            for batch in self._batches(first_row, rows, columns):
                if batch.num_rows:
                    yield pa.Table.from_batches([batch])
                row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            what = str(error).partition("\n")[0]
            raise BeginAnew(f"{self._path} is broken after row {row}; write it anew ({what})") from error

    def _chunk(self, at: Position, table: pa.Table) -> ArrowChunk:
        return ArrowChunk(at.line, table, self._null, Position(at.line + table.num_rows, at.offset + table.num_rows))


def _shown(cell: Cell) -> str:
    return cell.strip() if isinstance(cell, str) else f"{cell:f}" if not isinstance(cell, float) else repr(cell)
