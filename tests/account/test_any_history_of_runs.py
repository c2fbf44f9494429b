"""The same histories where runs settle several subscribers piece by piece, and are stopped anywhere and gone on with.

Three subscribers have the same rows and make the same claims, so that their accounts are the same after every step, whatever
piece of a run they were in, and wherever it was stopped.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Any, Final

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Connection, select

from clients.account import reading, run_records, tables, verifying
from clients.account.database import Database, opened
from clients.account.extract import Subject
from clients.account.proposing import How, Proposing, Worked
from clients.account.records import Ask, Work
from clients.account.run_records import BEGUN, Counted, Question, Run
from clients.account.running import Running
from clients.account.sources import Piece
from clients.account.store import Written
from clients.processes import Processes
from clients.tables.rows import Position
from tests.account.conftest import NewLedger
from tests.account.kept_in import SUBSCRIBER, Stored
from tests.account.test_any_history import AnyHistory

OTHERS: Final = ("13800000002", "13800000003")
START: Final = Position(1, 0)


class Stopped(Exception):
    """A run was killed here."""


@dataclass
class Rows:
    """A source of subjects."""

    subjects: list[Subject]

    @property
    def start(self) -> Position:
        return START

    @property
    def end(self) -> int:
        return len(self.subjects)

    def pieces(self, start: Position, number: int) -> Iterator[Piece]:
        for offset in range(start.offset, self.end, number):
            some = tuple(self.subjects[offset : offset + number])
            yield Piece(Position(offset + len(some) + 1, offset + len(some)), some)


class Fragile(Running):
    """Stops before it books, while it books, or once it has: at the next of ``left``, if any."""

    left: list[int]
    stops: Counter[str]

    def _written(self, worked: Worked, run: Run, rows: Counted, connection: Connection) -> Run:
        where = self.left.pop() if self.left else None
        if where == 0:
            self.stops["before"] += 1
            raise Stopped
        found = super()._written(worked, run, rows, connection)
        if where == 1:
            self.stops["while"] += 1
            raise Stopped
        if where == 2:
            self.left.append(3)
        return found

    def _booked(self, run: Run, piece: Piece, worked: Worked, allowed: dict[str, int]) -> Run:
        after = super()._booked(run, piece, worked, allowed)
        if self.left[-1:] == [3]:
            self.left.pop()
            self.stops["after"] += 1
            raise Stopped
        return after


class ByRuns(Stored):
    """Settles by runs."""

    subscribers = (SUBSCRIBER, *OTHERS)

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.stops = Counter[str]()
        self.first = [0, 1, 2]
        """Where the first run of a history stops: in each way once, however few runs it has."""
        self.dice = Random(7)  # as often as there are steps, so that the same history stops at the same places

    def settle(self, work: Work, ask: Ask) -> Any:
        said = self._said
        if work.claim is not None:
            written = Written(said.by, said.reason, "a-policy", work.as_of, said.at)
            found = [self.filed(each, work, ask, written) for each in self.subscribers]
            self.are_alike()
            return found[0]
        before = self.account
        self.run(work, ask, said.at)
        self.are_alike()
        after = self.account
        booked, claimed = Counter(after.booked), Counter(after.claimed)
        booked.subtract(before.booked)
        claimed.subtract(before.claimed)
        waiting = select(tables.WAITING).where(tables.WAITING.c.subscriber_id == SUBSCRIBER)
        return SimpleNamespace(
            bookings={place: quantity for place, quantity in booked.items() if quantity},
            recourse={due: amount for due, amount in claimed.items() if amount},
            waiting={row.outage_id for row in self.database.read(lambda c: c.execute(waiting).all())},
        )

    def run(self, work: Work, ask: Ask, at: int) -> None:
        subjects = [
            Subject(line, who, work.facts, work.areas, work.cycles)
            for line, who in enumerate((SUBSCRIBER, OTHERS[0], OTHERS[0], OTHERS[1], SUBSCRIBER), 1)
        ]
        source = Rows(subjects)
        question = Question({"step": at})
        how = How(work.as_of, work.scope, work.everything, policy_id="a-policy")
        new = Run(0, {}, (), work.as_of, BEGUN, START, Counted(), None, "a test", "its step", at)
        run = self.database.write(lambda c: run_records.begin(c, question, new))
        stops = self.first or [self.dice.randrange(3) for _ in range(self.dice.randrange(4))]
        self.first = []
        while True:
            written = Written("a test", "its step", "a-policy", work.as_of, at, run_id=run.run_id)
            proposing = Proposing(self.database, how, lambda questions: [ask(each) for each in questions])
            piece = self.dice.randrange(1, 4)
            running = Fragile(
                self.database,
                proposing,
                Processes(),
                source,
                written,
                piece,
                lambda *_: None,
                lambda: None,
                lambda: self.instant,
            )
            object.__setattr__(running, "left", stops)
            object.__setattr__(running, "stops", self.stops)
            try:
                running.book(run, {})
            except Stopped:
                found = self.database.read(lambda c: run_records.unfinished(c, question))
                assert found is not None
                run = found
            else:
                break

    def are_alike(self) -> None:
        """Not by revision: how often an account was written depends on nothing that anybody is owed."""
        first, *others = (self.database.read(lambda c, who=who: reading.account(c, who)) for who in (SUBSCRIBER, *OTHERS))  # type: ignore[misc]
        for other in others:
            assert (other.booked, other.claimed, other.kept) == (first.booked, first.claimed, first.kept)


def test_any_history_of_runs_ends_as_the_records_stand(new_ledger: NewLedger) -> None:
    """Each history in a database of its own, which holds together at its end, every run as it counted."""
    stops = Counter[str]()

    class OfRuns(AnyHistory):
        def open(self) -> Any:
            self.stack = ExitStack()
            self.database = self.stack.enter_context(opened(new_ledger(), create=True))
            return ByRuns(self.database)

        def teardown(self) -> None:
            if hasattr(self, "stack"):
                with self.stack:
                    super().teardown()
                    assert self.database.read(verifying.problems) == []
                    stops.update(self.kept_in.stops)

    few = settings(max_examples=5, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(OfRuns, settings=few)
    assert set(stops) == {"before", "while", "after"}
