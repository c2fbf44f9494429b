"""How a user says to read files that are not as the contract has them: flags, and a mapping of columns beside the data."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from clients.errors import BadInput
from clients.parsing import Rounding

BESIDE_SUFFIX = ".columns"
"""subscribers.csv is read with the columns that subscribers.csv.columns maps."""

HELP = """\
files as they come: what is recognised is said on standard error; what would be a guess is refused with the flag to say
  CSV        UTF-8, or UTF-16 with its mark; other encodings by --encoding (gb18030 from a Chinese Windows). Columns separated
             by comma, semicolon, tab or |, told by the header or by sep=; as the first line. One line a row, ended as on any
             system. Rows of nothing but separators are no rows. Also packed: .csv.gz, .csv.zst
  Parquet    a file, or a folder of parts as Spark writes it (rows are numbered on through the parts, in order of name)
  Arrow IPC  .arrow, .feather or .ipc, file or stream
  columns    regardless of case; named otherwise: --column subscriber_id=MSISDN, or the same without --column, one a line, in a
             file beside the data, FILE.columns
  no value   an empty cell (Parquet: null). NULL, \\N, None, nan, N/A, -, 无 and the like are refused, unless --null says so
"""


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How tables are read. An empty text: as the file shows it."""

    encoding: str = ""
    """Of a CSV that is not UTF-8 and has no mark."""
    delimiter: str = ""
    null: frozenset[str] = frozenset()
    """Cells that hold one of these are empty."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column of the contract to the file's own name for it."""
    ignored: tuple[str, ...] = ()
    """Columns that are not read."""
    fee_in_major_units: bool = False
    round_times_outward: bool = False

    @property
    def start(self) -> Rounding:
        """What becomes of a fraction of a second in a time at which something starts or is."""
        return Rounding.DOWN if self.round_times_outward else Rounding.NONE

    @property
    def end(self) -> Rounding:
        """The same where something ends."""
        return Rounding.UP if self.round_times_outward else Rounding.NONE

    def beside(self, path: Path) -> "TableOptions":
        """With the mapping that lies beside a file; a flag goes before it. Raises BadInput."""
        file = Path(f"{path}{BESIDE_SUFFIX}")  # a path such as / or . has no name
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except FileNotFoundError:
            return self
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{file} cannot be read: {error}") from error
        return replace(self, columns={**mapping(lines, str(file)), **self.columns})

    def as_flags(self, *paths: Path) -> dict[str, object]:
        """What the answer of a run depends on; a mapping beside one of its files as if it had been given by flags."""
        return {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "null": sorted(self.null),
            "column": sorted({f"{name}={given}" for path in paths for name, given in self.beside(path).columns.items()}),
            "ignore-column": sorted(self.ignored),
            "fee-in-major-units": self.fee_in_major_units,
            "round-times-outward": self.round_times_outward,
        }


def mapping(lines: Sequence[str], where: str) -> dict[str, str]:
    """Of lines COLUMN=NAME; empty ones and those that begin with # say nothing. Raises BadInput."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        column, equals, name = (part.strip() for part in line.partition("="))
        if not line.strip() or line.startswith("#"):
            continue
        if not equals or not column or not name:
            raise BadInput(f"{where}:{number}: {line!r} maps no column; write subscriber_id=MSISDN")
        if found.setdefault(column, name) != name:
            raise BadInput(f"{where}:{number}: {column} is mapped to {name} and to {found[column]}")
    return found


def add(parser: argparse.ArgumentParser) -> None:
    """The flags for how files are read."""
    group = parser.add_argument_group("how files are read")
    group.add_argument(
        "--encoding",
        metavar="NAME",
        default="",
        help="encoding of a CSV that is not UTF-8, for example gb18030; one that is UTF-8, or has a mark, is read as that",
    )
    group.add_argument(
        "--delimiter", metavar="C", default="", help="between the columns of a CSV, where the header does not tell"
    )
    group.add_argument(
        "--column",
        metavar="COLUMN=NAME",
        action="append",
        default=[],
        help="the file's own name of a column: subscriber_id=MSISDN; repeat for more; also from FILE.columns beside FILE",
    )
    group.add_argument(
        "--ignore-column", metavar="NAME", action="append", default=[], help="a column to leave out; repeat for more"
    )
    group.add_argument(
        "--null", metavar="TEXT", action="append", default=[], help="a cell that holds this is empty: NULL; repeat for more"
    )
    group.add_argument(
        "--fee-in-major-units",
        action="store_true",
        help="monthly_fee_minor holds 129.00, not 12900; converted exactly",
    )
    group.add_argument(
        "--round-times-outward",
        action="store_true",
        help="take times with a fraction of a second: a start goes down to the whole second and an end up, which can join two"
        " interruptions (default: such a time is refused)",
    )


def of_arguments(arguments: argparse.Namespace) -> TableOptions:
    """What the flags say. Raises BadInput."""
    delimiter = {"\\t": "\t", "tab": "\t"}.get(arguments.delimiter, arguments.delimiter)
    if delimiter and (len(delimiter) != 1 or not delimiter.isascii() or delimiter.isalnum() or delimiter in '"\r\n'):
        raise BadInput(f"--delimiter {arguments.delimiter!r}: one character such as ';' is needed, or tab")
    return TableOptions(
        encoding=arguments.encoding,
        delimiter=delimiter,
        null=frozenset(arguments.null),
        columns=mapping(arguments.column, "--column"),
        ignored=tuple(arguments.ignore_column),
        fee_in_major_units=arguments.fee_in_major_units,
        round_times_outward=arguments.round_times_outward,
    )
