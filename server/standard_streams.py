"""stdout and stderr as what they are, descriptors whose other end may be closed, full, or held by somebody who never reads.

Python's own streams lock while they write, and are flushed at exit: one that nobody reads would hold up both.
"""

import os
import select
from collections.abc import Iterator
from threading import Thread
from typing import Final

STDOUT: Final = 1
STDERR: Final = 2


class Output:
    """Writes whole lines to ``descriptor``, for as long as that takes: to be used by a thread that nobody waits for."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, text: str) -> None:
        """Writes ``text``, all of it. Raises OSError where nobody will read it, or a disk is full."""
        for piece in _pieces(text.encode(errors="backslashreplace")):
            left = memoryview(piece)
            while left:
                left = left[self._some(left) :]

    def flush(self) -> None:
        """Nothing is left to do."""

    def _some(self, data: memoryview) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:  # whoever shares it with us has made it one that does not wait
            ready = select.poll()
            ready.register(self._descriptor, select.POLLOUT)
            ready.poll()
            return 0


def _pieces(data: bytes) -> Iterator[bytes]:
    """Whole lines, as many as a pipe takes at once or not at all: a reader who stalls is left no half of a line.

    A line that is longer stands by itself.
    """
    held: list[bytes] = []
    size = 0
    for line in data.splitlines(keepends=True):
        if held and size + len(line) > select.PIPE_BUF:
            yield b"".join(held)
            held, size = [], 0
        held.append(line)
        size += len(line)
    if held:
        yield b"".join(held)


def say(descriptor: int, text: str) -> Thread:
    """Writes lines beside the work, in the thread returned; who does not read them, or has closed it, holds up nothing."""

    def write() -> None:
        try:
            Output(descriptor).write(text)
        except OSError:
            return

    thread = Thread(target=write, name="say", daemon=True)
    thread.start()
    return thread


def keep_open() -> None:
    """Puts /dev/null where a standard stream is closed, before a socket takes its number and strangers write to it."""
    for descriptor in (0, STDOUT, STDERR):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is given, so this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
