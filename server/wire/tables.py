"""The tables of the reader, from the contract's own descriptors: field number and type on the wire to what is done with it."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy.calculator import codes
from policy.calculator.checks import MAX_INSTANT, MAX_ITEMS, MAX_QUANTITY, MAX_TEXT_LENGTH
from server.translate.words import word_by_number
from server.wire import places as at

MOST_ENTRIES: Final = 2 * MAX_ITEMS
"""Of maps and lists of texts in one message; one with more goes the ordinary way."""
MOST_INTERVALS: Final = 2 * MAX_ITEMS
_TAGS: Final = 128


@dataclass(frozen=True, slots=True)
class Take:
    """What is done with a field. ``message``: the name of the message in it, whose numbers stand from ``base`` on."""

    does: int
    place: int = 0
    most: int = 0
    message: str = ""
    base: int = 0
    mark: int = 0
    zero: int = 0
    repeated: bool = False


def _instant(place: int, mark: int = 0) -> Take:
    return Take(at.TAKE_INSTANT, place, mark=mark)


def _enum(place: int, most: int) -> Take:
    return Take(at.TAKE_ENUM, place, most)


def _quantity(place: int, mark: int = 0) -> Take:
    return Take(at.TAKE_NUMBER, place, MAX_QUANTITY, mark=mark)


def _entries(place: int, message: str) -> Take:
    return Take(at.TAKE_ENTRY, place, message=message, repeated=True)


def _message(place: int, message: str, base: int = 0, mark: int = 0, zero: int = 0) -> Take:
    return Take(at.TAKE_MESSAGE, place, message=message, base=base, mark=mark, zero=zero)


_OUTAGES: Final = Take(at.TAKE_OUTAGE, at.OUTAGES, message="Outage", repeated=True)
_MODE, _EXPLAIN = _enum(at.MODE, len(codes.MODES)), _enum(at.EXPLAIN, len(codes.EXPLAINS))
_POLICY, _AS_OF = _message(at.POLICY, "PolicySelector"), _instant(at.AS_OF)
_NOTICE: Final = _message(at.NOTICE, "NoticeRequest")

FIELDS: Final[Mapping[str, Mapping[str, Take]]] = {
    "ComputeCompensationRequest": {
        "request_id": Take(at.TAKE_TEXT, at.REQUEST_ID),
        "policy": _POLICY,
        "subscriber": _message(at.SUBSCRIBER, "Subscriber"),
        "outages": _OUTAGES,
        "mode": _MODE,
        "claim": _message(at.CLAIM, "Claim"),
        "notice": _NOTICE,
        "already_granted": _message(at.BEFORE, "Quantities", at.BEFORE_FIRST),
        "granted_before": _entries(at.GRANTED, "GrantedBefore"),
        "as_of": _AS_OF,
        "explain": _EXPLAIN,
    },
    "BatchDefaults": {
        "policy": _POLICY,
        "outages": _OUTAGES,
        "mode": _MODE,
        "as_of": _AS_OF,
        "explain": _EXPLAIN,
        "notice": _NOTICE,
    },
    "PolicySelector": {"policy_id": Take(at.TAKE_TEXT, at.POLICY_ID), "version": Take(at.TAKE_TEXT, at.VERSION)},
    "NoticeRequest": {
        "channel": _enum(at.NOTICE_CHANNEL, len(codes.NOTICE_CHANNELS)),
        "languages": Take(at.TAKE_LANGUAGE, at.LANGUAGES, repeated=True),
    },
    "Subscriber": {
        "subscriber_id": Take(at.TAKE_ID, at.SUBSCRIBER_ID),
        "plan_type": _enum(at.PLAN_TYPE, len(codes.PLAN_TYPES)),
        "monthly_fee": _message(at.FEE, "Money", at.FEE, zero=at.FEE),
        "data_allowance_bytes": _quantity(at.ALLOWANCE),
        "data_remaining_bytes": _quantity(at.REMAINING),
        "value_added_services": Take(at.TAKE_COUNTED, at.ADDED_SERVICES, repeated=True),
        "customer_type": _enum(at.CUSTOMER_TYPE, len(codes.CUSTOMER_TYPES)),
        "payment": _enum(at.PAYMENT, len(codes.PAYMENTS)),
        "time_zone": Take(at.TAKE_TEXT, at.ZONE),
        "billing_cycle": _message(at.CYCLE, "Interval", at.CYCLE_START),
        "granted_this_cycle": _message(at.CYCLE_TOLD, "Quantities", at.CYCLE_FIRST),
        "attributes": _entries(at.FACTS, "Subscriber.AttributesEntry"),
        "granted_by_month": Take(at.TAKE_MONTH, at.MONTHS, message="Subscriber.GrantedByMonthEntry", repeated=True),
    },
    "Outage": {
        "outage_id": Take(at.TAKE_ID, at.OUTAGE_ID),
        "started_at": _instant(at.STARTED),
        "ended_at": _instant(at.ENDED),
        "reported_at": _instant(at.REPORTED),
        "announced_at": _instant(at.ANNOUNCED),
        "cause": _enum(at.CAUSE, len(codes.CAUSES)),
        "impact": _enum(at.IMPACT, len(codes.IMPACTS)),
        "services": Take(at.TAKE_SERVICES, at.SERVICES, len(codes.SERVICES), repeated=True),
        "responsible_party": Take(at.TAKE_PARTY, at.PARTY),
        "areas": Take(at.TAKE_COUNTED, at.AREAS, repeated=True),
        "time_source": _enum(at.TIME_SOURCE, len(codes.TIME_SOURCES)),
        "attributes": _entries(at.OUTAGE_FACTS, "Subscriber.AttributesEntry"),
    },
    "Claim": {
        "channel": _enum(at.CLAIM_CHANNEL, len(codes.CLAIM_CHANNELS)),
        "claimed_at": _instant(at.CLAIMED_AT),
        "started_at": _instant(at.CLAIM_START),
        "ended_at": _instant(at.CLAIM_END),
        "earlier": Take(at.TAKE_INTERVAL, at.EARLIER, message="Interval", repeated=True),
    },
    "GrantedBefore": {
        "outage_id": Take(at.TAKE_ID, at.OUTAGE_NAME),
        "benefit": Take(at.TAKE_ID, at.NAME),
        "quantity": _quantity(at.A),
        "month": Take(at.TAKE_TEXT, at.MONTH_NAME),
    },
    "Quantities": {"quantities": _entries(0, "Quantities.QuantitiesEntry")},
    "Quantities.QuantitiesEntry": {"key": Take(at.TAKE_TEXT, at.NAME), "value": _quantity(at.A)},
    "Subscriber.GrantedByMonthEntry": {
        "key": Take(at.TAKE_TEXT, at.NAME),
        "value": _message(at.GIVEN, "Quantities", at.A),
    },
    "Subscriber.AttributesEntry": {"key": Take(at.TAKE_TEXT, at.NAME), "value": _message(at.GIVEN, "Value")},
    "Money": {"amount_minor": _quantity(0), "currency_code": Take(at.TAKE_TEXT, 1)},
    "Interval": {"started_at": _instant(0), "ended_at": _instant(1)},
    "IntervalList": {"intervals": Take(at.TAKE_INTERVAL, 0, message="Interval", repeated=True)},
    "Value": {
        "integer": _quantity(at.A, at.INTEGER),
        "ratio": _message(at.GIVEN, "Ratio", at.A, at.RATIO),
        "text": Take(at.TAKE_TEXT, at.A, mark=at.TEXT),
        "yes_or_no": Take(at.TAKE_YES, at.A, 1, mark=at.YES_OR_NO),
        "money": _message(at.GIVEN, "Money", at.A, at.MONEY),
        "instant": _instant(at.A, at.INSTANT),
        "date": _message(at.GIVEN, "Date", at.A, at.DATE),
        "intervals": _message(at.GIVEN, "IntervalList", at.A, at.INTERVALS),
    },
    "Ratio": {"numerator": _quantity(0), "denominator": _quantity(1)},
    "Date": {"year": Take(at.TAKE_NUMBER, 0, 9999), "month": Take(at.TAKE_NUMBER, 1, 12), "day": Take(at.TAKE_NUMBER, 2, 31)},
}
"""Every field that is taken. Places are of the record, of the outage or of the entry that a message stands in."""

_OF_TYPE: Final = {
    FieldDescriptor.TYPE_INT64: 0,
    FieldDescriptor.TYPE_INT32: 0,
    FieldDescriptor.TYPE_ENUM: 0,
    FieldDescriptor.TYPE_BOOL: 0,
    FieldDescriptor.TYPE_STRING: 2,
    FieldDescriptor.TYPE_MESSAGE: 2,
}
"""Of each type, what says on the wire how long it is."""
_ENUMS: Final = (
    (service_pb.Mode.DESCRIPTOR, codes.MODES),
    (service_pb.Explain.DESCRIPTOR, codes.EXPLAINS),
    (decision_pb.NoticeChannel.DESCRIPTOR, codes.NOTICE_CHANNELS),
    (facts_pb.PlanType.DESCRIPTOR, codes.PLAN_TYPES),
    (facts_pb.CustomerType.DESCRIPTOR, codes.CUSTOMER_TYPES),
    (facts_pb.Payment.DESCRIPTOR, codes.PAYMENTS),
    (facts_pb.Service.DESCRIPTOR, codes.SERVICES),
    (facts_pb.Cause.DESCRIPTOR, codes.CAUSES),
    (facts_pb.Impact.DESCRIPTOR, codes.IMPACTS),
    (facts_pb.TimeSource.DESCRIPTOR, codes.TIME_SOURCES),
    (facts_pb.ClaimChannel.DESCRIPTOR, codes.CLAIM_CHANNELS),
)


class Tables:
    """The tables, and how many numbers a record takes: ``resolved`` and ``of_outage`` are what plans resolve besides."""

    def __init__(self, resolved: int, of_outage: int) -> None:
        for enum, words in _ENUMS:
            _check(enum, words)
        width = at.OUTAGE_RESOLVED + of_outage
        first_outage = at.RESOLVED + resolved
        first_entry = first_outage + MAX_ITEMS * width
        first_interval = first_entry + MOST_ENTRIES * at.ENTRY_PLACES
        self.numbers = first_interval + 2 * MOST_INTERVALS
        table = [0] * at.READER_HEAD
        table[at.MOST_INSTANT], table[at.MOST_ITEMS], table[at.MOST_TEXT] = MAX_INSTANT, MAX_ITEMS, MAX_TEXT_LENGTH
        table[at.MOST_OUTAGES], table[at.MOST_ENTRIES], table[at.MOST_INTERVALS] = MAX_ITEMS, MOST_ENTRIES, MOST_INTERVALS
        table[at.OUTAGE_WIDTH], table[at.FIRST_OUTAGE] = width, first_outage
        table[at.FIRST_ENTRY], table[at.FIRST_INTERVAL] = first_entry, first_interval
        table[at.BLANK_RECORD] = len(table)
        table += _blank(at.RESOLVED, at.RECORD_ZEROS)
        table[at.BLANK_OUTAGE] = len(table)
        table += _blank(at.OUTAGE_RESOLVED, at.OUTAGE_ZEROS)
        starts = {name: len(table) + number * _TAGS for number, name in enumerate(FIELDS)}
        table += [0] * (len(FIELDS) * _TAGS)
        for name, fields in FIELDS.items():
            for number, (field, take) in enumerate(fields.items()):
                described = _descriptor(name).fields_by_name[field]
                for tag in _tags(described, take):
                    table[starts[name] + tag] = len(table)
                    table += _field(take, number, starts, packed=tag & 7 == 2)
        table[at.ROOT_REQUEST], table[at.ROOT_DEFAULTS] = starts["ComputeCompensationRequest"], starts["BatchDefaults"]
        self.table = array("q", table)


def _check(enum: EnumDescriptor, words: tuple[str, ...]) -> None:
    """A word's number is one more than its place in its vocabulary, on which keys and records rest."""
    known = word_by_number(enum)
    assert [known[number] for number in sorted(known)] == ["", *words], enum.name  # INVARIANT: of the contract


def _blank(places: int, zeros: frozenset[int]) -> list[int]:
    return [0 if place in zeros else at.ABSENT for place in range(places)]


def _descriptor(name: str) -> Descriptor:
    outer, _, inner = name.partition(".")
    for file in (service_pb, decision_pb, facts_pb):
        found = file.DESCRIPTOR.message_types_by_name.get(outer)
        if found is not None:
            nested: Descriptor = found.nested_types_by_name[inner] if inner else found
            return nested
    raise KeyError(name)


def _tags(field: FieldDescriptor, take: Take) -> tuple[int, ...]:
    """What stands before the field: one byte, as all numbers are below 16. A list of numbers comes in one piece or in many."""
    number = field.number << 3
    if take.does == at.TAKE_SERVICES:
        return (number, number | 2)
    return (number | _OF_TYPE[field.type],)


def _field(take: Take, number: int, starts: Mapping[str, int], *, packed: bool) -> list[int]:
    """A field's numbers in the tables. All kinds of a value have one bit, for one of them is set."""
    made = [0] * at.FIELD_PLACES
    made[at.FIELD_DOES] = at.TAKE_SERVICE if take.does == at.TAKE_SERVICES and not packed else take.does
    made[at.FIELD_PLACE], made[at.FIELD_MOST] = take.place, take.most
    made[at.FIELD_BIT] = 0 if take.repeated else 1 if take.mark else 1 << number
    made[at.FIELD_MESSAGE] = starts[take.message] if take.message else 0
    made[at.FIELD_BASE], made[at.FIELD_MARK], made[at.FIELD_ZERO] = take.base, take.mark, take.zero
    return made
