"""Turns rows of subscribers into the messages of a stream.

Subscribers with the same set of outages share a message that states the outages once; where too few share a set, they go
together in messages whose items carry their own. How rows are put together never changes an answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from clients.billing.granted_before import GrantedBefore
from clients.billing.outages import Outages
from clients.billing.subscribers import Asked, SubscriberReader
from clients.errors import BadInput
from clients.provisioning.overlaps import PartsNotKnown
from clients.tables.rows import Row
from makegood.v1.compensation_service_pb2 import BatchDefaults, ComputeCompensationRequest, StreamComputeRequest

SHARED_FROM_ROWS = 8
"""From so many rows on, stating the outages once is worth a message of their own."""


@dataclass(slots=True)
class Questions:
    """The rows of a part, the messages that ask about them, and for each message the indexes of its rows."""

    rows: list[Asked]
    messages: list[StreamComputeRequest] = field(default_factory=list)
    indexes: list[list[int]] = field(default_factory=list)


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
        if granted_before is not None and (given := reader.granted_before):
            raise BadInput(f"{reader.file} has a column {given[0]}, and --already-granted-from says the same; use one of them")

    def questions(self, rows: Iterable[Row]) -> Questions:
        """The rows and the messages about those that an outage hit and that can be read."""
        asked = Questions([self._asked(row) for row in rows])
        sharing: dict[tuple[int, ...], list[int]] = {}
        for index, row in enumerate(asked.rows):
            if row.item is not None:
                sharing.setdefault(row.outages, []).append(index)
        few: list[int] = []
        for outages, indexes in sharing.items():
            if len(indexes) < SHARED_FROM_ROWS:
                few += indexes
            else:
                self._add(asked, indexes, outages)
        for index in few:
            row = asked.rows[index]
            _item(row).outages.extend(self._outages.messages[outage] for outage in row.outages)
        self._add(asked, few, ())
        return asked

    def _add(self, asked: Questions, indexes: list[int], outages: tuple[int, ...]) -> None:
        """Messages for some rows; ``outages`` are stated once."""
        for start in range(0, len(indexes), self._batch_rows):
            some = indexes[start : start + self._batch_rows]
            message = StreamComputeRequest(defaults=self._defaults, items=[_item(asked.rows[index]) for index in some])
            message.defaults.outages.extend(self._outages.messages[outage] for outage in outages)
            asked.messages.append(message)
            asked.indexes.append(some)

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


def _item(row: Asked) -> ComputeCompensationRequest:
    assert row.item is not None  # only rows that are sent are put into messages
    return row.item
