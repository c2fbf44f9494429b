"""The service as the account uses it: one policy, all its versions with their texts, and the asking.

An account settles interruptions, outages, months and billing cycles. Where a benefit is for all outages of a question
together, what is asked together would be for the account to say, and no policy says it; such a policy is refused before
anything is booked.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from clients import channel, enums, retry, status
from clients.account.asking import OF_THE_ROW, Asking, Compute, Request
from clients.account.records import Benefit, Terms
from clients.channel import Connection
from clients.errors import BadInput, CallFailed, WrongAnswer
from clients.status import Refusal
from makegood.v1 import compensation_service_pb2 as service_pb2
from makegood.v1 import decision_pb2
from makegood.v1.compensation_service_pb2_grpc import CompensationServiceStub
from makegood.v1.policy_service_pb2 import (
    FOR_EACH_ALL_TOGETHER,
    FOR_EACH_BILLING_CYCLE,
    FOR_EACH_MONTH,
    GetPolicyRequest,
    GetPolicyResponse,
    ListPoliciesRequest,
    ListPoliciesResponse,
    PolicySummary,
)
from makegood.v1.policy_service_pb2_grpc import PolicyServiceStub

BATCH: Final = 500
"""Questions in a message."""
PER_MONTH: Final = "subscriber.granted_by_month"
Response = TypeVar("Response")


@dataclass(frozen=True, slots=True)
class Service:
    """``texts``: of each version its text as it was loaded, by SHA-256 of its canonical form. ``latest``: the last of them."""

    policy_id: str
    ask: Asking
    texts: Mapping[str, str]
    latest: GetPolicyResponse
    terms: Terms = field(default_factory=Terms)

    @property
    def benefits(self) -> dict[str, Benefit]:
        """What the latest version grants, by name; it does not tell for how long."""
        kinds = decision_pb2.BenefitKind.DESCRIPTOR
        return {each.name: Benefit(enums.code(kinds, each.kind), each.currency_code, 0) for each in self.latest.benefits}

    @property
    def digest(self) -> str:
        """SHA-256 of all versions together: of the set of policies that a run is held to."""
        return hashlib.sha256("\n".join((self.policy_id, *sorted(self.texts))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Server:
    """A server as it is connected: ``compute`` asks several questions, ``version`` has a version of a policy told whole."""

    policies: Sequence[PolicySummary]
    compute: Compute
    version: Callable[[str, str], GetPolicyResponse]


@contextmanager
def connected(to: Connection) -> Iterator[Server]:
    """The server with what it decides by. Raises CallFailed."""
    call = partial(_call, to)
    with channel.open_channel(to) as open_channel:
        stub, policies = CompensationServiceStub(open_channel), PolicyServiceStub(open_channel)
        listed: ListPoliciesResponse = call(
            lambda seconds: policies.ListPolicies(ListPoliciesRequest(), timeout=seconds, metadata=to.metadata)
        )

        def version(policy_id: str, version: str) -> GetPolicyResponse:
            return call(partial(_version, policies, to, GetPolicyRequest(policy_id=policy_id, version=version)))

        yield Server(listed.policies, _compute(stub, to), version)


@contextmanager
def opened(to: Connection, policy_id: str = "") -> Iterator[Service]:
    """The service under one policy; "": its default. Raises CallFailed, and BadInput where the account cannot settle by it."""
    with connected(to) as server:
        wanted = [each for each in server.policies if each.policy_id == policy_id or (each.is_default and not policy_id)]
        if not wanted:
            raise BadInput(
                f"{to.address} has no policy {policy_id!r}; it has {', '.join(p.policy_id for p in server.policies)}"
            )
        (policy,) = wanted
        texts: dict[str, str] = {}
        found = [server.version(policy.policy_id, each.version) for each in policy.versions]  # they stand in order of time
        for each in found:
            check(each)
            texts[each.version.sha256] = each.text
        asking = Asking(server.compute, policy.policy_id, frozenset(texts))
        yield Service(policy.policy_id, asking, texts, found[-1], terms(found))


@contextmanager
def asking(to: Connection, policy_id: str, versions: frozenset[str]) -> Iterator[Asking]:
    """The same policy, in a process of its own; its versions are known. Raises CallFailed."""
    with channel.open_channel(to) as open_channel:
        yield Asking(_compute(CompensationServiceStub(open_channel), to), policy_id, versions)


def _call(to: Connection, method: Callable[[float], Response]) -> Response:
    return retry.within(to.timeout_seconds, method, address=to.address, hint=to.hint)


def _compute(stub: CompensationServiceStub, to: Connection) -> Compute:
    def ask(items: Sequence[Request]) -> list[decision_pb2.Decision | Refusal]:
        request = service_pb2.BatchComputeRequest(items=items)
        answered: service_pb2.BatchComputeResponse = _call(
            to, lambda seconds: stub.BatchCompute(request, timeout=seconds, metadata=to.metadata)
        )
        if len(answered.results) != len(items):
            raise WrongAnswer(f"{to.address} gave {len(answered.results)} answers to {len(items)} questions")
        return [_result(each, to.address) for each in answered.results]

    def compute(requests: Sequence[Request]) -> list[decision_pb2.Decision | Refusal]:
        return [each for start in range(0, len(requests), BATCH) for each in _in_parts(ask, requests[start : start + BATCH])]

    return compute


def _result(result: service_pb2.BatchResult, address: str) -> decision_pb2.Decision | Refusal:
    """What became of one question; a fault of the server's own is one of the whole call. Raises CallFailed."""
    if not result.HasField("error"):
        return result.decision
    refusal = status.of_status(result.error)
    if refusal.code not in OF_THE_ROW:
        raise CallFailed(refusal, address)
    return refusal


def _in_parts(ask: Compute, requests: Sequence[Request]) -> Sequence[decision_pb2.Decision | Refusal]:
    """Asks in one message, or in halves where that is more than one message may ask for."""
    try:
        return ask(requests)
    except CallFailed as error:
        of_size = error.refusal.code == "RESOURCE_EXHAUSTED" and error.refusal.retry_after_seconds is None
        if len(requests) == 1 or not (of_size or error.refusal.code in OF_THE_ROW):
            raise
    half = len(requests) // 2
    return [*_in_parts(ask, requests[:half]), *_in_parts(ask, requests[half:])]


def _version(policies: PolicyServiceStub, to: Connection, request: GetPolicyRequest, seconds: float) -> GetPolicyResponse:
    found: GetPolicyResponse = policies.GetPolicy(request, timeout=seconds, metadata=to.metadata)
    return found


def check(policy: GetPolicyResponse) -> None:
    """Raises BadInput where an account cannot settle by a version."""
    others = sorted(benefit for benefit, each in policy.version.for_each.items() if each == FOR_EACH_ALL_TOGETHER)
    if others:
        raise BadInput(
            f"policy {policy.policy_id} {policy.version.version} decides {', '.join(others)} for all outages of a question"
            " together, and which these are no account knows"
        )


def terms(versions: Sequence[GetPolicyResponse]) -> Terms:
    """Of all versions of a policy together, in order of time. Raises BadInput where their local days differ."""
    zones = sorted({each.time_zone for each in versions})
    if len(zones) > 1:
        raise BadInput(f"policy {versions[0].policy_id} has versions with other local days: {', '.join(zones)}")
    kinds = {each for version in versions for each in version.version.for_each.values()}
    by_month = any(fact.field == PER_MONTH for version in versions for fact in version.facts)
    words = tuple(map(_word, filter(lambda each: each.version.corrections, versions)))
    return Terms(zones[0], FOR_EACH_MONTH in kinds, FOR_EACH_BILLING_CYCLE in kinds, by_month, words)


def _word(of: GetPolicyResponse) -> tuple[int, bool]:
    """From when on a version holds, and whether it claws back."""
    day = of.version.in_force_from
    begins = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(of.time_zone))
    return int(begins.timestamp()), of.version.corrections == decision_pb2.CORRECTIONS_CLAW_BACK
