"""Whatever bytes an item is, it is answered the same alone, in a batch and in a stream, and harms no other item."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb
from tests.server.messages import details_of
from tests.server.running import Running, refusal_or
from tests.server.samples import question

COMPUTE: Final = "/makegood.v1.CompensationService/ComputeCompensation"
BATCH: Final = "/makegood.v1.CompensationService/BatchCompute"
STREAM: Final = "/makegood.v1.CompensationService/StreamCompute"

QUESTION: Final = question("usual").SerializeToString()
"""What is appended to it is merged into it, as protobuf has it: a field of its own is added, one that is there is replaced."""


def field(number: int, content: bytes) -> bytes:
    """A message or a text as it stands within another; of less than 128 bytes."""
    return bytes((number << 3 | 2, len(content))) + content


def enum(number: int, value: int) -> bytes:
    """A number that may be below 0, as 64 bits of which each byte holds seven."""
    value %= 2**64
    written = bytearray((number << 3,))
    while value >= 128:
        written.append(value % 128 + 128)
        value //= 128
    return bytes((*written, value))


REQUEST_ID, SUBSCRIBER, OUTAGES, MODE, CLAIM, ALREADY, AS_OF, EXPLAIN = (
    service_pb.ComputeCompensationRequest.DESCRIPTOR.fields_by_name[name].number
    for name in ("request_id", "subscriber", "outages", "mode", "claim", "already_granted", "as_of", "explain")
)
OF_SUBSCRIBER, OF_OUTAGE = (
    {each.name: each.number for each in kind.DESCRIPTOR.fields} for kind in (facts_pb.Subscriber, facts_pb.Outage)
)


def subscriber(content: bytes) -> bytes:
    return QUESTION + field(SUBSCRIBER, content)


def outage(content: bytes) -> bytes:
    return QUESTION + field(OUTAGES, field(OF_OUTAGE["outage_id"], b"o-2") + content)


NOT_UTF8: Final = b"\xc3\x28"
ITEMS: Final[Mapping[str, bytes]] = {
    "as usual": QUESTION,
    "nothing": b"",
    "garbage": b"\xff\xff\xff\xffnot a message",
    "cut short": QUESTION[:-1],
    "cut short in a varint": QUESTION + b"\x80",
    "a message where a number stands": QUESTION + field(MODE, b"\x01"),
    "a number where a message stands": QUESTION + enum(SUBSCRIBER, 1),
    "a field that a later contract may have": QUESTION + field(15, b"later"),
    "an id that is not UTF-8": QUESTION + field(REQUEST_ID, NOT_UTF8),
    "a subscriber's id that is not UTF-8": subscriber(field(OF_SUBSCRIBER["subscriber_id"], NOT_UTF8)),
    "an attribute's name that is not UTF-8": subscriber(field(OF_SUBSCRIBER["attributes"], field(1, NOT_UTF8) + field(2, b""))),
    "an attribute without a value": subscriber(field(OF_SUBSCRIBER["attributes"], field(1, b"lines"))),
    "an attribute of an outage without a value": outage(field(OF_OUTAGE["attributes"], field(1, b"known_at"))),
    "an attribute without a name": subscriber(field(OF_SUBSCRIBER["attributes"], field(2, b""))),
    "a quantity without a number": QUESTION + field(ALREADY, field(1, field(1, b"data"))),
    "a quantity that is told twice": QUESTION + field(ALREADY, field(1, field(1, b"data") + enum(2, 5))) * 2,
    "no subscriber": field(REQUEST_ID, b"usual") + enum(MODE, 1),
    "an empty outage": QUESTION + field(OUTAGES, b""),
    "an empty claim": QUESTION + enum(MODE, 2) + field(CLAIM, b""),
    "an empty fee": subscriber(field(OF_SUBSCRIBER["monthly_fee"], b"")),
    "an empty as_of": QUESTION + field(AS_OF, b""),
    "a fee told in two parts": subscriber(field(OF_SUBSCRIBER["monthly_fee"], enum(2, 9_900))),
    "services as a list of their own": outage(enum(OF_OUTAGE["services"], 1) + enum(OF_OUTAGE["services"], 1)),
} | {
    f"{name} {number}": wrap(enum(place, number))
    for name, place, wrap in (
        ("mode", MODE, lambda content: QUESTION + content),
        ("explain", EXPLAIN, lambda content: QUESTION + content),
        ("plan_type", OF_SUBSCRIBER["plan_type"], subscriber),
        ("cause", OF_OUTAGE["cause"], outage),
        ("services", OF_OUTAGE["services"], outage),
    )
    for number in (0, 99, -1, 2**31 - 1, -(2**31), 2**32 + 1)
}


def alone(server: Running, item: bytes) -> service_pb.BatchResult:
    """What a call of its own is answered, as a batch would say it."""
    answer = refusal_or(lambda: server.unary(COMPUTE)(item))
    if not isinstance(answer, bytes):
        return service_pb.BatchResult(error=answer)
    response = service_pb.ComputeCompensationResponse.FromString(answer)
    return service_pb.BatchResult(request_id=response.request_id, decision=response.decision)


def in_a_batch(server: Running, items: list[bytes]) -> service_pb.BatchComputeResponse:
    return service_pb.BatchComputeResponse.FromString(server.unary(BATCH)(request_of(items)))


def in_a_stream(server: Running, items: list[bytes]) -> service_pb.BatchComputeResponse:
    (answer,) = server.streaming(STREAM)(iter([request_of(items)]))
    return service_pb.BatchComputeResponse.FromString(answer)


def request_of(items: list[bytes]) -> bytes:
    (number,) = {service_pb.BatchComputeRequest.ITEMS_FIELD_NUMBER, service_pb.StreamComputeRequest.ITEMS_FIELD_NUMBER}
    return b"".join(bytes((number << 3 | 2, len(item) % 128 + 128, len(item) // 128)) + item for item in items)


every_way = pytest.mark.parametrize("way", [in_a_batch, in_a_stream])
every_size = pytest.mark.parametrize("others", [1, 40])


@every_way
@every_size
@pytest.mark.parametrize("name", ITEMS)
def test_an_item_is_answered_as_a_call_of_its_own_and_so_are_those_beside_it(
    server: Running, name: str, others: int, way: Callable[[Running, list[bytes]], service_pb.BatchComputeResponse]
) -> None:
    first, *rest = way(server, [ITEMS[name], *[QUESTION] * others]).results
    expected = alone(server, ITEMS[name])
    if expected.HasField("error"):
        assert first.error.code == expected.error.code
        assert violations(first) == violations(expected)
    else:
        assert first == expected
    usual = alone(server, QUESTION)
    assert usual.HasField("decision")
    assert rest == [usual] * others


def violations(result: service_pb.BatchResult) -> list[str]:
    """The fields that are told; "" for a message that cannot be read."""

    return [each.field for each in details_of(result.error)["BadRequest"].field_violations]
