"""What a call leaves to be recorded, and the records that are made of it, outside of the call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import gmtime, strftime
from typing import Any, Final

from google.protobuf.message import DecodeError, Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from policy.calculator.errors import InvalidRequest
from server.decision_log.facts import KeptFacts
from server.decision_log.record import encoded, line_of
from server.decision_log.sealing import Keys
from server.envelope import Envelopes
from server.log import field_paths
from server.recording import Asked
from server.translate.words import word_by_number

_OUTCOMES: Final = word_by_number(decision_pb.Outcome.DESCRIPTOR)
_CODES: Final[dict[int, str]] = {number: name for name, number in code_pb2.Code.items()}
_NO_SUBSCRIBER: Final = "subscriber.subscriber_id"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that was answered, or (``refused``) not. Nothing in it changes any more.

    ``answer``: bytes, or a message, of as many ``rows``. ``size_bytes``: about what it holds.
    """

    at_ns: int
    asked: Asked
    rows: int
    answer: bytes | Message
    refused: status_pb2.Status | None
    size_bytes: int


class LineMaker:
    """Makes the lines of entries; ``kept``: which facts stand in them. Made once."""

    def __init__(self, kept: KeptFacts) -> None:
        self._kept = kept
        self._envelopes = Envelopes()

    def lines(self, entry: Entry, keys: Keys) -> Iterator[bytes]:
        """A line for each decision and each refusal; one for a batch that was refused whole."""
        asked = entry.asked
        told: dict[str, Any] = {
            "at": f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(entry.at_ns // 10**9))}.{entry.at_ns // 1000 % 10**6:06}Z",
            "method": asked.method,
            "now": asked.now,
            "engine": asked.policies.engine_version,
            "default_policy": asked.policies.default_policy_id,
        }
        if not asked.is_batch:
            yield _line({**told, "row": 0}, [], asked.data, _result(entry), self._kept, keys)
        elif entry.refused is not None:
            clear, private = _refusal(entry.refused)
            yield line_of({**told, "rows": self._rows(entry), **clear, "lacks": ["items"]}, private, keys)
        else:
            assert isinstance(entry.answer, bytes)
            envelope = self._envelopes.opened(asked.data)
            lacks = self._kept.keep(envelope.defaults)
            if envelope.defaults.ByteSize():
                told["defaults"] = encoded(envelope.defaults.SerializeToString(deterministic=True))
            results = service_pb.BatchComputeResponse.FromString(entry.answer).results
            for row, (item, result) in enumerate(zip(envelope.items, results, strict=True)):
                yield _line({**told, "row": row}, lacks, item, result, self._kept, keys)

    def _rows(self, entry: Entry) -> int:
        """How many the message had, as far as it can be read."""
        try:
            return len(self._envelopes.opened(entry.asked.data).items)
        except (DecodeError, InvalidRequest):
            return entry.rows


def _result(entry: Entry) -> service_pb.BatchResult:
    """An answer to one question has the fields of a result, by number and type."""
    if entry.refused is not None:
        return service_pb.BatchResult(error=entry.refused)
    answer = entry.answer if isinstance(entry.answer, bytes) else entry.answer.SerializeToString(deterministic=True)
    return service_pb.BatchResult.FromString(answer)


def _line(
    told: dict[str, Any],
    lacks_of_defaults: Sequence[str],
    item: bytes,
    result: service_pb.BatchResult,
    kept: KeptFacts,
    keys: Keys,
) -> bytes:
    lacks = [f"defaults.{path}" for path in lacks_of_defaults]
    private: dict[str, Any] = {}
    question = _question(item)
    if question is None:
        lacks.append("question")
    else:
        private = {"subscriber_id": question.subscriber.subscriber_id, "request_id": question.request_id}
        if question.subscriber.subscriber_id:
            question.subscriber.subscriber_id = ""
            lacks += [] if keys.seals_with else [_NO_SUBSCRIBER]
        question.request_id = ""
        lacks += kept.keep(question)
        told["question"] = encoded(question.SerializeToString(deterministic=True))
    clear, more = _refusal(result.error) if result.HasField("error") else _decision(result.decision)
    told |= clear
    if lacks:
        told["lacks"] = lacks
    return line_of(told, private | more, keys)


def _question(item: bytes) -> service_pb.ComputeCompensationRequest | None:
    """None where it is no message."""
    try:
        return service_pb.ComputeCompensationRequest.FromString(item)
    except DecodeError:
        return None


def _decision(decision: decision_pb.Decision) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is told in clear, and what is sealed."""
    private = {"decision_id": decision.decision_id, "grant_keys": [grant.grant_key for grant in decision.grants]}
    decision.decision_id = ""
    for grant in decision.grants:
        grant.grant_key = ""
    stamp = decision.policy
    clear = {
        "outcome": _OUTCOMES[decision.outcome],
        "policy": {"id": stamp.policy_id, "version": stamp.version, "sha256": stamp.sha256},
        "as_of": decision.as_of.seconds,
        "answer": encoded(decision.SerializeToString(deterministic=True)),
    }
    return clear, private


def _refusal(status: status_pb2.Status) -> tuple[dict[str, Any], dict[str, Any]]:
    """The text of an error may quote the question, so it is sealed."""
    bad = error_details_pb2.BadRequest()
    fields = [each.field for detail in status.details if detail.Unpack(bad) for each in bad.field_violations if each.field]
    clear = {"code": status.code, "refused": _CODES[status.code], "fields": field_paths(tuple(fields))}
    return clear, {"error": encoded(status.SerializeToString())}
