"""Judges the two files of a run without a server, in one pass: what a billing engineer runs before the night.

Rows are read by what a run reads them by, so that what is in order here is in order there. What only a policy can say (that a
fact is missing, that a currency is not its own) is the server's to say.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from clients import alike
from clients.alike import Alike
from clients.billing import areas, distribution, repeats
from clients.billing.areas import AreaCounts
from clients.billing.distribution import Distribution
from clients.billing.outages import Outages
from clients.billing.subscribers import Asked, SubscriberReader
from clients.tables.rows import Table
from clients.writing import Appended
from makegood.v1 import facts_pb2

CHUNK_ROWS: Final = 10_000
FACTS: Final = tuple(
    name for name in facts_pb2.Subscriber.DESCRIPTOR.fields_by_name if name not in {"subscriber_id", "attributes"}
)
ATTRIBUTE: Final = "attributes."


@dataclass(slots=True)
class Judged:
    """What was found in the subscribers. It does not grow with the file."""

    rows: int = 0
    rows_in_error: int = 0
    errors: Alike = alike.NONE
    known: Counter[str] = field(default_factory=Counter)
    """By fact: rows that have it, of those that can be read."""
    plan_types: Counter[int] = field(default_factory=Counter)
    fees: dict[str, Distribution] = field(default_factory=dict)
    """By currency, minor units."""
    allowance_bytes: Distribution = field(default_factory=Distribution)
    remaining_bytes: Distribution = field(default_factory=Distribution)
    hit: Counter[int] = field(default_factory=Counter)
    """By outage."""
    hit_by_none: int = 0
    areas: AreaCounts = field(default_factory=AreaCounts)
    repeated_rows: int = 0
    first_repeats: Sequence[tuple[int, int]] = ()
    """(line, line of the first row of that subscriber)."""

    @property
    def rows_read(self) -> int:
        """Rows without an error."""
        return self.rows - self.rows_in_error


def judge(table: Table, reader: SubscriberReader, outages: Outages, show: Callable[[int, int], None]) -> Judged:
    """Look at every row once. ``show`` is told the offset and the rows so far. Raises BadInput where the file is broken."""
    judged = Judged()
    with TemporaryDirectory(prefix="makegood-") as folder:
        ids = Path(folder) / "ids"
        ids.touch()
        with Appended.at(ids, 0) as kept:
            for chunk in table.chunks(table.start, CHUNK_ROWS):
                rows = [reader.read(row) for row in chunk.rows()]
                _add(judged, rows, outages)
                kept.append(repeats.kept((row.subscriber_id for row in rows), (row.line for row in rows)))
                show(chunk.after.offset, judged.rows)
        judged.repeated_rows, judged.first_repeats = repeats.find(ids)
    return judged


def _add(judged: Judged, rows: Sequence[Asked], outages: Outages) -> None:
    """Some more rows."""
    judged.rows += len(rows)
    judged.rows_in_error += sum(1 for row in rows if row.error)
    judged.errors = judged.errors.plus(alike.of(_errors(rows)))
    judged.areas = judged.areas.plus(areas.count(Counter(row.areas for row in rows), outages.by_area.keys()))
    for row in rows:
        if row.item is None:
            continue
        if not row.outages:
            judged.hit_by_none += 1
        judged.hit.update(row.outages)
        _add_facts(judged, row.item.subscriber)


def _errors(rows: Iterable[Asked]) -> Iterable[tuple[int, str]]:
    """(line, what is wrong), one for each cell that is wrong."""
    for row in rows:
        if row.error:
            yield from ((row.line, f"{each.field}: {each.message}") for each in row.fields)
            if not row.fields:
                yield row.line, row.error


def _add_facts(judged: Judged, subscriber: facts_pb2.Subscriber) -> None:
    judged.known.update([descriptor.name for descriptor, _ in subscriber.ListFields()])
    judged.known.update([ATTRIBUTE + name for name in subscriber.attributes])
    judged.plan_types[subscriber.plan_type] += 1
    if subscriber.HasField("monthly_fee"):
        fee = subscriber.monthly_fee
        of_currency = judged.fees.setdefault(fee.currency_code, Distribution())
        of_currency.add(fee.amount_minor, distribution.decimal_step(fee.amount_minor))
    if subscriber.HasField("data_allowance_bytes"):
        judged.allowance_bytes.add(subscriber.data_allowance_bytes, distribution.binary_step(subscriber.data_allowance_bytes))
    if subscriber.HasField("data_remaining_bytes"):
        judged.remaining_bytes.add(subscriber.data_remaining_bytes, distribution.binary_step(subscriber.data_remaining_bytes))
