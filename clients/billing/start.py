"""Begins a run, goes on with one that was stopped, or finds that it is finished."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from clients.billing import progress, repeats
from clients.billing.progress import Progress, Question
from clients.billing.spool import Format
from clients.errors import BadInput, BeginAnew
from clients.tables import opening
from clients.tables.rows import Position
from clients.writing import Appended, writing


def spool_beside(out: Path) -> Path:
    """Where results are gathered until the result is whole."""
    return out.with_name(out.name + ".partial")


@contextmanager
def only_run(out: Path) -> Iterator[None]:
    """Hold the result against a second run. The lock is the kernel's, so a killed run leaves none behind."""
    lock = out.with_name(out.name + ".lock")
    with writing(out):
        file = lock.open("w")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The run that held the lock before may have removed the file between our opening and locking it.
            held = lock.exists() and lock.stat().st_ino == os.fstat(file.fileno()).st_ino
        except BlockingIOError:
            held = False
        if not held:
            raise BadInput(f"another run is writing {out}; wait for it, or stop it and run this again")
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def watch(files: Sequence[Path]) -> Callable[[], None]:
    """A check that files are as they were when it was made, before they are read for their fingerprint. Raises BadInput."""
    parts = [part for file in files for part in opening.files(file)]
    try:
        before = {file: (file.stat().st_size, file.stat().st_mtime_ns) for file in parts}
    except OSError as error:
        raise BadInput(f"{error.filename} cannot be read: {error.strerror}") from error

    def unchanged() -> None:
        for file, known in before.items():
            if not file.exists() or (file.stat().st_size, file.stat().st_mtime_ns) != known:
                raise BeginAnew(f"{file} was changed while it was read; wait until it is complete")

    return unchanged


def begin(out: Path, question: Question, as_of: int | None, start: Position, layout: Format, *, restart: bool) -> Progress:
    """Where to go on. Raises BadInput when what lies beside ``out`` belongs to another question.

    ``as_of`` None: the clock's, once and for all rows of the run, also of those that a rerun decides.
    """
    record = progress.path_beside(out)
    found = None if restart else progress.load(record)
    if found is None:
        if out.exists() and not restart:
            raise BadInput(f"{out} exists and is not from a run on record; give another --out, or --restart to write over it")
        return _anew(out, Progress(question, _instant(as_of), start, 0), layout)
    different = progress.differences(found.question, question)
    if different and not found.finished and not found.counts["rows",]:
        # Nothing was decided yet: whoever mends a flag or a file and runs it again means the new question.
        return _anew(out, Progress(question, _instant(as_of), start, 0), layout)
    if different:
        what = "was finished" if found.finished else "was begun"
        advice = "  begin anew with --restart, give another --out, or run it as it was begun"
        raise BadInput(f"{out} {what} with other inputs or flags", [*different, advice])
    return _resumed(out, found)


def _instant(as_of: int | None) -> int:
    return int(time.time()) if as_of is None else as_of


def _anew(out: Path, at: Progress, layout: Format) -> Progress:
    """An empty spool and a progress file that says so. The old record goes first: a kill leaves nothing half-true."""
    record = progress.path_beside(out)
    with writing(out):
        record.unlink(missing_ok=True)
        repeats.path_beside(out).write_bytes(b"")
        spool_beside(out).write_bytes(b"")
    with Appended.at(spool_beside(out), 0) as file:
        file.append(layout.head())
        at = at.advanced(at.position, file.length, at.counts)
    progress.save(at, record)
    return at


def _resumed(out: Path, found: Progress) -> Progress:
    """The run as it was left, checked to be whole."""
    spool, ids = spool_beside(out), repeats.path_beside(out)
    if found.finished:
        if not out.exists():
            raise BadInput(f"{out} was finished and is gone; begin anew with --restart")
        spool.unlink(missing_ok=True)
        ids.unlink(missing_ok=True)
    elif not spool.exists() and out.exists() and out.stat().st_size >= found.spool_bytes:
        # Killed after the spool was renamed and before that was noted.
        out.replace(spool)
    elif not spool.exists() or spool.stat().st_size < found.spool_bytes:
        raise BadInput(f"{spool} is gone or shorter than {progress.path_beside(out)} says; begin anew with --restart")
    if not found.finished and not (ids.exists() and ids.stat().st_size >= found.counts["rows",] * repeats.ROW.size):
        raise BadInput(f"{ids} is gone or shorter than {progress.path_beside(out)} says; begin anew with --restart")
    return found
