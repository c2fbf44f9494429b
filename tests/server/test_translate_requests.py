"""A message says to the calculator what it says on the wire, and what cannot be said is refused by name."""

from datetime import date
from fractions import Fraction

import pytest
from google.protobuf.descriptor import EnumDescriptor

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy import Claim, GrantedBefore, Instant, Interval, Money, NoticeRequest, Outage, Request, Subscriber
from policy.calculator import codes
from server.translate.requests import RequestReader
from server.translate.words import number_by_word, word_by_number
from tests.server.messages import message_of
from tests.server.samples import question

VOCABULARIES = {
    facts_pb.PlanType: codes.PLAN_TYPES,
    facts_pb.CustomerType: codes.CUSTOMER_TYPES,
    facts_pb.Payment: codes.PAYMENTS,
    facts_pb.Service: codes.SERVICES,
    facts_pb.Cause: codes.CAUSES,
    facts_pb.Impact: codes.IMPACTS,
    facts_pb.TimeSource: codes.TIME_SOURCES,
    facts_pb.ClaimChannel: codes.CLAIM_CHANNELS,
    service_pb.Mode: codes.MODES,
    service_pb.Explain: codes.EXPLAINS,
    decision_pb.NoticeChannel: codes.NOTICE_CHANNELS,
    decision_pb.Outcome: codes.OUTCOMES,
    decision_pb.ReasonCode: codes.REASONS,
    decision_pb.WarningCode: codes.WARNINGS,
    decision_pb.BenefitKind: codes.BENEFIT_KINDS,
    decision_pb.Corrections: codes.CORRECTIONS,
    decision_pb.SmsEncoding: codes.SMS_ENCODINGS,
}

EVERY_FACT = Request(
    subscriber=Subscriber(
        subscriber_id="s-1",
        plan_type="CONVERGED",
        monthly_fee=Money("CNY", 12_900),
        data_allowance_bytes=0,
        data_remaining_bytes=5,
        value_added_services=("MUSIC", "VIDEO"),
        customer_type="BUSINESS",
        payment="PREPAID",
        time_zone="Asia/Urumqi",
        billing_cycle=Interval(100, 200),
        granted_this_cycle={"data": 7, "voice": 0},
        granted_by_month={"2026-02": {}, "2026-03": {"data": 0, "voice": 9}},
        attributes={
            "count": 3,
            "share": Fraction(3, 2),
            "word": "GROSS",
            "yes": False,
            "fee": Money("KRW", 0),
            "at": Instant(0),
            "day": date(2026, 2, 28),
            "pauses": (Interval(5, 3), Interval(1, 2)),
            "none": (),
        },
    ),
    outages=(
        Outage("o-1", 10, None, "POWER_SUPPLY", "DEGRADED", ("SMS", "DATA"), "grid", 11, 9, ("A", "B"), "MANUAL", {"n": 1}),
        Outage("o-2", None, 0, "", "", (), "", None, None, (), "", {}),
    ),
    mode="APPLICATION",
    as_of=1_000,
    policy_id="cn-standard",
    version="2026-01",
    claim=Claim("APP", 900, 10, None, (Interval(7, 5), Interval(1, 2))),
    notice=NoticeRequest("PUSH", ("en", "zh-CN")),
    already_granted={"data": 1},
    granted_before=(GrantedBefore("o-1", "data", 5, ""), GrantedBefore("o-1", "data", -1, "2026-03"), GrantedBefore("", "", 0)),
    explain="FULL",
)
NOTHING = Request(None, (), "", 77)


@pytest.mark.parametrize("request_", [EVERY_FACT, NOTHING], ids=["every_fact", "nothing"])
def test_every_field_of_a_message_reaches_the_calculator(request_: Request) -> None:
    message = service_pb.ComputeCompensationRequest.FromString(message_of(request_).SerializeToString())
    read = RequestReader().question(message, 0)
    assert read.request == request_
    assert read.violations == ()


@pytest.mark.parametrize("enum", VOCABULARIES, ids=lambda enum: enum.DESCRIPTOR.name)
def test_enums_of_the_contract_are_the_words_of_the_calculator(enum: type) -> None:
    descriptor: EnumDescriptor = enum.DESCRIPTOR  # type: ignore[attr-defined]
    assert set(number_by_word(descriptor)) == {"", *VOCABULARIES[enum]}  # type: ignore[index]


def test_an_enum_number_that_the_contract_lacks_keeps_its_digits() -> None:
    assert word_by_number(facts_pb.Cause.DESCRIPTOR)[99] == "99"
    assert word_by_number(facts_pb.Cause.DESCRIPTOR)[-1] == "-1"


def test_a_question_without_as_of_is_looked_at_now() -> None:
    message = question()
    message.ClearField("as_of")
    assert RequestReader().question(message, 1234).request.as_of == 1234


def test_an_as_of_of_zero_is_not_an_absent_one() -> None:
    message = question()
    message.as_of.seconds = 0
    assert RequestReader().question(message, 1234).request.as_of == 0


def test_everything_that_cannot_be_carried_is_told_with_its_path() -> None:
    message = question()
    message.as_of.nanos = 1
    message.claim.claimed_at.nanos = 1
    message.outages.add().started_at.nanos = 999_999_999
    message.outages[1].attributes["report"].instant.nanos = 1
    message.subscriber.billing_cycle.ended_at.nanos = 1
    message.claim.earlier.add().started_at.seconds = 5
    message.claim.earlier.add()
    attributes = message.subscriber.attributes
    attributes["empty"].SetInParent()
    attributes["ratio"].ratio.numerator = 1
    attributes["negative"].ratio.denominator = -2
    attributes["day"].date.CopyFrom(facts_pb.Date(year=2026, month=2, day=30))
    attributes["pauses"].intervals.intervals.add().started_at.seconds = 5
    told = {violation.field for violation in RequestReader().question(message, 0).violations}
    assert told == {
        "as_of",
        "claim.claimed_at",
        "outages[1].started_at",
        'outages[1].attributes["report"]',
        "subscriber.billing_cycle.ended_at",
        "subscriber.billing_cycle.started_at",
        "claim.earlier[0].ended_at",
        "claim.earlier[1].started_at",
        "claim.earlier[1].ended_at",
        'subscriber.attributes["empty"]',
        'subscriber.attributes["ratio"].ratio.denominator',
        'subscriber.attributes["negative"].ratio.denominator',
        'subscriber.attributes["day"]',
        'subscriber.attributes["pauses"].intervals[0].ended_at',
    }


def test_what_is_wrong_with_a_map_is_told_by_name() -> None:
    """Not in the order of the wire, which differs from process to process: the same question gets the same refusal."""
    message = question()
    names = [f"name-{number:02}" for number in range(50)]
    for name in reversed(names):
        message.subscriber.attributes[name].SetInParent()
        message.already_granted.quantities[name] = 1
        message.subscriber.granted_this_cycle.quantities[name] = 1
        message.subscriber.granted_by_month[name].quantities[name] = 1
    read = RequestReader().question(message, 0)
    assert [violation.field for violation in read.violations] == [f'subscriber.attributes["{name}"]' for name in names]
    assert list(read.request.already_granted) == names
    assert read.request.subscriber is not None
    assert list(read.request.subscriber.granted_this_cycle or ()) == names
    assert list(read.request.subscriber.granted_by_month) == names


def test_an_earlier_claim_that_lacks_an_end_leaves_those_after_it_their_numbers() -> None:
    message = question()
    message.claim.earlier.add().started_at.seconds = 5
    later = message.claim.earlier.add()
    later.started_at.seconds, later.ended_at.seconds = 9, 8
    claim = RequestReader().question(message, 0).request.claim
    assert claim is not None
    assert claim.earlier[1] == Interval(9, 8)


def test_what_cannot_be_carried_is_not_there_at_all() -> None:
    """A value that is refused must not be decided on in another form."""
    message = question()
    message.subscriber.attributes["day"].date.month = 13
    message.subscriber.billing_cycle.started_at.seconds = 5
    request = RequestReader().question(message, 0).request
    assert request.subscriber is not None
    assert request.subscriber.attributes == {"day": None}
    assert request.subscriber.billing_cycle is None
