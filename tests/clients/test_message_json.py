"""A question as JSON: forgiving in form, strict in meaning."""

import json

import pytest
from google.protobuf import json_format

from clients import message_json
from clients.errors import BadInput
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import BatchDefaults, ComputeCompensationRequest

GOOD = {
    "request_id": "r1",
    "subscriber": {
        "subscriber_id": "138",
        "planType": "DATA",
        "monthly_fee": {"currency_code": "CNY", "amount_minor": "12900"},
        "data_allowance_bytes": 21474836480,
        "attributes": {"negligence": {"text": "GROSS"}, "days": {"integer": 3}},
    },
    "outages": [
        {"outage_id": "o1", "started_at": "2026-03-04T08:00+08:00", "cause": "CAUSE_EQUIPMENT_FAILURE", "services": ["DATA"]}
    ],
    "mode": 1,
    "already_granted": {"quantities": {"data": 5}},
    "claim": None,
}


def parse(document: object) -> ComputeCompensationRequest:
    return message_json.parse(json.dumps(document), "question.json", ComputeCompensationRequest())


def problems(document: object) -> list[str]:
    with pytest.raises(BadInput) as refused:
        parse(document)
    return [line.strip() for line in refused.value.lines]


def test_both_spellings_and_short_codes_are_understood() -> None:
    """snake_case and camelCase, codes with and without their prefix, numbers as numbers or texts, null as absent."""
    request = parse(GOOD)
    assert request.subscriber.plan_type == facts_pb2.PLAN_TYPE_DATA
    assert request.subscriber.monthly_fee.amount_minor == 12900
    assert request.outages[0].cause == facts_pb2.CAUSE_EQUIPMENT_FAILURE
    assert request.outages[0].started_at.seconds == 1772582400
    assert request.outages[0].services == [facts_pb2.SERVICE_DATA]
    assert not request.HasField("claim")
    assert not request.outages[0].HasField("ended_at")


def test_what_protobuf_writes_is_read_back() -> None:
    """The JSON that protobuf makes of a message is the message again."""
    request = parse(GOOD)
    for preserving in (True, False):
        text = json_format.MessageToJson(request, preserving_proto_field_name=preserving)
        assert message_json.parse(text, "again", ComputeCompensationRequest()) == request


def test_every_mistake_is_named_with_its_place() -> None:
    """Unknown keys, unknown codes and wrong types are found together, each with its path and the nearest known word."""
    document = {
        "subscriber": {"subscriberid": "138", "plan_type": "DATE", "data_allowance_bytes": 1.5, "monthly_fee": 129},
        "outages": [{"started_at": "2026-03-04T08:00", "services": "DATA"}, 7],
        "mode": True,
        "already_granted": {"quantities": {"data": "many"}},
    }
    found = problems(document)
    assert [line.partition(":")[0] for line in found] == [
        "subscriber.subscriberid",
        "subscriber.plan_type",
        "subscriber.data_allowance_bytes",
        "subscriber.monthly_fee",
        "outages[0].started_at",
        "outages[0].services",
        "outages[1]",
        "mode",
        'already_granted.quantities["data"]',
    ]
    assert "did you mean subscriber_id" in found[0]
    assert "did you mean DATA" in found[1]


def test_key_that_stands_twice_is_refused() -> None:
    """JSON parsers keep the last of two equal keys without a word; here it is a mistake, in either spelling."""
    text = '{"mode": "AUTOMATIC", "mode": "APPLICATION", "subscriber": {"plan_type": "DATA", "planType": "VOICE"}}'
    with pytest.raises(BadInput) as refused:
        message_json.parse(text, "question.json", ComputeCompensationRequest())
    assert "'mode' stands 2 times in one object" in str(refused.value)
    assert "subscriber.planType: stands twice" in str(refused.value)


def test_attribute_holds_one_kind() -> None:
    """Two kinds in one value contradict each other."""
    assert problems({"subscriber": {"attributes": {"x": {"integer": 1, "text": "A"}}}})


def test_text_that_is_no_json_is_refused_at_its_place() -> None:
    """The line and column of a syntax error are in the message."""
    with pytest.raises(BadInput, match=r"question\.json:2:3: not JSON"):
        message_json.parse('{"mode": 1,\n  }', "question.json", ComputeCompensationRequest())


def test_list_stands_for_the_field_that_it_fills() -> None:
    """A file of outages may be the bare list."""
    outage = {"outage_id": "o1"}
    for document in ([outage], {"outages": [outage]}):
        found = message_json.parse(json.dumps(document), "outages.json", BatchDefaults(), list_is="outages")
        assert [each.outage_id for each in found.outages] == ["o1"]
