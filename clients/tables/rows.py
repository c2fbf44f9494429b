"""What reading a table means, whatever its format: chunks that fit memory, from any position on, a bad row kept to itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, Protocol

from clients.tables.cells import Cell


class Use(Enum):
    """What a column is read as; a typed column is judged by it once, before any row."""

    IDENTITY = "a text"
    SEVERAL = "a text, or a list of texts"
    CODE = "a code"
    WHOLE = "a whole number"
    MINOR = "whole minor units"
    MAJOR = "an amount in major units"
    INSTANT = "an instant"
    ATTRIBUTE = "a value that an attribute can have"


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


class InMajorUnits(NamedTuple):
    """A cell with decimals in a column of whole numbers, and the currency beside it ("" where there is none)."""

    line: int
    amount: str
    currency_code: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows of a chunk by column. A row that is no row of columns, or has a cell that none can hold, is read by itself.

    ``lines``: of all rows; ``cells``: of a column, by its index, an array of Arrow of the rows that are not ``apart``, null
    where empty; ``row``: one of all, by its place among them.
    """

    lines: Sequence[int]
    cells: Callable[[int], Any]
    apart: Sequence[int]
    row: Callable[[int], Row]


class Chunk(Protocol):
    """Some rows, not yet taken apart, so that this can be done elsewhere."""

    @property
    def after(self) -> Position:
        """Where the next chunk begins."""

    def rows(self) -> Iterator[Row]:
        """The rows in order."""

    def columns(self) -> Columns:
        """The same by column."""


class Table(Protocol):
    """A file of rows."""

    columns: tuple[str, ...]
    """As the file names them."""
    start: Position
    end: int
    """Offset at which the table ends, as a Position counts it."""
    notes: tuple[str, ...]
    """What was recognised, for a person to know: each a sentence without the file's name."""
    unended: bool
    """Whether the last line lacks its end, so that the file may have been cut off."""

    def chunks(self, start: Position, rows: int) -> Iterator[Chunk]:
        """Chunks of ``rows`` rows from ``start`` on; the last may be shorter. Raises BadInput where the file is broken."""

    def misfit(self, column: int, use: Use) -> str:
        """Why the type of a column cannot be read as this; "" where it can, or where cells have no type."""

    def in_major_units(self, column: int, currency: int | None, use: Use) -> InMajorUnits | None:
        """The first cell of a column of whole numbers that has decimals, so that none of them can be trusted."""
