"""Which signals the server answers, and that none ends it otherwise.

It imports nothing that takes time: a process is open to every signal until it has held them.
"""

import signal
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
RELOAD_SIGNAL: Final = signal.SIGHUP
IGNORED_SIGNALS: Final = (
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGQUIT,
    signal.SIGALRM,
    signal.SIGVTALRM,
    signal.SIGPROF,
    signal.SIGIO,
    signal.SIGPWR,
)
"""Left alone, each would end the process without a drain."""
HELD_SIGNALS: Final = (*STOP_SIGNALS, RELOAD_SIGNAL, *IGNORED_SIGNALS)


def hold_signals() -> None:
    """Lets HELD_SIGNALS wait until the main thread asks for them, and no other thread take them away.

    To be called before the first thread, for threads inherit it; so before the import of libraries that start some.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, HELD_SIGNALS)


def release_signals() -> None:
    """Lets them come, once somebody handles them."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_SIGNALS)
