"""Every method of the contract, answered."""

from datetime import date, timedelta

import pytest

from makegood.v1 import compensation_service_pb2 as service_pb
from makegood.v1 import decision_pb2 as decision_pb
from makegood.v1 import facts_pb2 as facts_pb
from makegood.v1 import policy_service_pb2 as policy_pb
from policy import PolicySet, UnknownPolicy
from tests.server.messages import details_of, error_of
from tests.server.running import Running, code_name, refusal_or, refused, running
from tests.server.samples import AS_OF, GRANTED_BYTES, minimal, question


def test_one_question_is_answered_with_its_request_id(server: Running) -> None:
    response = server.compensation.ComputeCompensation(question("r-7"))
    assert response.request_id == "r-7"
    assert minimal(response.decision) == ("OUTCOME_GRANTED", GRANTED_BYTES)
    assert response.decision.as_of.seconds == AS_OF


def test_a_question_without_as_of_is_stamped_in_whole_seconds(policies: PolicySet) -> None:
    message = question()
    message.ClearField("as_of")
    with running(policies, clock=lambda: AS_OF + 5) as server:
        decision = server.compensation.ComputeCompensation(message).decision
    assert (decision.as_of.seconds, decision.as_of.nanos) == (AS_OF + 5, 0)


def test_the_same_question_gets_the_same_bytes(server: Running) -> None:
    message = question()
    message.explain = service_pb.EXPLAIN_FULL
    answers = {server.compensation.ComputeCompensation(message).SerializeToString(deterministic=True) for _ in range(5)}
    raw = server.unary("/makegood.v1.CompensationService/ComputeCompensation")
    assert answers == {raw(message.SerializeToString())}


def test_explanations_come_only_when_asked_for(server: Running) -> None:
    lines = {}
    for explain in (service_pb.EXPLAIN_NONE, service_pb.EXPLAIN_SUMMARY, service_pb.EXPLAIN_FULL):
        message = question()
        message.explain = explain
        lines[explain] = len(server.compensation.ComputeCompensation(message).decision.explanation.lines)
    assert 0 == lines[service_pb.EXPLAIN_NONE] < lines[service_pb.EXPLAIN_SUMMARY] < lines[service_pb.EXPLAIN_FULL]


def test_the_list_names_every_policy_and_the_default(server: Running, policies: PolicySet) -> None:
    response = server.policies.ListPolicies(policy_pb.ListPoliciesRequest())
    assert [policy.policy_id for policy in response.policies] == sorted(policies.policy_ids)
    assert [policy.policy_id for policy in response.policies if policy.is_default] == ["cn-standard"]
    assert response.engine_version == policies.engine_version
    assert response.active_since.seconds > 0
    for policy in response.policies:
        versions = policies.versions(policy.policy_id)
        assert [(each.version, each.sha256) for each in policy.versions] == [(each.version, each.sha256) for each in versions]


def test_a_policy_is_told_whole(server: Running, policies: PolicySet) -> None:
    version = policies.versions("cn-standard")[-1]
    on = version.in_force_from
    told = server.policies.GetPolicy(policy_pb.GetPolicyRequest(on=facts_pb.Date(year=on.year, month=on.month, day=on.day)))
    assert (told.policy_id, told.version.version, told.version.sha256) == ("cn-standard", version.version, version.sha256)
    assert told.text == version.text
    assert told.time_zone == "Asia/Shanghai"
    assert not told.version.HasField("in_force_until")
    assert [benefit.name for benefit in told.benefits] == ["data", "voice", "value_added"]
    facts = {fact.field: fact.type for fact in told.facts}
    assert facts["subscriber.monthly_fee"] == "money, CNY"
    assert facts["subscriber.plan_type"] == "DATA or VOICE or CONVERGED"
    clauses = {clause.clause: dict(clause.texts) for clause in told.clauses}
    assert "3.1.1" in clauses
    assert all(clauses.values())


def test_a_caller_is_told_what_to_ask_apart_of_every_version(server: Running, policies: PolicySet) -> None:
    """By the list alone: what pins a version, what each benefit is worked out for, and what becomes of a correction."""
    for policy in server.policies.ListPolicies(policy_pb.ListPoliciesRequest()).policies:
        for told, version in zip(policy.versions, policies.versions(policy.policy_id), strict=True):
            assert told.pinned_by == version.pinned_by.field
            words = {name: policy_pb.ForEach.Name(each).removeprefix("FOR_EACH_") for name, each in told.for_each.items()}
            assert words == {each.name: each.for_each.upper().replace(" ", "_") for each in version.benefits}
            assert decision_pb.Corrections.Name(told.corrections) == (
                "CORRECTIONS_CLAW_BACK" if version.corrections.how == "claw back" else "CORRECTIONS_SET_OFF"
            )


def test_every_version_of_every_policy_can_be_told(server: Running, policies: PolicySet) -> None:
    for policy_id in policies.policy_ids:
        for version in policies.versions(policy_id):
            asked = policy_pb.GetPolicyRequest(policy_id=policy_id, version=version.version)
            told = server.policies.GetPolicy(asked)
            assert (told.policy_id, told.version.sha256, told.text) == (policy_id, version.sha256, version.text)
            assert [(each.name, each.currency_code) for each in told.benefits] == [
                (each.name, each.currency_code) for each in version.benefits
            ]
            assert decision_pb.BENEFIT_KIND_UNSPECIFIED not in [each.kind for each in told.benefits]


def test_the_version_in_force_today_is_that_of_the_day_in_the_zone_of_the_policy(policies: PolicySet) -> None:
    """One second before local midnight of the first day no version holds; at midnight it does."""
    first = policies.versions("cn-standard")[0].in_force_from
    midnight = (first - date(1970, 1, 1)).days * 86_400 - 8 * 3600  # Shanghai is 8 h ahead
    with running(policies, clock=lambda: midnight) as server:
        assert server.policies.GetPolicy(policy_pb.GetPolicyRequest()).policy_id == "cn-standard"
    with running(policies, clock=lambda: midnight - 1) as server:
        early = refused(lambda: server.policies.GetPolicy(policy_pb.GetPolicyRequest()))
        assert code_name(early) == "FAILED_PRECONDITION"


def test_a_version_is_found_by_the_date_on_which_it_holds(server: Running, policies: PolicySet) -> None:
    """On its first day it does; the day before, no version does, and the answer names what is covered."""
    first = policies.versions("cn-standard")[0]
    for day, code in ((first.in_force_from, ""), (first.in_force_from - timedelta(days=1), "FAILED_PRECONDITION")):
        on = facts_pb.Date(year=day.year, month=day.month, day=day.day)
        answer = refusal_or(lambda on=on: server.policies.GetPolicy(policy_pb.GetPolicyRequest(on=on)))  # type: ignore[misc]
        if isinstance(answer, policy_pb.GetPolicyResponse):
            assert (answer.version.version, code) == (first.version, "")
        else:
            assert code_name(answer) == code
            assert f"{first.in_force_from} to " in answer.message


@pytest.mark.parametrize(("policy_id", "version"), [("nobody's", ""), ("", "never"), ("cn-standard", "never")])
def test_a_policy_or_version_that_is_not_there_is_not_found(server: Running, policy_id: str, version: str) -> None:
    asked = policy_pb.GetPolicyRequest(policy_id=policy_id, version=version)
    answer = refused(lambda: server.policies.GetPolicy(asked))
    assert code_name(answer) == "NOT_FOUND"
    assert (version or policy_id) in answer.message
    error = error_of(answer)
    assert isinstance(error, UnknownPolicy)
    assert error.known


def test_a_version_and_a_date_are_not_asked_for_together(server: Running) -> None:
    asked = policy_pb.GetPolicyRequest(version="2026-01", on=facts_pb.Date(year=2026, month=1, day=1))
    status = refused(lambda: server.policies.GetPolicy(asked))
    assert [violation.field for violation in details_of(status)["BadRequest"].field_violations] == ["on"]


@pytest.mark.parametrize("policy_id", ["", "cn-standard"])
def test_a_version_is_found_by_name(server: Running, policies: PolicySet, policy_id: str) -> None:
    name = policies.versions("cn-standard")[0].version
    told = server.policies.GetPolicy(policy_pb.GetPolicyRequest(policy_id=policy_id, version=name))
    assert told.version.version == name
