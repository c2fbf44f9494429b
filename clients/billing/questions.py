"""Turns rows of subscribers into the messages of a stream, as bytes.

Subscribers with the same set of outages share a message that states the outages once; where too few share a set, they go
together in messages whose items carry their own. How rows are put together never changes an answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from clients.billing import areas, asked_columns, framing
from clients.billing.areas import AreaCounts
from clients.billing.granted_before import GrantedBefore
from clients.billing.outages import Outages
from clients.billing.results import BAD_ROW
from clients.billing.subscribers import Asked, SubscriberReader
from clients.errors import BadInput
from clients.provisioning.overlaps import PartsNotKnown
from clients.status import Refusal
from clients.tables.rows import Row
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
        if granted_before is not None and (given := reader.granted_before):
            raise BadInput(f"{reader.file} has a column {given[0]}, and --already-granted-from says the same; use one of them")

    def questions(self, rows: Iterable[Row]) -> Questions:
        """The messages about those rows that an outage hit and that can be read."""
        asked = [self._asked(row) for row in rows]
        questions = Questions(
            asked_columns.columns(asked, [self._outages.ids(row.outages) for row in asked]),
            {index: Refusal(BAD_ROW, row.error, row.fields) for index, row in enumerate(asked) if row.error},
            areas.count((row.areas for row in asked), self._outages.by_area.keys()),
        )
        items = {index: row.item.SerializeToString() for index, row in enumerate(asked) if row.item is not None}
        sharing: dict[tuple[int, ...], list[int]] = {}
        for index in items:
            sharing.setdefault(asked[index].outages, []).append(index)
        few: list[int] = []
        for outages, indexes in sharing.items():
            if len(indexes) < SHARED_FROM_ROWS:
                few += indexes
                own = ComputeCompensationRequest(
                    outages=[self._outages.messages[outage] for outage in outages]
                ).SerializeToString()
                items |= {index: items[index] + own for index in indexes}
            else:
                self._add(questions, items, indexes, outages)
        self._add(questions, items, few, ())
        return questions

    def _add(self, questions: Questions, items: dict[int, bytes], indexes: list[int], outages: tuple[int, ...]) -> None:
        """Messages for some rows; ``outages`` are stated once."""
        stated = StreamComputeRequest(defaults=self._defaults)
        stated.defaults.outages.extend(self._outages.messages[outage] for outage in outages)
        head = stated.SerializeToString()
        for start in range(0, len(indexes), self._batch_rows):
            some = indexes[start : start + self._batch_rows]
            questions.messages.append(head + b"".join([framing.field(_ITEMS, items[index]) for index in some]))
            questions.rows.append(some)

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
