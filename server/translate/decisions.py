"""The calculator's decision as a message of the contract. Runs once for every row: tables are built when the server starts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy.calculator.decision import Decision, Explanation, Grant, NoticeMessage, Occasion, Quote, Reason, Recourse, Stamp
from policy.calculator.request import Interval
from server.errors import TooLarge
from server.translate.words import number_by_word

_LARGEST: Final = 2**63 - 1


class DecisionWriter:
    """Writes messages; made once when the server starts."""

    def __init__(self) -> None:
        self._outcomes = number_by_word(decision_pb.Outcome.DESCRIPTOR)
        self._reasons = number_by_word(decision_pb.ReasonCode.DESCRIPTOR)
        self._warnings = number_by_word(decision_pb.WarningCode.DESCRIPTOR)
        self._kinds = number_by_word(decision_pb.BenefitKind.DESCRIPTOR)
        self._channels = number_by_word(decision_pb.NoticeChannel.DESCRIPTOR)
        self._corrections = number_by_word(decision_pb.Corrections.DESCRIPTOR)
        self._encodings = number_by_word(decision_pb.SmsEncoding.DESCRIPTOR)

    def write(self, decision: Decision, message: decision_pb.Decision) -> None:
        """Fills the empty ``message``. Raises TooLarge; KeyError where the calculator says a word that the contract lacks."""
        try:
            self._write(decision, message)
        except ValueError:
            if _is_too_large(decision):
                raise TooLarge(decision.policy.policy_id) from None
            raise

    def _write(self, decision: Decision, message: decision_pb.Decision) -> None:
        message.decision_id = decision.decision_id
        message.outcome = self._outcomes[decision.outcome]  # type: ignore[assignment]
        self._write_reasons(decision.reasons, message.reasons)
        for warning in decision.warnings:
            message.warnings.add(code=self._warnings[warning.code], field=warning.field, clause=warning.clause)
        for grant in decision.grants:
            self._grant(grant, message.grants.add())
        for quote in decision.quotes:
            self._terms(quote, message.quotes.add())
        for occasion in decision.occasions:
            self._occasion(occasion, message.occasions.add())
        for owed in decision.recourse:
            _recourse(owed, message.recourse.add())
        message.corrections = self._corrections[decision.corrections]  # type: ignore[assignment]
        if decision.notice:
            self.write_notice(decision.notice, message)
        if decision.explanation is not None:
            _explanation(decision.explanation, message.explanation)
        _stamp(decision.policy, message.policy)
        message.as_of.seconds = decision.as_of
        if decision.clock_seconds is not None:
            message.clock_seconds = decision.clock_seconds
        if decision.weighted_seconds is not None:
            weighted = message.weighted_seconds
            weighted.numerator, weighted.denominator = decision.weighted_seconds.as_integer_ratio()

    def _write_reasons(self, reasons: Sequence[Reason], messages: Any) -> None:
        for reason in reasons:
            messages.add(code=self._reasons[reason.code], field=reason.field, clause=reason.clause, benefit=reason.benefit)

    def _grant(self, grant: Grant, message: decision_pb.Grant) -> None:
        message.grant_key = grant.grant_key
        self._terms(grant, message)
        message.granted_before = grant.granted_before
        for part in grant.parts:
            message.parts.add(outage_id=part.outage_id, quantity=part.quantity)

    def _terms(self, owed: Grant | Quote, message: decision_pb.Grant | decision_pb.Quote) -> None:
        """What a grant and a quote have alike."""
        message.benefit = owed.benefit
        message.kind = self._kinds[owed.kind]  # type: ignore[assignment]
        message.quantity = owed.quantity
        message.currency_code = owed.currency_code
        message.valid_for_seconds = owed.valid_for_seconds
        if owed.window is not None:
            _interval(owed.window, message.window)
        message.clause = owed.clause
        message.occasion = owed.occasion

    def _occasion(self, occasion: Occasion, message: decision_pb.Occasion) -> None:
        message.started_at.seconds = occasion.started_at
        message.ended_at.seconds = occasion.ended_at
        message.outage_ids.extend(occasion.outage_ids)
        message.month = occasion.month
        if occasion.billing_cycle is not None:
            _interval(occasion.billing_cycle, message.billing_cycle)
        message.outcome = self._outcomes[occasion.outcome]  # type: ignore[assignment]
        self._write_reasons(occasion.reasons, message.reasons)
        message.benefits.extend(occasion.benefits)

    def write_notice(self, notices: Sequence[NoticeMessage], message: decision_pb.Decision) -> None:
        """Fills in what the subscriber is told."""
        for notice in notices:
            message.notice.messages.add(
                channel=self._channels[notice.channel],
                language=notice.language,
                title=notice.title,
                body=notice.body,
                segments=notice.segments,
                encoding=self._encodings[notice.encoding],
            )


def _is_too_large(decision: Decision) -> bool:
    return max(_numbers(decision), default=0) > _LARGEST


def _numbers(decision: Decision) -> Iterator[int]:
    """Those that a policy may make too large; a part is no more than its whole."""
    yield from (each.quantity for each in decision.owed)
    yield from (owed.amount_minor for owed in decision.recourse)
    if decision.weighted_seconds is not None:
        yield from decision.weighted_seconds.as_integer_ratio()


def _interval(span: Interval, message: facts_pb.Interval) -> None:
    message.started_at.seconds = span.started_at
    message.ended_at.seconds = span.ended_at


def _recourse(owed: Recourse, message: decision_pb.Recourse) -> None:
    message.responsible_party = owed.responsible_party
    message.amount.currency_code = owed.currency_code
    message.amount.amount_minor = owed.amount_minor
    for outage in owed.outages:
        message.outages.add(outage_id=outage.outage_id, amount_minor=outage.amount_minor)


def _stamp(stamp: Stamp, message: decision_pb.PolicyStamp) -> None:
    message.policy_id = stamp.policy_id
    message.version = stamp.version
    message.sha256 = stamp.sha256
    message.engine_version = stamp.engine_version


def _explanation(explanation: Explanation, message: decision_pb.Explanation) -> None:
    for line in explanation.lines:
        written = message.lines.add(
            rule=line.rule, clause=line.clause, applied=line.applied, value=line.value, unit=line.unit, note=line.note
        )
        for given in line.inputs:
            written.inputs.add(name=given.name, value=given.value, unit=given.unit)
    for clause, texts in explanation.clauses:
        clause_text(clause, texts, message.clauses.add())


def clause_text(clause: str, texts: Mapping[str, str], message: decision_pb.ClauseText) -> None:
    """Fills ``message`` with a clause: its id and its text by language tag."""
    message.clause = clause
    message.texts.update(texts)
