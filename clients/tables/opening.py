"""Opens a table by what its name ends in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from clients.errors import BadInput
from clients.tables import source
from clients.tables.csv_table import CsvTable
from clients.tables.ipc_table import IpcTable
from clients.tables.options import TableOptions
from clients.tables.parquet_table import ParquetTable, parts
from clients.tables.rows import Row, Table

_CSV: Final = (".csv", ".tsv")
_IPC: Final = (".arrow", ".feather", ".ipc")
KINDS: Final = ".csv (also .csv.gz, .csv.zst), .parquet (also a folder of parts) or .arrow"
"""What a name can end in."""


def open_table(path: Path, options: TableOptions | None = None) -> Table:
    """The table in a file. Raises BadInput."""
    options = options or TableOptions()
    suffixes = [suffix.lower() for suffix in path.suffixes]
    kind = suffixes[-1] if suffixes else ""
    try:
        if not path.is_file() and not (path.is_dir() and kind == ".parquet"):
            raise BadInput(f"{path}: {'is not a plain file' if path.exists() else 'there is no such file'}")
        if kind == ".parquet":
            return ParquetTable(path, options)
        if kind in _IPC:
            return IpcTable(path, options)
        if kind in _CSV or (kind in source.SUFFIXES.values() and suffixes[-2:-1] in [[suffix] for suffix in _CSV]):
            return CsvTable(path, options)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is damaged: the name of a column is not UTF-8 ({error.object!r}); write it anew") from error
    raise BadInput(f"{path}: its name has to end in {KINDS}")


def files(path: Path) -> list[Path]:
    """The files that a table is read from: one, or the parts of a folder. Raises BadInput."""
    return parts(path)


def notes(path: Path, table: Table) -> list[str]:
    """What was recognised of a file, and what it lacks, a sentence each, for a person."""
    found = [f"{path}: {note}" for note in table.notes]
    if table.unended:
        found.append(f"{path}: its last line has no line end; was the file cut off?")
    return found


def rows_of(table: Table, *, chunk_rows: int = 10_000) -> Iterator[Row]:
    """All rows, one by one; for a table that fits memory."""
    for chunk in table.chunks(table.start, chunk_rows):
        yield from chunk.rows()
