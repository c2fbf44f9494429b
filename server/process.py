"""What a process of the server does alike, whether it is alone or one of several."""

import gc
import os
import signal
import sys
from threading import Timer
from typing import Final

from server.log import Log

BEYOND_DRAIN_SECONDS: Final = 5
"""What is not done so long after the drain time is stuck."""
STUCK: Final = 1
"""Exit status of a process that did not come to its end."""
_LAST_SECONDS: Final = 2
_TURN_SECONDS: Final = 0.001


def tell_ignored(log: Log, number: int) -> None:
    """Nothing is done about a signal, and whoever sent it can see so."""
    log.warning("signal ignored", signal=signal.Signals(number).name)


def end_within(seconds: int, log: Log) -> None:
    """Lets the process end within BEYOND_DRAIN_SECONDS after ``seconds``, whatever is stuck by then.

    A thread says so and ends it; if the interpreter itself is stuck, the kernel does, two seconds later.
    """

    def end() -> None:
        log.error("stuck", killed_after_seconds=seconds + BEYOND_DRAIN_SECONDS)
        log.close()
        os._exit(STUCK)

    timer = Timer(seconds + BEYOND_DRAIN_SECONDS, end)
    timer.daemon = True
    timer.start()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    signal.alarm(seconds + BEYOND_DRAIN_SECONDS + _LAST_SECONDS)


def take_turns_often() -> None:
    """Lets threads that want the interpreter have it after a millisecond.

    With the five that Python sets a call waited 13 ms and not 3 beside two batches, whose thread had it at each of the call's
    steps; batches take no longer for it.
    """
    sys.setswitchinterval(_TURN_SECONDS)


def keep_what_is_loaded() -> None:
    """Takes it out of the garbage collector's sight: it stays, and to go through it once more held up calls for 60 ms."""
    gc.collect()
    gc.freeze()
