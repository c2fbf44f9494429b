"""Whatever bytes come in, the answer is an error that says what to change, and the server goes on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import grpc
import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb
from makegood.v1 import policy_service_pb2 as policy_pb
from policy import PolicySet
from tests.server.messages import details_of
from tests.server.running import METHODS, Running, code_name, refused, running
from tests.server.samples import GRANTED_BYTES, minimal, question

GARBAGE: Final = b"\xff\xff\xff\xffnot a message"
NOT_UTF8: Final = b"\x0a\x02\xc3\x28"  # field 1 of length 2, a text in every request message that has a field 1 of text
COMPUTE: Final = "makegood.v1.CompensationService/ComputeCompensation"
BATCH: Final = "makegood.v1.CompensationService/BatchCompute"
STREAM: Final = "makegood.v1.CompensationService/StreamCompute"
LIST: Final = "makegood.v1.PolicyService/ListPolicies"
GET: Final = "makegood.v1.PolicyService/GetPolicy"


@dataclass(frozen=True)
class Malformed:
    """Bytes that a method is sent, and the field paths that it names; "" stands for the message as a whole."""

    method: str
    what: str
    sent: bytes
    fields: frozenset[str]


def malformed_question() -> service_pb.ComputeCompensationRequest:
    message = question()
    message.as_of.nanos = 1
    message.subscriber.attributes["average"].SetInParent()
    message.subscriber.plan_type = 99  # type: ignore[assignment]
    message.outages[0].services.append(77)  # type: ignore[arg-type]
    return message


FIELDS: Final = frozenset({"as_of", 'subscriber.attributes["average"]', "subscriber.plan_type", "outages[0].services[0]"})
MALFORMED: Final = (
    *(Malformed(method, "garbage", GARBAGE, frozenset({""})) for method in (COMPUTE, BATCH, STREAM, LIST, GET)),
    *(Malformed(method, "not UTF-8", NOT_UTF8, frozenset({""})) for method in (COMPUTE, GET)),
    *(Malformed(method, "cut short", b"\x12\x7f\x01", frozenset({""})) for method in (COMPUTE, BATCH, STREAM, GET)),
    Malformed(COMPUTE, "nothing said", b"", frozenset({"subscriber", "outages", "mode"})),
    Malformed(COMPUTE, "fields of every sort", malformed_question().SerializeToString(), FIELDS),
    Malformed(
        GET,
        "no such day",
        policy_pb.GetPolicyRequest(on=facts_pb.Date(year=2026, month=2, day=29)).SerializeToString(),
        frozenset({"on"}),
    ),
)


def send(server: Running, method: str, sent: Iterator[bytes]) -> Any:
    """What comes back for these bytes, a stream's answers as a list."""
    if method == STREAM:
        return list(server.streaming(f"/{method}")(sent))
    return server.unary(f"/{method}")(next(sent))


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: f"{case.method.rpartition('/')[2]}: {case.what}")
def test_malformed_input_is_told_by_field(server: Running, case: Malformed) -> None:
    status = refused(lambda: send(server, case.method, iter([case.sent])))
    assert code_name(status) == "INVALID_ARGUMENT"
    told = details_of(status)["BadRequest"].field_violations
    assert {violation.field for violation in told} == case.fields
    assert all(violation.description for violation in told)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_the_contract_has_a_case_of_malformed_input(method: str) -> None:
    """A method that is added to the contract fails here until it is tried with bytes that are none of its messages."""
    assert method in {case.method for case in MALFORMED}


def test_the_server_answers_on_after_malformed_input(server: Running) -> None:
    for case in MALFORMED:
        refused(lambda case=case: send(server, case.method, iter([case.sent])))  # type: ignore[misc]
    assert minimal(server.compensation.ComputeCompensation(question()).decision) == ("OUTCOME_GRANTED", GRANTED_BYTES)


def test_the_calculators_violations_are_told_with_those_of_the_translation(server: Running) -> None:
    """All at once: a caller does not mend one field to hear of the next."""
    message = question()
    message.outages[0].ended_at.nanos = 5
    message.outages[0].outage_id = ""
    message.subscriber.monthly_fee.amount_minor = -1
    status = refused(lambda: server.compensation.ComputeCompensation(message))
    assert [violation.field for violation in details_of(status)["BadRequest"].field_violations] == [
        "outages[0].ended_at",
        "subscriber.monthly_fee.amount_minor",
        "outages[0].outage_id",
    ]


def test_malformed_fields_come_before_an_unknown_policy(server: Running) -> None:
    message = question()
    message.policy.policy_id = "nobody's"
    message.as_of.nanos = 5
    assert code_name(refused(lambda: server.compensation.ComputeCompensation(message))) == "INVALID_ARGUMENT"


def test_a_broken_message_of_a_stream_is_named_by_its_index(server: Running) -> None:
    good = service_pb.StreamComputeRequest(items=[question()]).SerializeToString()
    status = refused(lambda: send(server, STREAM, iter([good, good, GARBAGE])))
    assert "at index 2" in status.message


def test_a_message_over_the_byte_limit_is_refused_with_both_numbers(policies: PolicySet) -> None:
    message = question("r" * 5_000)
    with running(policies, max_message_bytes=4_096) as server:
        status = refused(lambda: server.compensation.ComputeCompensation(message))
        assert code_name(status) == "INVALID_ARGUMENT"
        assert f"{message.ByteSize()} bytes" in status.message
        assert "limit is 4096" in status.message
        assert server.metric("makegood_grpc_call_duration_seconds_count", code="INVALID_ARGUMENT") == 1


@pytest.mark.parametrize("method", [COMPUTE, BATCH, STREAM])
def test_a_message_over_the_byte_limit_is_refused_before_it_is_decoded(policies: PolicySet, method: str) -> None:
    """It is no message, and nobody looked."""
    with running(policies, max_message_bytes=4_096) as server:
        status = refused(lambda: send(server, method, iter([b"\xff" * 5_000])))
    assert code_name(status) == "INVALID_ARGUMENT"
    assert "5000 bytes; the limit is 4096" in status.message


def test_a_message_of_the_byte_limit_is_read(policies: PolicySet) -> None:
    message = question("")
    message.request_id = "r" * (4_096 - message.ByteSize() - 3)
    assert message.ByteSize() == 4_096
    with running(policies, max_message_bytes=4_096) as server:
        assert server.compensation.ComputeCompensation(message).decision.grants


def test_far_over_the_byte_limit_nothing_is_read(policies: PolicySet) -> None:
    with running(policies, max_message_bytes=4_096) as server:
        status = refused(lambda: server.compensation.ComputeCompensation(question("r" * 100_000)))
        assert code_name(status) == "RESOURCE_EXHAUSTED"
        assert not details_of(status), "without RetryInfo a caller does not repeat it"


def test_a_call_without_a_message_is_answered(server: Running) -> None:
    nothing: Iterator[bytes] = iter(())
    call: grpc.StreamUnaryMultiCallable[bytes, bytes] = server.channel.stream_unary(f"/{COMPUTE}")
    status = refused(lambda: call(nothing))
    assert code_name(status) == "INVALID_ARGUMENT"
    assert "exactly one" in status.message


@pytest.mark.parametrize("path", ["/makegood.v1.CompensationService/Steal", "/nobody.Service/Call", "/x"])
def test_a_method_that_the_contract_lacks_is_unimplemented(server: Running, path: str) -> None:
    status = refused(lambda: server.unary(path)(b""))
    assert code_name(status) == "UNIMPLEMENTED"
    assert path not in server.scrape(), "a caller's word is no label"
