"""A row of the result, column by column in order, and the schema that follows from it.

A text is "" where there is none, a list empty. What can be several is a list in one column: JSON in a CSV, a list of structs in
a Parquet file, as query engines unnest them.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from types import GenericAlias
from typing import Any, Final, NamedTuple, get_args, get_type_hints

import pyarrow as pa


class GrantedBefore(NamedTuple):
    """What the question said was granted before."""

    outage_id: str
    benefit: str
    quantity: int
    month: str


class Reason(NamedTuple):
    """Why it was decided so."""

    code: str
    clause: str
    field: str
    benefit: str


class RowWarning(NamedTuple):
    """What the caller should look at."""

    code: str
    clause: str
    field: str


class Occasion(NamedTuple):
    """What was decided by itself. ``reasons``: codes."""

    started_at: str
    ended_at: str
    outage_ids: Sequence[str]
    month: str
    billing_cycle_started_at: str
    billing_cycle_ended_at: str
    outcome: str
    reasons: Sequence[str]
    benefits: Sequence[str]


class Part(NamedTuple):
    """An outage's part of a grant."""

    outage_id: str
    quantity: int


class Grant(NamedTuple):
    """What is granted. ``quantity``: bytes, seconds, days, minor units or basis points by ``kind``."""

    grant_key: str
    benefit: str
    kind: str
    quantity: int
    currency_code: str
    valid_for_seconds: int
    window_started_at: str
    window_ended_at: str
    clause: str
    occasion: int
    parts: Sequence[Part]
    granted_before: int


class Quote(NamedTuple):
    """What is owed so far or on a claim only."""

    benefit: str
    kind: str
    quantity: int
    currency_code: str
    valid_for_seconds: int
    window_started_at: str
    window_ended_at: str
    clause: str
    occasion: int


class RecoursePart(NamedTuple):
    """An outage's part of what is due from a party."""

    outage_id: str
    amount_minor: int


class Recourse(NamedTuple):
    """What is due from a party."""

    responsible_party: str
    currency_code: str
    amount_minor: int
    outages: Sequence[RecoursePart]


class Notice(NamedTuple):
    """A message to send."""

    channel: str
    language: str
    title: str
    body: str
    segments: int
    encoding: str


class ErrorField(NamedTuple):
    """A field that is wrong."""

    field: str
    message: str


class Result(NamedTuple):
    """A row of the result. ``run_totals``: in the last row alone."""

    line: int
    subscriber_id: str
    outage_ids: Sequence[str]
    billing_cycle_started_at: str
    billing_cycle_ended_at: str
    granted_before: Sequence[GrantedBefore]
    status: str
    reasons: Sequence[Reason] = ()
    warnings: Sequence[RowWarning] = ()
    occasions: Sequence[Occasion] = ()
    grants: Sequence[Grant] = ()
    quotes: Sequence[Quote] = ()
    recourse: Sequence[Recourse] = ()
    notices: Sequence[Notice] = ()
    corrections: str = ""
    decision_id: str = ""
    policy_id: str = ""
    policy_version: str = ""
    policy_sha256: str = ""
    engine_version: str = ""
    error_code: str = ""
    error: str = ""
    error_fields: Sequence[ErrorField] = ()
    run_totals: str = ""


def _type(hint: Any) -> pa.DataType:
    if isinstance(hint, GenericAlias):
        return pa.list_(_type(get_args(hint)[0]))
    plain: dict[Any, pa.DataType] = {int: pa.int64(), str: pa.string()}
    return plain.get(hint) or pa.struct([(name, _type(each)) for name, each in get_type_hints(hint).items()])


SCHEMA: Final = pa.schema([(name, _type(hint)) for name, hint in get_type_hints(Result).items()])
"""Of the Parquet result; the CSV has the same columns."""


LISTS: Final = tuple(number for number, field in enumerate(SCHEMA) if pa.types.is_list(field.type))
"""Places of the columns that can hold several."""


def batch(rows: Iterable[Result]) -> pa.RecordBatch:
    """Rows, of which there is at least one, as columns."""
    columns = zip(*rows, strict=True)
    return pa.record_batch([_array(field.type, column) for field, column in zip(SCHEMA, columns, strict=True)], SCHEMA)


def _array(type_: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """Values of a column, those of all lists of it put behind one another: so Arrow takes them far faster than as dicts."""
    if pa.types.is_list(type_):
        ends = pa.array([0, *accumulate(map(len, values))], pa.int32())
        return pa.ListArray.from_arrays(ends, _array(type_.value_type, list(chain.from_iterable(values))), type=type_)
    if pa.types.is_struct(type_):
        columns = list(zip(*values, strict=True)) or [()] * type_.num_fields
        arrays = [_array(type_.field(number).type, column) for number, column in enumerate(columns)]
        return pa.StructArray.from_arrays(arrays, fields=list(type_))
    return pa.array(values, type_)
