"""The rows of one message: what they share, and the ordinary way to an answer to one of them."""

from collections import Counter
from collections.abc import Callable
from functools import cached_property
from typing import Final

import grpc
from google.protobuf.message import DecodeError

from makegood.v1 import compensation_service_pb2 as service_pb
from policy.calculator.checks import ENOUGH_VIOLATIONS
from server.call import Call
from server.deciding import Deciding
from server.decision_metrics import Tally
from server.envelope import field
from server.errors import RowErrors, not_a_message
from server.faults import Faults
from server.metadata import only_quotes
from server.metrics import CallMetrics
from server.receives import received_by
from server.steps import Steps
from server.translate.requests import Defaults
from server.waiting import Waiting

_RESULTS: Final = service_pb.BatchComputeResponse.RESULTS_FIELD_NUMBER
Read = Callable[[bytes], service_pb.ComputeCompensationRequest]
"""A question from its bytes. Raises DecodeError, and InvalidRequest where it has more of anything than one may have."""


class MessageRows:
    """``stated``: the message's defaults, which are read when a row asks for them; ``now``: seconds since 1970 UTC."""

    def __init__(
        self,
        call: Call,
        now: int,
        deciding: Deciding,
        stated: bytes | service_pb.BatchDefaults,
        items_bytes: int,
        context: grpc.ServicerContext,
        read: Read,
        faults: Faults,
    ) -> None:
        self.call = call
        self.is_quote = only_quotes(call.purpose)
        self.takes_bytes = received_by(context)
        self.waiting = Waiting(context)
        self.read = read
        self._now = now
        self._deciding = deciding
        self._stated = stated
        self._items_bytes = items_bytes
        self._faults = faults
        self._failed: list[int] = []
        self._tally: Tally | None = None

    def result(self, item: bytes) -> bytes:
        """What an item is answered, as it stands in the response."""
        result = service_pb.BatchResult()
        try:
            asked = self.read(item)
            result.request_id = asked.request_id
            self.steps.check(asked)
            self._decide(asked, result)
        except DecodeError:
            self._fail(result, not_a_message("the item", self.call.method))
        except Exception as error:  # noqa: BLE001  # whatever it is, it is this row's alone
            self._fail(result, error)
        return _framed(result)

    def failed(self, request_id: str, error: Exception) -> bytes:
        """The same where it is known what is wrong."""
        result = service_pb.BatchResult(request_id=request_id)
        self._fail(result, error)
        return _framed(result)

    def count_failed(self, metrics: CallMetrics) -> None:
        """Those that are answered with an error."""
        if self._failed:
            self.call.failed_rows += len(self._failed)
            for code, number in Counter(self._failed).items():
                metrics.row_in_error(self.call.method, code, number)

    def count_decided(self) -> None:
        """Those that went the ordinary way: their answer is given."""
        if self._tally is not None:
            self._tally.count()

    @cached_property
    def steps(self) -> Steps:
        """How much work rows are."""
        return Steps(self._now, self._defaults_message)

    @cached_property
    def _defaults_message(self) -> service_pb.BatchDefaults:
        return service_pb.BatchDefaults.FromString(self._stated) if isinstance(self._stated, bytes) else self._stated

    @cached_property
    def _defaults(self) -> Defaults:
        return self._deciding.defaults(self._defaults_message)

    @cached_property
    def _errors(self) -> RowErrors:
        return RowErrors(self._items_bytes + self._defaults_message.ByteSize())

    def _decide(self, asked: service_pb.ComputeCompensationRequest, result: service_pb.BatchResult) -> None:
        if self._tally is None:
            self._tally = self._deciding.tally(is_quote=self.is_quote)
        most_violations = 1 if self._failed and self._errors.in_short else ENOUGH_VIOLATIONS
        self._deciding.answer(asked, result.decision, self.call, self._now, self._tally, self._defaults, most_violations)

    def _fail(self, result: service_pb.BatchResult, error: Exception) -> None:
        result.error.CopyFrom(self._errors.told(self._faults.status(error, self.call)))
        self._failed.append(result.error.code)


def _framed(result: service_pb.BatchResult) -> bytes:
    # Deterministic, because the order of a map's entries would else differ from replica to replica.
    return field(_RESULTS, result.SerializeToString(deterministic=True))
