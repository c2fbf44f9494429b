"""A row of the result: what became of one row of the input.

There is one result row for each input row, in order, because both readers need it: provisioning books a subscriber's grants
and notices together or not at all, and whoever compares the two files finds row for row. What can be several (reasons,
grants, notices …) is a list in one column: JSON in a CSV, a list of structs in a Parquet file, as query engines unnest them.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from clients import enums, status
from clients.billing.subscribers import Asked
from clients.status import Refusal, Violation
from makegood.v1 import decision_pb2, facts_pb2
from makegood.v1.compensation_service_pb2 import BatchResult

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

Result = dict[str, Any]
"""A result row by column, lists as lists of dicts."""

_OUTCOMES = {number: code for code, number in enums.codes(decision_pb2.Outcome.DESCRIPTOR).items()}
_REASONS = {number: code for code, number in enums.codes(decision_pb2.ReasonCode.DESCRIPTOR).items()}
_WARNINGS = {number: code for code, number in enums.codes(decision_pb2.WarningCode.DESCRIPTOR).items()}
_KINDS = {number: code for code, number in enums.codes(decision_pb2.BenefitKind.DESCRIPTOR).items()}
_CHANNELS = {number: code for code, number in enums.codes(decision_pb2.NoticeChannel.DESCRIPTOR).items()}
_CORRECTIONS = {number: code for code, number in enums.codes(decision_pb2.Corrections.DESCRIPTOR).items()}
_ENCODINGS = {number: code for code, number in enums.codes(decision_pb2.SmsEncoding.DESCRIPTOR).items()}


def unsent(row: Asked, outage_ids: list[str]) -> Result:
    """The result of a row that was not sent: it cannot be read, or no outage hit it."""
    if row.error:
        return _result(row, outage_ids, ERROR) | _error(BAD_ROW, row.error, row.fields)
    return _result(row, outage_ids, NO_OUTAGE)


def sent(row: Asked, outage_ids: list[str], result: BatchResult) -> Result:
    """The result of a row that the server answered, with a decision or an error."""
    if result.HasField("error"):
        refusal = status.of_status(result.error)
        return _result(row, outage_ids, ERROR) | _error(refusal.code, refusal.message, refusal.violations)
    decision = result.decision
    answer = _result(row, outage_ids, _OUTCOMES.get(decision.outcome, str(decision.outcome)))
    answer["reasons"] = [
        {
            "code": _REASONS.get(reason.code, str(reason.code)),
            "clause": reason.clause,
            "field": reason.field,
            "benefit": reason.benefit,
        }
        for reason in decision.reasons
    ]
    answer["warnings"] = [
        {"code": _WARNINGS.get(warning.code, str(warning.code)), "clause": warning.clause, "field": warning.field}
        for warning in decision.warnings
    ]
    answer["occasions"] = [_occasion(occasion) for occasion in decision.occasions]
    answer["grants"] = [_grant(grant) for grant in decision.grants]
    answer["quotes"] = [_terms(quote) for quote in decision.quotes]
    answer["recourse"] = [_recourse(recourse) for recourse in decision.recourse]
    answer["notices"] = [_notice(message) for message in decision.notice.messages]
    answer["corrections"] = _CORRECTIONS.get(decision.corrections, "")
    answer["decision_id"] = decision.decision_id
    answer["policy_id"], answer["policy_version"] = decision.policy.policy_id, decision.policy.version
    answer["policy_sha256"], answer["engine_version"] = decision.policy.sha256, decision.policy.engine_version
    return answer


def refusal_of(result: Result) -> Refusal:
    """The error of a row with status ERROR."""
    fields = tuple(Violation(each["field"], each["message"]) for each in result["error_fields"])
    return Refusal(result["error_code"], result["error"], fields)


def errors(result: Result) -> list[str]:
    """What is wrong with a row, one text for each of its fields; none where it has no error."""
    if result["status"] != ERROR:
        return []
    fields = [f"{each['field']}: {each['message']}" for each in result["error_fields"]]
    return [f"{result['error_code']}: {text}" for text in fields or [result["error"]]]


def _result(row: Asked, outage_ids: list[str], status_: str) -> Result:
    """Every column, in order; what is not known yet is empty."""
    cycle = _span("billing_cycle", row.item.subscriber if row.item is not None else None)
    return {
        "line": row.line,
        "subscriber_id": row.subscriber_id,
        "outage_ids": outage_ids,
        **cycle,
        "granted_before": _granted_before(row, outage_ids),
        "status": status_,
        "reasons": [],
        "warnings": [],
        "occasions": [],
        "grants": [],
        "quotes": [],
        "recourse": [],
        "notices": [],
        "corrections": "",
        "decision_id": "",
        "policy_id": "",
        "policy_version": "",
        "policy_sha256": "",
        "engine_version": "",
        "error_code": "",
        "error": "",
        "error_fields": [],
        RUN_TOTALS: "",
    }


def _granted_before(row: Asked, outage_ids: list[str]) -> list[Result]:
    """What the question said was granted before: grant keys follow from it, and provisioning holds it against its ledger."""
    if row.item is None:
        return []
    told = [
        {"outage_id": each.outage_id, "benefit": each.benefit, "quantity": each.quantity, "month": each.month}
        for each in row.item.granted_before
    ]
    # Short for the one outage of the question; with several, the question is refused.
    outage_id = outage_ids[0] if len(set(outage_ids)) == 1 else ""
    told += [
        {"outage_id": outage_id, "benefit": benefit, "quantity": quantity, "month": ""}
        for benefit, quantity in sorted(row.item.already_granted.quantities.items())
    ]
    return told


def _error(code: str, message: str, fields: tuple[Violation, ...]) -> Result:
    shown = [{"field": violation.field, "message": violation.message} for violation in fields]
    # On one line, so that a row of a CSV result is a line as well.
    return {"error_code": code, "error": " ".join(message.split()), "error_fields": shown}


def _occasion(occasion: decision_pb2.Occasion) -> Result:
    return {
        "started_at": _instant(occasion.started_at),
        "ended_at": _instant(occasion.ended_at),
        "outage_ids": list(occasion.outage_ids),
        "month": occasion.month,
        **_span("billing_cycle", occasion),
        "outcome": _OUTCOMES.get(occasion.outcome, str(occasion.outcome)),
        "reasons": list(dict.fromkeys(_REASONS.get(reason.code, str(reason.code)) for reason in occasion.reasons)),
        "benefits": list(occasion.benefits),
    }


def _grant(grant: decision_pb2.Grant) -> Result:
    parts = [{"outage_id": part.outage_id, "quantity": part.quantity} for part in grant.parts]
    return {"grant_key": grant.grant_key, **_terms(grant), "parts": parts, "granted_before": grant.granted_before}


def _terms(owed: decision_pb2.Grant | decision_pb2.Quote) -> Result:
    """What a grant and a quote have alike."""
    return {
        "benefit": owed.benefit,
        "kind": _KINDS.get(owed.kind, str(owed.kind)),
        "quantity": owed.quantity,
        "currency_code": owed.currency_code,
        "valid_for_seconds": owed.valid_for_seconds,
        **_span("window", owed),
        "clause": owed.clause,
        "occasion": owed.occasion,
    }


def _recourse(recourse: decision_pb2.Recourse) -> Result:
    return {
        "responsible_party": recourse.responsible_party,
        "currency_code": recourse.amount.currency_code,
        "amount_minor": recourse.amount.amount_minor,
        "outages": [{"outage_id": each.outage_id, "amount_minor": each.amount_minor} for each in recourse.outages],
    }


def _notice(message: decision_pb2.NoticeMessage) -> Result:
    return {
        "channel": _CHANNELS.get(message.channel, str(message.channel)),
        "language": message.language,
        "title": message.title,
        "body": message.body,
        "segments": message.segments,
        "encoding": _ENCODINGS.get(message.encoding, ""),
    }


def _span(name: str, owner: Message | None) -> Result:
    """The two ends of the interval in the field ``name``; empty where there is none."""
    if owner is None or not owner.HasField(name):
        return {f"{name}_started_at": "", f"{name}_ended_at": ""}
    span: facts_pb2.Interval = getattr(owner, name)
    return {f"{name}_started_at": _instant(span.started_at), f"{name}_ended_at": _instant(span.ended_at)}


def _instant(stamp: Timestamp) -> str:
    return _written(stamp.seconds)


@lru_cache(REMEMBERED_INSTANTS)
def _written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
