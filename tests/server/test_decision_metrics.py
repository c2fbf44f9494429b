"""What was decided and granted is counted under words of closed sets, and a quote grants nothing."""

from dataclasses import replace

import pytest
from google.rpc import code_pb2
from prometheus_client import CollectorRegistry
from prometheus_client.samples import Sample

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import facts_pb2 as facts_pb
from policy import Decision, Outage, PolicySet, Quote, Reason, Recourse, Request, Subscriber
from policy.calculator import codes
from server.decision_metrics import DecisionMetrics
from tests.server.running import Running, refused, running
from tests.server.samples import GRANT, GRANTED_BYTES, STAMP, decision, question

POLICY = {"policy": STAMP.policy_id}
REQUEST = Request(Subscriber("s-1", "CONVERGED"), (Outage("o-1", 1, 2, "POWER_SUPPLY"),), "AUTOMATIC", 5)


def counted(answer: Decision, request: Request = REQUEST) -> CollectorRegistry:
    registry = CollectorRegistry()
    DecisionMetrics(registry).decided(request, answer)
    return registry


def samples(registry: CollectorRegistry, prefix: str) -> list[Sample]:
    told = [sample for family in registry.collect() for sample in family.samples]
    return [sample for sample in told if sample.name.startswith(prefix) and not sample.name.endswith("_created")]


def labels_of(registry: CollectorRegistry, name: str) -> list[dict[str, str]]:
    return [sample.labels for sample in samples(registry, name)]


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
    assert registry.get_sample_value(metric, POLICY) == 7


def test_every_kind_of_grant_has_a_metric() -> None:
    for kind in codes.BENEFIT_KINDS:
        registry = counted(decision(grants=(replace(GRANT, kind=kind, quantity=7),)))
        granted = [sample.value for family in registry.collect() for sample in family.samples if "_granted_" in sample.name]
        assert 7 in granted, kind


def test_credit_is_counted_by_currency() -> None:
    grants = tuple(
        replace(GRANT, kind="CREDIT", quantity=amount, currency_code=code) for amount, code in ((5, "CNY"), (9, "KRW"))
    )
    registry = counted(decision(grants=grants))
    name = "makegood_granted_credit_minor_units_total"
    assert registry.get_sample_value(name, {**POLICY, "currency": "CNY"}) == 5
    assert registry.get_sample_value(name, {**POLICY, "currency": "KRW"}) == 9


def test_recourse_is_counted_by_currency() -> None:
    owed = (Recourse("grid", 780, "CNY", ()), Recourse("", 20, "CNY", ()))
    registry = counted(decision(recourse=owed))
    assert registry.get_sample_value("makegood_recourse_minor_units_total", {**POLICY, "currency": "CNY"}) == 800


@pytest.mark.parametrize("outcome", [outcome for outcome in codes.OUTCOMES if outcome != "GRANTED"])
def test_only_what_is_granted_counts_as_granted(outcome: str) -> None:
    quote = Quote("data", "DATA_BYTES", 5, "", 0, None, "1", 0)
    registry = counted(decision(outcome=outcome, grants=(), quotes=(quote,)))
    assert not labels_of(registry, "makegood_granted_data_bytes_total")
    assert not labels_of(registry, "makegood_recourse_minor_units_total")
    assert not [sample for sample in samples(registry, "makegood_granted_by_") if sample.value]
    assert labels_of(registry, "makegood_decisions_total") == [{**POLICY, "outcome": outcome}]


def test_quote_beside_a_grant_adds_nothing_to_it() -> None:
    """An outage of another occasion goes on: what that one would be owed is in no amount."""
    quote = Quote("data", "DATA_BYTES", 5, "", 0, None, "1", 1)
    registry = counted(decision(grants=(replace(GRANT, kind="DATA_BYTES", quantity=7),), quotes=(quote,)))
    assert registry.get_sample_value("makegood_granted_data_bytes_total", POLICY) == 7


def test_a_decision_is_counted_once_whatever_its_reasons() -> None:
    registry = counted(decision(reasons=(Reason("CAPPED", benefit="data"), Reason("CLAIM_EXCEEDS_RECORD"))))
    (of_policy,) = samples(registry, "makegood_decisions_total")
    assert (of_policy.labels, of_policy.value) == ({**POLICY, "outcome": "GRANTED"}, 1)
    (of_reason,) = [sample for sample in samples(registry, "makegood_decision_reasons_total") if sample.value]
    assert (of_reason.labels, of_reason.value) == ({"outcome": "GRANTED", "reason": "CAPPED"}, 1)


@pytest.mark.parametrize(("way", "label"), [("cause", "POWER_SUPPLY"), ("plan_type", "CONVERGED"), ("mode", "AUTOMATIC")])
def test_what_is_granted_is_counted_by_cause_by_plan_type_and_by_mode(way: str, label: str) -> None:
    credit = replace(GRANT, benefit="credit", kind="CREDIT", quantity=9, currency_code="KRW")
    registry = counted(decision(grants=(replace(GRANT, kind="DATA_BYTES", quantity=7), credit)))
    name = f"makegood_granted_by_{way}_total"
    assert registry.get_sample_value(name, {"benefit": "DATA_BYTES", "currency": "", way: label}) == 7
    assert registry.get_sample_value(name, {"benefit": "CREDIT", "currency": "KRW", way: label}) == 9


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
    (labels,) = labels_of(counted(decision(), replace(REQUEST, outages=outages)), "makegood_granted_by_cause_total")
    assert labels["cause"] == label


def test_a_word_from_a_request_never_becomes_a_label() -> None:
    """The set of labels stays closed, so that no caller can fill the memory of whoever collects them."""
    request = Request(Subscriber("s-1", "plan-of-mine"), (Outage("o", 1, 2, "cause-of-mine"),), "mode-of-mine", 5)
    registry = counted(decision(), request)
    for family in registry.collect():
        for sample in family.samples:
            assert not any("of-mine" in value for value in sample.labels.values())


def test_a_call_shows_in_what_prometheus_reads(policies: PolicySet) -> None:
    stamp = {"policy": "cn-standard"}
    ongoing = question()
    ongoing.outages[0].ClearField("ended_at")
    with running(policies) as server:
        server.compensation.ComputeCompensation(question())
        server.compensation.ComputeCompensation(ongoing)
        assert server.metric("makegood_granted_data_bytes_total", **stamp) == GRANTED_BYTES
        for way, label in (("cause", "EQUIPMENT_FAILURE"), ("plan_type", "DATA"), ("mode", "AUTOMATIC")):
            name = f"makegood_granted_by_{way}_total"
            assert server.metric(name, benefit="DATA_BYTES", **{way: label}) == GRANTED_BYTES
        assert server.metric("makegood_decisions_total", outcome="GRANTED", **stamp) == 1
        assert server.metric("makegood_decision_reasons_total", outcome="GRANTED", reason="NONE") == 1
        assert server.metric("makegood_decisions_total", outcome="PROVISIONAL", **stamp) == 1


QUOTE = (("makegood-purpose", "quote"),)


def test_what_a_caller_only_quotes_counts_as_a_quote_and_nowhere_else(policies: PolicySet) -> None:
    """By itself, in a batch and in a stream; from bytes to bytes and, as the third row wants every step, the ordinary way."""
    rows = [question("a"), question("b", subscriber_id=""), question("c")]
    rows[2].explain = service_pb.EXPLAIN_FULL
    with running(policies) as server:
        plain = server.compensation.ComputeCompensation(question("r"))
        there = granted(server)
        quoted = server.compensation.ComputeCompensation(question("r"), metadata=QUOTE)
        assert quoted.SerializeToString(deterministic=True) == plain.SerializeToString(deterministic=True)
        server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=rows), metadata=QUOTE)
        list(server.compensation.StreamCompute(iter([service_pb.StreamComputeRequest(items=rows)]), metadata=QUOTE))
        assert granted(server) == there
        assert server.metric("makegood_quotes_total", outcome="GRANTED") == server.metric("makegood_quotes_total") == 5
        server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=rows))
        assert server.metric("makegood_granted_data_bytes_total") == 3 * GRANTED_BYTES
        assert server.metric("makegood_quotes_total") == 5


def granted(server: Running) -> dict[str, float]:
    names = (
        "decisions",
        "decision_reasons",
        "granted_data_bytes",
        "granted_by_cause",
        "granted_by_mode",
        "recourse_minor_units",
    )
    return {name: server.metric(f"makegood_{name}_total") for name in names}


def test_a_purpose_that_is_none_is_refused_and_says_what_to_write(policies: PolicySet) -> None:
    with running(policies) as server:
        metadata = (("makegood-purpose", "quotation"),)
        for call in (
            lambda: server.compensation.ComputeCompensation(question(), metadata=metadata),
            lambda: server.compensation.BatchCompute(service_pb.BatchComputeRequest(items=[question()]), metadata=metadata),
        ):
            error = refused(call)
            assert error.code == code_pb2.INVALID_ARGUMENT
            assert "makegood-purpose: write quote, or leave it out" in str(error)
        assert server.metric("makegood_decisions_total") == 0


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
