"""The rows of the result: what became of each row of the input.

There is one result row for each input row, in order, because both readers need it: provisioning books a subscriber's grants
and notices together or not at all, and whoever compares the two files finds row for row.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from clients.billing import decisions, result_schema
from clients.billing.vectors import lists_of
from clients.status import Refusal

NO_OUTAGE = "NO_OUTAGE"
ERROR = "ERROR"
BAD_ROW = "BAD_ROW"
RUN_TOTALS = "run_totals"
"""The last column: empty, but in the last row."""
COLUMNS_HELP = """\
columns of the result: one row for each row of the subscribers, in order
  line, subscriber_id        where it was read (Parquet: number of the row), and whom it is about
  outage_ids                 the outages that hit the subscriber
  billing_cycle_started_at, billing_cycle_ended_at
  granted_before             outage_id, benefit, quantity, month: what the question said was granted before
  status                     GRANTED, PROVISIONAL, NOT_ELIGIBLE, CANNOT_DECIDE, NEEDS_REVIEW; NO_OUTAGE (not asked); ERROR
  reasons, warnings          code, clause, field, benefit
  occasions                  what was decided, each by itself, in order of time: started_at, ended_at, outage_ids, month,
                             billing_cycle_started_at, billing_cycle_ended_at (where that is the occasion), outcome, reasons
                             (codes), benefits
  grants                     grant_key, benefit, kind, quantity (bytes, seconds, days, minor units, basis points by kind),
                             currency_code, valid_for_seconds (0: no limit), window_started_at, window_ended_at, clause,
                             occasion (its place among occasions, from 0), parts: outage_id, quantity, of each of its outages;
                             granted_before: what of it was used up there
  quotes                     the same without grant_key, parts and granted_before: what is owed so far or on a claim only, and
                             is never booked
  recourse                   responsible_party, currency_code, amount_minor, outages: outage_id, amount_minor
  notices                    channel, language, title, body, segments, encoding
  corrections                SET_OFF or CLAW_BACK: what an account does with what it booked beyond what is granted now
  decision_id, policy_id, policy_version, policy_sha256, engine_version
  error_code, error          a canonical code, or BAD_ROW for a row that could not be read; error_fields: field, message
  run_totals                 in the last row alone: rows, and the sum of each grant, of the whole result as JSON; provisioning
                             holds the rows against it, so that a file that lost some is not taken for whole
Columns that can hold several are JSON in a CSV (what is empty is left out) and lists of structs in a Parquet file.
"""


def batch(of_questions: Sequence[pa.Array], decided: pa.StructArray, refusals: Mapping[int, Refusal]) -> pa.RecordBatch:
    """The rows.

    ``of_questions``: the first columns; ``decided``: the decision of each row, null where there is none; ``refusals``: by row,
    why. A row that has neither was hit by no outage.
    """
    names = (field.name for field in result_schema.OF_QUESTION)
    columns = dict(zip(names, of_questions, strict=True)) | decisions.columns(decided) | _of_refusals(refusals, len(decided))
    undecided = pc.if_else(pc.equal(columns["error_code"], ""), NO_OUTAGE, ERROR)
    columns["status"] = pc.coalesce(columns["status"], undecided)
    columns[RUN_TOTALS] = pa.repeat("", len(decided))
    return pa.record_batch([columns[name] for name in result_schema.SCHEMA.names], result_schema.SCHEMA)


def _of_refusals(refusals: Mapping[int, Refusal], rows: int) -> dict[str, pa.Array]:
    """Columns of the rows that have an error; most have none."""
    place = {row: place for place, row in enumerate(refusals, start=1)}
    places = pa.array([place.get(row, 0) for row in range(rows)] if place else pa.repeat(0, rows))
    codes = pa.array(["", *(each.code for each in refusals.values())])
    texts = pa.array(["", *(each.message for each in refusals.values())])
    of_fields = [(), *([(each.field, each.message) for each in refusal.violations] for refusal in refusals.values())]
    told = lists_of(of_fields, result_schema.ERROR_FIELDS)
    return {"error_code": codes.take(places), "error": texts.take(places), "error_fields": told.take(places)}


def ended(rows: pa.RecordBatch, run_totals: str) -> pa.RecordBatch:
    """The rows, of which there is at least one, with the totals in the last."""
    texts = pa.array([*[""] * (rows.num_rows - 1), run_totals])
    return rows.set_column(rows.schema.get_field_index(RUN_TOTALS), RUN_TOTALS, texts)


def errors(refusal: Refusal) -> list[str]:
    """What is wrong with a row that has an error, one text for each of its fields."""
    texts = [f"{each.field}: {each.message}" for each in refusal.violations]
    return [f"{refusal.code}: {text}" for text in texts or [refusal.message]]
