"""What files say, kept while the server runs: replaced when they change, and left as it was where a change cannot be used."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, Generic, TypeVar

from server.access.files import Contents, Disk, Files, Handed, UnusableFiles
from server.access.metrics import ReloadMetrics
from server.log import Log

T = TypeVar("T")

LOOK_EVERY_SECONDS: Final = 1.0
_Stamp = tuple[tuple[Any, ...], ...]


class Kept(Generic[T]):
    """The value that files were last read as. ``what`` names it in log and metrics.

    ``read`` makes the value from files, and raises UnusableFiles; its second parameter is False where the files are handed over
    by a parent that read them before, whatever the time is now. ``in_use`` is told of each value as it comes into use.
    """

    def __init__(
        self,
        what: str,
        read: Callable[[Files, bool], T],
        log: Log,
        metrics: ReloadMetrics,
        handed: Contents | None = None,
        in_use: Callable[[T], None] = lambda _: None,
    ) -> None:
        self._what = what
        self._read = read
        self._log = log
        self._metrics = metrics
        self._in_use = in_use
        files: Files = Disk() if handed is None else Handed(handed)
        self.current = read(files, handed is None)
        self.contents: Contents = files.read
        self._paths = sorted(files.read)
        self._seen: _Stamp | None = None  # a change may have come while they were read: the first look reads them again
        self._about_to: _Stamp | None = None
        self._told: Sequence[str] = ()
        in_use(self.current)
        metrics.loaded(what)

    def look(self) -> None:
        """Takes what is there now, if it has changed, is not about to change further, and can be used."""
        now = stamp(self._paths)
        if now == self._seen and not self._told:
            return
        if now not in (self._seen, self._about_to):
            # A certificate and its key are two files: half of a change is no reason for alarm.
            self._about_to = now
            return
        files = Disk()
        try:
            value = self._read(files, True)
        except UnusableFiles as error:
            self._keep(error.problems)
        except Exception as error:  # noqa: BLE001  # a defect of ours, and no reason to look no more
            self._keep([f"a defect of the server: {type(error).__qualname__}"])
        else:
            if self._told or files.read != self.contents:
                self._take(value, files.read)
        paths = sorted({*self.contents, *files.read})
        self._seen = now if paths == self._paths else None
        self._paths = paths

    def _take(self, value: T, contents: Contents) -> None:
        self._in_use(value)
        self.current = value
        self.contents = contents
        self._told = ()
        self._metrics.loaded(self._what)
        self._log.info("reloaded", what=self._what, files=sorted(contents))

    def _keep(self, problems: Sequence[str]) -> None:
        if tuple(problems) != tuple(self._told):
            self._told = tuple(problems)
            self._metrics.failed(self._what)
            text = "the last good one stays in use; mend the files, they are looked at every second"
            self._log.error("not reloaded", what=self._what, problems=list(problems), until_then=text)


class Watch:
    """A thread that looks at ``kept`` every second until it is stopped."""

    def __init__(self, kept: Sequence[Kept[Any]]) -> None:
        self._kept = kept
        self._stopping = Event()
        self._thread = Thread(target=self._look_now_and_then, name="files", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        if self._kept:
            self._thread.start()

    def stop(self) -> None:
        """Looks no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look_now_and_then(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            for each in self._kept:
                each.look()


def stamp(paths: Sequence[str]) -> _Stamp:
    """What is different after any change of the files: also of their rights, and of a link on the way to them."""
    return tuple(_stamp(path) for path in paths)


def _stamp(path: str) -> tuple[Any, ...]:
    try:
        at = Path(path).stat()
    except (OSError, ValueError):
        return (path,)
    return (path, at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns)
