"""From bytes to bytes an item is answered byte for byte as it is the ordinary way, whatever stands in it or beside it."""

from dataclasses import replace
from random import Random
from typing import Any, Final

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb
from native.choice import from_environment
from policy import PolicySet, Request
from policy.calculator.checks import MAX_ITEMS
from policy.calculator.request import NoticeRequest
from server.wire import plans, rows
from tests.judge import Verdict
from tests.server.messages import message_of
from tests.strategies.any_policy import generator_for
from tests.support.cases import load_cases
from tests.wire.both import NOW, Both, batch_of
from tests.wire.drawing import POLICIES, PROGRAMS, as_it_is, forgetful, generator_of
from tests.wire.mutating import mutated

_CHOICE: Final = from_environment()
MODULES: Final = [rows, *([_CHOICE.module("server.wire.rows")] if _CHOICE.compiled else [])]
ROWS: Final = 40
SEVERAL: Final = ("cn-standard", "nl-7.1a", "kr-terms", "us-att-wireless", "uk-ofcom-repair", "de-tkg58", "es-rd899", "pt-129")
EXPLAINS: Final = ("NONE", "NONE", "SUMMARY", "SUMMARY", "FULL")


@pytest.fixture(scope="module", params=MODULES, ids=lambda module: "compiled" if module is not rows else "as it stands")
def both(request: pytest.FixtureRequest) -> Both:
    """Made once for all policies."""
    return Both(POLICIES, request.param)


def generated(policies: PolicySet, policy_id: str) -> list[Request]:
    """Requests around the limits of the latest version; most are valid."""
    versions = policies.versions(policy_id)
    generator, random = generator_for(versions[-1], versions, lambda _: Verdict()), Random(5)
    return [replace(generator.request(random), explain=random.choice(EXPLAINS)) for _ in range(ROWS)]


def the_same(both: Both, batch: service_pb.BatchComputeRequest, fewest: int) -> None:
    """Answers, and what the metrics say; ``fewest`` rows are answered from bytes to bytes."""
    before = both.fast
    fast, ordinary = both.answers(batch.SerializeToString())
    assert fast == ordinary
    assert both.fast - before >= fewest
    assert both.counts()[0] == both.counts()[1]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: f"{program.version.policy_id} {program.version.version}")
def test_items_are_answered_the_same_under_every_version(both: Both, program: Any) -> None:
    generator, random = generator_of(program), Random(program.version.version)
    drawn = [random.choice((as_it_is, forgetful))(generator, generator.request(random), random) for _ in range(ROWS)]
    the_same(both, batch_of([replace(each, explain=random.choice(EXPLAINS)) for each in drawn]), 1)


def test_cases_of_every_kind_in_one_batch(both: Both) -> None:
    """Malformed rows, unknown codes, claims, notices, recourse, quotes and explanations beside one another."""
    requests = [case.request for name in ("cn_standard", "malformed") for case in load_cases(name)]
    the_same(both, batch_of(requests), len(requests) // 4)


def test_items_of_several_policies_and_versions_in_one_batch(both: Both, policies: PolicySet) -> None:
    requests = [request for policy_id in SEVERAL for request in generated(policies, policy_id)]
    Random(3).shuffle(requests)
    the_same(both, batch_of(requests), len(requests) // 4)


def test_what_a_batch_states_once_is_taken_by_the_items_that_do_not_say_otherwise(both: Both, policies: PolicySet) -> None:
    batch = batch_of([each for each in generated(policies, "cn-standard") if each.mode == "AUTOMATIC" and each.outages])
    batch.defaults.outages.extend(batch.items[0].outages)
    batch.defaults.mode = batch.items[0].mode
    batch.defaults.as_of.seconds = NOW
    batch.defaults.policy.version = "2026-01"
    batch.defaults.explain = service_pb.EXPLAIN_SUMMARY
    for item in batch.items[::2]:
        for field in ("outages", "mode", "as_of", "policy", "explain"):
            item.ClearField(field)
    the_same(both, batch, len(batch.items) // 4)


@pytest.mark.parametrize("explain", ["NONE", "SUMMARY", "FULL"])
def test_whatever_is_told_of_it_a_decision_is_answered_from_bytes_to_bytes(both: Both, explain: str) -> None:
    """Also one that cannot be made, which says for each occasion what it lacks."""
    cases = [case for case in load_cases("cn_standard") if case.expected.outcome]
    requests = [replace(case.request, explain=explain) for case in cases]
    batch = batch_of(requests)
    lacking = service_pb.BatchComputeRequest(items=batch.items)
    for item in lacking.items:
        for field in ("monthly_fee", "data_allowance_bytes", "data_remaining_bytes"):
            item.subscriber.ClearField(field)
    the_same(both, batch, len(batch.items) * 9 // 10)
    the_same(both, lacking, len(batch.items) * 9 // 10)


@pytest.mark.parametrize("explain", ["SUMMARY", "FULL"])
def test_what_is_not_known_is_told_under_every_version(both: Both, explain: str) -> None:
    """What a clock lacks stands in its line, and each fact that is missing in one of its own."""
    told = 0
    for program in PROGRAMS:
        generator, random = generator_of(program), Random(f"lacking {program.version.version}")
        drawn = [forgetful(generator, generator.request(random), random) for _ in range(ROWS)]
        batch = batch_of([replace(each, explain=explain) for each in drawn])
        the_same(both, batch, 0)
        answered = b"".join(both.answers(batch.SerializeToString())[0])
        for result in service_pb.BatchComputeResponse.FromString(answered).results:
            told += any(line.note.startswith("not decided") for line in result.decision.explanation.lines)
    assert told > len(PROGRAMS)


def test_explanations_that_are_long_are_answered_the_same_and_so_is_what_follows(both: Both) -> None:
    """More than is answered at once, and more room than is kept for another call."""
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    batch = batch_of([replace(case.request, explain="FULL")] * 250)
    last = batch.items.add()
    last.CopyFrom(batch.items[0])
    del last.outages[:]
    for number in range(MAX_ITEMS):
        outage = last.outages.add()
        outage.CopyFrom(batch.items[0].outages[0])
        outage.outage_id = f"{'o' * 200}-{number:04}"
    results = both.answers(batch.SerializeToString())[0]
    assert sum(map(len, results[:-1])) > 2**20
    assert len(results[-1]) > 2**20
    for _ in range(2):
        the_same(both, batch, len(batch.items))
        del batch.items[3:]


@pytest.mark.parametrize("outages", [1, 2, 70])
def test_outages_that_are_stated_once_are_laid_out_for_each_version_and_row(both: Both, outages: int) -> None:
    """Some go on, so that each row sees them until its own instant; rows of their own come between."""
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    message = message_of(case.request)
    batch, last = service_pb.BatchComputeRequest(), 1_772_600_000
    for number in range(outages):
        outage = batch.defaults.outages.add()
        outage.CopyFrom(message.outages[0])
        outage.outage_id = f"o-{number * 37 % outages:03}"
        outage.started_at.seconds, outage.ended_at.seconds = last - 9_000 * number, last - 9_000 * number + 6_000
        if number % 3 == 1:
            outage.ClearField("ended_at")
    batch.defaults.mode = service_pb.MODE_AUTOMATIC
    for number in range(12):
        item = batch.items.add(request_id=str(number), subscriber=message.subscriber)
        item.as_of.seconds = last + 20_000 + 1_000 * number
        if number % 4 == 3:
            item.outages.append(message.outages[0])
        if number % 5 == 4:
            item.policy.policy_id = "jp-terms"
    the_same(both, batch, 4)


def test_what_began_outside_of_its_billing_cycle_is_refused_from_bytes_to_bytes(both: Both) -> None:
    """One outage before the cycle, two around its end; to the second at which each begins."""
    began, ended = 1_772_500_000, 1_772_600_000
    batch = service_pb.BatchComputeRequest()
    batch.defaults.mode = service_pb.MODE_AUTOMATIC
    for number, start in enumerate((began - 200_000, ended - 90_000, ended)):
        outage = batch.defaults.outages.add(
            outage_id=f"o-{number}", cause=facts_pb.CAUSE_EQUIPMENT_FAILURE, impact=facts_pb.IMPACT_LOSS
        )
        outage.started_at.seconds, outage.ended_at.seconds = start, start + 30_000
    message = message_of(next(case for case in load_cases("cn_standard") if case.id == "worked_example_3").request)
    for number, (early, late) in enumerate([(0, 0), (-1, 0), (0, 1), (-200_000, 0), (-200_001, 1), (-200_000, 1), (1, -1)]):
        item = batch.items.add(request_id=str(number), subscriber=message.subscriber)
        cycle = item.subscriber.billing_cycle
        cycle.started_at.seconds, cycle.ended_at.seconds = began + early, ended + late
        item.subscriber.granted_this_cycle.quantities["data"] = 0
    answers = service_pb.BatchComputeResponse.FromString(b"".join(both.answers(batch.SerializeToString())[0]))
    assert [each.error.message.count("of another cycle") for each in answers.results] == [2, 2, 1, 1, 0, 0, 2]
    the_same(both, batch, len(batch.items))


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
    facts_pb.Value(ratio=facts_pb.Ratio()),
    facts_pb.Value(text="NO_SUCH_CODE"),
    facts_pb.Value(text=""),
    facts_pb.Value(yes_or_no=True),
    facts_pb.Value(yes_or_no=False),
    facts_pb.Value(money=facts_pb.Money(currency_code="USD", amount_minor=500)),
    facts_pb.Value(money=facts_pb.Money(currency_code="XXX", amount_minor=500)),
    facts_pb.Value(money=facts_pb.Money()),
    facts_pb.Value(instant=Timestamp(seconds=1_700_000_000)),
    facts_pb.Value(instant=Timestamp(seconds=-1)),
    facts_pb.Value(instant=Timestamp(seconds=1_700_000_000, nanos=1)),
    facts_pb.Value(date=facts_pb.Date(year=2026, month=2, day=28)),
    facts_pb.Value(date=facts_pb.Date(year=2024, month=2, day=29)),
    facts_pb.Value(date=facts_pb.Date(year=2026, month=2, day=30)),
    facts_pb.Value(intervals=facts_pb.IntervalList()),
    _intervals((AFTERNOON, AFTERNOON + 60), (AFTERNOON - 3600, AFTERNOON - 60)),
    facts_pb.Value(intervals=facts_pb.IntervalList(intervals=[facts_pb.Interval()])),
    _intervals((AFTERNOON, AFTERNOON)),
    _intervals((AFTERNOON, 0)),
    _intervals((-1, AFTERNOON), (AFTERNOON, AFTERNOON + 60)),
)


@pytest.mark.parametrize(
    "policy_id", ["us-att-wireless", "nl-7.1a", "ng-ncc-2025", "kt-2024-08", "br-rqual", "de-tkg58", "uk-water"]
)
def test_attributes_of_any_kind(both: Both, policies: PolicySet, policy_id: str) -> None:
    batch, random = batch_of(generated(policies, policy_id) * 3), Random(8)
    names = [fact.name for fact in policies.versions(policy_id)[-1].facts if fact.attribute]
    for item in batch.items:
        owners: list[Any] = [item.subscriber, *item.outages]
        for _ in range(random.randrange(3)):
            owner, name = random.choice(owners), random.choice([*names, *names, *names, "no_such_fact"])
            owner.attributes[name].CopyFrom(random.choice(KINDS))
    the_same(both, batch, 1)


def test_what_each_item_is_to_be_told_is_its_own(both: Both) -> None:
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
    requests = [replace(case.request, mode=mode, notice=each) for each in asked for mode in ("PROACTIVE_NOTICE", "AUTOMATIC")]
    the_same(both, batch_of(requests), 1)


TELLING: Final = [each for each in PROGRAMS if each.version.notice is not None]


@pytest.mark.parametrize("program", TELLING, ids=lambda program: f"{program.version.policy_id} {program.version.version}")
def test_customers_are_told_the_same(both: Both, program: Any) -> None:
    generator, random = generator_of(program), Random(7)
    drawn = [generator.request(random) for _ in range(3 * ROWS)]
    told = [replace(each, mode="PROACTIVE_NOTICE", explain="NONE") for each in drawn if each.mode == "AUTOMATIC"]
    the_same(both, batch_of(told), len(told) // 4)


@pytest.mark.parametrize("nanos", [-2_000_000_000, -1_000_000_000, 1_000_000_000, 2_000_000_000, 1])
@pytest.mark.parametrize("field", ["as_of", "started_at", "ended_at"])
def test_nanos_are_refused(both: Both, field: str, nanos: int) -> None:
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    batch = batch_of([case.request] * 2)
    last = batch.items[-1]
    getattr(last if field == "as_of" else last.outages[0], field).nanos = nanos
    the_same(both, batch, 1)


def test_an_item_by_itself_is_answered_as_in_a_batch(both: Both, policies: PolicySet) -> None:
    batch = batch_of([each for policy_id in SEVERAL for each in generated(policies, policy_id)[:10]])
    results = service_pb.BatchComputeResponse.FromString(b"".join(both.answers(batch.SerializeToString())[1])).results
    alone = [both.alone(item.SerializeToString()) for item in batch.items]
    for result, answer in zip(results, alone, strict=True):
        if answer is not None:
            assert answer == result.SerializeToString(deterministic=True)
    assert sum(answer is not None for answer in alone) > len(alone) / 4


def test_messages_that_are_nearly_right_are_answered_the_same(both: Both, policies: PolicySet) -> None:
    """What is changed stands in the item, or in what the batch states once."""
    random = Random(11)
    whole = [item.SerializeToString() for policy_id in SEVERAL for item in batch_of(generated(policies, policy_id)[:6]).items]
    for _ in range(6):
        items = [mutated(random.choice(whole), random) for _ in range(60)]
        fast, ordinary = both.of_items(items)
        assert fast == ordinary
    assert both.counts()[0] == both.counts()[1]


def test_every_version_of_the_catalog_is_answered_from_bytes_to_bytes() -> None:
    assert all(map(plans.has_plan, PROGRAMS))


def test_a_version_that_reads_what_the_reader_does_not_know_is_left_to_the_ordinary_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So a fact may come into the contract, and into policies, before it comes to the reader."""
    monkeypatch.setattr(plans, "_ROW_FACTS", {name: at for name, at in plans._ROW_FACTS.items() if name != "monthly_fee"})
    both = Both(POLICIES, rows)
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    fast, ordinary = both.answers(batch_of([case.request] * 2).SerializeToString())
    assert fast == ordinary
    assert both.fast == 0


def test_a_batch_of_which_the_envelope_is_not_plain_is_written_anew(both: Both) -> None:
    """Defaults in two pieces are one message; a field that a later contract may have is no item."""
    case = next(case for case in load_cases("cn_standard") if case.id == "worked_example_3")
    item = batch_of([case.request]).SerializeToString()
    stated = service_pb.BatchDefaults(mode=service_pb.MODE_AUTOMATIC), service_pb.BatchDefaults(as_of=Timestamp(seconds=NOW))
    pieces = b"".join(service_pb.BatchComputeRequest(defaults=each).SerializeToString() for each in stated)
    for data in (pieces + item, item + b"\x9a\x3f\x00"):
        before = both.fast
        fast, ordinary = both.answers(data)
        assert fast == ordinary
        assert both.fast == before + 1
