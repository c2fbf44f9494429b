"""Reads Parquet: a file, or a folder of parts as Spark writes it; the parts are read one after another, in order of name."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from clients import units
from clients.errors import BadInput
from clients.tables.arrow_table import ArrowTable
from clients.tables.options import TableOptions
from clients.tables.rows import Use

BUFFER_BYTES = 2**20
"""Read ahead of a column; without it a whole row group of every column would be held."""
_SPARK = b"org.apache.spark.version"
_SHOWN_PARTS = 3


class ParquetTable(ArrowTable):
    """A Parquet file or folder, read row group by row group."""

    def __init__(self, path: Path, options: TableOptions) -> None:
        self._parts = parts(path)
        self._group_rows: list[tuple[Path, int, int]] = []
        """(part, row group, its rows) in order."""
        schemas: list[pa.Schema] = []
        self._int96: set[str] = set()
        self._spark_times: set[str] = set()
        for part in self._parts:
            with _open(part) as file:
                metadata = file.metadata
                self._group_rows += [(part, group, metadata.row_group(group).num_rows) for group in range(file.num_row_groups)]
                schemas.append(file.schema_arrow)
                self._int96 |= _int96(file)
                if _SPARK in (metadata.metadata or {}):
                    # The type has no zone; Spark writes UTC, others the local time of some machine.
                    self._spark_times |= self._int96
        super().__init__(path, schemas[0], sum(rows for _, _, rows in self._group_rows), options)
        for part, schema in zip(self._parts, schemas, strict=True):
            if not schema.equals(schemas[0]):
                other = [field for field in schema if field not in list(schemas[0])] or list(schemas[0])
                what = f"it has a column {other[0].name} of type {other[0].type}"
                raise BadInput(f"{path}: the columns of {part.name} are not those of {self._parts[0].name}: {what}")
        self.notes += tuple(_of_parts(path, self._parts, self._group_rows))
        if self._spark_times:
            self.notes += (f"{', '.join(sorted(self._spark_times))}: INT96 as Spark writes it, so in UTC",)

    def in_utc(self, column: int) -> bool:
        return self.columns[column] in self._spark_times

    def misfit(self, column: int, use: Use) -> str:
        found = super().misfit(column, use)
        of_int96 = found and self.columns[column] in self._int96
        return f"{found} (INT96: Spark writes it in UTC, Hive and Impala in local time)" if of_int96 else found

    def _batches(self, first_row: int, rows: int, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        before = [0, *accumulate(rows for _, _, rows in self._group_rows)]
        for part in self._parts:
            groups = [
                index
                for index, (of, _, count) in enumerate(self._group_rows)
                if of == part and before[index] + count > first_row
            ]
            if not groups:
                continue
            skip = max(first_row - before[groups[0]], 0)
            with _open(part) as file:
                for some in _runs([self._group_rows[index][1:] for index in groups], rows):
                    for batch in file.iter_batches(rows, row_groups=some, columns=columns):
                        kept = batch.slice(min(skip, batch.num_rows))
                        skip -= batch.num_rows - kept.num_rows
                        yield kept.select(columns) if columns is not None else kept


def _runs(groups: Iterable[tuple[int, int]], rows: int) -> Iterator[list[int]]:
    """Row groups, as number and rows, that are read together: of all that are asked for at once the columns begin to be read.

    So each holds its buffers, and a file of many small ones would be in memory as a whole.
    """
    run: list[int] = []
    held = 0
    for number, count in groups:
        run.append(number)
        held += count
        if held >= rows:
            yield run
            run, held = [], 0
    if run:
        yield run


def parts(path: Path) -> list[Path]:
    """The files of a table: itself, or the parts of a folder. Raises BadInput."""
    if not path.is_dir():
        return [path]
    inside = sorted(each for each in path.iterdir() if not each.name.startswith((".", "_")))
    if (path / "_temporary").exists():
        raise BadInput(f"{path} is still being written (it has a _temporary in it), or its job failed")
    if folders := [each.name for each in inside if each.is_dir()]:
        raise BadInput(f"{path} has folders in it ({folders[0]}); write the parts into one folder, with every column in them")
    if others := [each.name for each in inside if each.suffix != ".parquet"]:
        raise BadInput(f"{path} is a folder, and {others[0]} in it is no .parquet file")
    if not inside:
        raise BadInput(f"{path} is a folder without .parquet files")
    return inside


def _open(part: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(part, buffer_size=BUFFER_BYTES, page_checksum_verification=True)
    except pa.ArrowInvalid as error:
        what = str(error).partition("\n")[0]
        raise BadInput(f"{part} is not a whole Parquet file; was it cut off, or is it still being written? ({what})") from error


def _int96(file: pq.ParquetFile) -> set[str]:
    """Columns of this type, which older programs keep times in."""
    columns = (file.schema.column(index) for index in range(len(file.schema.names)))
    return {column.path for column in columns if column.physical_type == "INT96"}


def _of_parts(path: Path, found: list[Path], group_rows: list[tuple[Path, int, int]]) -> Iterator[str]:
    """Which rows are in which part."""
    if not path.is_dir():
        return
    first, begins = 1, list[str]()
    for part in found:
        begins.append(f"{part.name} from row {first}")
        first += sum(rows for of, _, rows in group_rows if of == part)
    more = ", …" if len(begins) > _SHOWN_PARTS else ""
    yield f"a folder of {units.several(len(found), 'part')}: {', '.join(begins[:_SHOWN_PARTS])}{more}"
