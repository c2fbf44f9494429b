"""Whom a run settles: the rows of an extract, or those whom the account knows already."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import select, union

from clients.account.database import Database
from clients.account.extract import ExtractReader, Subject
from clients.account.tables import ACCOUNT, BOOKING, KEPT
from clients.tables.rows import Chunk, Position, Table


class Piece(NamedTuple):
    """Some subjects, or rows that are not yet taken apart, and where the next ones begin."""

    after: Position
    content: Chunk | tuple[Subject, ...]


Reads = Callable[[Piece], Sequence[Subject]]
"""The subjects of a piece."""


def as_they_are(piece: Piece) -> Sequence[Subject]:
    """Of a piece that holds them."""
    assert isinstance(piece.content, tuple)
    return piece.content


def of_rows(reader: ExtractReader) -> Reads:
    """The subjects of a piece of a file."""

    def read(piece: Piece) -> Sequence[Subject]:
        assert not isinstance(piece.content, tuple)
        return reader.subjects(piece.content.rows())

    return read


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

    def __init__(self, table: Table) -> None:
        self._table = table
        self.start, self.end = table.start, table.end

    def pieces(self, start: Position, number: int) -> Iterator[Piece]:
        """Raises BadInput where the file is broken."""
        for chunk in self._table.chunks(start, number):
            yield Piece(chunk.after, chunk)


class Known:
    """Those whom the account knows, with the facts that it keeps: all, or those for whom any of ``outages`` was decided."""

    def __init__(self, database: Database, outages: Sequence[str] | None = None) -> None:
        # New ones only come in between, so that a place in this list never skips anybody.
        query = select(ACCOUNT.c.subscriber_id)
        if outages is not None:
            # Also what a person or a ledger of before decided in place of the policy, of which nothing is kept.
            of_them = [select(each.c.subscriber_id).where(each.c.outage_id.in_(outages)) for each in (KEPT, BOOKING)]
            query = select(union(*of_them).subquery().c.subscriber_id)
        self._ids = database.read(lambda connection: sorted(connection.execute(query).scalars()))
        self.start, self.end = Position(1, 0), len(self._ids)

    def pieces(self, start: Position, number: int) -> Iterator[Piece]:
        """Subjects without facts."""
        for offset in range(start.offset, self.end, number):
            some = self._ids[offset : offset + number]
            subjects = tuple(Subject(offset + place, each) for place, each in enumerate(some, 1))
            yield Piece(Position(offset + len(some) + 1, offset + len(some)), subjects)
