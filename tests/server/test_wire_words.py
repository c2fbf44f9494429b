"""Over RPC an error names what its caller can send: MODE_AUTOMATIC, where the library and the command line say AUTOMATIC."""

import re
from typing import Final

import pytest
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from makegood.v1 import compensation_service_pb2 as service_pb
from policy import Violation
from server.translate.wire_words import QUESTION, on_the_wire
from tests.server.messages import details_of
from tests.server.running import Running, refused
from tests.server.samples import question

WORD: Final = re.compile(r"\b[A-Z][A-Z_]+\b")
UNKNOWN: Final = 99


def malformed() -> service_pb.ComputeCompensationRequest:
    """A question each of whose enums, and what hangs on the mode, is wrong."""
    message = question()
    message.mode = message.claim.channel = message.notice.channel = UNKNOWN  # type: ignore[assignment]
    message.subscriber.plan_type = message.subscriber.customer_type = message.subscriber.payment = UNKNOWN  # type: ignore[assignment]
    outage = message.outages[0]
    outage.cause = outage.impact = outage.time_source = UNKNOWN  # type: ignore[assignment]
    outage.services.append(UNKNOWN)  # type: ignore[arg-type]
    message.explain = UNKNOWN  # type: ignore[assignment]
    return message


def enum_at(path: str) -> EnumDescriptor:
    """The enum of the field at ``path`` of a question."""
    found: FieldDescriptor | None = None
    for name in re.sub(r"\[\d+\]", "", path).split("."):
        message = QUESTION if found is None else found.message_type
        assert message is not None
        found = message.fields_by_name[name]
    assert found is not None
    assert found.enum_type is not None
    return found.enum_type


def told(server: Running, message: service_pb.ComputeCompensationRequest) -> dict[str, str]:
    """Descriptions by field."""
    status = refused(lambda: server.compensation.ComputeCompensation(message))
    return {each.field: each.description for each in details_of(status)["BadRequest"].field_violations}


def test_every_value_that_is_proposed_is_one_that_the_field_takes(server: Running) -> None:
    """Each enum field of a question is refused with the names of its own values, all but _UNSPECIFIED."""
    found = {field: WORD.findall(text) for field, text in told(server, malformed()).items() if "it is one of" in text}
    assert len(found) == 11
    assert found == {field: [value.name for value in enum_at(field).values if value.number] for field in found}


def test_the_text_of_the_status_says_the_same_words(server: Running) -> None:
    message = question()
    message.mode = service_pb.MODE_UNSPECIFIED
    status = refused(lambda: server.compensation.ComputeCompensation(message))
    assert "it is one of MODE_AUTOMATIC, MODE_APPLICATION, MODE_PROACTIVE_NOTICE" in status.message


def test_what_hangs_on_the_mode_names_the_mode_as_the_wire_has_it(server: Running) -> None:
    application = question()
    application.mode = service_pb.MODE_APPLICATION
    assert told(server, application) == {"claim": "is required in mode MODE_APPLICATION"}
    nothing = question()
    del nothing.outages[:]
    assert told(server, nothing)["outages"].endswith("unless the mode is MODE_APPLICATION")


def test_a_row_and_its_defaults_are_told_likewise(server: Running) -> None:
    batch = service_pb.BatchComputeRequest(items=[question()])
    batch.items[0].mode = service_pb.MODE_UNSPECIFIED
    for field, there in (("mode", False), ("defaults.mode", True)):
        if there:
            batch.defaults.mode = UNKNOWN  # type: ignore[assignment]
        [result] = server.compensation.BatchCompute(batch).results
        [violation] = details_of(result.error)["BadRequest"].field_violations
        assert violation.field == field
        assert "MODE_AUTOMATIC" in violation.description


@pytest.mark.parametrize("field", ['subscriber.attributes["cause"]', 'outages[0].attributes["mode"]', "claim.started_at", ""])
def test_words_of_other_fields_stay_as_they_are(field: str) -> None:
    """Codes of attributes are texts on the wire, whatever the attribute is called."""
    said = Violation(field, "is not a known value; it is one of AUTOMATIC, VANDALISM")
    assert on_the_wire(said) == said


def test_a_word_within_a_word_is_left() -> None:
    assert on_the_wire(Violation("mode", "AUTOMATIC, not SEMI_AUTOMATIC or MODE_AUTOMATIC")).message == (
        "MODE_AUTOMATIC, not SEMI_AUTOMATIC or MODE_AUTOMATIC"
    )
