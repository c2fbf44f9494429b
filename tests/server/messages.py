"""Both directions that the server does not have: a request as a message, and a message as a decision or an error.

Written apart from the server's translation, field by field from the contract, so that a slip there does not cancel out here.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.internal.containers import MessageMap
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import code_pb2, error_details_pb2, status_pb2

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy import (
    AttributeValue,
    CalculatorError,
    Decision,
    Explanation,
    Grant,
    Input,
    Instant,
    Interval,
    InvalidRequest,
    Line,
    Money,
    NoticeMessage,
    NotInForce,
    Occasion,
    OtherDigest,
    Outage,
    OutageAmount,
    OutagePart,
    Quote,
    Reason,
    Recourse,
    Request,
    SeveralVersions,
    Stamp,
    Subscriber,
    UnknownPolicy,
    VersionOfOccasion,
    Violation,
    Warn,
)


def message_of(request: Request, request_id: str = "") -> service_pb.ComputeCompensationRequest:
    """The request as its caller would send it."""
    message = service_pb.ComputeCompensationRequest(request_id=request_id)
    if request.policy_id or request.version:
        message.policy.policy_id, message.policy.version = request.policy_id, request.version
    if request.subscriber is not None:
        _subscriber(request.subscriber, message.subscriber)
    for outage in request.outages:
        _outage(outage, message.outages.add())
    message.mode = _number(service_pb.Mode.DESCRIPTOR, request.mode)
    if request.claim is not None:
        claim = request.claim
        message.claim.channel = _number(facts_pb.ClaimChannel.DESCRIPTOR, claim.channel)
        _instants(message.claim, claimed_at=claim.claimed_at, started_at=claim.started_at, ended_at=claim.ended_at)
        for span in claim.earlier:
            _instants(message.claim.earlier.add(), started_at=span.started_at, ended_at=span.ended_at)
    if request.notice is not None:
        message.notice.channel = _number(decision_pb.NoticeChannel.DESCRIPTOR, request.notice.channel)
        message.notice.languages.extend(request.notice.languages)
    message.already_granted.quantities.update(request.already_granted)
    for before in request.granted_before:
        message.granted_before.add(
            outage_id=before.outage_id, benefit=before.benefit, quantity=before.quantity, month=before.month
        )
    message.as_of.seconds = request.as_of
    message.explain = _number(service_pb.Explain.DESCRIPTOR, request.explain)
    return message


def _subscriber(given: Subscriber, message: facts_pb.Subscriber) -> None:
    message.subscriber_id = given.subscriber_id
    message.plan_type = _number(facts_pb.PlanType.DESCRIPTOR, given.plan_type)
    if given.monthly_fee is not None:
        _money(given.monthly_fee, message.monthly_fee)
    if given.data_allowance_bytes is not None:
        message.data_allowance_bytes = given.data_allowance_bytes
    if given.data_remaining_bytes is not None:
        message.data_remaining_bytes = given.data_remaining_bytes
    message.value_added_services.extend(given.value_added_services)
    message.customer_type = _number(facts_pb.CustomerType.DESCRIPTOR, given.customer_type)
    message.payment = _number(facts_pb.Payment.DESCRIPTOR, given.payment)
    message.time_zone = given.time_zone
    if given.billing_cycle is not None:
        _instants(message.billing_cycle, started_at=given.billing_cycle.started_at, ended_at=given.billing_cycle.ended_at)
    if given.granted_this_cycle is not None:
        message.granted_this_cycle.SetInParent()
        message.granted_this_cycle.quantities.update(given.granted_this_cycle)
    for month, of_month in given.granted_by_month.items():
        message.granted_by_month[month].quantities.update(of_month)
    _attributes(given.attributes, message.attributes)


def _outage(given: Outage, message: facts_pb.Outage) -> None:
    message.outage_id = given.outage_id
    _instants(
        message,
        started_at=given.started_at,
        ended_at=given.ended_at,
        reported_at=given.reported_at,
        announced_at=given.announced_at,
    )
    message.cause = _number(facts_pb.Cause.DESCRIPTOR, given.cause)
    message.impact = _number(facts_pb.Impact.DESCRIPTOR, given.impact)
    message.services.extend(_number(facts_pb.Service.DESCRIPTOR, service) for service in given.services)
    message.responsible_party = given.responsible_party
    message.areas.extend(given.areas)
    message.time_source = _number(facts_pb.TimeSource.DESCRIPTOR, given.time_source)
    _attributes(given.attributes, message.attributes)


def _attributes(given: Mapping[str, AttributeValue | None], messages: "MessageMap[str, facts_pb.Value]") -> None:
    for name, value in given.items():
        message = messages[name]
        match value:
            case None:
                pass
            case bool():
                message.yes_or_no = value
            case int():
                message.integer = value
            case str():
                message.text = value
            case Fraction():
                message.ratio.numerator, message.ratio.denominator = value.as_integer_ratio()
            case Money():
                _money(value, message.money)
            case Instant():
                message.instant.seconds = value.seconds
            case date():
                message.date.year, message.date.month, message.date.day = value.year, value.month, value.day
            case _:
                message.intervals.SetInParent()
                for span in value:
                    _instants(message.intervals.intervals.add(), started_at=span.started_at, ended_at=span.ended_at)


def _money(given: Money, message: facts_pb.Money) -> None:
    message.currency_code, message.amount_minor = given.currency_code, given.amount_minor


def _instants(message: Any, **instants: int | None) -> None:
    for field, seconds in instants.items():
        if seconds is not None:
            getattr(message, field).CopyFrom(Timestamp(seconds=seconds))


def _number(enum: EnumDescriptor, word: str) -> Any:
    """The number of a word of the calculator; a word that is a number stands for itself."""
    if word.isdigit():
        return int(word)
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return enum.values_by_name[prefix + (word or "UNSPECIFIED")].number


def _word(enum: EnumDescriptor, number: int) -> str:
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return enum.values_by_number[number].name.removeprefix(prefix) if number else ""


def decision_of(message: decision_pb.Decision) -> Decision:
    """The decision as its caller reads it."""
    return Decision(
        decision_id=message.decision_id,
        outcome=_word(decision_pb.Outcome.DESCRIPTOR, message.outcome),
        reasons=_reasons(message.reasons),
        warnings=tuple(
            Warn(_word(decision_pb.WarningCode.DESCRIPTOR, each.code), each.clause, each.field) for each in message.warnings
        ),
        grants=tuple(_grant(each) for each in message.grants),
        quotes=tuple(_quote(each) for each in message.quotes),
        occasions=tuple(_occasion(each) for each in message.occasions),
        recourse=tuple(_recourse(each) for each in message.recourse),
        notice=tuple(_notice(each) for each in message.notice.messages),
        explanation=_explanation(message.explanation) if message.HasField("explanation") else None,
        policy=Stamp(message.policy.policy_id, message.policy.version, message.policy.sha256, message.policy.engine_version),
        as_of=message.as_of.seconds,
        clock_seconds=message.clock_seconds if message.HasField("clock_seconds") else None,
        weighted_seconds=_ratio(message.weighted_seconds) if message.HasField("weighted_seconds") else None,
        corrections=_word(decision_pb.Corrections.DESCRIPTOR, message.corrections),
    )


def _reasons(messages: Iterable[decision_pb.Reason]) -> tuple[Reason, ...]:
    word = decision_pb.ReasonCode.DESCRIPTOR
    return tuple(Reason(_word(word, each.code), each.clause, each.field, each.benefit) for each in messages)


def _interval(message: Any, field: str) -> Interval | None:
    span = getattr(message, field)
    return Interval(span.started_at.seconds, span.ended_at.seconds) if message.HasField(field) else None


def _grant(message: decision_pb.Grant) -> Grant:
    return Grant(
        grant_key=message.grant_key,
        benefit=message.benefit,
        kind=_word(decision_pb.BenefitKind.DESCRIPTOR, message.kind),
        quantity=message.quantity,
        currency_code=message.currency_code,
        valid_for_seconds=message.valid_for_seconds,
        window=_interval(message, "window"),
        clause=message.clause,
        occasion=message.occasion,
        parts=tuple(OutagePart(each.outage_id, each.quantity) for each in message.parts),
        granted_before=message.granted_before,
    )


def _quote(message: decision_pb.Quote) -> Quote:
    return Quote(
        benefit=message.benefit,
        kind=_word(decision_pb.BenefitKind.DESCRIPTOR, message.kind),
        quantity=message.quantity,
        currency_code=message.currency_code,
        valid_for_seconds=message.valid_for_seconds,
        window=_interval(message, "window"),
        clause=message.clause,
        occasion=message.occasion,
    )


def _occasion(message: decision_pb.Occasion) -> Occasion:
    return Occasion(
        started_at=message.started_at.seconds,
        ended_at=message.ended_at.seconds,
        outage_ids=tuple(message.outage_ids),
        month=message.month,
        billing_cycle=_interval(message, "billing_cycle"),
        outcome=_word(decision_pb.Outcome.DESCRIPTOR, message.outcome),
        reasons=_reasons(message.reasons),
        benefits=tuple(message.benefits),
    )


def _recourse(message: decision_pb.Recourse) -> Recourse:
    outages = tuple(OutageAmount(each.outage_id, each.amount_minor) for each in message.outages)
    return Recourse(message.responsible_party, message.amount.amount_minor, message.amount.currency_code, outages)


def _notice(message: decision_pb.NoticeMessage) -> NoticeMessage:
    return NoticeMessage(
        channel=_word(decision_pb.NoticeChannel.DESCRIPTOR, message.channel),
        language=message.language,
        title=message.title,
        body=message.body,
        segments=message.segments,
        encoding=_word(decision_pb.SmsEncoding.DESCRIPTOR, message.encoding),
    )


def _explanation(message: decision_pb.Explanation) -> Explanation:
    return Explanation(
        lines=tuple(
            Line(
                line.rule,
                line.clause,
                line.applied,
                tuple(Input(each.name, each.value, each.unit) for each in line.inputs),
                line.value,
                line.unit,
                line.note,
            )
            for line in message.lines
        ),
        clauses=tuple((each.clause, dict(each.texts)) for each in message.clauses),
    )


def _ratio(message: facts_pb.Ratio) -> Fraction:
    return Fraction(message.numerator, message.denominator)


def details_of(status: status_pb2.Status) -> dict[str, Any]:
    """The details of a status by the name of their type, such as "BadRequest"."""
    found: dict[str, Any] = {}
    for detail in status.details:
        name = detail.TypeName().rpartition(".")[2]
        message = getattr(error_details_pb2, name)()
        assert detail.Unpack(message)
        found[name] = message
    return found


def error_of(status: status_pb2.Status) -> CalculatorError:
    """The calculator's error that a status tells of."""
    details = details_of(status)
    match status.code:
        case code_pb2.INVALID_ARGUMENT:
            return InvalidRequest([Violation(each.field, each.description) for each in details["BadRequest"].field_violations])
        case code_pb2.NOT_FOUND:
            policy_id, _, version = details["ResourceInfo"].resource_name.partition("/")
            return UnknownPolicy(policy_id, version, details["ErrorInfo"].metadata["known"].split(", "))
        case code_pb2.FAILED_PRECONDITION:
            told = details["ErrorInfo"].metadata
            if details["ErrorInfo"].reason == "OTHER_POLICY_DIGEST":
                return OtherDigest(**told)
            if details["ErrorInfo"].reason == "SEVERAL_VERSIONS":
                starts = [int(datetime.fromisoformat(each).timestamp()) for each in told["started_at"].split(", ")]
                versions = ["" if each == "none" else each for each in told["versions"].split(", ")]
                return SeveralVersions(told["policy_id"], list(map(VersionOfOccasion, starts, versions)))
            subject = details["PreconditionFailure"].violations[0].subject
            return NotInForce(subject, date.fromisoformat(told["on"]), told["covered"].split(", "))
    raise AssertionError(f"no error of the calculator: {status}")
