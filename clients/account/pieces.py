"""The pieces of a run in their order, a few of them under way at a time: here, and in other processes once these have begun."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from clients.account.proposing import Proposing, Worked
from clients.account.sources import Piece
from clients.processes import Processes

UNDER_WAY: Final = 2
"""Pieces for each process, so that none waits for what is written meanwhile."""
ALONE: Final = 8
"""What has fewer pieces is worked out sooner than other processes begin."""


def in_order(
    pieces: Iterator[Piece], proposing: Proposing, processes: Processes[tuple[Piece, bool], Worked], *, dry: bool
) -> Iterator[tuple[Piece, Worked]]:
    """Each piece, worked out. Raises what working out raises, and what the pieces raise."""

    def work_out(piece: Piece) -> Worked:
        worked = processes.answer((piece, dry))
        return proposing.piece(piece, dry=dry) if worked is None else worked

    threads = max(processes.number, UNDER_WAY)
    pool = ThreadPoolExecutor(threads, "piece")
    under_way: deque[tuple[Piece, Future[Worked]]] = deque()
    try:
        for number, piece in enumerate(pieces, 1):
            if number == ALONE:
                processes.begin()
            under_way.append((piece, pool.submit(work_out, piece)))
            if len(under_way) >= UNDER_WAY * processes.number:
                first, future = under_way.popleft()
                yield first, future.result()
        for first, future in under_way:
            yield first, future.result()
    finally:
        processes.end()
        pool.shutdown(cancel_futures=True)
