"""Log lines: one JSON object, or one readable line, for each event.

What a line never holds: a subscriber's id, an error text (it can quote a value of the request), a key that the caller chose.

Lines are made and written a few times a second by a thread of their own. Made inside a call, a line cost that call 40 to 70 µs:
its write lets go of the interpreter's lock, and other threads take it. So a call only leaves here what is to be said. A process
that is killed loses the last moment's lines; a reader who stops reading holds up no call, and the lines that are dropped for
it are counted in the log itself.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Event, Thread
from time import time
from typing import Any, Final, Literal, Protocol

import orjson
import structlog

LogFormat = Literal["json", "text"]
LogLevel = Literal["debug", "info", "warning", "error"]
Known = Mapping[str, Any]

WRITE_EVERY_SECONDS: Final = 0.1
KEPT_EVENTS: Final = 50_000
"""About 50 MB. What comes when so many events wait is dropped."""
_FIELDS: Final = 20
_CHOSEN_KEY: Final = re.compile(r'\["[\s\S]*')


class Stream(Protocol):
    """Where lines go: a text file, or what stands in front of one."""

    def write(self, text: str, /) -> Any:
        """Takes whole lines."""

    def flush(self) -> Any:
        """Hands them on."""


class Log:
    """Writes events of ``level`` and above to ``stream`` until :meth:`close`; ``always`` is in every line."""

    def __init__(self, stream: Stream, format_: LogFormat, level: LogLevel, **always: Any) -> None:
        self._stream = stream
        self._always = always
        self._lines: list[str] = []
        self._render = _renderer(format_, level, self._lines)
        self._events: deque[tuple[float, LogLevel, str, Callable[[], Known]]] = deque()
        self._dropped = 0
        self._closing = Event()
        self._thread = Thread(target=self._write_now_and_then, name="log", daemon=True)
        self._thread.start()

    def info(self, event: str, **known: Any) -> None:
        """Something that is meant to happen, and what is known about it."""
        self.later("info", event, lambda: known)

    def warning(self, event: str, **known: Any) -> None:
        """Something that an operator may want to look at."""
        self.later("warning", event, lambda: known)

    def error(self, event: str, **known: Any) -> None:
        """A fault of our own."""
        self.later("error", event, lambda: known)

    def later(self, level: LogLevel, event: str, known: Callable[[], Known]) -> None:
        """The same; ``known`` is asked when the line is made, outside the call that it is about."""
        if len(self._events) < KEPT_EVENTS:
            self._events.append((time(), level, event, known))
        else:
            self._dropped += 1

    def close(self) -> None:
        """Writes what is left and stops; the stream stays open."""
        self._closing.set()
        self._thread.join()

    def _write_now_and_then(self) -> None:
        while not self._closing.wait(WRITE_EVERY_SECONDS):
            self._write()
        self._write()

    def _write(self) -> None:
        for _ in range(len(self._events)):
            at, level, event, known = self._events.popleft()
            timestamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
            getattr(self._render, level)(event, timestamp=timestamp, **self._always, **known())
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            self._render.warning("log lines dropped", count=dropped)
        if self._lines:
            try:
                self._stream.write("\n".join([*self._lines, ""]))
                self._stream.flush()
            except OSError:  # a full disk, or a reader who has gone: no reason to stop answering, or to stop trying
                self._dropped += len(self._lines)
            self._lines.clear()


def _renderer(format_: LogFormat, level: LogLevel, lines: list[str]) -> Any:
    """A structlog logger that appends its lines to ``lines``."""
    render: Any = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    if format_ == "json":
        render = structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event).decode())

    class Lines:
        """The end of structlog's chain."""

        msg = debug = info = warning = error = staticmethod(lines.append)

    logger = structlog.wrap_logger(
        Lines(),
        processors=[structlog.processors.add_log_level, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return logger.bind()


def field_paths(fields: tuple[str, ...]) -> list[str]:
    """Paths of request fields for a log line, without the keys of maps, which callers choose; the first few."""
    return [_CHOSEN_KEY.sub('["*"]', field) for field in fields[:_FIELDS]]
