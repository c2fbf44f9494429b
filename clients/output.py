"""Standard output and standard error as files that can fail: closed, full, in another encoding, or with a reader that has gone.

What fails is named as itself. An OSError of standard output that went on as it is would be taken for one of the file that a
program writes; one of standard error would end a program for want of a place to say something.
"""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast

from clients.errors import BadInput

STREAMS = 3
"""Standard input, output and error have the descriptors 0, 1 and 2."""


class OutputFailed(BadInput):
    """Standard output takes nothing."""

    def __init__(self, why: str) -> None:
        super().__init__(f"standard output cannot be written: {why}", ["  what was decided before is kept"])


class ReaderGone(Exception):
    """Whoever read standard output (head, less) has ended."""


@contextmanager
def named() -> Iterator[None]:
    """While it lasts, ``sys.stdout`` raises OutputFailed or ReaderGone, and ``sys.stderr`` raises nothing."""
    _hold_descriptors()
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast("TextIO", _Named(out)), cast("TextIO", _Quiet(err))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err
        try:
            if err is not None:
                err.flush()
        except OSError:  # which would be another exit code, 120, when Python flushes it as it exits
            _give_up(err, 2)


def give_up() -> None:
    """What standard output still holds must not raise again when Python exits."""
    _give_up(sys.__stdout__, 1)


def _give_up(stream: TextIO | None, descriptor: int) -> None:
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno() if stream else descriptor)
    except (OSError, ValueError):
        return


def _hold_descriptors() -> None:
    """A program that was started with a closed stream would give its descriptor to the first file that it opens."""
    for descriptor in range(STREAMS):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest descriptor that is free: this one


class _Wrapped(io.TextIOBase):
    """All that print, argparse and rich use of a stream; None: it was closed before the program began."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return getattr(self._stream, "errors", None)

    def fileno(self) -> int:
        if self._stream is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Whoever opened the stream closes it."""


class _Named(_Wrapped):
    """Standard output."""

    def write(self, text: str) -> int:
        with self._failing_as_itself() as stream:
            return stream.write(text)

    def flush(self) -> None:
        if self._stream is not None:
            with self._failing_as_itself() as stream:
                stream.flush()

    @contextmanager
    def _failing_as_itself(self) -> Iterator[TextIO]:
        if self._stream is None:
            raise OutputFailed("it is closed")
        try:
            yield self._stream
        except BrokenPipeError as error:
            raise ReaderGone from error
        except UnicodeEncodeError as error:
            bad = error.object[error.start : error.start + 1]
            why = f"{bad!r} cannot be said in its encoding, {error.encoding}; set PYTHONIOENCODING=utf-8"
            raise OutputFailed(why) from error
        except OSError as error:
            raise OutputFailed(error.strerror or str(error)) from error


class _Quiet(_Wrapped):
    """Standard error: what cannot be said there is said nowhere, and the exit code stands."""

    def write(self, text: str) -> int:
        try:
            return len(text) if self._stream is None else self._stream.write(text)
        except (OSError, UnicodeEncodeError):
            return len(text)

    def flush(self) -> None:
        try:
            if self._stream is not None:
                self._stream.flush()
        except OSError:
            return
