"""Every field of every question, made malformed one at a time and all at once, by every way in.

The fields come from the descriptors, so that a field that is added to the contract is tried here or fails here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from makegood.v1 import policy_service_pb2 as policy_pb
from policy.calculator.checks import MAX_ITEMS, MAX_TEXT_LENGTH
from server.contract import contract
from tests.server.messages import details_of
from tests.server.running import Running, code_name, refused
from tests.server.samples import AS_OF, ENDED_AT, STARTED_AT, question

CANNOT_BE_MALFORMED: Final[Mapping[str, str]] = {
    "request_id": "the caller's own words; they come back as they are",
    "policy.policy_id": "a name that is not there is NOT_FOUND",
    "policy.version": "a name that is not there is NOT_FOUND",
}
OUT_OF_PLACE: Final = frozenset({"claim", "already_granted"})
"""Told of the question below, which has a claim and is no application, and says twice what was granted before."""

FOLLOWS: Final = {"outages[0].outage_id": ("granted_before[0].outage_id",)}
"""What is wrong as well once a field is: it names an outage that is no longer there by that name."""


def whole() -> service_pb.ComputeCompensationRequest:
    """A question with something in every field; nothing is wrong with it but that some of them exclude each other."""
    message = question()
    message.mode = service_pb.MODE_PROACTIVE_NOTICE
    message.explain = service_pb.EXPLAIN_FULL
    message.notice.channel = decision_pb.NOTICE_CHANNEL_SMS
    message.notice.languages.append("en")
    message.already_granted.quantities["data"] = 1
    message.granted_before.add(outage_id=message.outages[0].outage_id, benefit="data", quantity=1)
    subscriber = message.subscriber
    subscriber.customer_type = facts_pb.CUSTOMER_TYPE_CONSUMER
    subscriber.payment = facts_pb.PAYMENT_POSTPAID
    subscriber.time_zone = "Asia/Urumqi"
    subscriber.value_added_services.append("MUSIC")
    subscriber.billing_cycle.started_at.seconds, subscriber.billing_cycle.ended_at.seconds = STARTED_AT, AS_OF
    subscriber.granted_this_cycle.quantities["data"] = 1
    subscriber.granted_by_month["2026-03"].quantities["data"] = 1
    outage = message.outages[0]
    outage.reported_at.seconds = outage.announced_at.seconds = STARTED_AT
    outage.responsible_party = "grid"
    outage.services.append(facts_pb.SERVICE_DATA)
    outage.areas.append("A")
    outage.time_source = facts_pb.TIME_SOURCE_MANUAL
    claim = message.claim
    claim.channel = facts_pb.CLAIM_CHANNEL_APP
    claim.claimed_at.seconds, claim.started_at.seconds, claim.ended_at.seconds = AS_OF, STARTED_AT, ENDED_AT
    earlier = claim.earlier.add()
    earlier.started_at.seconds, earlier.ended_at.seconds = STARTED_AT, ENDED_AT
    return message


@dataclass(frozen=True)
class Leaf:
    """A field that holds a value, and how to make it malformed in a message of the kind that it was found in."""

    path: str
    spoil: Callable[[Any], None]


def leaves(message: Message, path: str = "", reach: Callable[[Any], Any] = lambda root: root) -> Iterator[Leaf]:
    """Every leaf of the type of ``message``, at the paths where ``message`` has them."""
    for field in message.DESCRIPTOR.fields:
        yield from _leaves_of(message, field, f"{path}.{field.name}" if path else field.name, reach)


def _leaves_of(message: Message, field: Any, path: str, reach: Callable[[Any], Any]) -> Iterator[Leaf]:
    name, kind = field.name, field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        if kind.fields_by_name["value"].message_type is None:
            yield Leaf(f'{path}["data"]', lambda root: getattr(reach(root), name).update(data=-1))
        else:
            yield Leaf(f'{path}["of-mine"]', lambda root: getattr(reach(root), name)["of-mine"].SetInParent())
    elif kind is None:
        yield Leaf(*_scalar(field, path, reach))
    elif kind.full_name == "google.protobuf.Timestamp":
        yield Leaf(path, lambda root: setattr(getattr(reach(root), name), "nanos", 1))
    elif field.is_repeated:
        yield from leaves(getattr(message, name)[0], f"{path}[0]", lambda root: getattr(reach(root), name)[0])
    else:
        yield from leaves(getattr(message, name), path, lambda root: getattr(reach(root), name))


def _scalar(field: Any, path: str, reach: Callable[[Any], Any]) -> tuple[str, Callable[[Any], None]]:
    bad = {FieldDescriptor.CPPTYPE_ENUM: 99, FieldDescriptor.CPPTYPE_INT64: -1, FieldDescriptor.CPPTYPE_STRING: "\x07"}
    value = bad[field.cpp_type]
    if field.is_repeated:
        return f"{path}[0]", lambda root: getattr(reach(root), field.name).__setitem__(0, value)
    return path, lambda root: setattr(reach(root), field.name, value)


def stated() -> service_pb.BatchDefaults:
    """The same as defaults of a batch."""
    message = whole()
    return service_pb.BatchDefaults(
        policy=message.policy,
        outages=message.outages,
        mode=message.mode,
        as_of=message.as_of,
        explain=message.explain,
        notice=message.notice,
    )


def tried(message: Message) -> list[Leaf]:
    return [leaf for leaf in leaves(message) if leaf.path not in CANNOT_BE_MALFORMED]


def fields_of(status: Any) -> set[str]:
    assert code_name(status) == "INVALID_ARGUMENT"
    return {violation.field for violation in details_of(status)["BadRequest"].field_violations}


def by_unary(server: Running, message: service_pb.ComputeCompensationRequest) -> set[str]:
    return fields_of(refused(lambda: server.compensation.ComputeCompensation(message)))


def by_batch(server: Running, message: service_pb.ComputeCompensationRequest) -> set[str]:
    (result,) = server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[message])).results
    return fields_of(result.error)


def by_stream(server: Running, message: service_pb.ComputeCompensationRequest) -> set[str]:
    ((result,),) = [
        answer.results for answer in server.compensation.StreamCompute(iter([service_pb.StreamComputeRequest(items=[message])]))
    ]
    return fields_of(result.error)


every_way = pytest.mark.parametrize("told", [by_unary, by_batch, by_stream])


@every_way
@pytest.mark.parametrize("leaf", tried(whole()), ids=lambda leaf: leaf.path)
def test_a_malformed_field_is_told_by_its_path_and_no_other_is(
    server: Running, leaf: Leaf, told: Callable[[Running, service_pb.ComputeCompensationRequest], set[str]]
) -> None:
    message = whole()
    leaf.spoil(message)
    assert told(server, message) - OUT_OF_PLACE == {leaf.path, *FOLLOWS.get(leaf.path, ())}


@every_way
def test_all_malformed_fields_are_told_at_once(
    server: Running, told: Callable[[Running, service_pb.ComputeCompensationRequest], set[str]]
) -> None:
    message = whole()
    for leaf in tried(message):
        leaf.spoil(message)
    found, wrong = told(server, message) - OUT_OF_PLACE, {leaf.path for leaf in tried(message)}
    if told is by_unary:  # the trailers of a call hold no more than so many, and say that there are others
        assert found - {""} < wrong
        assert "" in found
    else:
        assert found == wrong


@pytest.mark.parametrize("leaf", tried(stated()), ids=lambda leaf: leaf.path)
def test_a_malformed_default_is_told_where_it_stands_to_the_rows_that_take_it(server: Running, leaf: Leaf) -> None:
    defaults, item = stated(), service_pb.ComputeCompensationRequest(subscriber=whole().subscriber)
    leaf.spoil(defaults)
    request = service_pb.BatchComputeRequest(defaults=defaults, items=[item, item])
    for result in server.compensation.BatchCompute(request).results:
        assert fields_of(result.error) == {f"defaults.{leaf.path}"}


def test_every_question_of_the_contract_is_tried_here() -> None:
    """A method that is added, or a field of its own that one asks with, fails here until it is tried."""
    asked = {method.input_type.name: set(method.input_type.fields_by_name) for each in contract() for method in each.methods}
    rows = {"defaults", "items"}
    assert asked == {
        "ComputeCompensationRequest": {leaf.path.partition(".")[0].partition("[")[0] for leaf in leaves(whole())},
        "BatchComputeRequest": rows,
        "StreamComputeRequest": rows,
        "ListPoliciesRequest": set(),
        "GetPolicyRequest": {"policy_id", "version", "on"},
    }


def test_nothing_of_a_question_with_something_in_every_field_is_wrong_but_what_is_out_of_place(server: Running) -> None:
    assert by_unary(server, whole()) == OUT_OF_PLACE


@pytest.mark.parametrize(("year", "month", "day"), [(2026, 2, 29), (2026, 13, 1), (0, 1, 1), (10_000, 1, 1), (-1, 1, 1)])
def test_a_date_that_does_not_exist_is_told(server: Running, year: int, month: int, day: int) -> None:
    on = facts_pb.Date(year=year, month=month, day=day)
    status = refused(lambda: server.policies.GetPolicy(policy_pb.GetPolicyRequest(on=on)))
    assert fields_of(status) == {"on"}


MANY: Final[Mapping[str, Callable[[Any, int], None]]] = {
    "outages": lambda root, count: root.outages.extend([root.outages[0]] * (count - 1)),
    "outages[0].services": lambda root, count: root.outages[0].services.extend([1] * (count - 1)),
    "outages[0].areas": lambda root, count: root.outages[0].areas.extend(["A"] * (count - 1)),
    "outages[0].attributes": lambda root, count: fill(root.outages[0].attributes, count),
    "subscriber.attributes": lambda root, count: fill(root.subscriber.attributes, count),
    "subscriber.value_added_services": lambda root, count: root.subscriber.value_added_services.extend(["A"] * (count - 1)),
    "subscriber.granted_this_cycle": lambda root, count: add(root.subscriber.granted_this_cycle.quantities, count),
    "subscriber.granted_by_month": lambda root, count: months(root.subscriber.granted_by_month, count),
    'subscriber.granted_by_month["2026-03"]': lambda root, count: add(
        root.subscriber.granted_by_month["2026-03"].quantities, count
    ),
    "claim.earlier": lambda root, count: root.claim.earlier.extend([root.claim.earlier[0]] * (count - 1)),
    "already_granted": lambda root, count: add(told_once(root).already_granted.quantities, count),
    "granted_before": lambda root, count: root.granted_before.extend([root.granted_before[0]] * (count - 1)),
    "notice.languages": lambda root, count: root.notice.languages.extend(["en"] * (count - 1)),
}


def fill(attributes: Any, count: int) -> None:
    for number in range(count):
        attributes[str(number)].integer = 1


def months(by_month: Any, count: int) -> None:
    for number in range(count):  # the month that is there is among them
        by_month[f"{1970 + number // 12}-{number % 12 + 1:02}"].SetInParent()


def told_once(root: Any) -> Any:
    """The question, with what was granted before told in one way."""
    root.ClearField("granted_before")
    return root


def add(quantities: Any, count: int) -> None:
    for number in range(count - len(quantities)):
        quantities[str(number)] = 1


@every_way
@pytest.mark.parametrize("path", MANY)
def test_a_list_over_the_limit_is_told_once_and_not_looked_into(
    server: Running, path: str, told: Callable[[Running, service_pb.ComputeCompensationRequest], set[str]]
) -> None:
    message = whole()
    MANY[path](message, MAX_ITEMS + 1)
    assert told(server, message) | OUT_OF_PLACE == OUT_OF_PLACE | {path}


@pytest.mark.parametrize("path", MANY)
def test_a_list_of_the_limit_is_looked_into(server: Running, path: str) -> None:
    message = whole()
    MANY[path](message, MAX_ITEMS)
    assert path not in by_unary(server, message)


TEXTS: Final[Mapping[str, Callable[[Any, str], None]]] = {
    "subscriber.subscriber_id": lambda root, text: setattr(root.subscriber, "subscriber_id", text),
    "subscriber.value_added_services[0]": lambda root, text: root.subscriber.value_added_services.__setitem__(0, text),
    "outages[0].outage_id": lambda root, text: setattr(told_once(root).outages[0], "outage_id", text),
    "outages[0].areas[0]": lambda root, text: root.outages[0].areas.__setitem__(0, text),
    "outages[0].responsible_party": lambda root, text: setattr(root.outages[0], "responsible_party", text),
}


@every_way
@pytest.mark.parametrize("path", TEXTS)
def test_a_text_over_the_limit_is_told_and_one_of_the_limit_is_taken(
    server: Running, path: str, told: Callable[[Running, service_pb.ComputeCompensationRequest], set[str]]
) -> None:
    message = whole()
    TEXTS[path](message, "字" * MAX_TEXT_LENGTH)
    assert told(server, message) <= OUT_OF_PLACE
    TEXTS[path](message, "字" * (MAX_TEXT_LENGTH + 1))
    assert told(server, message) | OUT_OF_PLACE == OUT_OF_PLACE | {path}
