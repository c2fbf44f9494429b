"""Batches in columns answer byte for byte what row by row they answer, whatever stands in them."""

import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any, Final

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from prometheus_client import CollectorRegistry

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy import PolicySet, Request
from policy.calculator.request import NoticeRequest
from server.columns.batches import ColumnBatches
from server.columns.envelope import Envelope, Envelopes
from server.columns.template import single
from server.deciding import Deciding
from server.decision_metrics import DecisionMetrics
from server.translate.requests import NO_DEFAULTS
from tests.columns.both import NOW, Both, batch_of
from tests.columns.drawing import POLICIES, forgetful, valid_requests
from tests.server.messages import message_of
from tests.strategies.any_policy import generator_for
from tests.support.cases import load_cases

ROWS: Final = 200
SEVERAL: Final = ("cn-standard", "nl-7.1a", "kr-terms", "us-att-wireless", "uk-ofcom-repair", "de-tkg58", "es-rd899", "pt-129")


def generated(policies: PolicySet, policy_id: str) -> list[Request]:
    """Requests around the limits of the latest version; most are valid."""
    versions = policies.versions(policy_id)
    generator, random = generator_for(versions[-1], versions, lambda _: {}), Random(5)
    return [replace(generator.request(random), explain=random.choice(("NONE", "NONE", "SUMMARY", "FULL"))) for _ in range(ROWS)]


@pytest.fixture(scope="module")
def both_alike(policies: PolicySet) -> Both:
    """Compiled once for all policies."""
    return Both(policies)


@pytest.mark.parametrize("policy_id", sorted(POLICIES.policy_ids))
def test_columns_answer_what_the_rows_answer_one_by_one(policies: PolicySet, policy_id: str, both_alike: Both) -> None:
    both, before = both_alike, both_alike.together
    columns, rows = both.answers(batch_of(generated(policies, policy_id)))
    assert columns == rows
    assert both.together - before > ROWS / 4
    assert both.counts()[0] == both.counts()[1]


@pytest.mark.parametrize("policy_id", ["cn-standard", "nl-7.1a", "us-att-wireless", "ng-ncc-2025", "in-trai-2024"])
def test_rows_that_miss_facts_or_name_outages_twice_are_answered_together(policies: PolicySet, policy_id: str) -> None:
    program = policies.named(policy_id, policies.versions(policy_id)[-1].version)
    requests = valid_requests(program, ROWS, 17, forgetful)
    both = Both(policies)
    columns, rows = both.answers(batch_of([replace(each, version=program.version.version) for each in requests]))
    assert columns == rows
    assert both.counts()[0] == both.counts()[1]
    assert both.together > 0.9 * ROWS


def test_an_outage_that_is_told_in_two_ways_is_an_error_of_its_row(policies: PolicySet) -> None:
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    outage, other = case.request.outages[0], replace(case.request.outages[0], responsible_party="someone else")
    told_twice = replace(case.request, outages=(outage, outage))
    told_otherwise = replace(case.request, outages=(outage, other))
    both = Both(policies)
    columns, rows = both.answers(batch_of([told_twice] * 99 + [told_otherwise]))
    assert columns == rows
    assert both.together == 99


def test_cases_of_every_kind_in_one_batch(policies: PolicySet) -> None:
    """Malformed rows, unknown codes, claims, notices, recourse, quotes and explanations beside one another."""
    requests = [case.request for name in ("cn_standard", "malformed") for case in load_cases(name)]
    both = Both(policies)
    columns, rows = both.answers(batch_of(requests))
    assert columns == rows
    assert both.counts()[0] == both.counts()[1]
    assert both.together > len(requests) / 4


def test_rows_of_several_policies_and_versions_in_one_batch(policies: PolicySet) -> None:
    requests = [request for policy_id in SEVERAL for request in generated(policies, policy_id)[:60]]
    Random(3).shuffle(requests)
    both = Both(policies)
    columns, rows = both.answers(batch_of(requests))
    assert columns == rows
    assert both.together > len(requests) / 3


def _intervals(*spans: tuple[int, int]) -> facts_pb.Value:
    told = (facts_pb.Interval(started_at=Timestamp(seconds=a), ended_at=Timestamp(seconds=b)) for a, b in spans)
    return facts_pb.Value(intervals=facts_pb.IntervalList(intervals=told))


AFTERNOON: Final = 1_700_000_000
KINDS: Final = (
    facts_pb.Value(),
    facts_pb.Value(integer=0),
    facts_pb.Value(integer=-1),
    facts_pb.Value(integer=2**60),
    facts_pb.Value(ratio=facts_pb.Ratio(numerator=1, denominator=2)),
    facts_pb.Value(ratio=facts_pb.Ratio(numerator=2, denominator=6)),
    facts_pb.Value(ratio=facts_pb.Ratio(numerator=1, denominator=0)),
    facts_pb.Value(text="NO_SUCH_CODE"),
    facts_pb.Value(text=""),
    facts_pb.Value(yes_or_no=True),
    facts_pb.Value(money=facts_pb.Money(currency_code="USD", amount_minor=500)),
    facts_pb.Value(money=facts_pb.Money(currency_code="XXX", amount_minor=500)),
    facts_pb.Value(instant=Timestamp(seconds=1_700_000_000)),
    facts_pb.Value(instant=Timestamp(seconds=1_700_000_000, nanos=1)),
    facts_pb.Value(date=facts_pb.Date(year=2026, month=2, day=28)),
    facts_pb.Value(date=facts_pb.Date(year=2026, month=2, day=30)),
    facts_pb.Value(intervals=facts_pb.IntervalList()),
    _intervals((AFTERNOON, AFTERNOON + 60), (AFTERNOON - 3600, AFTERNOON - 60)),
    facts_pb.Value(intervals=facts_pb.IntervalList(intervals=[facts_pb.Interval()])),
    _intervals((AFTERNOON, AFTERNOON)),
    _intervals((AFTERNOON, 0)),
    _intervals((-1, AFTERNOON), (AFTERNOON, AFTERNOON + 60)),
)


@pytest.mark.parametrize("policy_id", ["us-att-wireless", "nl-7.1a", "ng-ncc-2025", "kt-2024-08", "br-rqual", "de-tkg58"])
def test_attributes_of_any_kind(policies: PolicySet, policy_id: str) -> None:
    batch, random = batch_of(generated(policies, policy_id)), Random(8)
    names = [fact.name for fact in policies.versions(policy_id)[-1].facts if fact.attribute]
    for item in batch.items:
        owners: list[Any] = [item.subscriber, *item.outages]
        for _ in range(random.randrange(3)):
            owner, name = random.choice(owners), random.choice([*names, "no_such_fact"])
            owner.attributes[name].CopyFrom(random.choice(KINDS))
    both = Both(policies)
    columns, rows = both.answers(batch)
    assert columns == rows
    assert both.counts()[0] == both.counts()[1]
    assert both.together > ROWS / 10


def test_what_a_batch_states_once_is_taken_by_the_rows_that_do_not_say_otherwise(policies: PolicySet) -> None:
    batch = batch_of(
        [request for request in generated(policies, "cn-standard") if request.mode == "AUTOMATIC" and request.outages]
    )
    batch.defaults.outages.extend(batch.items[0].outages)
    batch.defaults.mode = batch.items[0].mode
    batch.defaults.as_of.seconds = NOW
    batch.defaults.policy.version = "2026-01"
    for item in batch.items[::2]:
        for field in ("outages", "mode", "as_of", "policy"):
            item.ClearField(field)
    both = Both(policies)
    columns, rows = both.answers(batch)
    assert columns == rows
    assert both.together > len(batch.items) / 4


def test_a_plain_batch_is_decided_together_and_none_of_it_alone(policies: PolicySet) -> None:
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    both = Both(policies)
    columns, rows = both.answers(batch_of([case.request] * 100))
    assert columns == rows
    assert both.together == 100


def test_what_each_row_is_to_be_told_is_its_own(policies: PolicySet) -> None:
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    asked = (
        NoticeRequest(),
        NoticeRequest("SMS"),
        NoticeRequest("", ("zh-CN",)),
        NoticeRequest("", ("zh-CN",) * 1001),
        NoticeRequest("", ("xx",)),
        NoticeRequest("99"),
        None,
    )
    requests = [
        replace(case.request, mode=mode, notice=notice) for notice in asked for mode in ("PROACTIVE_NOTICE", "AUTOMATIC")
    ]
    both = Both(policies)
    columns, rows = both.answers(batch_of(requests * 8))
    assert columns == rows
    assert both.together == 8 * 5
    assert both.counts()[0] == both.counts()[1]


_ENTRY_WITHOUT_VALUE: Final = single(
    service_pb.ComputeCompensationRequest.SUBSCRIBER_FIELD_NUMBER,
    single(facts_pb.Subscriber.ATTRIBUTES_FIELD_NUMBER, single(1, b"area")),
)


@pytest.mark.parametrize(
    "unreadable",
    [b"\xff\xff", b"\x0a\x02\xff\xfe", _ENTRY_WITHOUT_VALUE],
    ids=["no message", "no UTF-8", "an entry of a map without its value"],
)
def test_an_item_that_cannot_be_read_keeps_no_other_from_being_decided_together(policies: PolicySet, unreadable: bytes) -> None:
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    batches = ColumnBatches(policies)
    items = [message_of(case.request).SerializeToString()] * 99 + [unreadable]
    alone: list[bytes] = []

    def answered(items: Sequence[bytes]) -> Iterator[bytes]:
        alone.extend(items)
        yield from [b""] * len(items)

    deciding = Deciding(policies, DecisionMetrics(CollectorRegistry()))
    envelope = Envelope(service_pb.BatchDefaults(), items)
    defaults = deciding.defaults(envelope.defaults)
    batches.answered(
        envelope,
        defaults,
        NOW,
        answered,
        lambda item: deciding.request(service_pb.ComputeCompensationRequest.FromString(item), NOW, defaults),
    )
    assert alone == [unreadable]


@pytest.mark.parametrize("nanos", [-2_000_000_000, -1_000_000_000, 1_000_000_000, 2_000_000_000])
@pytest.mark.parametrize("field", ["as_of", "started_at", "ended_at"])
def test_nanos_of_whole_seconds_are_refused_as_any_are(policies: PolicySet, field: str, nanos: int) -> None:
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    batch = batch_of([case.request] * 100)
    last = batch.items[-1]
    getattr(last if field == "as_of" else last.outages[0], field).nanos = nanos
    both = Both(policies)
    columns, rows = both.answers(batch)
    assert columns == rows
    assert both.together == 99


def test_defaults_that_come_in_pieces_are_one_message() -> None:
    said = service_pb.BatchDefaults(mode=service_pb.Mode.MODE_AUTOMATIC), service_pb.BatchDefaults(as_of=Timestamp(seconds=NOW))
    pieces = b"".join(service_pb.BatchComputeRequest(defaults=each).SerializeToString() for each in said)
    assert Envelopes().opened(pieces).defaults == service_pb.BatchComputeRequest.FromString(pieces).defaults


def test_versions_that_there_are_not_take_no_more_room_for_being_many(policies: PolicySet) -> None:
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    batches = ColumnBatches(policies)

    def room_of(*names: str) -> int:
        """The most bytes that were held at once."""
        requests = [replace(case.request, version=names[row % len(names)]) for row in range(6_000)]
        envelope = batches.opened(batch_of(requests).SerializeToString())
        tracemalloc.start()
        batches.answered(envelope, NO_DEFAULTS, NOW, lambda items: iter([b""] * len(items)), lambda _: case.request)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    assert room_of(*(f"v-{number}" for number in range(6_000))) < 2 * room_of("v")


@pytest.mark.parametrize("policy_id", ["cn-standard", "uk-ofcom-repair"])
def test_rows_with_very_many_outages_or_intervals_are_decided_in_parts(
    policies: PolicySet, policy_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [request for request in generated(policies, policy_id) if len(request.outages) > 1]
    monkeypatch.setattr("server.columns.batches.OUTAGES_AT_ONCE", 7)
    both = Both(policies)
    columns, rows = both.answers(batch_of(requests))
    assert columns == rows
    assert both.counts()[0] == both.counts()[1]
    assert both.together > len(requests) / 3


@pytest.mark.parametrize("days", [0, 1, 300, 401, 25_000])
def test_outages_of_any_length_are_answered_as_by_themselves(
    policies: PolicySet, both_alike: Both, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long ones are laid out day by day for few rows at a time, and beyond 400 days for each row by itself."""
    requests = [each for each in generated(policies, "au-csg") if each.mode == "AUTOMATIC" and each.outages]
    for number, request in enumerate(requests):
        end = (request.outages[0].started_at or 0) + days * 86_400 + 7_200
        as_of = max(request.as_of, end)
        requests[number] = replace(request, outages=(replace(request.outages[0], ended_at=end),), as_of=as_of, explain="NONE")
    monkeypatch.setattr("server.columns.batches.OUTAGES_AT_ONCE", 1_000)
    before = both_alike.together
    columns, rows = both_alike.answers(batch_of(requests))
    assert columns == rows
    assert (both_alike.together > before) == (days <= 300)
