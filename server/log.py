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
from functools import lru_cache
from threading import Event, Thread
from time import gmtime, strftime, time_ns
from typing import Any, Final, Literal, Protocol, get_args

import orjson
import structlog

LogFormat = Literal["json", "text"]
LogLevel = Literal["debug", "info", "warning", "error"]
Known = Mapping[str, Any]
Told = Callable[..., Known | str]
"""What a line says, by name; or a string: the members of a JSON object, written, for a log that :attr:`Log.is_json`."""

WRITE_EVERY_SECONDS: Final = 0.1
KEPT_EVENTS: Final = 50_000
"""About 50 MB. What comes when so many events wait is dropped."""
LAST_LINES_SECONDS: Final = 1
"""What is left at the end is written in a moment, or nobody reads it."""
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
        self.is_json = format_ == "json"
        self._tail = "".join(f",{orjson.dumps({name: value}).decode()[1:-1]}" for name, value in always.items())
        self._render = _renderer(format_)
        levels = get_args(LogLevel)
        self._levels = frozenset(levels[levels.index(level) :])
        self._events: deque[tuple[int, LogLevel, str, Told, tuple[Any, ...]]] = deque()
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

    def later(self, level: LogLevel, event: str, known: Told, *about: Any) -> None:
        """The same; ``known`` is asked ``about`` it when the line is made, outside the call that it is about."""
        if level not in self._levels:
            return
        if len(self._events) < KEPT_EVENTS:
            self._events.append((time_ns(), level, event, known, about))
        else:
            self._dropped += 1

    def close(self) -> None:
        """Writes what is left and stops; the stream stays open. What nobody takes meanwhile is lost."""
        self._closing.set()
        self._thread.join(LAST_LINES_SECONDS)

    def _write_now_and_then(self) -> None:
        while not self._closing.wait(WRITE_EVERY_SECONDS):
            self._write()
        self._write()

    def _write(self) -> None:
        dropped, self._dropped = self._dropped, 0
        lines = [self._line(*self._events.popleft()) for _ in range(len(self._events))]
        lost = dropped + len(lines)
        if dropped:
            lines.append(self._line(time_ns(), "warning", "log lines dropped", lambda: {"count": dropped}, ()))
        if lines:
            try:
                self._stream.write("\n".join([*lines, ""]))
                self._stream.flush()
            except OSError:  # a full disk, or a reader who has gone: no reason to stop answering, or to stop trying
                self._dropped += lost

    def _line(self, at: int, level: LogLevel, event: str, known: Told, about: tuple[Any, ...]) -> str:
        seconds, nanos = divmod(at, 10**9)
        timestamp = f"{_second(seconds)}.{nanos // 1000:06}Z"
        named = {"timestamp": timestamp, "level": level, "event": event, **self._always}
        try:
            said = known(*about)
            if isinstance(said, str):
                return f'{{"timestamp":"{timestamp}","level":"{level}","event":"{event}"{self._tail},{said}}}'
            return self._render({**named, **said})
        except Exception as error:  # noqa: BLE001  # a line that cannot be made must not be the last one
            return self._render({**named, "unwritable": type(error).__qualname__})


@lru_cache(maxsize=1)
def _second(at: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(at))


def _renderer(format_: LogFormat) -> Callable[[dict[str, Any]], str]:
    """From what is known to a line. Of structlog its renderers alone: a logger around them takes three times as long."""
    if format_ == "json":
        return lambda event: orjson.dumps(event).decode()
    console = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    return lambda event: str(console(None, event["level"], event))


def field_paths(fields: tuple[str, ...]) -> list[str]:
    """Paths of request fields for a log line, without the keys of maps, which callers choose; the first few."""
    return [_CHOSEN_KEY.sub('["*"]', field) for field in fields[:_FIELDS]]
