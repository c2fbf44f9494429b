"""The thread that makes records of what calls have left, and writes them a few times a second."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from threading import Event, Thread
from typing import Final

from server.decision_log.entry import Entry, LineMaker
from server.decision_log.files import RotatedFiles
from server.decision_log.metrics import LOST, WRITTEN, LogMetrics
from server.decision_log.queue import EntryQueue
from server.decision_log.sealing import NO_KEYS, Keys, UnusableKeys, read_keys
from server.log import Log
from server.stray import raised

WRITE_EVERY_SECONDS: Final = 0.1
AGAIN_SECONDS: Final = 1.0
"""After a failure to write, so that a full disk is not asked a thousand times a second."""
LINES_AT_ONCE: Final = 256
"""So that the interpreter's lock is let go of in between, and a file is not far over its size."""


class KeyFile:
    """The keys of ``path``, read anew when it has changed; where that cannot be used, the last good ones. None: no keys."""

    def __init__(self, path: Path | None, log: Log, metrics: LogMetrics) -> None:
        """Raises UnusableKeys."""
        self._path = path
        self._log = log
        self._metrics = metrics
        self._seen = _stamp(path)
        self.keys = NO_KEYS if path is None else read_keys(path)

    def look(self) -> Keys:
        """The keys to seal with now."""
        seen = _stamp(self._path)
        if self._path is not None and seen != self._seen:
            self._seen = seen
            try:
                self.keys = read_keys(self._path)
            except UnusableKeys as error:
                self._metrics.key_errors.inc()
                self._log.error(
                    "keys of the decision log not reloaded", problems=list(error.problems), in_use=self.keys.seals_with
                )
            else:
                self._log.info("keys of the decision log reloaded", seals_with=self.keys.seals_with)
        return self.keys


def _stamp(path: Path | None) -> tuple[int, ...]:
    try:
        at = None if path is None else path.stat()
    except OSError:
        return ()
    return () if at is None else (at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns)


class Writer:
    """Writes what stands in ``queue`` to ``files`` from construction to :meth:`close`."""

    def __init__(
        self, queue: EntryQueue, files: RotatedFiles, lines: LineMaker, key_file: KeyFile, log: Log, metrics: LogMetrics
    ) -> None:
        self._queue = queue
        self._files = files
        self._lines = lines
        self._key_file = key_file
        self._log = log
        self._metrics = metrics
        self._closing = Event()
        self._given_up = False
        self._failing = False
        self._thread = Thread(target=self._run, name="decision log", daemon=True)
        self._thread.start()

    def close(self, within_seconds: float) -> None:
        """Writes what is left and is done with the file; what cannot be written in time is lost, which is counted and told."""
        self._closing.set()
        self._thread.join(within_seconds)
        self._given_up = True
        lost = self._queue.left()
        if lost:
            self._metrics.records[LOST].inc(lost)
            self._log.error("records of the decision log lost", records=lost)

    def _run(self) -> None:
        while not self._closing.wait(WRITE_EVERY_SECONDS):
            self._write()
            self._trying(self._files.close_when_old)
        self._write()
        while not self._trying(self._files.close) and not self._given_up:
            self._closing.wait(0)

    def _write(self) -> None:
        keys = self._key_file.look()
        while (entry := self._queue.first()) is not None and not self._given_up:
            self._write_entry(entry, keys)
            self._queue.done()
            self._metrics.queued_bytes.set(self._queue.size_bytes)

    def _write_entry(self, entry: Entry, keys: Keys) -> None:
        for lines, count in self._made(entry, keys):
            while not self._trying(lambda lines=lines: self._files.write(lines)):  # type: ignore[misc]
                if self._given_up:
                    return
                Event().wait(AGAIN_SECONDS)
            self._metrics.records[WRITTEN].inc(count)

    def _made(self, entry: Entry, keys: Keys) -> Iterator[tuple[bytes, int]]:
        """The lines of an entry, so many at once. What is no answer of ours is a defect, told and counted, and ends nothing."""
        lines = self._lines.lines(entry, keys)
        made = 0
        try:
            while some := list(islice(lines, LINES_AT_ONCE)):
                made += len(some)
                yield b"".join(some), len(some)
        except Exception as error:  # noqa: BLE001  # the next entry may be another
            self._metrics.records[LOST].inc(max(entry.rows - made, 0))
            self._log.error("fault", **raised(error))

    def _trying(self, write: Callable[[], None]) -> bool:
        try:
            write()
        except OSError as error:
            self._metrics.write_errors.inc()
            if not self._failing:
                self._log.error("decision log cannot be written", why=error.strerror, again_after_seconds=AGAIN_SECONDS)
            self._failing = True
            return False
        if self._failing:
            self._log.info("decision log is written again")
            self._failing = False
        return True
