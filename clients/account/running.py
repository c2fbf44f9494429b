"""A run: works out piece by piece what is missing, and books each piece with how far the run is, in one transaction.

INVARIANT: what a run booked, and its position, are in the database together or not at all. So it can be killed at any instant,
and goes on where it was. What it works out twice it books once, for an account that moved meanwhile is asked about again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from sqlalchemy import Connection

from clients import alike
from clients.account import amounts, run_records, store
from clients.account.database import Database
from clients.account.proposing import Proposing, Worked
from clients.account.run_records import BEGUN, FINISHED, WAITS, Counted, Run
from clients.account.sources import Source
from clients.account.store import Written
from clients.errors import BadInput, LedgerUnusable
from clients.tables.rows import Position

ATTEMPTS: Final = 20
"""How often others may be quicker before it is given up."""


@dataclass(frozen=True, slots=True)
class Running:
    """What does not change while a run goes on. ``unchanged`` raises BadInput where a file that it reads was changed."""

    database: Database
    proposing: Proposing
    source: Source
    written: Written
    piece: int
    show: Callable[[int, int], None]
    """Told how far it is, as the source counts it, and how many rows that are."""
    unchanged: Callable[[], None]
    now: Callable[[], int]
    engine: Callable[[], str]
    """That decided so far."""

    def propose(self, run: Run, seen: Callable[[Worked], None]) -> Run:
        """What the run would book in all, which ``seen`` is shown piece by piece. Writes nothing.

        So a subscriber who stands in it twice counts twice, as neither row sees what is booked of the other: never too low.
        """
        total: amounts.Amounts = {}
        rows = 0
        for worked in self.proposing.pieces(self.source, self.source.start, self.piece):
            self.unchanged()
            while True:
                seen(worked)
                total = amounts.summed((total, amounts.of(*(each.settlement for each in worked.found))))
                rows += worked.rows
                if not worked.again:
                    break
                worked = self.proposing.work_out(worked.again, worked.after)  # noqa: PLW2901 -- the rest of the same piece
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
        for worked in self.proposing.pieces(self.source, run.position, self.piece):
            run = self._booked(run, worked, allowed)
            self.show(run.position.offset, run.counted.total)
        self.unchanged()
        after = replace(run, state=FINISHED)
        self.database.write(lambda connection: run_records.advance(connection, run, after))
        return after

    def _booked(self, run: Run, worked: Worked, allowed: dict[str, int]) -> Run:
        """One piece; the position moves, and its rows count, in the transaction that books the last of it."""
        self.unchanged()
        end, rows, attempts = worked.after, Counted(), 0
        while True:
            if allowed:
                _hold(run, run.counted.plus(counted(worked)), allowed)
            moved, after = self.database.write(partial(self._written, worked, run, rows, end))
            if not (moved or worked.again):
                return after
            attempts += bool(moved)
            if attempts >= ATTEMPTS:
                raise LedgerUnusable(f"accounts changed {ATTEMPTS} times while they were settled; run the same again")
            rows, run = rows.plus(replace(counted(_without(worked, moved)), booked={})), after
            left = [each.subject for each in worked.found if each.subject.subscriber_id in moved]
            worked = self.proposing.work_out([*left, *worked.again], end)

    def _written(
        self, worked: Worked, run: Run, rows: Counted, end: Position, connection: Connection
    ) -> tuple[frozenset[str], Run]:
        """Whose account moved, and the run after it. ``rows``: what was met before in the same piece."""
        found = [(each.account, each.settlement) for each in worked.found]
        moved = store.write_all(connection, found, replace(self.written, at=self.now()))
        met = counted(_without(worked, moved))
        if moved or worked.again:
            after = replace(run, counted=run.counted.plus(Counted(booked=met.booked)))
        else:
            after = replace(run, position=end, counted=run.counted.plus(rows).plus(met), engine=self.engine())
        run_records.advance(connection, run, after)
        return moved, after


def _without(worked: Worked, moved: frozenset[str]) -> Worked:
    return replace(worked, found=tuple(each for each in worked.found if each.subject.subscriber_id not in moved))


def counted(worked: Worked) -> Counted:
    """What a piece adds to what a run met."""
    rows = {
        "untouched": worked.untouched,
        "errors": len(worked.errors),
        "settled": len(worked.found),
        "waiting": sum(bool(each.settlement.waiting) for each in worked.found),
        "for review": sum(bool(each.settlement.reviews) for each in worked.found),
    }
    # Over-granted is a state, and no flow that could be summed up over repeats.
    sums = amounts.of(*(each.settlement for each in worked.found))
    booked = {what: amount._replace(over_granted=0) for what, amount in sums.items()}
    return Counted({name: number for name, number in rows.items() if number}, alike.of(worked.errors), booked, worked.rows)


def _hold(run: Run, met: Counted, allowed: dict[str, int]) -> None:
    """Raises BadInput before more is booked than may be."""
    for name, amount, most in amounts.exceeding(met.booked, allowed):
        raise BadInput(
            f"run {run.run_id} would book {amount} of {name} in all, above {most}; the account or the register moved since",
            ["  what it booked until here stays; run the same command with --restart to have it proposed and approved anew"],
        )
