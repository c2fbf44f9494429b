"""Turns rows of subscribers into the messages of a stream, as bytes.

Subscribers with the same set of outages share a message that states the outages once; where too few share a set, they go
together in messages whose items carry their own. How rows are put together never changes an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from clients.billing import framing, read_rows
from clients.billing.areas import AreaCounts
from clients.billing.granted_before import GrantedBefore
from clients.billing.outages import Outages
from clients.billing.read_rows import ReadRows
from clients.billing.subscriber_columns import SubscriberColumns
from clients.billing.subscribers import Asked, SubscriberReader
from clients.errors import BadInput
from clients.provisioning.overlaps import PartsNotKnown
from clients.status import Refusal
from clients.tables.rows import Chunk, Row
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import BatchDefaults, ComputeCompensationRequest, StreamComputeRequest

SHARED_FROM_ROWS = 8
"""From so many rows on, stating the outages once is worth a message of their own."""
_ITEMS = StreamComputeRequest.DESCRIPTOR.fields_by_name["items"].number


@dataclass(slots=True)
class Questions:
    """What is asked about the rows of a part.

    ``columns``: the first of their results; ``refusals``: by row, why it cannot be read; ``messages``, and for each the rows of
    its items.
    """

    columns: Sequence[pa.Array]
    refusals: dict[int, Refusal]
    areas: AreaCounts
    messages: list[bytes] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)


class Asking:
    """How the rows of one table are asked about."""

    def __init__(
        self,
        reader: SubscriberReader,
        outages: Outages,
        defaults: BatchDefaults,
        batch_rows: int,
        granted_before: GrantedBefore | None = None,
    ) -> None:
        self._reader, self._outages, self._defaults, self._batch_rows = reader, outages, defaults, batch_rows
        self._granted_before = granted_before
        # A ledger is looked up for each subscriber.
        self._columns = None if granted_before is not None else SubscriberColumns(reader, outages)
        if granted_before is not None and (given := reader.granted_before):
            raise BadInput(f"{reader.file} has a column {given[0]}, and --already-granted-from says the same; use one of them")

    def questions(self, chunk: Chunk) -> Questions:
        """The messages about those rows that an outage hit and that can be read."""
        read = self._columns.read(chunk) if self._columns else self._one_by_one(chunk)
        questions = Questions(read.columns, read.refusals, read.areas)
        sharing: dict[tuple[int, ...], list[int]] = {}
        for index in pc.indices_nonzero(read.items.is_valid()).to_pylist():
            sharing.setdefault(read.outages[index], []).append(index)
        few: list[int] = []
        items: list[bytes] = read.items.to_pylist()
        for outages, indexes in sharing.items():
            if len(indexes) < SHARED_FROM_ROWS:
                few += indexes
                own = ComputeCompensationRequest(outages=self._stated(outages)).SerializeToString()
                for index in indexes:
                    items[index] += own
            else:
                self._add(questions, items, indexes, outages)
        self._add(questions, items, few, ())
        return questions

    def _add(self, questions: Questions, items: Sequence[bytes], indexes: list[int], outages: tuple[int, ...]) -> None:
        """Messages for some rows; ``outages`` are stated once."""
        message = StreamComputeRequest(defaults=self._defaults)
        message.defaults.outages.extend(self._stated(outages))
        before = message.SerializeToString()
        for start in range(0, len(indexes), self._batch_rows):
            some = indexes[start : start + self._batch_rows]
            questions.messages.append(before + b"".join([framing.field(_ITEMS, items[index]) for index in some]))
            questions.rows.append(some)

    def _stated(self, outages: tuple[int, ...]) -> list[facts_pb2.Outage]:
        return [self._outages.messages[outage] for outage in outages]

    def _one_by_one(self, chunk: Chunk) -> ReadRows:
        return read_rows.of_asked([self._asked(row) for row in chunk.rows()], self._outages)

    def _asked(self, row: Row) -> Asked:
        """One row, read; one that no outage hit is not sent."""
        asked = self._reader.read(row)
        if asked.item is not None and not asked.outages:
            asked.item = None
        if self._granted_before is not None and asked.item is not None:
            try:
                before = self._granted_before.told(asked.item.subscriber, self._outages.ids(asked.outages))
            except PartsNotKnown as error:
                asked.item, asked.error = None, str(error)
            else:
                asked.item.granted_before.extend(before)
        return asked
