"""A question may be right and not written as protobuf writes it; it is answered the same, and from bytes to bytes."""

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final
from unittest import mock

import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from native.choice import from_environment
from policy import PolicySet
from server.call import ANYBODY
from server.deciding import Deciding
from server.envelope import field
from server.servicers.compensation import SERVICE
from server.wire import rows
from tests.server.running import Running, running
from tests.server.samples import STARTED_AT, question
from tests.wire.both import NOW, Both, enveloped
from tests.wire.drawing import POLICIES

UNKNOWN: Final = bytes([0xFA, 0x3F, 1]) + b"x"
"""A field of number 1023, which a newer contract may have."""
WITHOUT_A_NAME: Final = bytes([0x78, 5])
"""The same of number 15, a number."""
Write = Callable[[service_pb.ComputeCompensationRequest], bytes]
SUBSCRIBER: Final = service_pb.ComputeCompensationRequest.DESCRIPTOR.fields_by_name["subscriber"].number
OUTAGES: Final = service_pb.ComputeCompensationRequest.DESCRIPTOR.fields_by_name["outages"].number


def with_a_field_of_a_newer_contract(asked: service_pb.ComputeCompensationRequest) -> bytes:
    return asked.SerializeToString() + UNKNOWN + WITHOUT_A_NAME


def with_such_a_field_in_each_outage(asked: service_pb.ComputeCompensationRequest) -> bytes:
    outages = [outage.SerializeToString() + UNKNOWN for outage in asked.outages]
    del asked.outages[:]
    return asked.SerializeToString() + b"".join(field(OUTAGES, each) for each in outages)


def with_a_subscriber_in_two_pieces(asked: service_pb.ComputeCompensationRequest) -> bytes:
    name = service_pb.ComputeCompensationRequest()
    name.subscriber.subscriber_id = asked.subscriber.subscriber_id
    asked.subscriber.subscriber_id = "replaced by the second piece"
    return asked.SerializeToString() + name.SerializeToString()


def with_nothing_written_out(asked: service_pb.ComputeCompensationRequest) -> bytes:
    asked.request_id = ""
    empty = field(service_pb.ComputeCompensationRequest.DESCRIPTOR.fields_by_name["request_id"].number, b"")
    return empty + asked.SerializeToString() + empty


def with_a_length_in_more_bytes_than_it_needs(asked: service_pb.ComputeCompensationRequest) -> bytes:
    subscriber = asked.subscriber.SerializeToString()
    asked.ClearField("subscriber")
    length = bytes([len(subscriber) & 127 | 128, len(subscriber) >> 7 | 128, 0])
    return asked.SerializeToString() + bytes([SUBSCRIBER << 3 | 2]) + length + subscriber


WRITTEN: Final = (
    with_a_field_of_a_newer_contract,
    with_such_a_field_in_each_outage,
    with_a_subscriber_in_two_pieces,
    with_nothing_written_out,
    with_a_length_in_more_bytes_than_it_needs,
)
NAMES: Final = MappingProxyType({
    "Thai, with marks above": "ศูนย์บริการ เชียงใหม่",
    "Tamil, of which a sign may compose": "கோயம்புத்தூர்",
    "Bengali": "ঢাকা দক্ষিণ সিটি",
    "Devanagari": "नई दिल्ली",
    "Arabic": "الرياض – شمال",
    "Greek": "Θεσσαλονίκη",
    "Vietnamese": "Thừa Thiên–Huế",
    "a middle dot": "海西·德令哈",
    "beyond the first plane": "𠮷野家前 📡",
})  # fmt: skip


@pytest.fixture(scope="module")
def both() -> Both:
    return Both(POLICIES, rows)


@pytest.fixture(scope="module")
def never_the_ordinary_way(policies: PolicySet) -> Iterator[Running]:
    with mock.patch.object(Deciding, "answer", side_effect=AssertionError), running(policies) as server:
        yield server


def asked_for(name: str) -> service_pb.ComputeCompensationRequest:
    """A question in which the name stands wherever one can."""
    asked = question(f"of {name}")
    asked.subscriber.subscriber_id = name
    asked.outages[0].outage_id = name
    asked.outages[0].areas.append(name)
    asked.outages[0].responsible_party = name
    return asked


@pytest.mark.parametrize("write", WRITTEN)
def test_what_is_written_otherwise_is_written_anew_and_answered_the_same(both: Both, write: Write) -> None:
    before = both.fast, both.anew
    both.compare_items([write(question()), write(question())])
    assert (both.fast, both.anew) == (before[0] + 2, before[1] + 2)


@pytest.mark.parametrize("write", WRITTEN)
def test_what_is_outside_of_its_billing_cycle_is_refused_all_the_same_and_its_work_is_counted_once(
    both: Both, write: Write
) -> None:
    asked = question()
    asked.subscriber.billing_cycle.started_at.seconds = STARTED_AT - 60 * 86_400
    asked.subscriber.billing_cycle.ended_at.seconds = STARTED_AT - 30 * 86_400
    asked.subscriber.granted_this_cycle.quantities["data"] = 0
    before = both.fast, both.anew
    (answer,), (ordinary,) = both.of_items([write(asked)])
    assert answer == ordinary
    assert b"billing_cycle" in answer
    assert (both.fast, both.anew) == (before[0] + 1, before[1] + 1)


def test_of_a_batch_with_a_field_of_a_newer_contract_items_are_answered_the_same(both: Both) -> None:
    before = both.fast
    both.compare(UNKNOWN + enveloped([question().SerializeToString()], WITHOUT_A_NAME) + UNKNOWN)
    assert both.fast == before + 1


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_in_any_script_are_read_from_bytes_to_bytes(both: Both, name: str) -> None:
    before = both.fast, both.anew
    both.compare_items([asked_for(name).SerializeToString()])
    assert (both.fast, both.anew) == (before[0] + 1, before[1])


@pytest.mark.parametrize(("letters", "looked_up"), [(256, 1), (257, 0), (1_000_000, 0)])
def test_a_name_that_is_too_long_anyway_is_not_looked_up_letter_by_letter(both: Both, letters: int, looked_up: int) -> None:
    asked = question(subscriber_id="ก" * letters)
    rows_of_one = both.wire.take(ANYBODY)
    with mock.patch("server.wire.reader.problem", return_value="") as problem:
        rows_of_one.open_one(asked.SerializeToString(), NOW)
        assert (rows_of_one.answer_one() is not None) == looked_up
    assert problem.call_count == looked_up
    rows_of_one.tallies.forget()
    both.wire.give_back(rows_of_one)


@pytest.mark.skipif(not from_environment().compiled, reason="rows are answered from bytes to bytes where that is compiled")
@pytest.mark.parametrize("write", WRITTEN)
def test_callers_are_answered_from_bytes_to_bytes_however_they_write(never_the_ordinary_way: Running, write: Write) -> None:
    """One by one, in a batch, in a batch that says something else besides, and in a stream."""
    server, data = never_the_ordinary_way, write(question())
    one = service_pb.ComputeCompensationResponse.FromString(server.unary(f"/{SERVICE}/ComputeCompensation")(data))
    assert one.decision.decision_id
    for batch in (enveloped([data], b""), enveloped([data], WITHOUT_A_NAME) + UNKNOWN):
        answers = [
            server.unary(f"/{SERVICE}/BatchCompute")(batch),
            *server.streaming(f"/{SERVICE}/StreamCompute")(iter([batch])),
        ]
        for answer in answers:
            (result,) = service_pb.BatchComputeResponse.FromString(answer).results
            assert result.decision == one.decision
