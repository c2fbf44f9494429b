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

from clients import alike
from clients.alike import Alike
from clients.billing import areas, ask, progress, repeats, results, totals
from clients.billing.areas import AreaCounts
from clients.billing.ask import Asker
from clients.billing.outages import Outages
from clients.billing.progress import Progress
from clients.billing.questions import Asking
from clients.billing.result_row import Result
from clients.billing.spool import Format
from clients.billing.totals import Counts
from clients.channel import Connection
from clients.errors import BadInput, BeginAnew, CallFailed, ClientError, ExitCode
from clients.status import Refusal
from clients.tables.rows import Chunk, Position, Table
from clients.writing import Appended


@dataclass(frozen=True, slots=True)
class Work:
    """What does not change during a run. ``unchanged`` raises BadInput when an input file was changed meanwhile."""

    table: Table
    asking: Asking
    outages: Outages
    format: Format
    connection: Connection
    part_rows: int
    window: int
    streams: int
    strict: bool
    unchanged: Callable[[], None]
    on_wait: Callable[[Refusal, float], None]


@dataclass(frozen=True, slots=True)
class Part:
    """What a finished part adds."""

    after: Position
    data: bytes
    ids: bytes
    counts: Counts
    errors: Alike
    areas: AreaCounts


class PolicyChanged(ClientError):
    """The server's policy is not the one that decided the rows before; one result must not hold both."""

    exit_code = ExitCode.REFUSED


def decide(work: Work, out: Path, spool: Path, at: Progress, show: Callable[[Progress], None]) -> Progress:
    """Go on from ``at`` to the end of the table. Raises ClientError; what was decided until then is kept."""
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
    """The parts in order; a few are under way at a time, so that reading, asking and writing overlap."""
    stop = threading.Event()
    askers = [Asker(work.connection, work.window, stop, work.on_wait) for _ in range(work.streams)]
    idle: queue.SimpleQueue[Asker] = queue.SimpleQueue()
    for asker in askers:
        idle.put(asker)
    pool = ThreadPoolExecutor(work.streams, "part")
    under_way: deque[Future[Part]] = deque()
    try:
        for chunk in work.table.chunks(start, work.part_rows):
            under_way.append(pool.submit(_part, work, chunk, idle))
            if len(under_way) > work.streams:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        stop.set()
        for asker in askers:
            asker.close()
        pool.shutdown(cancel_futures=True)


def _part(work: Work, chunk: Chunk, idle: "queue.SimpleQueue[Asker]") -> Part:
    """Ask about the rows of a chunk. Runs in a thread of its own."""
    questions = work.asking.questions(chunk.rows())
    asker = idle.get()
    try:
        answers = asker.ask(questions.messages)
    finally:
        idle.put(asker)
    rows: list[Result | None] = [None] * len(questions.rows)
    for indexes, answered in zip(questions.indexes, ask.paired(questions.messages, answers), strict=True):
        for index, answer in zip(indexes, answered, strict=True):
            row = questions.rows[index]
            rows[index] = results.sent(row, work.outages.ids(row.outages), answer)
    done = [
        results.unsent(row, work.outages.ids(row.outages)) if result is None else result
        for row, result in zip(questions.rows, rows, strict=True)
    ]
    _stop_where_all_would_fail(done, work)
    errors = alike.of((row.line, text) for row in done for text in results.errors(row))
    met = areas.count((row.areas for row in questions.rows), work.outages.by_area.keys())
    return Part(chunk.after, work.format.encoded(done), repeats.kept(questions.rows), totals.count(done), errors, met)


def _stop_where_all_would_fail(rows: list[Result], work: Work) -> None:
    """An error that is not the row's own: the policy that was asked for, or an outage; every row that it hit would carry it."""
    for row in rows:
        if row.status != results.ERROR:
            continue
        refusal = results.refusal_of(row)
        if refusal.code == "NOT_FOUND":
            raise CallFailed(refusal, work.connection.address)
        ids = ", ".join(row.outage_ids)
        if refusal.code == "FAILED_PRECONDITION":
            advice = f"  the outages of this row are {ids}; name a version that is to decide them (--version), or take them out"
            raise BeginAnew(f"the server has no policy for an outage: {refusal.message}", [advice])
        of_outages = [each for each in refusal.violations if each.field.startswith("outages")]
        if of_outages:
            shown = [f"  {each.field}: {each.message}" for each in of_outages]
            raise BeginAnew(f"the server refuses an outage; the ones of this row are {ids}, in this order", shown)
        if work.strict:
            shown = [f"  {each.field}: {each.message}" for each in refusal.violations]
            raise BadInput(f"line {row.line}: {refusal.code}: {refusal.message} (--strict stops here)", shown)


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
