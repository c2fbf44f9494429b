"""The directory that a parent and its workers share: metrics, and the lock of the log. The last of them to end removes it."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOG_LOCK: Final = "log.lock"
"""Whoever holds this file writes log lines."""
_HOLDERS: Final = "holders.lock"


@contextmanager
def held(directory: Path) -> Iterator[Path]:
    """Keeps ``directory`` until the end of the block, and removes it then if no other process keeps it.

    A process that is killed keeps it no longer, so that what a killed parent leaves its last worker takes away.
    """
    with Path(directory, _HOLDERS).open("w", encoding="ascii") as holders:
        fcntl.flock(holders, fcntl.LOCK_SH)
        try:
            yield directory
        finally:
            if _alone(holders.fileno()):
                shutil.rmtree(directory, ignore_errors=True)


def _alone(holders: int) -> bool:
    try:
        fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
