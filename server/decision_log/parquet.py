"""``python -m server pack``: a decision log as one Parquet file, for whoever asks it with SQL or keeps it for years.

The server writes lines, since a Parquet file is none before its end is written, and a process that is killed would lose all of
it. What stands in clear is in columns; each record is there whole as well, so that a replay reads the one as the other.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from server.decision_log.reader import LINE, SUFFIX, records
from server.decision_log.record import Record
from server.decision_log.sealing import NO_KEYS

PACKED, PARTLY, UNUSABLE = 0, 1, 2
_ROWS_AT_ONCE: Final = 10_000
_SCHEMA: Final = pa.schema(
    [
        ("at", pa.timestamp("us", "UTC")),
        ("method", pa.string()),
        ("row", pa.int64()),
        ("engine", pa.string()),
        ("default_policy", pa.string()),
        ("outcome", pa.string()),
        ("refused", pa.string()),
        ("policy_id", pa.string()),
        ("policy_version", pa.string()),
        ("policy_sha256", pa.string()),
        ("as_of", pa.timestamp("s", "UTC")),
        ("lacks", pa.list_(pa.string())),
        ("key", pa.string()),
        (LINE, pa.binary()),
    ]
)
_DESCRIPTION: Final = """\
Writes what a decision log holds to one Parquet file: what stands in clear as columns (when, by which method, outcome or
refusal, policy, engine, what it lacks, under which key it is sealed), and each record whole. python -m server replay reads it
as it reads the log. Nothing is unsealed, and no key is needed. The file is readable by its owner alone, and is there when it is
whole.

exit status:
  0   all of it is packed
  1   lines that are no records are told, and left out
  2   nothing is packed: the file cannot be written
"""


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    options = _parser().parse_args(arguments)
    left_out = 0

    def rows() -> Iterator[Mapping[str, Any]]:
        nonlocal left_out
        for found in records(options.logs, NO_KEYS):
            if isinstance(found.what, Record):
                yield _row(found.what, found.raw)
            else:
                left_out += 1
                sys.stderr.write(f"{found.place}: {found.what}\n")

    aside = options.out.with_name(f".{options.out.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            count = _write(file, rows())
        aside.rename(options.out)
    except OSError as error:
        sys.stderr.write(f"{options.out} cannot be written: {error.strerror}\n")
        aside.unlink(missing_ok=True)
        return UNUSABLE
    sys.stdout.write(f"{count:,} records packed\n")
    return PARTLY if left_out else PACKED


def _write(file: Any, rows: Iterator[Mapping[str, Any]]) -> int:
    count = 0
    with pq.ParquetWriter(file, _SCHEMA, compression="zstd") as writer:
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(some, _SCHEMA))
            count += len(some)
    return count


def _row(record: Record, raw: bytes) -> Mapping[str, Any]:
    """What a release of this form does not write, though it stands in a record, is left out of the columns."""
    told = record.told
    policy = told.get("policy")
    stamp = policy if isinstance(policy, dict) else {}
    row = told.get("row")
    return {
        **{name: _text(told.get(name)) for name in ("method", "engine", "default_policy", "outcome", "refused")},
        **{f"policy_{name}": _text(stamp.get(name)) for name in ("id", "version", "sha256")},
        "at": _instant(lambda: datetime.fromisoformat(told["at"])),
        "row": row if isinstance(row, int) and abs(row) < 2**63 else None,
        "as_of": _instant(lambda: datetime.fromtimestamp(told["as_of"], UTC)),
        "lacks": list(record.lacks),
        "key": record.key or None,
        LINE: raw,
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _instant(read: Callable[[], datetime]) -> datetime | None:
    try:
        return read()
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server pack",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("logs", nargs="+", type=Path, metavar="LOG", help="a file of records, or a directory of them")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=f"the file to write; its name ends in {SUFFIX}")
    return parser
