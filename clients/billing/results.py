"""A row of the result: what became of one row of the input.

There is one result row for each input row, in order, because both readers need it: provisioning books a subscriber's grants
and notices together or not at all, and whoever compares the two files finds row for row.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from clients import enums, status
from clients.billing.result_row import (
    ErrorField,
    Grant,
    GrantedBefore,
    Notice,
    Occasion,
    Part,
    Quote,
    Reason,
    Recourse,
    RecoursePart,
    Result,
    RowWarning,
)
from clients.billing.subscribers import Asked
from clients.status import Refusal, Violation
from makegood.v1 import decision_pb2, facts_pb2
from makegood.v1.compensation_service_pb2 import BatchResult, ComputeCompensationRequest

NO_OUTAGE = "NO_OUTAGE"
ERROR = "ERROR"
BAD_ROW = "BAD_ROW"
RUN_TOTALS = "run_totals"
"""The last column: empty, but in the last row."""
REMEMBERED_INSTANTS = 10_000
"""Rows share their cycles and the ends of their outages."""

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

_OUTCOMES = {number: code for code, number in enums.codes(decision_pb2.Outcome.DESCRIPTOR).items()}
_REASONS = {number: code for code, number in enums.codes(decision_pb2.ReasonCode.DESCRIPTOR).items()}
_WARNINGS = {number: code for code, number in enums.codes(decision_pb2.WarningCode.DESCRIPTOR).items()}
_KINDS = {number: code for code, number in enums.codes(decision_pb2.BenefitKind.DESCRIPTOR).items()}
_CHANNELS = {number: code for code, number in enums.codes(decision_pb2.NoticeChannel.DESCRIPTOR).items()}
_CORRECTIONS = {number: code for code, number in enums.codes(decision_pb2.Corrections.DESCRIPTOR).items()}
_ENCODINGS = {number: code for code, number in enums.codes(decision_pb2.SmsEncoding.DESCRIPTOR).items()}


def unsent(row: Asked, outage_ids: Sequence[str]) -> Result:
    """The result of a row that was not sent: it cannot be read, or no outage hit it."""
    if row.error:
        return _failed(row, outage_ids, Refusal(BAD_ROW, row.error, row.fields))
    return Result(*_of_row(row, outage_ids), NO_OUTAGE)


def sent(row: Asked, outage_ids: Sequence[str], result: BatchResult) -> Result:
    """The result of a row that the server answered, with a decision or an error."""
    if result.HasField("error"):
        return _failed(row, outage_ids, status.of_status(result.error))
    decision = result.decision
    policy = decision.policy
    return Result(
        *_of_row(row, outage_ids),
        _OUTCOMES.get(decision.outcome) or str(decision.outcome),
        [Reason(_REASONS.get(each.code) or str(each.code), each.clause, each.field, each.benefit) for each in decision.reasons],
        [RowWarning(_WARNINGS.get(each.code) or str(each.code), each.clause, each.field) for each in decision.warnings],
        [_occasion(each) for each in decision.occasions],
        [_grant(each) for each in decision.grants],
        [Quote(*_terms(each)) for each in decision.quotes],
        [_recourse(each) for each in decision.recourse],
        [_notice(each) for each in decision.notice.messages] if decision.HasField("notice") else (),
        _CORRECTIONS.get(decision.corrections, ""),
        decision.decision_id,
        policy.policy_id,
        policy.version,
        policy.sha256,
        policy.engine_version,
    )


def refusal_of(result: Result) -> Refusal:
    """The error of a row with status ERROR."""
    return Refusal(result.error_code, result.error, tuple(Violation(*each) for each in result.error_fields))


def errors(result: Result) -> list[str]:
    """What is wrong with a row, one text for each of its fields; none where it has no error."""
    if result.status != ERROR:
        return []
    fields = [f"{each.field}: {each.message}" for each in result.error_fields]
    return [f"{result.error_code}: {text}" for text in fields or [result.error]]


def _of_row(row: Asked, outage_ids: Sequence[str]) -> "tuple[int, str, Sequence[str], str, str, Sequence[GrantedBefore]]":
    """The first columns, which the row itself fills."""
    item = row.item
    if item is None:
        return row.line, row.subscriber_id, outage_ids, "", "", ()
    return row.line, row.subscriber_id, outage_ids, *_span(item.subscriber, "billing_cycle"), _granted_before(item, outage_ids)


def _granted_before(item: ComputeCompensationRequest, outage_ids: Sequence[str]) -> Sequence[GrantedBefore]:
    """What the question said was granted before: grant keys follow from it, and provisioning holds it against its ledger."""
    told = [GrantedBefore(each.outage_id, each.benefit, each.quantity, each.month) for each in item.granted_before]
    if item.HasField("already_granted"):
        # Short for the one outage of the question; with several, the question is refused.
        outage_id = outage_ids[0] if len(set(outage_ids)) == 1 else ""
        before = sorted(item.already_granted.quantities.items())
        told += [GrantedBefore(outage_id, benefit, quantity, "") for benefit, quantity in before]
    return told


def _failed(row: Asked, outage_ids: Sequence[str], refusal: Refusal) -> Result:
    return Result(
        *_of_row(row, outage_ids),
        ERROR,
        error_code=refusal.code,
        error=" ".join(refusal.message.split()),  # on one line, so that a row of a CSV result is a line as well
        error_fields=[ErrorField(each.field, each.message) for each in refusal.violations],
    )


def _occasion(occasion: decision_pb2.Occasion) -> Occasion:
    return Occasion(
        _instant(occasion.started_at),
        _instant(occasion.ended_at),
        list(occasion.outage_ids),
        occasion.month,
        *_span(occasion, "billing_cycle"),
        _OUTCOMES.get(occasion.outcome) or str(occasion.outcome),
        list(dict.fromkeys([_REASONS.get(each.code) or str(each.code) for each in occasion.reasons])),
        list(occasion.benefits),
    )


def _grant(grant: decision_pb2.Grant) -> Grant:
    parts = [Part(part.outage_id, part.quantity) for part in grant.parts]
    return Grant(grant.grant_key, *_terms(grant), parts, grant.granted_before)


def _terms(owed: decision_pb2.Grant | decision_pb2.Quote) -> tuple[str, str, int, str, int, str, str, str, int]:
    """What a grant and a quote have alike."""
    return (
        owed.benefit,
        _KINDS.get(owed.kind) or str(owed.kind),
        owed.quantity,
        owed.currency_code,
        owed.valid_for_seconds,
        *_span(owed, "window"),
        owed.clause,
        owed.occasion,
    )


def _recourse(recourse: decision_pb2.Recourse) -> Recourse:
    parts = [RecoursePart(each.outage_id, each.amount_minor) for each in recourse.outages]
    return Recourse(recourse.responsible_party, recourse.amount.currency_code, recourse.amount.amount_minor, parts)


def _notice(message: decision_pb2.NoticeMessage) -> Notice:
    return Notice(
        _CHANNELS.get(message.channel) or str(message.channel),
        message.language,
        message.title,
        message.body,
        message.segments,
        _ENCODINGS.get(message.encoding, ""),
    )


def _span(owner: Message, name: str) -> tuple[str, str]:
    """The two ends of the interval in the field ``name``; empty where there is none."""
    if not owner.HasField(name):
        return "", ""
    span: facts_pb2.Interval = getattr(owner, name)
    return _instant(span.started_at), _instant(span.ended_at)


def _instant(stamp: Timestamp) -> str:
    return _written(stamp.seconds)


@lru_cache(REMEMBERED_INSTANTS)
def _written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
