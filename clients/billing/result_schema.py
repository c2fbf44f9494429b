"""The columns of the result, in order.

A text is "" where there is none, a list empty. What can be several is a list in one column: JSON in a CSV, a list of structs in
a Parquet file, as query engines unnest them.
"""

from typing import Final

import pyarrow as pa

TEXT: Final = pa.string()
WHOLE: Final = pa.int64()
TEXTS: Final = pa.list_(TEXT)


def _texts(*names: str) -> list[pa.Field]:
    return [pa.field(name, TEXT) for name in names]


def _several(*fields: pa.Field) -> pa.ListType:
    return pa.list_(pa.struct(fields))


_QUANTITY: Final = pa.field("quantity", WHOLE)
_AMOUNT: Final = pa.field("amount_minor", WHOLE)
_CYCLE: Final = _texts("billing_cycle_started_at", "billing_cycle_ended_at")
_TERMS: Final = (
    *_texts("benefit", "kind"),
    _QUANTITY,
    *_texts("currency_code"),
    pa.field("valid_for_seconds", WHOLE),
    *_texts("window_started_at", "window_ended_at", "clause"),
    pa.field("occasion", WHOLE),
)
"""What a grant and a quote have alike. ``quantity``: bytes, seconds, days, minor units or basis points by ``kind``."""

GRANTED_BEFORE: Final = _several(*_texts("outage_id", "benefit"), _QUANTITY, *_texts("month"))
"""What the question said was granted before."""
REASONS: Final = _several(*_texts("code", "clause", "field", "benefit"))
WARNINGS: Final = _several(*_texts("code", "clause", "field"))
OCCASIONS: Final = _several(
    *_texts("started_at", "ended_at"),
    pa.field("outage_ids", TEXTS),
    *_texts("month"),
    *_CYCLE,
    *_texts("outcome"),
    pa.field("reasons", TEXTS),
    pa.field("benefits", TEXTS),
)
"""What was decided, each by itself. ``reasons``: codes."""
PARTS: Final = _several(*_texts("outage_id"), _QUANTITY)
"""Of each outage its part of a grant."""
GRANTS: Final = _several(*_texts("grant_key"), *_TERMS, pa.field("parts", PARTS), pa.field("granted_before", WHOLE))
QUOTES: Final = _several(*_TERMS)
"""What is owed so far or on a claim only."""
AMOUNTS: Final = _several(*_texts("outage_id"), _AMOUNT)
"""Of each outage its part of what is due from a party."""
RECOURSE: Final = _several(*_texts("responsible_party", "currency_code"), _AMOUNT, pa.field("outages", AMOUNTS))
NOTICES: Final = _several(*_texts("channel", "language", "title", "body"), pa.field("segments", WHOLE), *_texts("encoding"))
ERROR_FIELDS: Final = _several(*_texts("field", "message"))

OF_QUESTION: Final = (
    pa.field("line", WHOLE),
    *_texts("subscriber_id"),
    pa.field("outage_ids", TEXTS),
    *_CYCLE,
    pa.field("granted_before", GRANTED_BEFORE),
)
"""The first columns, which the row of the input fills itself."""

SCHEMA: Final = pa.schema(
    [
        *OF_QUESTION,
        *_texts("status"),
        pa.field("reasons", REASONS),
        pa.field("warnings", WARNINGS),
        pa.field("occasions", OCCASIONS),
        pa.field("grants", GRANTS),
        pa.field("quotes", QUOTES),
        pa.field("recourse", RECOURSE),
        pa.field("notices", NOTICES),
        *_texts("corrections", "decision_id", "policy_id", "policy_version", "policy_sha256", "engine_version"),
        *_texts("error_code", "error"),
        pa.field("error_fields", ERROR_FIELDS),
        *_texts("run_totals"),
    ]
)
"""Of the Parquet result; the CSV has the same columns."""
