"""What is asked: one ordinary subscriber of each kind of plan, and long outages and many outages made from them.

Every question says its ``as_of``, so that each call of a run is answered with the same bytes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy.calculator.request import Request
from server.translate.requests import RequestReader

GIB: Final = 2**30
HOUR_SECONDS: Final = 3600
DAY_SECONDS: Final = 86_400
_SHANGHAI: Final = timezone(timedelta(hours=8))

Question = service_pb.ComputeCompensationRequest


def shanghai(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    """Seconds since 1970 UTC of a local time."""
    return int(datetime(year, month, day, hour, minute, tzinfo=_SHANGHAI).timestamp())


AS_OF: Final = shanghai(2026, 7, 20, 12)


def data_plan() -> Question:
    """A data plan and three and a half hours of equipment failure on a working morning: one benefit, 1900 MiB."""
    question = _question(facts_pb.PLAN_TYPE_DATA, fee_fen=12_900)
    subscriber = question.subscriber
    subscriber.data_allowance_bytes, subscriber.data_remaining_bytes = 20 * GIB, 1 * GIB
    add_outage(question, facts_pb.CAUSE_EQUIPMENT_FAILURE, shanghai(2026, 3, 4, 8), shanghai(2026, 3, 4, 11, 30))
    return question


def converged_plan() -> Question:
    """A converged plan and a typhoon over a weekend: three benefits, at half."""
    question = _question(facts_pb.PLAN_TYPE_CONVERGED, fee_fen=15_900)
    subscriber = question.subscriber
    subscriber.data_allowance_bytes, subscriber.data_remaining_bytes = 30 * GIB, 10 * GIB
    subscriber.value_added_services.append("video")
    add_outage(question, facts_pb.CAUSE_NATURAL_DISASTER, shanghai(2026, 7, 11, 14), shanghai(2026, 7, 12, 20))
    return question


def voice_plan() -> Question:
    """A voice plan and a cable cut by a contractor: three benefits, and recourse on the contractor."""
    question = _question(facts_pb.PLAN_TYPE_VOICE, fee_fen=3_900)
    question.subscriber.value_added_services.append("ringtone")
    add_outage(question, facts_pb.CAUSE_CONSTRUCTION_DAMAGE, shanghai(2026, 5, 9, 10), shanghai(2026, 5, 9, 15, 20))
    question.outages[0].services.extend((facts_pb.SERVICE_VOICE, facts_pb.SERVICE_DATA))
    question.outages[0].responsible_party = "contractor-7"
    return question


PLANS: Final[Sequence[tuple[str, Callable[[], Question]]]] = (
    ("data plan", data_plan),
    ("converged plan", converged_plan),
    ("voice plan, recourse", voice_plan),
)


def lasting(hours: int) -> Question:
    """The data plan, with an outage of so many hours."""
    question = data_plan()
    start = shanghai(2026, 1, 5, 9)
    question.as_of.seconds = start + 500 * DAY_SECONDS
    question.outages[0].started_at.seconds, question.outages[0].ended_at.seconds = start, start + hours * HOUR_SECONDS
    return question


def with_outages(count: int) -> Question:
    """The data plan, with so many outages of an hour, each beginning before the last one ended, of two causes in turn."""
    question = data_plan()
    del question.outages[:]
    start = shanghai(2026, 3, 4, 0)
    for number in range(count):
        begins = start + number * HOUR_SECONDS * 2 // 3
        cause = (facts_pb.CAUSE_EQUIPMENT_FAILURE, facts_pb.CAUSE_EXTREME_WEATHER)[number % 2]
        add_outage(question, cause, begins, begins + HOUR_SECONDS)
    return question


def explained(question: Question, explain: str) -> Question:
    """The same question, asking for an explanation: NONE, SUMMARY or FULL."""
    asked = Question()
    asked.CopyFrom(question)
    asked.explain = service_pb.Explain.Value(f"EXPLAIN_{explain}")
    return asked


def request_of(question: Question) -> Request:
    """The question as the calculator takes it."""
    return RequestReader().question(question, AS_OF).request


def _question(plan_type: facts_pb.PlanType.ValueType, fee_fen: int) -> Question:
    question = Question(request_id="bench-0001", mode=service_pb.MODE_AUTOMATIC)
    question.as_of.seconds = AS_OF
    question.subscriber.subscriber_id = "subscriber-13800138000"
    question.subscriber.plan_type = plan_type
    question.subscriber.monthly_fee.currency_code, question.subscriber.monthly_fee.amount_minor = "CNY", fee_fen
    question.subscriber.granted_this_cycle.quantities["data"] = GIB
    return question


def add_outage(question: Question, cause: facts_pb.Cause.ValueType, started_at: int, ended_at: int) -> None:
    """Adds a loss of service, for all services."""
    outage = question.outages.add(outage_id=f"outage-{len(question.outages)}", cause=cause, impact=facts_pb.IMPACT_LOSS)
    outage.started_at.seconds, outage.ended_at.seconds = started_at, ended_at
