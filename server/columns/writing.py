"""Answers as bytes: each shape is a template, cut from the message that one row of it would be answered with."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from google.protobuf.timestamp_pb2 import Timestamp
from numpy.typing import NDArray

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy.calculator.columns.answers import Answers
from policy.calculator.columns.questions import Ints
from policy.calculator.columns.recourse import ColumnRecourseRun
from policy.calculator.decision import Decision
from policy.calculator.keys import KEY_BYTES
from server.columns.template import Hole, Part, enclosed, filled, integers, lengths, pierced, texts
from server.translate.decisions import DecisionWriter

_KEY_DIGITS: Final = 2 * KEY_BYTES
_RESPONSE, _RESULT = service_pb.BatchComputeResponse, service_pb.BatchResult
_DECISION, _GRANT, _RECOURSE, _EXPLANATION, _LINE = (
    decision_pb.Decision,
    decision_pb.Grant,
    decision_pb.Recourse,
    decision_pb.Explanation,
    decision_pb.ExplanationLine,
)

Texts = NDArray[np.object_]
"""A text of bytes for each row."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one shape, and what they were answered."""

    of: Ints
    answers: Answers
    beside: Texts | None


class AnswerWriter:
    """Writes results as they stand in a BatchComputeResponse; made once when the server starts."""

    def __init__(self) -> None:
        self._writer = DecisionWriter()

    def results(self, request_ids: Texts, rows: Ints, answers: Answers) -> Texts:
        """The result of each of ``rows``, none of which is hard. ``request_ids``: of all rows."""
        results = np.empty(len(rows), np.object_)
        shape = answers.shape[rows]
        beside = self._beside(answers)
        for number, decision in enumerate(answers.shapes):
            here = np.flatnonzero(shape == number)
            of = rows[here]
            ids = request_ids[of].tolist()
            request = texts(_RESULT.REQUEST_ID_FIELD_NUMBER, ids, lengths(ids))
            answered = enclosed(_RESULT.DECISION_FIELD_NUMBER, self._decision(decision, _Rows(of, answers, beside)))
            results[here] = filled(enclosed(_RESPONSE.RESULTS_FIELD_NUMBER, [*request, *answered]))
        return results

    def _decision(self, decision: Decision, rows: _Rows) -> list[Part]:
        message = decision_pb.Decision()
        self._writer.write(replace(decision, recourse=(), notice=()), message)
        answers, of = rows.answers, rows.of
        ids = answers.decision_ids[of].tolist()
        holes: dict[str, list[Part]] = {
            "decision_id": texts(_DECISION.DECISION_ID_FIELD_NUMBER, ids, _KEY_DIGITS),
            "grants": [],
        }
        for grant in message.grants:
            holes["grants"] += enclosed(_DECISION.GRANTS_FIELD_NUMBER, _grant(grant, rows))
        if rows.beside is not None:
            written = rows.beside[of].tolist()
            holes["recourse"] = [Hole(written, lengths(written))]
        if decision.explanation is not None:
            holes["explanation"] = enclosed(_DECISION.EXPLANATION_FIELD_NUMBER, _explanation(message.explanation, rows))
        holes["as_of"] = enclosed(_DECISION.AS_OF_FIELD_NUMBER, integers(Timestamp.SECONDS_FIELD_NUMBER, answers.as_of[of]))
        if decision.clock_seconds is not None:
            seconds = answers.clock_seconds[of]
            holes["clock_seconds"] = integers(_DECISION.CLOCK_SECONDS_FIELD_NUMBER, seconds, explicit=True)
        if decision.weighted_seconds is not None:
            weighted = _ratio(answers.weighted[of], answers.weighted_denominator)
            holes["weighted_seconds"] = enclosed(_DECISION.WEIGHTED_SECONDS_FIELD_NUMBER, weighted)
        return pierced(message, holes)

    def _beside(self, answers: Answers) -> Texts | None:
        """The recourse and the notice of each row, serialized; None where no row has any."""
        recourse, notices = answers.recourse, answers.notices
        if not notices and (recourse is None or not len(recourse.row)):
            return None
        beside = np.full(len(answers.shape), b"", np.object_)
        if recourse is not None and len(recourse.row):
            np.add.at(beside, recourse.row, np.array(_claims(recourse), np.object_))
        known: dict[object, bytes] = {}
        for row, notice in notices.items():
            if notice not in known:
                message = decision_pb.Decision()
                self._writer.write_notice(notice, message)
                known[notice] = message.SerializeToString(deterministic=True)
            beside[row] += known[notice]
        return beside


def _claims(recourse: ColumnRecourseRun) -> list[bytes]:
    """Each claim as a field of a decision."""
    currency = recourse.currency_code.encode()
    money = [
        *texts(facts_pb.Money.CURRENCY_CODE_FIELD_NUMBER, [currency] * len(recourse.party), len(currency)),
        *integers(facts_pb.Money.AMOUNT_MINOR_FIELD_NUMBER, recourse.amount_minor),
    ]
    claim = texts(_RECOURSE.RESPONSIBLE_PARTY_FIELD_NUMBER, recourse.party, lengths(recourse.party))
    claim += enclosed(_RECOURSE.AMOUNT_FIELD_NUMBER, money)
    return filled(enclosed(_DECISION.RECOURSE_FIELD_NUMBER, claim))


def _grant(grant: decision_pb.Grant, rows: _Rows) -> list[Part]:
    """A grant with each row's own key and quantity."""
    holes: dict[str, list[Part]] = {}
    if grant.grant_key:
        keys = rows.answers.grant_keys[grant.benefit][rows.of].tolist()
        holes["grant_key"] = texts(_GRANT.GRANT_KEY_FIELD_NUMBER, keys, _KEY_DIGITS)
    holes["quantity"] = integers(_GRANT.QUANTITY_FIELD_NUMBER, rows.answers.quantities[grant.benefit][rows.of])
    return pierced(grant, holes)


def _explanation(explanation: decision_pb.Explanation, rows: _Rows) -> list[Part]:
    """A summary, with each row's own number in the lines that were applied."""
    lines: list[Part] = []
    for line in explanation.lines:
        holes: dict[str, list[Part]] = {}
        told = rows.answers.told.get(line.rule) if line.applied else None
        if told is not None:
            values = [b"%d" % value for value in told[rows.of].tolist()]
            holes["value"] = texts(_LINE.VALUE_FIELD_NUMBER, values, lengths(values))
        lines += enclosed(_EXPLANATION.LINES_FIELD_NUMBER, pierced(line, holes))
    return pierced(explanation, {"lines": lines})


def _ratio(numerator: Ints, denominator: int) -> list[Part]:
    """In lowest terms."""
    common = np.gcd(numerator, denominator)
    return [
        *integers(facts_pb.Ratio.NUMERATOR_FIELD_NUMBER, numerator // common),
        *integers(facts_pb.Ratio.DENOMINATOR_FIELD_NUMBER, denominator // common),
    ]
