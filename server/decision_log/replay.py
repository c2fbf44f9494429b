"""A record decided again, as the server decides: under the policies that are loaded here, by the engine that runs here."""

from collections.abc import Sequence
from typing import Final

from google.protobuf.message import DecodeError
from google.rpc import code_pb2, error_details_pb2, status_pb2
from prometheus_client import CollectorRegistry

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from policy.calculator.errors import UnknownPolicy
from policy.calculator.rules import Version
from policy.language.load import compile_versions
from server.call import Call
from server.deciding import Deciding
from server.decision_log.differences import Answer, word_of
from server.decision_log.record import Record
from server.decision_metrics import DecisionMetrics
from server.errors import is_foreseen, not_a_message, status
from server.list_counter import ListCounter
from server.steps import Steps

_OF_THE_QUESTION: Final = frozenset(
    {code_pb2.INVALID_ARGUMENT, code_pb2.NOT_FOUND, code_pb2.FAILED_PRECONDITION, code_pb2.OUT_OF_RANGE, code_pb2.INTERNAL}
)
_METHOD: Final = "replay"


def of_the_caller(answer: Answer | None) -> str:
    """What a refusal followed from that is no fact of the question: who called, and how. "": it follows from the question."""
    if not isinstance(answer, status_pb2.Status):
        return ""
    reasons = {info.reason for detail in answer.details if detail.Unpack(info := error_details_pb2.ErrorInfo())}
    if answer.code in _OF_THE_QUESTION and not reasons & {"ANSWER_TOO_LONG"}:
        return ""
    return f"it was refused for what is not in the question: {word_of(answer)}"


class Replayer:
    """Decides records under ``versions``."""

    def __init__(self, versions: Sequence[Version]) -> None:
        self._versions = versions
        self._lists = ListCounter()
        self._metrics = DecisionMetrics(CollectorRegistry())
        self._by_default: dict[str, Deciding] = {}

    def again(self, record: Record, explain: int = service_pb.EXPLAIN_UNSPECIFIED) -> Answer:
        """The decision, or the status of the refusal. ``explain``: how much of the derivation is told, if not as recorded.

        A digest that a question expected, and got, is no fact of it: it is not expected here.
        """
        asked = service_pb.ComputeCompensationRequest.FromString(record.question)
        defaults = service_pb.BatchDefaults.FromString(record.defaults)
        if not isinstance(record.answer, status_pb2.Status):
            for selector in (each.policy for each in (asked, defaults) if each.HasField("policy")):
                selector.expected_sha256 = ""
        if explain:
            asked.explain = service_pb.Explain.Name(explain)  # type: ignore[assignment,arg-type]
        answer = decision_pb.Decision()
        try:
            self._lists.check_question(record.question)
            deciding = self._deciding(str(record.told["default_policy"]), asked, defaults)
            Steps(record.told["now"], defaults).check(asked)
            call = Call(_METHOD, 0.0, "")
            deciding.answer(asked, answer, call, record.told["now"], deciding.tally(), deciding.defaults(defaults))
        except DecodeError:
            return status(not_a_message("the item", _METHOD))
        except Exception as error:  # noqa: BLE001  # it is told of this record
            return status(error) if is_foreseen(error) else status_pb2.Status(code=code_pb2.INTERNAL)
        return answer

    def load(self) -> None:
        """Compiles, so that what takes time is done before the first record."""
        first = self._versions[0].policy_id
        self._by_default[first] = self._made(first)

    def _deciding(
        self, default_policy_id: str, asked: service_pb.ComputeCompensationRequest, defaults: service_pb.BatchDefaults
    ) -> Deciding:
        """By the set whose default is as it was then. Raises UnknownPolicy where that is gone and was asked for."""
        kept = self._by_default.get(default_policy_id)
        if kept is not None:
            return kept
        try:
            return self._by_default.setdefault(default_policy_id, self._made(default_policy_id))
        except UnknownPolicy:
            named = asked.policy if asked.HasField("policy") else defaults.policy
            if not named.policy_id:
                raise
            return next(iter(self._by_default.values()))

    def _made(self, default_policy_id: str) -> Deciding:
        return Deciding(compile_versions(self._versions, default_policy_id), self._metrics)
