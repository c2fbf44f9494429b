"""A server of canned decisions, to see what callers do with good and bad answers. It knows no policy."""

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from clients.provisioning.grant_keys import grant_key
from makegood.v1 import decision_pb2, facts_pb2
from makegood.v1.compensation_service_pb2 import (
    MODE_PROACTIVE_NOTICE,
    BatchComputeRequest,
    BatchComputeResponse,
    BatchDefaults,
    BatchResult,
    ComputeCompensationRequest,
    ComputeCompensationResponse,
    StreamComputeRequest,
    StreamComputeResponse,
)
from makegood.v1.compensation_service_pb2_grpc import (
    CompensationServiceServicer,
    add_CompensationServiceServicer_to_server,
)

STAMP = decision_pb2.PolicyStamp(policy_id="fake", version="2026-01", sha256="ab" * 32, engine_version="fake-1")
Failure = Callable[[grpc.ServicerContext], None]
"""Ends a call, or returns and lets it be answered."""


def status(code: int, message: str, *details: Message) -> status_pb2.Status:
    """A google.rpc.Status with details."""
    result = status_pb2.Status(code=code, message=message)
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        result.details.append(packed)
    return result


def retry_info(seconds: float) -> error_details_pb2.RetryInfo:
    delay = Duration()
    delay.FromMilliseconds(int(seconds * 1000))
    return error_details_pb2.RetryInfo(retry_delay=delay)


def bad_request(*violations: tuple[str, str]) -> error_details_pb2.BadRequest:
    fields = [error_details_pb2.BadRequest.FieldViolation(field=field, description=text) for field, text in violations]
    return error_details_pb2.BadRequest(field_violations=fields)


def failing(code: int, message: str, *details: Message) -> Failure:
    """A failure with this status."""

    def fail(context: grpc.ServicerContext) -> None:
        context.abort_with_status(rpc_status.to_status(status(code, message, *details)))

    return fail


def decision(item: ComputeCompensationRequest, stamp: decision_pb2.PolicyStamp = STAMP) -> decision_pb2.Decision:
    """A decision that depends on who asks and on the outages' ids, as a real one does."""
    who = item.subscriber
    stem = "|".join([who.subscriber_id, *sorted(outage.outage_id for outage in item.outages)])
    answer = decision_pb2.Decision(policy=stamp, as_of=item.as_of, decision_id=_hash("decision", stem))
    if who.subscriber_id.startswith("short"):
        answer.outcome = decision_pb2.OUTCOME_NOT_ELIGIBLE
        answer.reasons.add(code=decision_pb2.REASON_CODE_BELOW_MINIMUM_DURATION, clause="3.1.1")
        return answer
    ongoing = any(not outage.HasField("ended_at") for outage in item.outages)
    answer.outcome = decision_pb2.OUTCOME_PROVISIONAL if ongoing else decision_pb2.OUTCOME_GRANTED
    number = int(_hash("number", stem), 16) % 50 + 1
    amounts = [("data", decision_pb2.BENEFIT_KIND_DATA_BYTES, number * 2**20)]
    if who.plan_type != facts_pb2.PLAN_TYPE_DATA:
        amounts.append(("voice", decision_pb2.BENEFIT_KIND_VOICE_SECONDS, number * 60))
    ids = sorted({outage.outage_id for outage in item.outages})
    ends = [outage.ended_at.seconds for outage in item.outages]
    answer.corrections = decision_pb2.CORRECTIONS_SET_OFF
    answer.occasions.add(
        started_at=Timestamp(seconds=min((outage.started_at.seconds for outage in item.outages), default=0)),
        ended_at=item.as_of if ongoing else Timestamp(seconds=max(ends, default=0)),
        outage_ids=ids,
        outcome=answer.outcome,
        benefits=[benefit for benefit, _, _ in amounts],
    )
    for benefit, kind, quantity in amounts:
        terms = {"benefit": benefit, "quantity": quantity, "valid_for_seconds": 2592000, "clause": "3.1.1"}
        if ongoing:
            answer.quotes.add(kind=kind, **terms)
            continue
        before = item.already_granted.quantities.get(benefit, 0)
        before += sum(each.quantity for each in item.granted_before if each.benefit == benefit)
        grant = answer.grants.add(kind=kind, granted_before=before, **terms)
        grant.grant_key = grant_key(stamp.policy_id, who.subscriber_id, ids, benefit, before)
        for place, outage_id in enumerate(ids):
            grant.parts.add(outage_id=outage_id, quantity=0 if place else quantity)
    if not ongoing:
        for party in sorted({outage.responsible_party for outage in item.outages if outage.responsible_party}):
            owed = answer.recourse.add(responsible_party=party)
            owed.amount.CopyFrom(facts_pb2.Money(currency_code="CNY", amount_minor=number * 2))
            whose = next(outage.outage_id for outage in item.outages if outage.responsible_party == party)
            owed.outages.add(outage_id=whose, amount_minor=number * 2)
        if item.mode == MODE_PROACTIVE_NOTICE:
            answer.notice.messages.add(
                channel=decision_pb2.NOTICE_CHANNEL_SMS,
                language="zh-CN",
                body=f"已赠送 {number} MiB",
                segments=1,
                encoding=decision_pb2.SMS_ENCODING_UCS_2,
            )
    return answer


def _hash(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]


class FakeServer(CompensationServiceServicer):
    """Answers what :func:`decision` says. ``failures`` are taken one by one, each before a call or a message of a stream."""

    def __init__(self) -> None:
        self.failures: deque[Failure | None] = deque()
        self.calls = 0
        self.messages: list[StreamComputeRequest] = []
        self.deadlines: list[float | None] = []
        self.purposes: list[object] = []
        """What each question says that its answer is wanted for."""
        self.streams_ended = 0
        """Streams that came to their end; those that were cancelled or failed did not."""
        self.stamp = STAMP
        self.pause = threading.Event()
        self.pause.set()
        self.hold_after: int | None = None
        """Messages of streams after which the next is held until ``pause`` is set."""
        self.row_error: status_pb2.Status | None = None
        """What every row is answered."""
        self.shuffle = False
        """Whether the results of a message come in another order."""
        self.port = 0

    @property
    def address(self) -> str:
        return f"localhost:{self.port}"

    def ComputeCompensation(
        self, request: ComputeCompensationRequest, context: grpc.ServicerContext
    ) -> ComputeCompensationResponse:
        self.calls += 1
        self.deadlines.append(context.time_remaining())
        self.purposes.append(dict(context.invocation_metadata() or ()).get("makegood-purpose"))
        self._maybe_fail(context)
        return ComputeCompensationResponse(request_id=request.request_id, decision=decision(request, self.stamp))

    def StreamCompute(
        self, request_iterator: Iterator[StreamComputeRequest], context: grpc.ServicerContext
    ) -> Iterator[StreamComputeResponse]:
        self.calls += 1
        self.deadlines.append(context.time_remaining())
        for message in request_iterator:
            self.messages.append(message)
            if self.hold_after is not None and len(self.messages) > self.hold_after:
                self.pause.clear()
            self.pause.wait(timeout=60)
            self._maybe_fail(context)
            results = [self._result(item, message.defaults) for item in message.items]
            yield StreamComputeResponse(results=reversed(results) if self.shuffle else results)
        self.streams_ended += 1

    def BatchCompute(self, request: BatchComputeRequest, context: grpc.ServicerContext) -> BatchComputeResponse:
        self.calls += 1
        self._maybe_fail(context)
        return BatchComputeResponse(results=[self._result(item, request.defaults) for item in request.items])

    def _maybe_fail(self, context: grpc.ServicerContext) -> None:
        if self.failures and (failure := self.failures.popleft()) is not None:
            failure(context)

    def _result(self, item: ComputeCompensationRequest, defaults: BatchDefaults) -> BatchResult:
        whole = ComputeCompensationRequest()
        whole.CopyFrom(item)
        if not item.outages:
            whole.outages.extend(defaults.outages)
        whole.as_of.CopyFrom(defaults.as_of)
        whole.mode = item.mode or defaults.mode
        if self.row_error is not None:
            return BatchResult(request_id=item.request_id, error=self.row_error)
        if item.subscriber.subscriber_id.startswith("refused"):
            details = bad_request(("subscriber.monthly_fee.currency_code", "must be CNY"))
            error = status(code_pb2.INVALID_ARGUMENT, "1 field is malformed", details)
            return BatchResult(request_id=item.request_id, error=error)
        if defaults.policy.policy_id == "unknown":
            return BatchResult(request_id=item.request_id, error=status(code_pb2.NOT_FOUND, "there is no policy 'unknown'"))
        return BatchResult(request_id=item.request_id, decision=decision(whole, self.stamp))


@contextmanager
def serving(credentials: grpc.ServerCredentials | None = None) -> Iterator[FakeServer]:
    """A fake server on a free port."""
    fake = FakeServer()
    server = grpc.server(ThreadPoolExecutor(8))
    add_CompensationServiceServicer_to_server(fake, server)
    if credentials is None:
        fake.port = server.add_insecure_port("localhost:0")
    else:
        fake.port = server.add_secure_port("localhost:0", credentials)
    server.start()
    try:
        yield fake
    finally:
        server.stop(grace=None).wait()
