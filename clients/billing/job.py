"""What a process that decides parts of a run has to know, and how it opens that."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clients.billing import outages
from clients.billing.ask import Asker
from clients.billing.parts import Deciding, Part
from clients.billing.questions import Asking
from clients.billing.spool import format_of
from clients.billing.subscribers import SubscriberReader
from clients.channel import Connection
from clients.status import Refusal
from clients.tables import opening
from clients.tables.options import TableOptions
from clients.tables.rows import Chunk
from makegood.v1.compensation_service_pb2 import BatchDefaults


@dataclass(frozen=True, slots=True)
class Job:
    """``options``: of the outages; ``defaults``: BatchDefaults as bytes. It tells when it waits for the server, and why."""

    subscribers: Path
    of_subscribers: TableOptions
    outages: Path
    options: TableOptions
    defaults: bytes
    batch_rows: int
    out: Path
    to: Connection
    window: int
    strict: bool

    @contextmanager
    def opened(self, tell: Callable[[tuple[Refusal, float]], None]) -> Iterator[Callable[[Chunk], Part]]:
        """What decides chunks. Raises ClientError."""
        found = outages.load(self.outages, self.options)
        table = opening.open_table(self.subscribers, self.of_subscribers)
        reader = SubscriberReader(table, str(self.subscribers), self.of_subscribers, found)
        asking = Asking(reader, found, BatchDefaults.FromString(self.defaults), self.batch_rows)
        deciding = Deciding(asking, format_of(self.out), self.to.address, self.strict)
        asker = Asker(self.to, self.window, threading.Event(), lambda refusal, seconds: tell((refusal, seconds)))
        try:
            yield lambda chunk: deciding.part(chunk, asker.ask)
        finally:
            asker.close()
