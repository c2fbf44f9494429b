"""A run: reads the subscribers in parts, asks about several parts at a time, and puts their results on disk in order.

INVARIANT: the spool, cut to the length in the progress file, holds exactly the results of the rows before its position, and
the file of ids as many rows as the progress file counts. A part's bytes are on disk before the progress file speaks of them,
so a run can be killed at any instant.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clients.billing import progress, repeats, totals
from clients.billing.ask import Asker
from clients.billing.parts import Deciding, Part
from clients.billing.progress import Progress
from clients.billing.totals import Counts
from clients.channel import Connection
from clients.errors import ClientError, ExitCode
from clients.processes import Processes
from clients.status import Refusal
from clients.tables.rows import Chunk, Position, Table
from clients.writing import Appended

ROWS_ALONE: Final = 100_000
"""As many are decided sooner than other processes begin: one takes as long to begin as for 30,000 rows."""
LANES: Final = 2
"""Parts at a time in each other process: while the server decides one, another is taken apart or written."""


@dataclass(frozen=True, slots=True)
class Work:
    """What does not change during a run. ``unchanged`` raises BadInput when an input file was changed meanwhile."""

    table: Table
    deciding: Deciding
    connection: Connection
    part_rows: int
    window: int
    streams: int
    processes: Processes[Chunk, Part]
    unchanged: Callable[[], None]
    on_wait: Callable[[Refusal, float], None]


class PolicyChanged(ClientError):
    """The server's policy is not the one that decided the rows before; one result must not hold both."""

    exit_code = ExitCode.REFUSED


def decide(work: Work, out: Path, spool: Path, at: Progress, show: Callable[[Progress], None]) -> Progress:
    """Go on from ``at`` to the end of the table. ``show`` is told how far it is, once that is on disk and on record.

    Raises ClientError; what was decided until then is kept.
    """
    beside = repeats.path_beside(out)
    with Appended.at(spool, at.spool_bytes) as file, Appended.at(beside, at.counts["rows",] * repeats.ROW.size) as ids:
        for part in _parts(work, at.position):
            work.unchanged()
            _same_policies(at.counts, part.counts)
            file.append(part.data)
            ids.append(part.ids)
            at = at.advanced(part.after, file.length, part.counts, part.errors, part.areas)
            progress.save(at, progress.path_beside(out))
            show(at)
    work.unchanged()
    number, first = repeats.find(repeats.path_beside(out))
    return at.advanced(at.position, at.spool_bytes, totals.count_repeats(number, first))


def _parts(work: Work, start: Position) -> Iterator[Part]:
    """The parts in order; a few are under way at a time, here and in other processes, so that all of a run overlaps."""
    stop = threading.Event()
    askers = [Asker(work.connection, work.window, stop, work.on_wait) for _ in range(work.streams)]
    idle: queue.SimpleQueue[Asker] = queue.SimpleQueue()
    for asker in askers:
        idle.put(asker)
    pool = ThreadPoolExecutor(max(work.streams, work.processes.at_a_time), "part")
    most = work.streams
    under_way: deque[Future[Part]] = deque()

    def decided(chunk: Chunk) -> Part:
        return work.processes.answer(chunk) or _here(work.deciding, chunk, idle)

    try:
        for chunk in work.table.chunks(start, work.part_rows):
            if chunk.after.line - start.line > ROWS_ALONE and work.processes.begin():
                most = max(most, work.processes.at_a_time)
            under_way.append(pool.submit(decided, chunk))
            if len(under_way) > most:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        stop.set()
        work.processes.end()
        for asker in askers:
            asker.close()
        pool.shutdown(cancel_futures=True)


def _here(deciding: Deciding, chunk: Chunk, idle: "queue.SimpleQueue[Asker]") -> Part:
    """Runs in a thread of its own."""
    asker = idle.get()
    try:
        return deciding.part(chunk, asker.ask)
    finally:
        idle.put(asker)


def _same_policies(before: Counts, part: Counts) -> None:
    """Raises PolicyChanged when a version's digest, or the engine, differs from what decided before (or within the part)."""
    stamps: dict[tuple[str, str], tuple[str, str]] = {}
    for key in (*before, *part):
        if key[0] == "policies":
            _, policy_id, version, sha256, engine = key
            known = stamps.setdefault((policy_id, version), (sha256, engine))
            if known != (sha256, engine):
                raise PolicyChanged(
                    f"policy {policy_id} {version} changed while the run was under way; one result must not hold both",
                    [
                        f"  the rows before were decided by sha256 {known[0]}, engine {known[1]}",
                        f"  now it is sha256 {sha256}, engine {engine}",
                        "  put the former policy back and run the same command again, or begin anew with --restart",
                    ],
                )
