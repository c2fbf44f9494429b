"""Reads a CSV file: UTF-8 with or without a byte order mark, a header, commas, one line a row.

A line break inside quotes is not taken, so that one stray quote spoils one row and not the rest of the file. A line that is
not UTF-8, too long or of another width is a row with an error.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from clients import units
from clients.errors import BadInput
from clients.tables.rows import Position, Row

MAX_LINE_BYTES = 2**20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class CsvChunk:
    """Lines as they stand in the file; None for a line that is too long."""

    first_line: int
    lines: list[bytes | None]
    width: int
    after: Position

    def rows(self) -> Iterator[Row]:
        for line, raw in enumerate(self.lines, start=self.first_line):
            if raw is None:
                yield Row(line, (), f"the line is longer than {MAX_LINE_BYTES} bytes")
            elif raw.strip():  # an empty line is no row
                yield _csv_row(line, raw, self.width)


class CsvTable:
    """A CSV file: UTF-8, with or without a byte order mark; a header; commas; one line a row."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.end = path.stat().st_size
        with path.open("rb") as file:
            raw = file.readline(MAX_LINE_BYTES)
            self.start = Position(2, file.tell())
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise BadInput(f"{path} is UTF-16; save it as UTF-8")
        header = _csv_row(1, raw.removeprefix(BYTE_ORDER_MARK), 0)
        if header.error or not raw.strip():
            raise BadInput(f"{path}:1: the header cannot be read: {header.error or 'it is empty'}")
        self.columns = tuple(name.strip() for name in header.cells)
        if len(self.columns) == 1 and (";" in self.columns[0] or "\t" in self.columns[0]):
            raise BadInput(f"{path}:1: columns are separated by commas, not by {';' if ';' in self.columns[0] else 'tabs'}")

    def chunks(self, start: Position, rows: int) -> Iterator[CsvChunk]:
        with self._path.open("rb") as file:
            file.seek(start.offset)
            position = start
            while lines := list(_lines(file, rows)):
                after = Position(position.line + len(lines), file.tell())
                yield CsvChunk(position.line, lines, len(self.columns), after)
                position = after


def _lines(file: BinaryIO, most: int) -> Iterator[bytes | None]:
    """Up to ``most`` lines. One that is too long is read past in pieces and comes as None."""
    for _ in range(most):
        raw = file.readline(MAX_LINE_BYTES)
        if not raw:
            return
        if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
            while (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield None
        else:
            yield raw


def _csv_row(line: int, raw: bytes, width: int) -> Row:
    """The cells of a line, or why it has none. ``width`` 0: any."""
    try:
        text = raw.decode().rstrip("\r\n")
        cells = text.split(",") if '"' not in text else next(csv.reader([text], strict=True))
    except UnicodeDecodeError as error:
        byte = raw[error.start]
        return Row(
            line, (), f"byte {error.start + 1} of the line (0x{byte:02X}) is not UTF-8; convert the file, say with iconv"
        )
    except csv.Error as error:
        return Row(line, (), f"its quotes do not match ({error}); a row is one line")
    if width and len(cells) != width:
        return Row(line, (), f"it has {units.several(len(cells), 'column')} and the header has {width}")
    return Row(line, cells)
