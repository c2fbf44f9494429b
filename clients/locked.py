"""Says that a ledger is waited for, where another program holds its lock for longer than one notices.

SQLite waits inside of the statement that takes the lock, and says nothing meanwhile.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from clients import bar

SECONDS: Final = 2.0
"""After which it is said."""


@contextmanager
def told(name: str) -> Iterator[None]:
    """While the block takes the lock of a ledger."""
    line = f"the ledger {name} is locked by another program; waiting for it, as long as --wait says"
    timer = threading.Timer(SECONDS, lambda: bar.console().print(line))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
