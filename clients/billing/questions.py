"""Turns rows of subscribers into the messages of a stream.

Subscribers with the same set of outages share a message that states the outages once; where too few share a set, they go
together in messages whose items carry their own. How rows are put together never changes an answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from clients.billing import columns
from clients.billing.granted_before import GrantedBefore
from clients.billing.outages import Outages
from clients.errors import BadInput
from clients.status import Violation
from clients.tables import cells
from clients.tables.rows import Row
from makegood.v1.compensation_service_pb2 import BatchDefaults, ComputeCompensationRequest, StreamComputeRequest

SHARED_FROM_ROWS = 8
"""From so many rows on, stating the outages once is worth a message of their own."""
REMEMBERED_AREAS = 100_000
"""Distinct cells of areas; a file may hold a new one in each of its rows."""


@dataclass(slots=True)
class Asked:
    """A row of the input and what became of it on this side. ``item`` None: it is not sent, and ``error`` says why if not."""

    line: int
    subscriber_id: str
    outages: tuple[int, ...] = ()
    item: ComputeCompensationRequest | None = None
    error: str = ""
    fields: tuple[Violation, ...] = ()


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
        table_columns: Sequence[str],
        file: str,
        ignored: Sequence[str],
        outages: Outages,
        defaults: BatchDefaults,
        batch_rows: int,
        granted_before: GrantedBefore | None = None,
    ) -> None:
        fills = columns.SUBSCRIBERS.fills(table_columns, file, ignored)
        at = {name: index for index, name, _ in fills}
        apart = ("area", "currency_code", "subscriber_id")
        self._fills = [fill for fill in fills if fill[1] not in apart]
        self._id = at["subscriber_id"]
        self._area, self._currency = at.get("area"), at.get("currency_code")
        self._outages, self._defaults, self._batch_rows = outages, defaults, batch_rows
        self._granted_before = granted_before
        self._sets: dict[object, tuple[int, ...]] = {}
        if granted_before is not None and (told := [name for name in at if name.startswith("already_granted.")]):
            raise BadInput(f"{file} has a column {told[0]}, and --already-granted-from says the same; use one of them")
        if self._area is None and outages.by_area:
            raise BadInput(f"the outages name areas, and {file} has no column area to match them with")
        if "monthly_fee_minor" in at and self._currency is None:
            raise BadInput(f"{file} has a column monthly_fee_minor and no column currency_code; say of which currency")

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
        """One row, read."""
        if row.error:
            return Asked(row.line, "", error=row.error)
        item = ComputeCompensationRequest(request_id=str(row.line))
        subscriber = item.subscriber
        problems: list[Violation] = []
        cell = row.cells[self._id]
        try:
            subscriber.subscriber_id = "" if cell is None else cells.text(cell)
            hitting = self._hitting(row.cells[self._area]) if self._area is not None else self._outages.everywhere
        except ValueError as error:
            return Asked(row.line, "", error=f"subscriber_id or area: {error}")
        for index, name, fill in self._fills:
            cell = row.cells[index]
            if cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()):
                continue
            try:
                fill(item, cell)
            except ValueError as error:
                problems.append(Violation(name, str(error)))
        if subscriber.HasField("monthly_fee") and self._currency is not None and row.cells[self._currency] is not None:
            subscriber.monthly_fee.currency_code = str(row.cells[self._currency]).strip()
        if problems:
            return Asked(row.line, subscriber.subscriber_id, hitting, None, "cells of this row cannot be read", tuple(problems))
        if self._granted_before is not None and hitting:
            before = self._granted_before.quantities(subscriber.subscriber_id, self._outages.ids(hitting))
            item.already_granted.quantities.update(before)
        return Asked(row.line, subscriber.subscriber_id, hitting, item if hitting else None)

    def _hitting(self, cell: cells.Cell) -> tuple[int, ...]:
        """The outages that hit the areas of a cell, looked up once for as many cells as are remembered."""
        key = tuple(cell) if isinstance(cell, list) else cell
        if key not in self._sets:
            if len(self._sets) >= REMEMBERED_AREAS:
                self._sets.clear()
            self._sets[key] = self._outages.hitting([] if cell is None else cells.several(cell))
        return self._sets[key]


def _item(row: Asked) -> ComputeCompensationRequest:
    assert row.item is not None  # only rows that are sent are put into messages
    return row.item
