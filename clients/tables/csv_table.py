"""Reads a CSV file: a header, one line a row, in the dialect that it is written in.

A line break inside quotes is not taken, so that one stray quote spoils one row and not the rest of the file. A line that is too
long or of another width is a row with an error; bytes that are no text spoil their cell.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa

from clients import units
from clients.tables import dialect
from clients.tables.cells import Cell, Unreadable
from clients.tables.dialect import Dialect
from clients.tables.options import TableOptions
from clients.tables.rows import Columns, InMajorUnits, Position, Row, Use

MAX_LINE_BYTES = 2**24
"""More than billing writes for a customer of a thousand outages."""
_FRACTION: Final = re.compile(rb"\d[.,]\d")
_AMOUNT: Final = re.compile(r"\s*(-?\d+(?:\.\d+|,\d{1,2}))\s*")

csv.field_size_limit(MAX_LINE_BYTES)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is needed to take a line apart. ``unnamed``: columns at the end without a name, where nothing may stand."""

    encoding: str
    delimiter: str
    width: int
    unnamed: int
    null: frozenset[str]

    @property
    def blank(self) -> bytes:
        """What an empty row is made of."""
        return f'{self.delimiter} \t\r\n"'.encode()


@dataclass(frozen=True, slots=True)
class CsvChunk:
    """Lines as they stand in the file; None for a line that is too long."""

    first_line: int
    lines: list[bytes | None]
    shape: Shape
    after: Position

    def rows(self) -> Iterator[Row]:
        blank = self.shape.blank
        for line, raw in enumerate(self.lines, start=self.first_line):
            if raw is None:
                yield Row(line, (), f"the line is longer than {MAX_LINE_BYTES} bytes")
            elif raw.strip(blank):  # a line of nothing but separators is no row
                yield _csv_row(line, raw, self.shape)

    def columns(self) -> Columns:
        rows = list(self.rows())
        apart = {place for place, row in enumerate(rows) if row.error or any(type(cell) is Unreadable for cell in row.cells)}
        try:
            arrays = self._arrays([row for place, row in enumerate(rows) if place not in apart])
        except UnicodeEncodeError:  # half of a character, which some encodings can hold
            apart, arrays = set(range(len(rows))), self._arrays([])
        return Columns([row.line for row in rows], arrays.__getitem__, sorted(apart), rows.__getitem__)

    def _arrays(self, rows: Sequence[Row]) -> list[pa.Array]:
        width = self.shape.width - self.shape.unnamed
        cells = zip(*(row.cells for row in rows), strict=True) if rows else [()] * width
        return [pa.array(column, pa.string()) for column in cells]


class CsvTable:
    """A CSV file."""

    def __init__(self, path: Path, options: TableOptions) -> None:
        found = dialect.find(path, options)
        self._source = found.source
        names = tuple(found.header)
        unnamed = len(names) - len(_named(names))
        self.columns = names[: len(names) - unnamed]
        self._shape = Shape(found.encoding, found.delimiter, len(names), unnamed, options.null)
        self.start = Position(found.header_line + 1, self._behind_header(found))
        self.end, ended = self._source.end()
        self.unended = not ended
        self.notes = (*found.notes, *_of_unnamed(unnamed))

    def _behind_header(self, found: Dialect) -> int:
        with self._source.open() as file:
            return sum(len(file.readline(MAX_LINE_BYTES)) for _ in range(found.header_line))

    def chunks(self, start: Position, rows: int) -> Iterator[CsvChunk]:
        with self._source.open(start.offset) as file:
            position = start
            while lines := list(_lines(file, rows)):
                read = sum(length for _, length in lines)
                after = Position(position.line + len(lines), position.offset + read)
                yield CsvChunk(position.line, [raw for raw, _ in lines], self._shape, after)
                position = after

    def misfit(self, column: int, use: Use) -> str:  # noqa: ARG002 -- a CSV has no types
        """Nothing: a cell of text can be anything."""
        return ""

    def in_major_units(self, column: int, currency: int | None, use: Use) -> InMajorUnits | None:
        """The first amount with decimals; lines are looked into only where a quick look at the bytes finds any.

        Only of minor units: of another number, cells of text with decimals are errors of their rows.
        """
        if use is not Use.MINOR or not self._holds_fractions():
            return None
        for chunk in self.chunks(self.start, 10_000):
            for row in chunk.rows():
                amount = None if row.error else _AMOUNT.fullmatch(str(row.cells[column]))
                if amount:
                    code = "" if currency is None else str(row.cells[currency] or "").strip(" ")
                    return InMajorUnits(row.line, amount[1], code)
        return None

    def _holds_fractions(self) -> bool:
        separated = self._shape.delimiter == ","
        pattern = re.compile(rb'\d\.\d|"[\d.]+,\d{1,2}"') if separated else _FRACTION
        with self._source.open(self.start.offset) as file:
            # The length of an amount is read again before each block, so that none is cut in two.
            before = b""
            while block := file.read(2**20):
                if pattern.search(before + block):
                    return True
                before = block[-32:]
        return False


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    """Without the names at the end that are empty, as a header that ends with a comma has one."""
    while names and not names[-1]:
        names = names[:-1]
    return names


def _of_unnamed(count: int) -> list[str]:
    return [f"its header ends with {units.several(count, 'column')} without a name"] if count else []


def _lines(file: BinaryIO, most: int) -> Iterator[tuple[bytes | None, int]]:
    """Up to ``most`` lines with their lengths. One that is too long is read past in pieces and comes as None."""
    for _ in range(most):
        raw = file.readline(MAX_LINE_BYTES)
        length = len(raw)
        if not raw:
            return
        if length == MAX_LINE_BYTES and not raw.endswith(b"\n"):
            while rest := file.readline(MAX_LINE_BYTES):
                length += len(rest)
                if rest.endswith(b"\n"):
                    break
            yield None, length
        else:
            yield raw, length


def _csv_row(line: int, raw: bytes, shape: Shape) -> Row:
    """The cells of a line, or why it has none."""
    damaged = False
    try:
        text = raw.decode(shape.encoding)
    except UnicodeDecodeError:
        text, damaged = raw.decode(shape.encoding, "surrogateescape"), True
    # One end only: a CR before it stands where something else stood, and spoils its cell.
    text = text.removesuffix("\n").removesuffix("\r")
    cells: list[Cell]
    try:
        cells = text.split(shape.delimiter) if '"' not in text else _quoted(text, shape.delimiter)
    except csv.Error as error:
        return Row(line, (), f"its quotes do not match ({error}); a row is one line")
    if len(cells) != shape.width:
        blank = " (the last is empty)" if len(cells) == shape.width + 1 and not cells[-1].strip() else ""
        return Row(line, (), f"it has {units.several(len(cells), 'column')} and the header has {shape.width}{blank}")
    if shape.unnamed:
        beyond, cells = cells[-shape.unnamed :], cells[: -shape.unnamed]
        if found := [cell for cell in beyond if cell.strip()]:
            return Row(line, (), f"{found[0]!r} stands in a column that has no name in the header")
    if damaged:
        cells = [_without_escapes(cell, shape.encoding) for cell in cells]
    if shape.null:
        cells = [None if cell in shape.null else cell for cell in cells]
    return Row(line, cells)


def _quoted(text: str, delimiter: str) -> list[Cell]:
    return next(csv.reader([text], strict=True, delimiter=delimiter))


def _without_escapes(cell: str, encoding: str) -> Cell:
    """A cell with bytes that are no text is none."""
    for character in cell:
        if "\udc80" <= character <= "\udcff":
            byte = ord(character) - 0xDC00
            return Unreadable(
                f"its bytes are not {encoding.upper()} (0x{byte:02X}); --encoding, if all of the file is in another"
            )
    return cell
