"""What a worker and its parent know of each other."""

from typing import Final

READY: Final = b"ready\n"
"""What a worker says when it answers calls; whatever else it says tells why it never will."""
LOG_LOCK: Final = "log.lock"
"""The file in the directory of all workers that its holder may write log lines with."""
