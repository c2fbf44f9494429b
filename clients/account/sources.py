"""Whom a run settles: the rows of an extract, or those whom the account knows already."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import select, union

from clients.account.database import Database
from clients.account.extract import ExtractReader, Subject
from clients.account.records import UNKNOWN_CYCLE
from clients.account.tables import ACCOUNT, BOOKING, KEPT
from clients.tables.rows import Position, Table


class Piece(NamedTuple):
    """Some subjects, not yet read, and where the next ones begin."""

    after: Position
    subjects: Callable[[], list[Subject]]


class Source(Protocol):
    """Subjects in an order that stays."""

    @property
    def start(self) -> Position:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Offset at which it ends."""

    def pieces(self, start: Position, number: int) -> Iterator[Piece]:
        """Pieces of ``number`` subjects from ``start`` on."""


class Extract:
    """The rows of a table."""

    def __init__(self, table: Table, reader: ExtractReader) -> None:
        self._table, self._reader = table, reader
        self.start, self.end = table.start, table.end

    def pieces(self, start: Position, number: int) -> Iterator[Piece]:
        """Raises BadInput where the file is broken."""
        for chunk in self._table.chunks(start, number):
            yield Piece(chunk.after, lambda chunk=chunk: self._reader.subjects(chunk.rows()))  # type: ignore[misc]


class Known:
    """Those whom the account knows, with the facts that it keeps: all, or those for whom any of ``outages`` was decided."""

    def __init__(self, database: Database, outages: Sequence[str] | None = None) -> None:
        # New ones only come in between, so that a place in this list never skips anybody.
        query = select(ACCOUNT.c.subscriber_id)
        if outages is not None:
            decided = select(KEPT.c.subscriber_id).where(KEPT.c.outage_id.in_(outages))
            of_unknown_cycle = BOOKING.c.cycle_started_at == UNKNOWN_CYCLE.start
            taken_over = select(BOOKING.c.subscriber_id).where(BOOKING.c.outage_id.in_(outages) & of_unknown_cycle)
            both = union(decided, taken_over).subquery()
            query = select(both.c.subscriber_id)
        self._ids = database.read(lambda connection: sorted(connection.execute(query).scalars()))
        self.start, self.end = Position(1, 0), len(self._ids)

    def pieces(self, start: Position, number: int) -> Iterator[Piece]:
        """Subjects without facts."""
        for offset in range(start.offset, self.end, number):
            some = self._ids[offset : offset + number]
            subjects = [Subject(offset + place, each) for place, each in enumerate(some, 1)]
            yield Piece(Position(offset + len(some) + 1, offset + len(some)), lambda subjects=subjects: subjects)  # type: ignore[misc]
