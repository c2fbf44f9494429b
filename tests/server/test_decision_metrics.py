"""What was decided and granted is counted under words of closed sets, and a quote grants nothing."""

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from makegood.v1 import facts_pb2 as facts_pb
from policy import Decision, Grant, Outage, PolicySet, Reason, Recourse, Request, Subscriber
from policy.calculator import codes
from server.decision_metrics import DecisionMetrics
from tests.server.running import running
from tests.server.samples import GRANT, GRANTED_BYTES, STAMP, decision, question

POLICY = {"policy": STAMP.policy_id, "version": STAMP.version, "sha256": STAMP.sha256}
GRANTED_TO = {**POLICY, "cause": "POWER_SUPPLY", "plan_type": "CONVERGED", "mode": "AUTOMATIC"}
REQUEST = Request(Subscriber("s-1", "CONVERGED"), (Outage("o-1", 1, 2, "POWER_SUPPLY"),), "AUTOMATIC", 5)


def counted(answer: Decision, request: Request = REQUEST) -> CollectorRegistry:
    registry = CollectorRegistry()
    DecisionMetrics(registry).decided(request, answer)
    return registry


def labels_of(registry: CollectorRegistry, name: str) -> list[dict[str, str]]:
    return [sample.labels for family in registry.collect() for sample in family.samples if sample.name == name]


@pytest.mark.parametrize(
    ("kind", "metric"),
    [
        ("DATA_BYTES", "makegood_granted_data_bytes_total"),
        ("VOICE_SECONDS", "makegood_granted_voice_seconds_total"),
        ("VALUE_ADDED_DAYS", "makegood_granted_value_added_days_total"),
        ("VALIDITY_DAYS", "makegood_granted_validity_days_total"),
        ("UNLIMITED_DATA", "makegood_granted_unlimited_data_seconds_total"),
        ("TOP_UP_BONUS", "makegood_granted_top_up_bonus_basis_points_total"),
    ],
)
def test_each_kind_of_grant_is_counted_in_its_unit(kind: str, metric: str) -> None:
    registry = counted(decision(grants=(replace(GRANT, kind=kind, quantity=7),)))
    assert registry.get_sample_value(metric, GRANTED_TO) == 7


def test_every_kind_of_grant_has_a_metric() -> None:
    for kind in codes.BENEFIT_KINDS:
        registry = counted(decision(grants=(replace(GRANT, kind=kind, quantity=7),)))
        granted = [sample.value for family in registry.collect() for sample in family.samples if "_granted_" in sample.name]
        assert 7 in granted, kind


def test_credit_is_counted_by_currency() -> None:
    grants = tuple(Grant("k", "credit", "CREDIT", amount, code, 0, None, "1") for amount, code in ((5, "CNY"), (9, "KRW")))
    registry = counted(decision(grants=grants))
    name = "makegood_granted_credit_minor_units_total"
    assert registry.get_sample_value(name, {**GRANTED_TO, "currency": "CNY"}) == 5
    assert registry.get_sample_value(name, {**GRANTED_TO, "currency": "KRW"}) == 9


def test_recourse_is_counted_by_currency() -> None:
    owed = (Recourse("grid", 780, "CNY"), Recourse("", 20, "CNY"))
    registry = counted(decision(recourse=owed))
    assert registry.get_sample_value("makegood_recourse_minor_units_total", {**POLICY, "currency": "CNY"}) == 800


@pytest.mark.parametrize("outcome", [outcome for outcome in codes.OUTCOMES if outcome != "GRANTED"])
def test_only_what_is_granted_counts_as_granted(outcome: str) -> None:
    registry = counted(decision(outcome=outcome, grants=(replace(GRANT, grant_key=""),), recourse=(Recourse("x", 5, "CNY"),)))
    assert not labels_of(registry, "makegood_granted_data_bytes_total")
    assert not labels_of(registry, "makegood_recourse_minor_units_total")
    assert [labels["outcome"] for labels in labels_of(registry, "makegood_decisions_total")] == [outcome]


def test_a_decision_is_counted_once_whatever_its_reasons() -> None:
    registry = counted(decision(reasons=(Reason("CAPPED", benefit="data"), Reason("CLAIM_EXCEEDS_RECORD"))))
    (labels,) = labels_of(registry, "makegood_decisions_total")
    assert labels == {**POLICY, "outcome": "GRANTED", "reason": "CAPPED", "cause": "POWER_SUPPLY", "mode": "AUTOMATIC"}


@pytest.mark.parametrize(
    ("causes", "label"),
    [
        (("UNKNOWN",), "UNKNOWN"),
        (("UNKNOWN", "UNKNOWN"), "UNKNOWN"),
        (("UNKNOWN", "VANDALISM"), "MIXED"),
        ((), "NO_OUTAGE"),
        (("",), "UNSPECIFIED"),
        (("ALIENS",), "OTHER"),
    ],
)
def test_the_cause_is_the_one_that_all_outages_share(causes: tuple[str, ...], label: str) -> None:
    outages = tuple(Outage(str(index), 1, 2, cause) for index, cause in enumerate(causes))
    (labels,) = labels_of(counted(decision(), replace(REQUEST, outages=outages)), "makegood_decisions_total")
    assert labels["cause"] == label


def test_a_word_from_a_request_never_becomes_a_label() -> None:
    """The set of labels stays closed, so that no caller can fill the memory of whoever collects them."""
    request = Request(Subscriber("s-1", "plan-of-mine"), (Outage("o", 1, 2, "cause-of-mine"),), "mode-of-mine", 5)
    registry = counted(decision(), request)
    for family in registry.collect():
        for sample in family.samples:
            assert not any("of-mine" in value for value in sample.labels.values())


def test_a_call_shows_in_what_prometheus_reads(policies: PolicySet) -> None:
    version = policies.versions("cn-standard")[-1]
    stamp = {"policy": "cn-standard", "version": version.version, "sha256": version.sha256}
    ongoing = question()
    ongoing.outages[0].ClearField("ended_at")
    with running(policies) as server:
        server.compensation.ComputeCompensation(question())
        server.compensation.ComputeCompensation(ongoing)
        granted = {"cause": "EQUIPMENT_FAILURE", "plan_type": "DATA", "mode": "AUTOMATIC", **stamp}
        assert server.metric("makegood_granted_data_bytes_total", **granted) == GRANTED_BYTES
        assert server.metric("makegood_decisions_total", outcome="GRANTED", reason="NONE", **stamp) == 1
        assert server.metric("makegood_decisions_total", outcome="PROVISIONAL", **stamp) == 1


def test_repeated_questions_count_again(policies: PolicySet) -> None:
    with running(policies) as server:
        for _ in range(3):
            server.compensation.ComputeCompensation(question())
        assert server.metric("makegood_granted_data_bytes_total") == 3 * GRANTED_BYTES


def test_prometheus_reads_what_runs_and_what_is_loaded(policies: PolicySet) -> None:
    with running(policies, clock=lambda: 1_772_640_000) as server:
        for policy_id in policies.policy_ids:
            for version in policies.versions(policy_id):
                labels = {"policy": policy_id, "version": version.version, "sha256": version.sha256}
                assert server.metric("makegood_policy_info", **labels) == 1
        assert server.metric("makegood_build_info", engine_version=policies.engine_version) == 1
        assert server.metric("makegood_policies_last_successful_load_timestamp_seconds") == 1_772_640_000


def test_subscribers_are_in_no_metric(policies: PolicySet) -> None:
    message = question()
    message.outages[0].cause = facts_pb.CAUSE_POWER_SUPPLY
    message.outages[0].responsible_party = "contractor-of-mine"
    with running(policies) as server:
        server.compensation.ComputeCompensation(message)
        text = server.scrape()
    assert "makegood_recourse_minor_units_total" in text
    assert message.subscriber.subscriber_id not in text
    assert "contractor-of-mine" not in text
