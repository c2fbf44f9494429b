"""Works out pieces of a run: reads accounts and register, asks for all at once, and writes nothing.

The register is read once, and again where it moved. What a piece was worked out on is compared when it is booked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy import Connection

from clients import alike
from clients.account import amounts, erasing, extract, reading, register
from clients.account import rows as of_tables
from clients.account.database import Database
from clients.account.extract import Subject
from clients.account.plan import nothing_is_new
from clients.account.records import Account, Record, Settlement, Terms, Work
from clients.account.rows import Rows
from clients.account.run_records import Counted
from clients.account.settlement import unchanged
from clients.account.settling import Outages
from clients.account.sources import Piece, Reads, as_they_are
from clients.account.together import AskAll, Case, settle_all
from clients.tables.rows import Position


@dataclass(frozen=True, slots=True)
class How:
    """What holds for all of a run. ``policy_id``: that decides it."""

    as_of: int
    scope: frozenset[str] | None = None
    everything: bool = False
    corrected: bool = False
    policy_id: str = ""
    terms: Terms = field(default_factory=Terms)


class Listed(NamedTuple):
    """What a settlement of a subject would write, for a list."""

    line: int
    subscriber_id: str
    amounts: amounts.Amounts


@dataclass(frozen=True, slots=True)
class Worked:
    """A piece. ``again``: subjects that stand in it twice; their turn is after it. ``engine``: that decided; "": none had to.

    ``rows``: what is to be written; or, of a dry run, ``listed``.
    """

    after: Position
    counted: Counted
    again: tuple[Subject, ...]
    engine: str
    rows: Rows = field(default_factory=Rows)
    listed: tuple[Listed, ...] = ()


class _State(NamedTuple):
    """One state of register and accounts, by subscriber. ``settled``: for whom nothing is new, and what is booked is not read.

    ``contradicting``: why rows contradict it. ``gone``: who was erased.
    """

    accounts: dict[str, Account]
    records: dict[str, dict[str, Record]]
    settled: frozenset[str]
    contradicting: dict[str, str]
    gone: frozenset[str]


class Proposing:
    """Works out what subjects of a run lack."""

    def __init__(self, database: Database, how: How, ask: AskAll, reads: Reads = as_they_are) -> None:
        """``reads``: takes pieces apart."""
        self._database, self._how, self._ask, self._reads = database, how, ask, reads
        self._outages: Outages | None = None

    def piece(self, piece: Piece, *, dry: bool) -> Worked:
        """All subjects of a piece."""
        return self.work_out(self._reads(piece), piece.after, dry=dry)

    def work_out(self, subjects: Sequence[Subject], after: Position, *, dry: bool) -> Worked:
        """Some subjects at once; of a subscriber that stands several times among them, the first."""
        errors = [(each.line, each.error) for each in subjects if each.error]
        first: dict[str, Subject] = {}
        readable = [each for each in subjects if not each.error]
        again = [each for each in readable if first.setdefault(each.subscriber_id, each) is not each]
        state = self._database.read(lambda connection: self._read(connection, first))
        errors += [(first[who].line, why) for who, why in state.contradicting.items()]
        whom = [who for who in first if self._concerned(who, state)]
        cases = {
            who: Case(state.accounts[who], state.records[who], self._work(first[who]))
            for who in whom
            if who not in state.settled
        }
        asked = dict(zip(cases, settle_all(list(cases.values()), self._ask), strict=True))
        settlements = [asked[who] if who in asked else unchanged(state.accounts[who]) for who in whom]
        engines = (each.policy[-1] for settlement in settlements for each in settlement.decisions)
        untouched = len(first) - len(state.contradicting) - len(settlements)
        worked = Worked(after, _counted(settlements, sorted(errors), untouched), tuple(again), next(engines, ""))
        found = zip(whom, settlements, strict=True)
        if dry:
            return replace(worked, listed=tuple(Listed(first[who].line, who, amounts.of(each)) for who, each in found))
        return replace(worked, rows=of_tables.of(((state.accounts[who], each) for who, each in found), self._how.policy_id))

    def _concerned(self, who: str, state: _State) -> bool:
        """Whether a subscriber is settled at all."""
        records, scope = state.records[who], self._how.scope
        concerned = bool(records) and (scope is None or not scope.isdisjoint(records))
        return concerned and who not in state.contradicting and who not in state.gone

    def _read(self, connection: Connection, first: dict[str, Subject]) -> _State:
        """Of some subjects."""
        outages = self._outages
        if outages is None or outages.version != register.version(connection):
            outages = self._outages = Outages.read(connection)
        accounts = reading.without_bookings(connection, first)
        records = {who: outages.of(account, first[who].areas) for who, account in accounts.items()}
        settled = frozenset(who for who in first if nothing_is_new(accounts[who], records[who], self._work(first[who])))
        # A row that says what was granted this cycle is held against what is booked.
        in_full = {who: accounts[who] for who in first if who not in settled or first[who].granted_this_cycle}
        accounts |= reading.with_bookings(connection, in_full)
        contradicting = {who: why for who in first if (why := extract.contradiction(connection, accounts[who], first[who]))}
        gone = erasing.erased(connection, first)
        contradicting |= {who: erasing.GONE for who in gone if first[who].facts is not None}
        return _State(accounts, records, settled, contradicting, frozenset(gone))

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


def _counted(settlements: Sequence[Settlement], errors: Sequence[tuple[int, str]], untouched: int) -> Counted:
    """What a piece adds to what a run met. ``untouched``: subjects that no outage concerns."""
    rows = {
        "untouched": untouched,
        "errors": len(errors),
        "settled": len(settlements),
        "waiting": sum(bool(each.waiting) for each in settlements),
        "for review": sum(bool(each.reviews) for each in settlements),
    }
    # Over-granted is a state, and no flow that could be summed up over repeats.
    booked = {what: amount._replace(over_granted=0) for what, amount in amounts.of(*settlements).items()}
    met = len(settlements) + len(errors) + untouched
    return Counted({name: number for name, number in rows.items() if number}, alike.of(errors), booked, met)
