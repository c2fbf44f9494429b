"""Answers as bytes: each shape is a template, cut from the message that one row of it would be answered with."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from google.protobuf.timestamp_pb2 import Timestamp
from numpy.typing import NDArray

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy.calculator.codes import CANNOT_DECIDE
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


Fill = Callable[[_Rows], Sequence[Part]]
"""What stands in a place of the message for these rows."""
Place = bytes | Fill
_MOST_KEPT: Final = 1_024


class AnswerWriter:
    """Writes results as they stand in a BatchComputeResponse. Keeps for each shape what does not differ from row to row."""

    def __init__(self) -> None:
        self._writer = DecisionWriter()
        self._kept: dict[int, tuple[Decision, Sequence[Place]]] = {}

    def results(self, request_ids: Texts, rows: Ints, answers: Answers) -> Texts:
        """The result of each of ``rows``, none of which is hard. ``request_ids``: of all rows."""
        results = np.empty(len(rows), np.object_)
        shape = answers.shape[rows]
        beside = self._beside(answers)
        for number, decision in enumerate(answers.shapes):
            here = np.flatnonzero(shape == number)
            if not len(here):
                continue
            of = rows[here]
            ids = request_ids[of].tolist()
            request = texts(_RESULT.REQUEST_ID_FIELD_NUMBER, ids, lengths(ids))
            answered = enclosed(_RESULT.DECISION_FIELD_NUMBER, _at(self._places(decision, answers), _Rows(of, answers, beside)))
            results[here] = filled(enclosed(_RESPONSE.RESULTS_FIELD_NUMBER, [*request, *answered]))
        return results

    def _places(self, decision: Decision, answers: Answers) -> Sequence[Place]:
        """The message of a shape, with a place for each field that differs from row to row."""
        kept = self._kept.get(id(decision))
        if kept is not None and kept[0] is decision:
            return kept[1]
        message = decision_pb.Decision()
        self._writer.write(decision, message)
        places = _decision(decision, message, answers.told)
        if decision.outcome == CANNOT_DECIDE:  # of a row that lacks a fact no shape is kept, so none of it comes again
            return places
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[id(decision)] = decision, places
        return places

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


def _at(places: Sequence[Place], rows: _Rows) -> list[Part]:
    parts: list[Part] = []
    for place in places:
        if isinstance(place, bytes):
            parts.append(place)
        else:
            parts += place(rows)
    return parts


def _message(number: int, places: Sequence[Place]) -> Fill:
    """A field that is a message with places of its own."""
    return lambda rows: enclosed(number, _at(places, rows))


def _decision(decision: Decision, message: decision_pb.Decision, told: Container[str]) -> Sequence[Place]:
    grants = [_message(_DECISION.GRANTS_FIELD_NUMBER, _grant(grant)) for grant in message.grants]
    places: dict[str, Sequence[Place]] = {
        "decision_id": [_ids],
        "grants": grants,
        "recourse": [_both_beside],
        "as_of": [_message(_DECISION.AS_OF_FIELD_NUMBER, [_as_of])],
    }
    if decision.explanation is not None:
        places["explanation"] = [_message(_DECISION.EXPLANATION_FIELD_NUMBER, _explanation(message.explanation, told))]
    if decision.clock_seconds is not None:
        places["clock_seconds"] = [_clock_seconds]
    if decision.weighted_seconds is not None:
        places["weighted_seconds"] = [_message(_DECISION.WEIGHTED_SECONDS_FIELD_NUMBER, [_weighted])]
    return pierced(message, places)


def _ids(rows: _Rows) -> Sequence[Part]:
    return texts(_DECISION.DECISION_ID_FIELD_NUMBER, rows.answers.decision_ids[rows.of].tolist(), _KEY_DIGITS)


def _both_beside(rows: _Rows) -> Sequence[Part]:
    """Recourse and notice, which follow one another."""
    if rows.beside is None:
        return ()
    written = rows.beside[rows.of].tolist()
    return (Hole(written, lengths(written)),)


def _as_of(rows: _Rows) -> Sequence[Part]:
    return integers(Timestamp.SECONDS_FIELD_NUMBER, rows.answers.as_of[rows.of])


def _clock_seconds(rows: _Rows) -> Sequence[Part]:
    return integers(_DECISION.CLOCK_SECONDS_FIELD_NUMBER, rows.answers.clock_seconds[rows.of], explicit=True)


def _weighted(rows: _Rows) -> Sequence[Part]:
    """In lowest terms."""
    numerator, denominator = rows.answers.weighted[rows.of], rows.answers.weighted_denominator
    common = np.gcd(numerator, denominator)
    return [
        *integers(facts_pb.Ratio.NUMERATOR_FIELD_NUMBER, numerator // common),
        *integers(facts_pb.Ratio.DENOMINATOR_FIELD_NUMBER, denominator // common),
    ]


def _grant(grant: decision_pb.Grant) -> Sequence[Place]:
    """A grant with each row's own key and quantity."""
    benefit = grant.benefit

    def key(rows: _Rows) -> Sequence[Part]:
        return texts(_GRANT.GRANT_KEY_FIELD_NUMBER, rows.answers.grant_keys[benefit][rows.of].tolist(), _KEY_DIGITS)

    def quantity(rows: _Rows) -> Sequence[Part]:
        return integers(_GRANT.QUANTITY_FIELD_NUMBER, rows.answers.quantities[benefit][rows.of])

    return pierced(grant, ({"grant_key": [key]} if grant.grant_key else {}) | {"quantity": [quantity]})


def _explanation(explanation: decision_pb.Explanation, told: Container[str]) -> Sequence[Place]:
    """A summary, with each row's own number in the lines that were applied."""
    lines = [_message(_EXPLANATION.LINES_FIELD_NUMBER, _line(line, told)) for line in explanation.lines]
    return pierced(explanation, {"lines": lines})


def _line(line: decision_pb.ExplanationLine, told: Container[str]) -> Sequence[Place]:
    rule = line.rule
    if not line.applied or rule not in told:
        return [line.SerializeToString(deterministic=True)]

    def value(rows: _Rows) -> Sequence[Part]:
        written = [b"%d" % number for number in rows.answers.told[rule][rows.of].tolist()]
        return texts(_LINE.VALUE_FIELD_NUMBER, written, lengths(written))

    return pierced(line, {"value": [value]})
