"""Rows of subscribers once they are read: what is asked about each, and the first columns of its result."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from clients.billing import areas, decisions
from clients.billing.areas import AreaCounts
from clients.billing.outages import Outages
from clients.billing.result_schema import GRANTED_BEFORE, TEXT, TEXTS, WHOLE
from clients.billing.results import BAD_ROW
from clients.billing.subscribers import Asked
from clients.billing.vectors import lists_of
from clients.status import Refusal
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest

Before = tuple[str | None, str, int, str]
"""Outage (None: the only one of the question), benefit, quantity, month."""


@dataclass(frozen=True, slots=True)
class ReadRows:
    """Some rows.

    ``columns``: the first of their results; ``items``: the question about each as bytes, without its outages, null where it is
    not sent; ``outages``: indexes of those that hit each; ``refusals``: by row, why it cannot be read.
    """

    columns: Sequence[pa.Array]
    items: pa.Array
    outages: Sequence[tuple[int, ...]]
    refusals: dict[int, Refusal]
    areas: AreaCounts

    def with_others(self, others: "ReadRows", order: Sequence[int]) -> "ReadRows":
        """These and others behind them, in another order: for each row its place among both. Not all need a place."""
        places = pa.array(order, pa.int64())
        columns = [pa.concat_arrays(pair).take(places) for pair in zip(self.columns, others.columns, strict=True)]
        outages, first = [*self.outages, *others.outages], len(self.outages)
        return ReadRows(
            columns,
            pa.concat_arrays([self.items, others.items]).take(places),
            [outages[place] for place in order],
            {row: others.refusals[place - first] for row, place in enumerate(order) if place - first in others.refusals},
            self.areas.plus(others.areas),
        )


def of_asked(rows: Sequence[Asked], outages: Outages) -> ReadRows:
    """Rows that were read one by one."""
    return ReadRows(
        first_columns(rows, [outages.ids(row.outages) for row in rows]),
        pa.array([None if row.item is None else row.item.SerializeToString() for row in rows], pa.binary()),
        [row.outages for row in rows],
        {index: Refusal(BAD_ROW, row.error, row.fields) for index, row in enumerate(rows) if row.error},
        areas.count(Counter(row.areas for row in rows), outages.by_area.keys()),
    )


def first_columns(rows: Sequence[Asked], outage_ids: Sequence[Sequence[str]]) -> list[pa.Array]:
    """Of rows with the ids of the outages that hit them. What a row that is not sent says of itself is its line and name."""
    cycles = [(row.item and cycle(row.item)) or (None, None) for row in rows]
    before = [[] if row.item is None else granted_before(row.item) for row in rows]
    # What names no outage is of the only one.
    only = [ids[0] if len(set(ids)) == 1 else "" for ids in outage_ids]
    told = [[(own if of is None else of, *more) for of, *more in each] for each, own in zip(before, only, strict=True)]
    return [
        pa.array([row.line for row in rows], WHOLE),
        pa.array([row.subscriber_id for row in rows], TEXT),
        lists_of(outage_ids, TEXTS),
        instants([started_at for started_at, _ in cycles]),
        instants([ended_at for _, ended_at in cycles]),
        lists_of(told, GRANTED_BEFORE),
    ]


def instants(seconds: Sequence[int | None]) -> pa.Array:
    """As they are written; "" for None."""
    return pc.fill_null(decisions.instants(pa.array(seconds, WHOLE)), "")


def cycle(item: ComputeCompensationRequest) -> tuple[int, int] | None:
    """The billing cycle of a question: its two ends."""
    if not item.subscriber.HasField("billing_cycle"):
        return None
    return item.subscriber.billing_cycle.started_at.seconds, item.subscriber.billing_cycle.ended_at.seconds


def granted_before(item: ComputeCompensationRequest) -> list[Before]:
    """What the question says was granted before: grant keys follow from it, and provisioning holds it against its ledger."""
    told: list[Before] = [(each.outage_id, each.benefit, each.quantity, each.month) for each in item.granted_before]
    # Short for the one outage of the question; with several, the question is refused.
    told += [(None, benefit, quantity, "") for benefit, quantity in sorted(item.already_granted.quantities.items())]
    return told
