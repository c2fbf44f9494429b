"""Makes files out of good ones that are as files come: damaged in their bytes, their cells, their columns, their types."""

import csv
import gzip
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support import identities

Rows = list[list[str]]

SUBSCRIBERS: Final[Rows] = [
    [
        *("subscriber_id", "area", "plan_type", "monthly_fee_minor", "currency_code", "data_allowance_bytes"),
        *("data_remaining_bytes", "billing_cycle_started_at", "billing_cycle_ended_at"),
    ],
    *(
        [
            *(f"01380000000{number}", area, plan, str(fee), "CNY", "21474836480", str(number * 2**30)),
            *("2026-03-01T00:00:00+08:00", "2026-04-01T00:00:00+08:00"),
        ]
        for number, (area, plan, fee) in enumerate(
            [
                ("A", "DATA", 12990),
                ("浦东", "CONVERGED", 9950),
                ("A;B", "VOICE", 3901),
                ("C", "DATA", 5999),
                ("浦东;C", "DATA", 7995),
            ]
        )
    ),
]
OUTAGES: Final[Rows] = [
    ["outage_id", "started_at", "ended_at", "cause", "areas"],
    ["out-1", "2026-03-04T08:00:00+08:00", "2026-03-04T11:30:00+08:00", "EQUIPMENT_FAILURE", "A;浦东"],
    ["out-2", "2026-03-05T08:00:00+08:00", "2026-03-05T09:30:00+08:00", "CONSTRUCTION_DAMAGE", "B"],
]
CELLS: Final = (
    *(case.text for case in (*identities.refused(), *identities.refused_in_tables())),
    *identities.taken(),
    *(
        "",
        " ",
        ";",
        "A;",
        "a",
        "A,B",
        "0",
        "-1",
        "1.5",
        "129.00",
        "129,00",
        "12 900",
        "+5",
        "1e3",
        "9223372036854775808",
        "٣",
        "１２",
    ),
    *("2026-03-04", "2026-03-04T08:00", "2026/3/4 8:00", "46085.33", "2026-03-04T08:00:00.5Z", "2026-03-04T08:00:00.0000001Z"),
    *(
        "9999-12-31T00:00:00Z",
        "infinity",
        "24:00",
        "data",
        "DATA;VOICE",
        "cny",
        "元",
        "true",
        "\x00",
        "x" * 300,
        '"',
        '""',
        "a\nb",
    ),
)


@dataclass(frozen=True, slots=True)
class Mutated:
    """A file. ``text``: what its bytes say by how they were made; None where bytes were damaged. ``name`` has its suffix."""

    name: str
    content: bytes
    text: Rows | None
    how: str
    first_row: int = 2
    """Line of the first row, or its number in a file of types."""


def of(rows: Rows, chance: random.Random) -> Mutated:
    """One file out of good rows."""
    return chance.choice((in_bytes, in_cells, in_cells, in_columns, in_dialect, in_types))(rows, chance)


def written(rows: Rows, delimiter: str = ",", end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


def in_bytes(rows: Rows, chance: random.Random) -> Mutated:
    """Bytes changed, lost, doubled, moved; the end lost."""
    kind = chance.choice(("csv", "csv", "csv", "parquet", "arrow", "csv.gz"))
    content = bytearray(_packed(rows, kind))
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(content))
        match chance.randrange(5):
            case 0:
                content[at] = chance.randrange(256)
            case 1:
                del content[at : at + chance.randint(1, 4)]
            case 2:
                content[at:at] = bytes(chance.choices(range(256), k=chance.randint(1, 3)))
            case 3:
                content[at:at] = content[at : at + chance.randint(1, 40)]
            case _:
                del content[at:]
        content = content or bytearray(b"x")
    return Mutated(f"bytes.{kind}", bytes(content), None, "bytes")


def _packed(rows: Rows, kind: str) -> bytes:
    if kind.startswith("csv"):
        return gzip.compress(written(rows).encode(), mtime=0) if kind == "csv.gz" else written(rows).encode()
    return _typed({name: pa.array(cells) for name, cells in _columns(rows).items()}, kind)


def _columns(rows: Rows) -> dict[str, list[str]]:
    return {name: [row[index] for row in rows[1:]] for index, name in enumerate(rows[0])}


def _typed(columns: dict[str, Any], kind: str) -> bytes:
    out, table = io.BytesIO(), pa.table(columns)
    if kind == "parquet":
        pq.write_table(table, out)
    else:
        with pa.ipc.new_file(out, table.schema) as writer:
            writer.write_table(table)
    return out.getvalue()


def in_cells(rows: Rows, chance: random.Random) -> Mutated:
    """One to three cells that hold something else."""
    changed = [list(row) for row in rows]
    for _ in range(chance.randint(1, 3)):
        row = chance.choice(changed[1:])
        index = chance.randrange(len(row))
        row[index] = chance.choice((chance.choice(CELLS), _slip(row[index], chance)))
    if chance.random() < 0.3:  # the same by a typed file
        kind = chance.choice(("parquet", "arrow"))
        return Mutated(f"cells.{kind}", _packed(changed, kind), changed, "cells", 1)
    return Mutated("cells.csv", written(changed).encode(), changed, "cells")


def _slip(cell: str, chance: random.Random) -> str:
    """A character more, less, or another."""
    at = chance.randint(0, len(cell))
    return (
        cell[:at]
        + chance.choice(("", chance.choice("0123456789.,;-'\" \t\u200b\ufeffＡ浦eE+x")))
        + cell[at + chance.randint(0, 1) :]
    )


def in_columns(rows: Rows, chance: random.Random) -> Mutated:
    """Columns lost, doubled, moved, renamed; rows cut or stretched."""
    changed = [list(row) for row in rows]
    one, other = chance.randrange(len(rows[0])), chance.randrange(len(rows[0]))
    match chance.randrange(7):
        case 0:
            changed = [row[:one] + row[one + 1 :] for row in changed]
        case 1:
            changed = [[*row, row[one]] for row in changed]
        case 2:
            for row in changed:
                row[one], row[other] = row[other], row[one]
        case 3:
            changed[0][one], changed[0][other] = changed[0][other], changed[0][one]
        case 4:
            changed[0] = [chance.choice((name.upper(), name.title(), f" {name} ", name)) for name in changed[0]]
        case 5:
            row = chance.choice(changed[1:])
            row.insert(one, "")
        case _:
            row = chance.choice(changed[1:])
            del row[one]
    return Mutated("columns.csv", written(changed).encode(), changed, "columns")


def in_dialect(rows: Rows, chance: random.Random) -> Mutated:
    """The same rows in another encoding, with other separators, line ends, packing."""
    delimiter, end = chance.choice(",;\t|"), chance.choice(("\n", "\r\n", "\r"))
    text = written(rows, delimiter, end)
    told = chance.random() < 0.2
    if told:
        text = f"sep={delimiter}{end}{text}"
    if chance.random() < 0.2:
        text = text.replace(end, delimiter + end)
    if chance.random() < 0.2:
        text = text[: -len(end)]
    content = text.encode(
        chance.choice(("utf-8", "utf-8-sig", "utf-16", "gb18030", "big5", "utf-16-le", "utf-32", "shift-jis")), "replace"
    )
    if chance.random() < 0.2:
        content = chance.choice((gzip.compress, lambda raw: pa.compress(raw, "zstd", asbytes=True)))(content)
    return Mutated("dialect.csv", content, rows, "dialect", 3 if told else 2)


def in_types(rows: Rows, chance: random.Random) -> Mutated:
    """Columns of other types, that hold the same values as far as the type can."""
    columns: dict[str, Any] = {name: pa.array(cells) for name, cells in _columns(rows).items()}
    for name in chance.sample(list(columns), chance.randint(1, 3)):
        turns: tuple[Callable[[Any], Any], ...] = (
            lambda cells: cells.cast(pa.int64()),
            lambda cells: cells.cast(pa.float64()),
            lambda cells: cells.cast(pa.float64()).cast(pa.float32()),
            lambda cells: cells.cast(pa.decimal128(20, 0)),
            lambda cells: cells.cast(pa.decimal128(20, 2)),
            lambda cells: pa.array([int(cell.as_py()) / 100 for cell in cells]),
            lambda cells: cells.dictionary_encode(),
            lambda cells: cells.cast(pa.large_string()),
            lambda cells: cells.cast(pa.string_view()),
            lambda cells: cells.cast(pa.binary()),
            lambda cells: pa.array([cell.as_py().split(";") for cell in cells]),
            lambda cells: pa.array([[cell.as_py().split(";")] for cell in cells]),
            lambda cells: pa.array([{"code": cell.as_py()} for cell in cells]),
            lambda cells: cells.cast(pa.timestamp("ns", "UTC")),
            lambda cells: cells.cast(pa.timestamp("s", "UTC")).cast(pa.timestamp("ms", "Asia/Shanghai")),
            lambda cells: cells.cast(pa.timestamp("s", "UTC")).cast(pa.timestamp("us")),
        )
        # A number that once was an id has lost its zeros before it came to a file; that cannot be seen in it.
        first = 6 if name.endswith("_id") else 0
        try:
            columns[name] = chance.choice(turns[first:])(columns[name])
        except (pa.ArrowException, ValueError):
            continue  # no such value in that type
    kind = chance.choice(("parquet", "arrow"))
    return Mutated(f"types.{kind}", _typed(columns, kind), rows, "types", 1)
