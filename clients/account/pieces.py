"""The pieces of a run in their order, a few of them under way at a time: here, and in other processes once these have begun."""

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from clients.account.proposing import Proposing, Worked
from clients.account.sources import Piece, Source
from clients.processes import Processes
from clients.tables.rows import Position

UNDER_WAY: Final = 2
"""Pieces for each process, so that none waits for what is written meanwhile."""
SECONDS_ALONE: Final = 4.0
"""Of CPU time. What takes less is done sooner than other processes begin."""


def in_order(
    source: Source,
    start: Position,
    number: int,
    proposing: Proposing,
    processes: Processes[tuple[Piece, bool], Worked],
    *,
    dry: bool,
) -> Iterator[tuple[Piece, Worked]]:
    """Each piece of ``number`` subjects from ``start`` on, worked out. Raises what that raises, and what the source raises."""
    began = time.process_time()

    def left(done: Piece) -> float:
        """CPU time of this process for the rest, as it took until now."""
        return (time.process_time() - began) * (source.end - done.after.offset) / max(done.after.offset - start.offset, 1)

    def work_out(piece: Piece) -> Worked:
        worked = processes.answer((piece, dry))
        return proposing.piece(piece, dry=dry) if worked is None else worked

    threads = max(processes.number, UNDER_WAY)
    pool = ThreadPoolExecutor(threads, "piece")
    under_way: deque[tuple[Piece, Future[Worked]]] = deque()
    try:
        for piece in source.pieces(start, number):
            under_way.append((piece, pool.submit(work_out, piece)))
            if len(under_way) >= UNDER_WAY * processes.number:
                first, future = under_way.popleft()
                worked = future.result()
                if left(first) > SECONDS_ALONE:
                    processes.begin()
                yield first, worked
        for first, future in under_way:
            yield first, future.result()
    finally:
        processes.end()
        pool.shutdown(cancel_futures=True)
