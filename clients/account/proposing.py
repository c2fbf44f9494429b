"""Works out pieces of a run: reads accounts and register, asks for all at once, and writes nothing.

The register is read once, and again where it moved. A few pieces are under way at a time, so that reading, asking and booking
overlap; what a piece was worked out on is compared when it is booked.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sqlalchemy import Connection

from clients.account import erasing, extract, reading, register
from clients.account.database import Database
from clients.account.extract import Subject
from clients.account.records import Account, Settlement, Terms, Work
from clients.account.settling import Outages
from clients.account.sources import Piece, Source
from clients.account.together import AskAll, Case, settle_all
from clients.tables.rows import Position

UNDER_WAY: Final = 2


@dataclass(frozen=True, slots=True)
class How:
    """What holds for all of a run."""

    as_of: int
    scope: frozenset[str] | None = None
    everything: bool = False
    corrected: bool = False
    terms: Terms = field(default_factory=Terms)


class Found(NamedTuple):
    """What a settlement of a subject would write."""

    subject: Subject
    account: Account
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Worked:
    """A piece. ``untouched``: subjects that no outage concerns. ``again``: they stand in it twice; their turn is after it."""

    after: Position
    found: tuple[Found, ...]
    errors: tuple[tuple[int, str], ...]
    untouched: int
    again: tuple[Subject, ...]

    @property
    def rows(self) -> int:
        """Subjects of it, without those that come again."""
        return len(self.found) + len(self.errors) + self.untouched


class _State(NamedTuple):
    """One state of register and accounts; why rows contradict it, and who was erased."""

    outages: Outages
    accounts: dict[str, Account]
    contradicting: dict[str, str]
    gone: frozenset[str]


class Proposing:
    """Works out what subjects of a run lack."""

    def __init__(self, database: Database, how: How, ask: AskAll) -> None:
        self._database, self._how, self._ask = database, how, ask
        self._outages: Outages | None = None

    def pieces(self, source: Source, start: Position, number: int) -> Iterator[Worked]:
        """In order; ``number`` subjects in each."""
        pool = ThreadPoolExecutor(UNDER_WAY, "piece")
        under_way: deque[Future[Worked]] = deque()
        try:
            for piece in source.pieces(start, number):
                under_way.append(pool.submit(self._work_out_piece, piece))
                if len(under_way) >= UNDER_WAY:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _work_out_piece(self, piece: Piece) -> Worked:
        return self.work_out(piece.subjects(), piece.after)

    def work_out(self, subjects: Sequence[Subject], after: Position) -> Worked:
        """Some subjects at once; of a subscriber that stands several times among them, the first."""
        errors = [(each.line, each.error) for each in subjects if each.error]
        first: dict[str, Subject] = {}
        readable = [each for each in subjects if not each.error]
        again = [each for each in readable if first.setdefault(each.subscriber_id, each) is not each]
        state = self._database.read(lambda connection: self._read(connection, first))
        errors += [(first[who].line, why) for who, why in state.contradicting.items()]
        cases: list[tuple[Subject, Case]] = []
        for who, subject in first.items():
            if who in state.contradicting or who in state.gone:
                continue
            account = state.accounts[who]
            records = state.outages.of(account, subject.areas)
            if records and (self._how.scope is None or not self._how.scope.isdisjoint(records)):
                cases.append((subject, Case(account, records, self._work(subject))))
        settlements = settle_all([case for _, case in cases], self._ask)
        found = tuple(
            Found(subject, case.account, settlement) for (subject, case), settlement in zip(cases, settlements, strict=True)
        )
        untouched = len(first) - len(state.contradicting) - len(found)
        return Worked(after, found, tuple(sorted(errors)), untouched, tuple(again))

    def _read(self, connection: Connection, first: dict[str, Subject]) -> _State:
        """Of some subjects."""
        outages = self._outages
        if outages is None or outages.version != register.version(connection):
            outages = self._outages = Outages.read(connection)
        accounts = reading.accounts(connection, first)
        contradicting = {who: why for who in first if (why := extract.contradiction(connection, accounts[who], first[who]))}
        gone = erasing.erased(connection, first)
        contradicting |= {who: erasing.GONE for who in gone if first[who].facts is not None}
        return _State(outages, accounts, contradicting, frozenset(gone))

    def _work(self, subject: Subject) -> Work:
        return Work(
            self._how.as_of,
            subject.facts,
            subject.areas,
            subject.cycles,
            self._how.scope,
            everything=self._how.everything,
            corrected=self._how.corrected and subject.facts is not None,
            terms=self._how.terms,
        )
