"""What reading a table means, whatever its format: chunks that fit memory, from any position on, a bad row kept to itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from clients.tables.cells import Cell


@dataclass(frozen=True, slots=True)
class Row:
    """A row. ``line`` is its line in the file, the header being 1; in Parquet its number from 1. ``error`` "" or why not."""

    line: int
    cells: Sequence[Cell]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a chunk begins: its first line or row, and how far into the file it is, in bytes (CSV) or rows (Parquet)."""

    line: int
    offset: int


class Chunk(Protocol):
    """Some rows, not yet taken apart, so that this can be done elsewhere."""

    @property
    def after(self) -> Position:
        """Where the next chunk begins."""

    def rows(self) -> Iterator[Row]:
        """The rows in order."""


class Table(Protocol):
    """A file of rows."""

    columns: tuple[str, ...]
    start: Position
    end: int
    """Offset at which the table ends, as a Position counts it."""

    def chunks(self, start: Position, rows: int) -> Iterator[Chunk]:
        """Chunks of ``rows`` rows from ``start`` on; the last may be shorter. Raises BadInput where the file is broken."""
