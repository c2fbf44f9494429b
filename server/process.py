"""What a process of the server does alike, whether it is alone or one of several."""

import gc
import signal
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def keep_what_is_loaded() -> None:
    """Takes it out of the garbage collector's sight: it stays, and to go through it once more held up calls for 60 ms."""
    gc.collect()
    gc.freeze()
