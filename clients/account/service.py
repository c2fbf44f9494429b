"""The service as the account uses it: one policy, all its versions with their texts, and the asking.

An account settles interruptions and outages. Where a benefit is for each month or cycle, or has a cap per month, all outages of
a month would have to be asked about together; such a policy is refused here, before anything of it is booked.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from clients import channel, retry
from clients.account.asking import Asking
from clients.channel import Connection
from clients.errors import BadInput
from makegood.v1 import compensation_service_pb2 as service_pb2
from makegood.v1 import decision_pb2
from makegood.v1.compensation_service_pb2_grpc import CompensationServiceStub
from makegood.v1.policy_service_pb2 import (
    FOR_EACH_INTERRUPTION,
    FOR_EACH_OUTAGE,
    GetPolicyRequest,
    GetPolicyResponse,
    ListPoliciesRequest,
    ListPoliciesResponse,
)
from makegood.v1.policy_service_pb2_grpc import PolicyServiceStub

SETTLED: Final = frozenset((FOR_EACH_INTERRUPTION, FOR_EACH_OUTAGE))
PER_MONTH: Final = "subscriber.granted_by_month"
Response = TypeVar("Response")


@dataclass(frozen=True, slots=True)
class Service:
    """``texts``: of each version its text as it was loaded, by SHA-256 of its canonical form."""

    policy_id: str
    ask: Asking
    texts: Mapping[str, str]


@contextmanager
def opened(to: Connection, policy_id: str = "") -> Iterator[Service]:
    """The service under one policy; "": its default. Raises CallFailed, and BadInput where the account cannot settle by it."""

    def call(method: Callable[[float], Response]) -> Response:
        return retry.within(to.timeout_seconds, method, address=to.address, hint=to.hint)

    with channel.open_channel(to) as connected:
        stub, policies = CompensationServiceStub(connected), PolicyServiceStub(connected)
        all_policies: ListPoliciesResponse = call(
            lambda seconds: policies.ListPolicies(ListPoliciesRequest(), timeout=seconds, metadata=to.metadata)
        )
        wanted = [each for each in all_policies.policies if each.policy_id == policy_id or (each.is_default and not policy_id)]
        if not wanted:
            raise BadInput(
                f"{to.address} has no policy {policy_id!r}; it has {', '.join(p.policy_id for p in all_policies.policies)}"
            )
        (policy,) = wanted
        texts: dict[str, str] = {}
        for version in policy.versions:
            found = call(partial(_version, policies, to, GetPolicyRequest(policy_id=policy.policy_id, version=version.version)))
            check(found)
            texts[version.sha256] = found.text

        def compute(request: service_pb2.ComputeCompensationRequest) -> decision_pb2.Decision:
            answered: service_pb2.ComputeCompensationResponse = call(
                lambda seconds: stub.ComputeCompensation(request, timeout=seconds, metadata=to.metadata)
            )
            return answered.decision

        yield Service(policy.policy_id, Asking(compute, policy.policy_id), texts)


def _version(policies: PolicyServiceStub, to: Connection, request: GetPolicyRequest, seconds: float) -> GetPolicyResponse:
    found: GetPolicyResponse = policies.GetPolicy(request, timeout=seconds, metadata=to.metadata)
    return found


def check(policy: GetPolicyResponse) -> None:
    """Raises BadInput where an account cannot settle by a version."""
    name = f"policy {policy.policy_id} {policy.version.version}"
    others = sorted(benefit for benefit, each in policy.version.for_each.items() if each not in SETTLED)
    if others:
        raise BadInput(
            f"{name} decides {', '.join(others)} for more than an interruption or outage, which no account settles yet"
        )
    if any(fact.field == PER_MONTH for fact in policy.facts):
        raise BadInput(f"{name} has a cap per month, which no account settles yet")
