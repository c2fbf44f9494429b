"""One ordinary question and one ordinary answer, for claims that are about neither."""

from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy import Decision, Grant, Occasion, OutagePart, Stamp

SUBSCRIBER_ID: Final = "subscriber-13800138000"
AS_OF: Final = 1_772_640_000  # 2026-03-05 00:00 in Shanghai
STARTED_AT: Final = 1_772_582_400  # 2026-03-04 08:00 in Shanghai, a Wednesday
ENDED_AT: Final = STARTED_AT + 3 * 3600 + 1800


def question(request_id: str = "r-1", subscriber_id: str = SUBSCRIBER_ID) -> service_pb.ComputeCompensationRequest:
    """The first worked example: 1900 MiB."""
    message = service_pb.ComputeCompensationRequest(request_id=request_id, mode=service_pb.MODE_AUTOMATIC)
    message.as_of.seconds = AS_OF
    subscriber = message.subscriber
    subscriber.subscriber_id = subscriber_id
    subscriber.plan_type = facts_pb.PLAN_TYPE_DATA
    subscriber.monthly_fee.currency_code, subscriber.monthly_fee.amount_minor = "CNY", 12_900
    subscriber.data_allowance_bytes, subscriber.data_remaining_bytes = 20 * 2**30, 2**30
    outage = message.outages.add(outage_id="o-1", cause=facts_pb.CAUSE_EQUIPMENT_FAILURE, impact=facts_pb.IMPACT_LOSS)
    outage.started_at.seconds, outage.ended_at.seconds = STARTED_AT, ENDED_AT
    return message


GRANTED_BYTES: Final = 1900 * 2**20
STAMP: Final = Stamp("rigged", "2026-01", "ab" * 32, "rigged")
GRANT: Final = Grant(
    "c" * 32, "data", "DATA_BYTES", GRANTED_BYTES, "", 30 * 86_400, None, "3.1.2", 0, (OutagePart("o-1", GRANTED_BYTES),)
)
OCCASION: Final = Occasion(STARTED_AT, ENDED_AT, ("o-1",), "", None, "GRANTED", (), ("data",))
DECISION: Final = Decision(
    decision_id="d" * 32,
    outcome="GRANTED",
    reasons=(),
    warnings=(),
    grants=(GRANT,),
    quotes=(),
    occasions=(OCCASION,),
    recourse=(),
    notice=(),
    explanation=None,
    policy=STAMP,
    as_of=AS_OF,
    clock_seconds=12_600,
    weighted_seconds=Fraction(17_100),
    corrections="SET_OFF",
)


def decision(**changes: Any) -> Decision:
    """An ordinary answer, changed."""
    return replace(DECISION, **changes)


def minimal(message: decision_pb.Decision) -> tuple[str, int]:
    """Outcome and first quantity, which is enough to tell answers apart."""
    return decision_pb.Outcome.Name(message.outcome), message.grants[0].quantity if message.grants else 0
