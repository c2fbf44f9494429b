"""Series are there before what they count, are few, and name nobody."""

import re

import grpc
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from policy import PolicySet
from policy.calculator import codes
from server import agents, reflection
from server.contract import contract, methods_of
from server.decision_metrics import DecisionMetrics
from server.metrics import LATENCY_BUCKETS_SECONDS
from server.trace_context import trace_of
from tests.server.running import METHODS, PATIENCE_SECONDS, Running, eventually, refused, running
from tests.server.samples import GRANTED_BYTES, question

MOST_SERIES = 5_000
HEALTH_METHODS = 3
"""Check, Watch, List: only what is refused of them is measured."""
SERIES_OF_A_HISTOGRAM = len(LATENCY_BUCKETS_SECONDS) + 3
"""A bucket without end, the sum and the count."""
TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CALL_HISTOGRAM = "makegood_grpc_call_duration_seconds"


def scraped(server: Running) -> list[Sample]:
    """Without the times at which counters came to be: a server that is started by its command tells none."""
    told = [sample for family in text_string_to_metric_families(server.scrape()) for sample in family.samples]
    return [sample for sample in told if not sample.name.endswith("_created")]


def test_every_counter_of_the_catalog_is_there_before_anybody_asks(policies: PolicySet) -> None:
    with running(policies) as server:
        before = scraped(server)
        counters = {sample.name for sample in before if sample.name.endswith("_total")}
        assert all(sample.value == 0 for sample in before if sample.name in counters and not sample.name.startswith("process"))
        for policy_id in policies.policy_ids:
            for version in policies.versions(policy_id):
                for benefit in version.benefits:
                    labels = {"benefit": benefit.kind, "currency": benefit.currency_code if benefit.kind == "CREDIT" else ""}
                    by_cause = [sample for sample in before if sample.name == "makegood_granted_by_cause_total"]
                    there = {sample.labels["cause"] for sample in by_cause if labels.items() <= sample.labels.items()}
                    assert there >= set(codes.CAUSES)
        series = {(sample.name, *sorted(sample.labels.items())) for sample in before}
        server.compensation.ComputeCompensation(question())
        refused(lambda: server.compensation.ComputeCompensation(question(subscriber_id="")))
        new = {(sample.name, *sorted(sample.labels.items())) for sample in scraped(server)} - series
        assert not [each for each in new if str(each[0]).endswith("_total")], "it would show as no increase"


def test_what_any_benefit_of_the_catalog_grants_finds_its_series_there(policies: PolicySet) -> None:
    registry = CollectorRegistry()
    metrics = DecisionMetrics(registry)
    metrics.expect(policies)
    before = sum(len(family.samples) for family in registry.collect())
    for policy_id in policies.policy_ids:
        for program in policies.programs(policy_id):
            tally = metrics.tally()
            for benefit in program.version.benefits:
                for cause in (*codes.CAUSES, "", "of-mine"):
                    for plan_type in (*codes.PLAN_TYPES, "", "of-mine"):
                        tally.granted(policy_id, benefit.kind, benefit.currency_code, cause, plan_type, "of-mine", 1)
            tally.count()
    assert sum(len(family.samples) for family in registry.collect()) == before


def test_a_replica_with_the_whole_catalog_has_few_series_whatever_is_asked(policies: PolicySet) -> None:
    """Counters are all there; of the histogram of calls, which comes to be as it is needed, the most that can be is added."""
    with running(policies) as server:
        there = [sample for sample in scraped(server) if not sample.name.startswith(CALL_HISTOGRAM)]
    methods = len((*methods_of(contract()), *reflection.METHODS, "unknown")) + HEALTH_METHODS
    queues = 4
    assert len(there) + (methods * len(grpc.StatusCode) + queues) * SERIES_OF_A_HISTOGRAM <= MOST_SERIES


def test_digests_are_in_info_metrics_alone(policies: PolicySet) -> None:
    with running(policies) as server:
        server.compensation.ComputeCompensation(question())
        for sample in scraped(server):
            if any(re.fullmatch("[0-9a-f]{64}", value) for value in sample.labels.values()):
                assert sample.name.endswith("_info"), sample


def test_a_first_mass_grant_shows_as_an_increase(policies: PolicySet) -> None:
    with running(policies) as server:
        before = scraped(server)
        server.compensation.ComputeCompensation(question())
        after = {(sample.name, *sorted(sample.labels.items())): sample.value for sample in scraped(server)}
        grown = {
            sample.name: after[sample.name, *sorted(sample.labels.items())] - sample.value
            for sample in before
            if sample.name.startswith("makegood_granted_") and after[sample.name, *sorted(sample.labels.items())] > sample.value
        }
    names = ("data_bytes", "by_cause", "by_plan_type", "by_mode")
    assert {f"makegood_granted_{name}_total" for name in names} <= set(grown)
    assert grown["makegood_granted_data_bytes_total"] == GRANTED_BYTES


def test_minutes_are_told_from_more_minutes() -> None:
    assert [bound for bound in LATENCY_BUCKETS_SECONDS if bound >= 60] == [120, 600]


@pytest.mark.parametrize("method", METHODS)
def test_calls_are_counted_by_code(server: Running, method: str) -> None:
    assert server.metric("makegood_grpc_calls_total", method=method, code="INTERNAL") == 0
    codes_told = {each.labels["code"] for each in scraped(server) if each.name == "makegood_grpc_calls_total"}
    assert codes_told == {code.name for code in grpc.StatusCode}


@pytest.mark.parametrize(
    ("user_agent", "kind"),
    [
        ("grpc-python/1.80.0 grpc-c/54.0.0 (linux; chttp2)", "grpc-python"),
        ("grpcurl/1.9.1 grpc-go/1.61.0", "grpcurl"),
        ("our-crm/2 grpc-java-netty/1.60.0", "grpc-java-netty"),
        ("grpc-node-js/1.14.0", "grpc-node-js"),
        ("customer-13800000000", "OTHER"),
        ("", "OTHER"),
        (" " * 300 + "grpc-go/1", "OTHER"),
    ],
)
def test_a_kind_of_client_is_one_that_is_known(user_agent: str, kind: str) -> None:
    assert agents.kind_of(user_agent) == kind


def test_invalid_questions_are_counted_by_kind_of_client(policies: PolicySet) -> None:
    with running(policies) as server:
        refused(lambda: server.compensation.ComputeCompensation(question(subscriber_id="")))
        server.compensation.ComputeCompensation(question())
        name = "makegood_grpc_calls_by_agent_total"
        for result in ("OK", "INVALID_ARGUMENT"):
            assert server.metric(name, agent="grpc-python", result=result) == 1
        assert server.metric(name) == server.metric("makegood_grpc_calls_total")


@pytest.mark.parametrize(
    ("traceparent", "is_one"),
    [
        (f"00-{TRACE_ID}-{SPAN_ID}-01", True),
        (f"00-{TRACE_ID}-{SPAN_ID}-00", True),
        (f"01-{TRACE_ID}-{SPAN_ID}-01-more", True),
        (f"00-{TRACE_ID}-{SPAN_ID}-01-more", False),
        (f"ff-{TRACE_ID}-{SPAN_ID}-01", False),
        (f"00-{TRACE_ID.upper()}-{SPAN_ID}-01", False),
        (f"00-{'0' * 32}-{SPAN_ID}-01", False),
        (f"00-{TRACE_ID}-{'0' * 16}-01", False),
        (f"00-{TRACE_ID}-{SPAN_ID}", False),
        (f"00-{TRACE_ID}-{SPAN_ID}-01\n", False),
        ("", False),
    ],
)
def test_a_trace_is_taken_from_what_is_well_formed(traceparent: str, is_one: bool) -> None:
    assert trace_of(traceparent) == ({"trace_id": TRACE_ID, "parent_id": SPAN_ID} if is_one else {})


def test_a_call_that_is_part_of_a_trace_says_so_in_its_line(policies: PolicySet) -> None:
    with running(policies) as server:
        metadata = (("traceparent", f"00-{TRACE_ID}-{SPAN_ID}-01"),)
        server.compensation.ComputeCompensation(question("traced"), metadata=metadata, timeout=PATIENCE_SECONDS)
        server.compensation.ComputeCompensation(question("broken"), metadata=(("traceparent", "of-mine"),))
        eventually(lambda: sum(line["event"] == "call" for line in server.lines()) == 2)
        traced, broken = (line for line in server.lines() if line["event"] == "call")
        assert (traced["request_id"], traced["trace_id"], traced["parent_id"]) == ("traced", TRACE_ID, SPAN_ID)
        assert "trace_id" not in broken
