"""What would be printed to stderr past the log, as log lines: by libraries, by the interpreter, by native parts.

As in all lines, no text of an error: it can quote a value of a request. Frames and types are told instead.
"""

import logging
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from threading import Thread
from types import TracebackType
from typing import Final

from server.log import Known, Log
from server.standard_streams import STDERR

_CHARACTERS: Final = 500
"""Of a message; what is longer is cut."""


def raised(error: BaseException) -> Known:
    """What a log line tells of an error: types, outermost first, and frames."""
    return {
        "exception": list(_kinds(error)),
        # The frames without the exception's own text: that text can hold values of the request.
        "traceback": "".join(traceback.format_tb(error.__traceback__)),
    }


def _kinds(error: BaseException) -> Iterator[str]:
    """The type of ``error`` and of what it came from, outermost first."""
    seen: BaseException | None = error
    while seen is not None:
        yield f"{type(seen).__module__}.{type(seen).__qualname__}"
        seen = seen.__cause__ or seen.__context__


def log_what_python_prints(log: Log) -> None:
    """From now on: messages of libraries, warnings, and exceptions that nobody caught."""
    logging.root.handlers = [_Handler(log)]
    logging.captureWarnings(True)
    warnings.formatwarning = lambda message, category, filename, lineno, line=None: (
        f"{filename}:{lineno}: {category.__name__}: {message}"
    )

    def uncaught(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        log.error("uncaught exception", kind=kind.__qualname__, **raised(error))

    def uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
        thread = arguments.thread.name if arguments.thread else ""
        error = arguments.exc_value
        log.error("uncaught exception", kind=arguments.exc_type.__qualname__, thread=thread, **(raised(error) if error else {}))

    def unraisable(arguments: "sys.UnraisableHookArgs") -> None:
        error = arguments.exc_value
        log.error("unraisable exception", **(raised(error) if error else {}))

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread
    sys.unraisablehook = unraisable


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One line for each message of a library."""
        known: dict[str, object] = {"logger": record.name}
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            known["message"] = cut(record.getMessage())
        else:  # libraries put its text into the message
            known |= {**raised(error), "at": f"{record.module}:{record.lineno}"}
        said = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        said("library message", **known)


def cut(text: str) -> str:
    """A message that others wrote, of a length that is known."""
    return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "…"


def own_stderr() -> int:
    """A descriptor for stderr that is not the one which native parts know by its number."""
    return os.dup(STDERR)


def log_what_native_parts_print(log: Log) -> None:
    """From now on, what is written to the number of stderr goes to ``log``, which has to write to :func:`own_stderr`.

    A thread reads it, so the last words of a process that is aborted are lost; of a worker, its parent reads them.
    """
    reader, writer = os.pipe()
    # Whoever writes may hold the interpreter's lock, which the reader needs: it must not wait for the reader.
    os.set_blocking(writer, False)
    os.dup2(writer, STDERR)
    os.close(writer)

    def read() -> None:
        with os.fdopen(reader, encoding="utf-8", errors="backslashreplace") as lines:
            while line := lines.readline(_CHARACTERS):
                tell_native(log, line)

    Thread(target=read, name="stderr", daemon=True).start()


def tell_native(log: Log, line: str, **known: object) -> None:
    """Logs a line that a native part wrote, unless it is empty."""
    if message := line.strip():
        log.warning("native message", message=cut(message), **known)
