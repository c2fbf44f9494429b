"""Finds subscribers who stand in a file more than once: whatever they are granted is in the totals as often.

No grant is booked twice for it (the key is the same), but totals and recourse would be too high without a word. A file may
hold 10^8 subscribers, so what is kept of each row lies on disk, beside the result, and is looked through in passes.
"""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

ROW: Final = Struct("<QQ")
"""What is kept of a row: a hash of the subscriber's id (0: it has none), and its line.

Two different ids of 10^8 have one hash with a chance of 1 in 3000; the cost is one false mention.
"""
PASS_ROWS: Final = 2**18, 2**22
"""Rows that are looked at together, at least and at most: 4 to 64 MiB of them, and several times as much to sort."""
PASSES: Final = 8
"""Rather than more rows together: what was held by a part is free by then, and a pass over a file is quick."""
SHOWN: Final = 5


def path_beside(out: Path) -> Path:
    """Where the rows of a run are kept until its result is whole."""
    return out.with_name(out.name + ".ids")


def kept(subscriber_ids: Iterable[str], lines: Iterable[int]) -> bytes:
    """What is kept of some rows; an id is "" where it cannot be read."""
    return b"".join([ROW.pack(_hash(who), line) for who, line in zip(subscriber_ids, lines, strict=True)])


def _hash(subscriber_id: str) -> int:
    return int.from_bytes(blake2b(subscriber_id.encode(), digest_size=8).digest(), "little") if subscriber_id else 0


def find(file: Path, pass_rows: int | None = None) -> tuple[int, list[tuple[int, int]]]:
    """How many rows repeat the subscriber of an earlier one, and the first few: (line, the first line of that subscriber)."""
    size = file.stat().st_size // ROW.size
    least, most = PASS_ROWS
    pass_rows = pass_rows or min(max(least, -(-size // PASSES)), most)
    passes = -(-size // pass_rows)
    number, first = 0, list[tuple[int, int]]()
    for which in range(passes):
        # Rows of one id have one remainder, so they are in one pass.
        some = pa.concat_tables([_of_pass(piece, which, passes) for piece in _pieces(file, pass_rows)])
        some = some.sort_by([("id", "ascending"), ("line", "ascending")])
        ids, lines = some["id"].combine_chunks(), some["line"].combine_chunks()
        again = pc.indices_nonzero(pc.equal(ids[1:], ids[: max(len(ids) - 1, 0)]))
        number += len(again)
        repeats = pa.table({"id": ids[1:].take(again), "line": lines[1:].take(again)}).sort_by("line")[:SHOWN]
        for id_, line in zip(repeats["id"].to_pylist(), repeats["line"].to_pylist(), strict=True):
            first.append((line, lines[pc.index(ids, pa.scalar(id_, pa.uint64())).as_py()].as_py()))
    return number, sorted(first)[:SHOWN]


def _pieces(file: Path, rows: int) -> Iterator[bytes]:
    with file.open("rb") as kept_rows:
        while piece := kept_rows.read(rows * ROW.size):
            yield piece


def _of_pass(piece: bytes, which: int, passes: int) -> Any:
    """The rows of a piece that are looked at in this pass, as a table of ids and lines."""
    both = pa.Array.from_buffers(pa.uint64(), 2 * (len(piece) // ROW.size), [None, pa.py_buffer(piece)])
    pairs = pa.FixedSizeListArray.from_arrays(both, 2)
    divisor, remainder, none = (pa.scalar(number, pa.uint64()) for number in (passes, which, 0))
    ids, lines = pc.list_element(pairs, 0), pc.list_element(pairs, 1)
    remainders = pc.subtract(ids, pc.multiply(pc.divide(ids, divisor), divisor))
    keeps = pc.and_(pc.equal(remainders, remainder), pc.not_equal(ids, none))
    return pa.table({"id": ids, "line": lines}).filter(keeps)
