"""The first columns of the result, of rows that were read one by one."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from clients.billing import decisions
from clients.billing.result_schema import GRANTED_BEFORE, TEXT, TEXTS, WHOLE
from clients.billing.subscribers import Asked
from clients.billing.vectors import lists_of
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest

Before = tuple[str, str, int, str]


def columns(rows: Sequence[Asked], outage_ids: Sequence[Sequence[str]]) -> list[pa.Array]:
    """Of rows with the ids of the outages that hit them. What a row that is not sent says of itself is its line and name."""
    cycles = [_cycle(row.item) for row in rows]
    before = [() if row.item is None else _granted_before(row.item, ids) for row, ids in zip(rows, outage_ids, strict=True)]
    return [
        pa.array([row.line for row in rows], WHOLE),
        pa.array([row.subscriber_id for row in rows], TEXT),
        lists_of(outage_ids, TEXTS),
        *(
            instants([None if cycle is None else getattr(cycle, end).seconds for cycle in cycles])
            for end in ("started_at", "ended_at")
        ),
        lists_of(before, GRANTED_BEFORE),
    ]


def instants(seconds: Sequence[int | None]) -> pa.Array:
    """As they are written; "" for None."""
    return pc.fill_null(decisions.instants(pa.array(seconds, WHOLE)), "")


def _cycle(item: ComputeCompensationRequest | None) -> facts_pb2.Interval | None:
    return item.subscriber.billing_cycle if item is not None and item.subscriber.HasField("billing_cycle") else None


def _granted_before(item: ComputeCompensationRequest, outage_ids: Sequence[str]) -> Sequence[Before]:
    """What the question said was granted before: grant keys follow from it, and provisioning holds it against its ledger."""
    told = [(each.outage_id, each.benefit, each.quantity, each.month) for each in item.granted_before]
    if item.HasField("already_granted"):
        # Short for the one outage of the question; with several, the question is refused.
        outage_id = outage_ids[0] if len(set(outage_ids)) == 1 else ""
        before = sorted(item.already_granted.quantities.items())
        told += [(outage_id, benefit, quantity, "") for benefit, quantity in before]
    return told
