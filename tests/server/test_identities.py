"""A text that could be taken for another is refused as an identity, by every call, wherever one stands."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from server.contract import contract
from tests.server.messages import details_of
from tests.server.running import Running, refused
from tests.server.samples import question
from tests.support import identities

FIELDS: Final[Mapping[str, Callable[[service_pb.ComputeCompensationRequest, str], None]]] = {
    "subscriber.subscriber_id": lambda root, text: setattr(root.subscriber, "subscriber_id", text),
    "subscriber.value_added_services[0]": lambda root, text: root.subscriber.value_added_services.append(text),
    "outages[0].outage_id": lambda root, text: setattr(root.outages[0], "outage_id", text),
    "outages[0].areas[0]": lambda root, text: root.outages[0].areas.append(text),
    "outages[0].responsible_party": lambda root, text: setattr(root.outages[0], "responsible_party", text),
}


def with_text(path: str, text: str) -> service_pb.ComputeCompensationRequest:
    message = question()
    FIELDS[path](message, text)
    return message


def violations(status: Any) -> dict[str, str]:
    return {each.field: each.description for each in details_of(status)["BadRequest"].field_violations}


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize("case", identities.refused(), ids=lambda case: ascii(case.text))
def test_text_that_could_be_another_is_refused(server: Running, path: str, case: identities.Refused) -> None:
    """Its code point is named, and the text itself is not repeated."""
    message = with_text(path, case.text)
    found = violations(refused(lambda: server.compensation.ComputeCompensation(message)))
    assert list(found) == [path]
    assert case.says in found[path]
    assert case.text not in found[path]


@pytest.mark.parametrize("path", FIELDS)
def test_batch_and_stream_refuse_the_same_rows_alone(server: Running, path: str) -> None:
    """Among rows enough to be decided in columns, and among others that are fine in any script."""
    texts = [*identities.taken() * 20, *(case.text for case in identities.refused())]
    items = [with_text(path, text) for text in texts]
    for number, item in enumerate(items):
        item.request_id = str(number)
    batch = server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=items)).results
    (answer,) = server.compensation.StreamCompute(iter([service_pb.StreamComputeRequest(items=items)]))
    for results in (batch, answer.results):
        wrong = [texts[int(result.request_id)] for result in results if result.HasField("error")]
        assert wrong == [case.text for case in identities.refused()]
        assert {path} == {field for result in results if result.HasField("error") for field in violations(result.error)}


def test_every_text_of_an_outage_or_subscriber_is_tried_here_or_is_no_identity() -> None:
    """A text that is added to the contract is an identity, or something with a rule of its own."""
    other = {"subscriber.time_zone": "an IANA name"}
    request = next(each for service in contract() for each in service.methods if each.name == "ComputeCompensation").input_type
    texts = set()
    for owner in ("subscriber", "outages"):
        message = request.fields_by_name[owner].message_type
        assert message is not None
        for field in message.fields:
            if field.type == field.TYPE_STRING:
                texts.add(f"{owner}{'[0]' if owner == 'outages' else ''}.{field.name}{'[0]' if field.is_repeated else ''}")
    assert texts == FIELDS.keys() | other.keys()
