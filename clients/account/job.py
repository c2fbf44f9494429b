"""What a process that works out pieces of a run has to know, and how it opens that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clients.account import database, service, sources
from clients.account.extract import ExtractReader
from clients.account.proposing import How, Proposing, Worked
from clients.account.sources import Piece, Reads
from clients.channel import Connection
from clients.tables import opening
from clients.tables.options import TableOptions


@dataclass(frozen=True, slots=True)
class File:
    """How rows of a file are read. ``areas``: those that outages name."""

    path: Path
    options: TableOptions
    areas: tuple[str, ...]

    def reads(self) -> Reads:
        """Takes pieces of it apart. Raises BadInput."""
        table = opening.open_table(self.path, self.options)
        return sources.of_rows(ExtractReader(table, str(self.path), self.options, self.areas))


@dataclass(frozen=True, slots=True)
class Job:
    """All that another process has to know. ``file`` None: pieces hold subjects. ``engine`` "": the first that decides."""

    ledger: str
    wait_seconds: float
    to: Connection
    versions: frozenset[str]
    engine: str
    how: How
    file: File | None

    @contextmanager
    def opened(
        self,
        tell: Callable[[object], None],  # noqa: ARG002 -- what is asked here takes long only where a call fails
    ) -> Iterator[Callable[[tuple[Piece, bool]], Worked]]:
        """What works out pieces, each for a dry run or not; it tells nothing. Raises ClientError."""
        with (
            database.opened(self.ledger, create=False, wait_seconds=self.wait_seconds) as opened,
            service.asking(self.to, self.how.policy_id, self.versions) as ask,
        ):
            ask.engine = self.engine
            proposing = Proposing(opened, self.how, ask.all, sources.as_they_are if self.file is None else self.file.reads())
            yield lambda asked: proposing.piece(asked[0], dry=asked[1])
