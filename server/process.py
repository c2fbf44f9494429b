"""What a process of the server does alike, whether it is alone or one of several."""

import gc
import signal
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def hold_signals() -> None:
    """Lets STOP_SIGNALS wait until the main thread asks for them, and no other thread take them away.

    To be called before the first thread, for threads inherit it; so before the import of libraries that start some.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def keep_what_is_loaded() -> None:
    """Takes it out of the garbage collector's sight: it stays, and to go through it once more held up calls for 60 ms."""
    gc.collect()
    gc.freeze()
