"""A row of the result: what became of one row of the input.

There is one result row for each input row, in order, because both readers need it: provisioning books a subscriber's grants
and notices together or not at all, and whoever compares the two files finds row for row. What can be several (reasons,
grants, notices …) is a list in one column: JSON in a CSV, a list of structs in a Parquet file, as query engines unnest them.
"""

from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from clients import enums, status
from clients.billing.subscribers import Asked
from clients.status import Refusal, Violation
from makegood.v1 import decision_pb2
from makegood.v1.compensation_service_pb2 import BatchResult

NO_OUTAGE = "NO_OUTAGE"
ERROR = "ERROR"
BAD_ROW = "BAD_ROW"
RUN_TOTALS = "run_totals"
"""The last column: empty, but in the last row."""

COLUMNS_HELP = """\
columns of the result: one row for each row of the subscribers, in order
  line, subscriber_id        where it was read (Parquet: number of the row), and whom it is about
  outage_ids                 the outages that hit the subscriber
  already_granted            benefit, quantity: what the question said was granted before for these outages
  status                     GRANTED, PROVISIONAL, NOT_ELIGIBLE, CANNOT_DECIDE, NEEDS_REVIEW; NO_OUTAGE (not asked); ERROR
  reasons, warnings          code, clause, field, benefit
  grants                     grant_key, benefit, kind, quantity (bytes, seconds, days, minor units, basis points by kind),
                             currency_code, valid_for_seconds (0: no limit), window_started_at, window_ended_at, clause
  recourse                   responsible_party, currency_code, amount_minor
  notices                    channel, language, title, body, segments, encoding
  decision_id, policy_id, policy_version, policy_sha256, engine_version
  error_code, error          a canonical code, or BAD_ROW for a row that could not be read; error_fields: field, message
  run_totals                 in the last row alone: rows, and the sum of each grant, of the whole result as JSON; provisioning
                             holds the rows against it, so that a file that lost some is not taken for whole
Columns that can hold several are JSON in a CSV (empty: none; empty texts are left out) and lists of structs in a Parquet file.
A grant with an empty grant_key is a quote and is never booked.
"""

Result = dict[str, Any]
"""A result row by column, lists as lists of dicts."""

_OUTCOMES = {number: code for code, number in enums.codes(decision_pb2.Outcome.DESCRIPTOR).items()}
_REASONS = {number: code for code, number in enums.codes(decision_pb2.ReasonCode.DESCRIPTOR).items()}
_WARNINGS = {number: code for code, number in enums.codes(decision_pb2.WarningCode.DESCRIPTOR).items()}
_KINDS = {number: code for code, number in enums.codes(decision_pb2.BenefitKind.DESCRIPTOR).items()}
_CHANNELS = {number: code for code, number in enums.codes(decision_pb2.NoticeChannel.DESCRIPTOR).items()}
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
    answer["grants"] = [_grant(grant) for grant in decision.grants]
    answer["recourse"] = [
        {
            "responsible_party": recourse.responsible_party,
            "currency_code": recourse.amount.currency_code,
            "amount_minor": recourse.amount.amount_minor,
        }
        for recourse in decision.recourse
    ]
    answer["notices"] = [_notice(message) for message in decision.notice.messages]
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
    return {
        "line": row.line,
        "subscriber_id": row.subscriber_id,
        "outage_ids": outage_ids,
        "already_granted": _already_granted(row),
        "status": status_,
        "reasons": [],
        "warnings": [],
        "grants": [],
        "recourse": [],
        "notices": [],
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


def _already_granted(row: Asked) -> list[Result]:
    """What the question said was granted before: provisioning holds it against its ledger."""
    if row.item is None:
        return []
    return [{"benefit": benefit, "quantity": number} for benefit, number in sorted(row.item.already_granted.quantities.items())]


def _error(code: str, message: str, fields: tuple[Violation, ...]) -> Result:
    shown = [{"field": violation.field, "message": violation.message} for violation in fields]
    # On one line, so that a row of a CSV result is a line as well.
    return {"error_code": code, "error": " ".join(message.split()), "error_fields": shown}


def _grant(grant: decision_pb2.Grant) -> Result:
    window = grant.HasField("window")
    return {
        "grant_key": grant.grant_key,
        "benefit": grant.benefit,
        "kind": _KINDS.get(grant.kind, str(grant.kind)),
        "quantity": grant.quantity,
        "currency_code": grant.currency_code,
        "valid_for_seconds": grant.valid_for_seconds,
        "window_started_at": _instant(grant.window.started_at) if window else "",
        "window_ended_at": _instant(grant.window.ended_at) if window else "",
        "clause": grant.clause,
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


def _instant(stamp: Timestamp) -> str:
    return datetime.fromtimestamp(stamp.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
