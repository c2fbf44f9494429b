"""Opens a table by the ending of its name."""

from collections.abc import Iterator
from pathlib import Path

from clients.errors import BadInput
from clients.tables.csv_table import CsvTable
from clients.tables.parquet_table import ParquetTable
from clients.tables.rows import Row, Table


def open_table(path: Path) -> Table:
    """The table in a .csv or .parquet file. Raises BadInput."""
    try:
        if not path.is_file():
            raise BadInput(f"{path}: {'is not a plain file' if path.exists() else 'there is no such file'}")
        if path.suffix == ".parquet":
            return ParquetTable(path)
        if path.suffix == ".csv":
            return CsvTable(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error
    raise BadInput(f"{path}: its name has to end in .csv or .parquet")


def rows_of(table: Table, *, chunk_rows: int = 10_000) -> Iterator[Row]:
    """All rows, one by one; for a table that fits memory."""
    for chunk in table.chunks(table.start, chunk_rows):
        yield from chunk.rows()
