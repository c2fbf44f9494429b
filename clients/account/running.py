"""A run: works out piece by piece what is missing, and books each piece with how far the run is, in one transaction.

INVARIANT: what a run booked, and its position, are in the database together or not at all. So it can be killed at any instant,
and goes on where it was. What it works out twice it books once, for an account that moved meanwhile is asked about again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from sqlalchemy import Connection

from clients.account import amounts, pieces, run_records, store
from clients.account.asking import PolicyMoved
from clients.account.database import Database
from clients.account.proposing import Proposing, Worked
from clients.account.run_records import BEGUN, FINISHED, WAITS, Counted, Run
from clients.account.sources import Piece, Source
from clients.account.store import Moved, Written
from clients.errors import BadInput, LedgerUnusable
from clients.processes import Processes
from clients.tables.rows import Position

ATTEMPTS: Final = 20
"""How often others may be quicker before it is given up."""


@dataclass(frozen=True, slots=True)
class Running:
    """What does not change while a run goes on. ``unchanged`` raises BadInput where a file that it reads was changed."""

    database: Database
    proposing: Proposing
    processes: Processes[tuple[Piece, bool], Worked]
    source: Source
    written: Written
    piece: int
    show: Callable[[int, int], None]
    """Told how far it is, as the source counts it, and how many rows that are."""
    unchanged: Callable[[], None]
    now: Callable[[], int]

    def propose(self, run: Run, seen: Callable[[Worked], None]) -> Run:
        """What the run would book in all, which ``seen`` is shown piece by piece. Writes nothing.

        So a subscriber who stands in it twice counts twice, as neither row sees what is booked of the other: never too low.
        """
        total: amounts.Amounts = {}
        rows = 0
        for _, worked in self._pieces(self.source.start, dry=True):
            self.unchanged()
            while True:
                run = replace(run, engine=_engine(run, worked))
                seen(worked)
                total = amounts.summed((total, *(each.amounts for each in worked.listed)))
                rows += worked.counted.total
                if not worked.again:
                    break
                # The rest of the same piece.
                worked = self.proposing.work_out(worked.again, worked.after, dry=True)  # noqa: PLW2901
            self.show(worked.after.offset, rows)
        return replace(run, proposed=total)

    def ask_for_approval(self, run: Run, thresholds: dict[str, int]) -> Run:
        """Work out what the run would book before it books any of it. It waits where that is above a threshold."""
        after = self.propose(run, lambda worked: None)
        above = list(amounts.exceeding(after.proposed or {}, thresholds))
        after = replace(after, state=WAITS if above else BEGUN)
        self.database.write(lambda connection: run_records.advance(connection, run, after))
        return after

    def book(self, run: Run, allowed: dict[str, int]) -> Run:
        """To the end of the source. ``allowed``: what may be booked of each name that a threshold holds of."""
        for piece, worked in self._pieces(run.position, dry=False):
            run = self._booked(run, piece, worked, allowed)
            self.show(run.position.offset, run.counted.total)
        self.unchanged()
        after = replace(run, state=FINISHED)
        self.database.write(lambda connection: run_records.advance(connection, run, after))
        return after

    def _pieces(self, start: Position, *, dry: bool) -> Iterator[tuple[Piece, Worked]]:
        return pieces.in_order(self.source, start, self.piece, self.proposing, self.processes, dry=dry)

    def _booked(self, run: Run, piece: Piece, worked: Worked, allowed: dict[str, int]) -> Run:
        """One piece; the position moves, and its rows count, in the transaction that books the last of it."""
        self.unchanged()
        rows, attempts, anew = Counted(), 0, partial(self.proposing.piece, piece, dry=False)
        while True:
            run = replace(run, engine=_engine(run, worked))
            if allowed:
                _hold(run, run.counted.plus(worked.counted), allowed)
            try:
                run = self.database.write(partial(self._written, worked, run, rows))
            except Moved:
                attempts += 1
                if attempts >= ATTEMPTS:
                    raise LedgerUnusable(
                        f"accounts changed {ATTEMPTS} times while they were settled; run the same again"
                    ) from None
            else:
                if not worked.again:
                    return run
                rows = rows.plus(replace(worked.counted, booked={}))
                anew = partial(self.proposing.work_out, worked.again, worked.after, dry=False)
            worked = anew()

    def _written(self, worked: Worked, run: Run, rows: Counted, connection: Connection) -> Run:
        """The run after it. ``rows``: what was met before in the same piece. Raises Moved, and then nothing is written."""
        store.write_all(connection, worked.rows, replace(self.written, at=self.now()))
        if worked.again:
            after = replace(run, counted=run.counted.plus(Counted(booked=worked.counted.booked)))
        else:
            after = replace(run, position=worked.after, counted=run.counted.plus(rows).plus(worked.counted))
        run_records.advance(connection, run, after)
        return after


def _engine(run: Run, worked: Worked) -> str:
    """The one that decides a run, once one did. Raises PolicyMoved."""
    if run.engine and worked.engine and run.engine != worked.engine:
        raise PolicyMoved(f"engine {run.engine} decided before, and now engine {worked.engine} does")
    return run.engine or worked.engine


def _hold(run: Run, met: Counted, allowed: dict[str, int]) -> None:
    """Raises BadInput before more is booked than may be."""
    for name, amount, most in amounts.exceeding(met.booked, allowed):
        raise BadInput(
            f"run {run.run_id} would book {amount} of {name} in all, above {most}; the account or the register moved since",
            ["  what it booked until here stays; run the same command with --restart to have it proposed and approved anew"],
        )
