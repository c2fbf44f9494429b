"""Finds subscribers who stand in a file more than once: whatever they are granted is in the totals as often.

No grant is booked twice for it (the key is the same), but totals and recourse would be too high without a word. A file may
hold 10^8 subscribers, so what is kept of each row lies on disk, beside the result, and is looked through in passes.
"""

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np

from clients.billing.subscribers import Asked

ROW: Final = np.dtype([("id", "<u8"), ("line", "<u8")])
"""What is kept of a row: a hash of the subscriber's id (0: it has none), and its line.

Two different ids of 10^8 have one hash with a chance of 1 in 3000; the cost is one false mention.
"""
PASS_ROWS: Final = 2**22
"""Rows that are looked at together: 64 MiB of them, and as much again to sort."""
SHOWN: Final = 5


def path_beside(out: Path) -> Path:
    """Where the rows of a run are kept until its result is whole."""
    return out.with_name(out.name + ".ids")


def kept(rows: Sequence[Asked]) -> bytes:
    """What is kept of some rows."""
    return np.array([(_hash(row.subscriber_id), row.line) for row in rows], ROW).tobytes()


def _hash(subscriber_id: str) -> int:
    return int.from_bytes(blake2b(subscriber_id.encode(), digest_size=8).digest(), "little") if subscriber_id else 0


def find(file: Path, pass_rows: int = PASS_ROWS) -> tuple[int, list[tuple[int, int]]]:
    """How many rows repeat the subscriber of an earlier one, and the first few: (line, the first line of that subscriber)."""
    size = file.stat().st_size // ROW.itemsize
    passes = -(-size // pass_rows)
    number, first = 0, list[tuple[int, int]]()
    for which in range(passes):
        # Rows of one id have one remainder, so they are in one pass.
        starts = range(0, size, pass_rows)
        pieces = (np.fromfile(file, ROW, pass_rows, offset=start * ROW.itemsize) for start in starts)
        some = np.concatenate([piece[(piece["id"] % passes == which) & (piece["id"] != 0)] for piece in pieces])
        some = some[np.argsort(some["id"], kind="stable")]  # lines of one id stay ascending
        again = np.flatnonzero(some["id"][1:] == some["id"][:-1]) + 1
        number += len(again)
        for index in sorted(again.tolist(), key=lambda index: int(some["line"][index]))[:SHOWN]:
            begun = int(np.searchsorted(some["id"], some["id"][index]))
            first.append((int(some["line"][index]), int(some["line"][begun])))
    return number, sorted(first)[:SHOWN]
