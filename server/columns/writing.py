"""Answers as bytes: what is the same for all rows of a shape is taken from one message, and the numbers are put in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
from ptars import HandlerPool

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.columns.answers import Answers
from policy.calculator.columns.questions import Ints
from policy.calculator.decision import Decision
from server.translate.decisions import DecisionWriter

_NANOS: Final = 1_000_000_000


class AnswerWriter:
    """Writes BatchResult messages; made once when the server starts."""

    def __init__(self) -> None:
        pool = HandlerPool([service_pb.DESCRIPTOR])
        self._handler = pool.get_for_message(service_pb.BatchResult.DESCRIPTOR)
        self._writer = DecisionWriter()

    def results(self, request_ids: Any, rows: Ints, answers: Answers) -> Sequence[bytes]:
        """The serialized result of each of ``rows``, none of which is hard; ``request_ids``: of those rows."""
        shape = answers.shape[rows]
        static = self._messages([replace(each, recourse=(), notice=()) for each in answers.shapes])
        decision = static.column("decision").take(pa.array(shape))
        parts = _fields(decision)
        parts["decision_id"] = pa.array(answers.decision_ids[rows], pa.string())
        parts["grants"] = _grants(parts["grants"], answers, rows, shape)
        parts["as_of"] = pa.array(answers.as_of[rows] * _NANOS).view(parts["as_of"].type)
        none = np.array([each.clock_seconds is None for each in answers.shapes], np.bool_)[shape]
        parts["clock_seconds"] = pa.array(answers.clock_seconds[rows], mask=none)
        parts["weighted_seconds"] = _weighted(parts["weighted_seconds"], answers, rows, shape)
        if answers.recourse or answers.notices:
            beside = self._beside(answers, rows)
            parts |= {name: beside[name] for name in ("recourse", "notice")}
        if any(each.explanation is not None for each in answers.shapes):
            parts["explanation"] = _explanation(parts["explanation"], answers, rows, shape)
        decision = _struct(decision.type, parts)
        columns = []
        for field in static.schema:
            if field.name == "request_id":
                columns.append(request_ids)
            elif field.name == "decision":
                columns.append(decision)
            else:
                columns.append(pa.nulls(len(rows), field.type))
        batch = pa.RecordBatch.from_arrays(columns, schema=static.schema)
        written: Sequence[bytes] = self._handler.record_batch_to_array(batch).to_pylist()
        return written

    def _messages(self, decisions: Sequence[Decision]) -> Any:
        """Decisions as columns of messages."""
        data = []
        for decision in decisions:
            message = service_pb.BatchResult()
            self._writer.write(decision, message.decision)
            data.append(message.SerializeToString(deterministic=True))
        return self._handler.list_to_record_batch(data)

    def _beside(self, answers: Answers, rows: Ints) -> Mapping[str, Any]:
        """Recourse and notice of each row, from one message for each distinct pair of them."""
        places: dict[object, int] = {}
        distinct: list[Decision] = []
        place = []
        for row in rows.tolist():
            recourse, notice = answers.recourse.get(row, ()), answers.notices.get(row, ())
            at = places.setdefault((recourse, notice), len(distinct))
            if at == len(distinct):
                distinct.append(
                    replace(answers.shapes[0], reasons=(), warnings=(), grants=(), recourse=recourse, notice=notice)
                )
            place.append(at)
        return _fields(self._messages(distinct).column("decision").take(pa.array(place, pa.int64())))


def _grants(grants: Any, answers: Answers, rows: Ints, shape: Ints) -> Any:
    """The grants of each row, with their own keys and quantities."""
    counts = np.array([len(each.grants) for each in answers.shapes], np.int64)[shape]
    offsets = np.concatenate(([0], np.cumsum(counts)))
    keys = np.full(int(offsets[-1]), "", object)
    quantities = np.zeros(int(offsets[-1]), np.int64)
    for number, decision in enumerate(answers.shapes):
        of = np.flatnonzero(shape == number)
        for slot, grant in enumerate(decision.grants):
            places = offsets[of] + slot
            quantities[places] = answers.quantities[grant.benefit][rows[of]]
            if grant.grant_key:
                keys[places] = answers.grant_keys[grant.benefit][rows[of]]
    parts = _fields(grants.flatten())
    parts["grant_key"] = pa.array(keys, pa.string())
    parts["quantity"] = pa.array(quantities)
    messages = _struct(grants.type.value_type, parts)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), messages, type=grants.type)


def _explanation(explanation: Any, answers: Answers, rows: Ints, shape: Ints) -> Any:
    """Summaries, with each row's own numbers in the lines that were applied."""
    parts = _fields(explanation)
    lines = parts["lines"]
    counts = np.array([len(each.explanation.lines) if each.explanation else 0 for each in answers.shapes], np.int64)[shape]
    offsets = np.concatenate(([0], np.cumsum(counts)))
    of_lines = _fields(lines.flatten())
    values = of_lines["value"].to_numpy(zero_copy_only=False)
    for number, decision in enumerate(answers.shapes):
        of = np.flatnonzero(shape == number)
        for slot, line in enumerate(decision.explanation.lines if decision.explanation else ()):
            if line.applied and line.rule in answers.told:
                values[offsets[of] + slot] = answers.told[line.rule][rows[of]].astype(str)
    of_lines["value"] = pa.array(values, pa.string())
    messages = _struct(lines.type.value_type, of_lines)
    parts["lines"] = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), messages, type=lines.type)
    none = np.array([each.explanation is None for each in answers.shapes], np.bool_)[shape]
    return _struct(explanation.type, parts, none)


def _weighted(weighted: Any, answers: Answers, rows: Ints, shape: Ints) -> Any:
    """Weighted seconds in lowest terms."""
    none = np.array([each.weighted_seconds is None for each in answers.shapes], np.bool_)[shape]
    numerator = answers.weighted[rows]
    common = np.gcd(numerator, answers.weighted_denominator)
    parts = {"numerator": pa.array(numerator // common), "denominator": pa.array(answers.weighted_denominator // common)}
    return _struct(weighted.type, parts, none)


def _fields(array: Any) -> dict[str, Any]:
    return {field.name: array.field(number) for number, field in enumerate(array.type)}


def _struct(kind: Any, parts: Mapping[str, Any], none: Any = None) -> Any:
    mask = None if none is None else pa.array(none)
    return pa.StructArray.from_arrays([parts[field.name] for field in kind], fields=list(kind), mask=mask)
