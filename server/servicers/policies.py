"""PolicyService: what is loaded, and what a version says."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from makegood.v1 import policy_service_pb2 as policy_pb
from makegood.v1.policy_service_pb2_grpc import PolicyServiceServicer
from policy.calculator.errors import InvalidRequest, Violation
from policy.calculator.policies import PolicySet
from policy.calculator.rules import Version
from server.call import CALL
from server.loading.state import LoadState
from server.policies_in_force import PoliciesInForce
from server.translate.attributes import calendar_date
from server.translate.policies import load_message, version_message, whole_version


class PolicyServicer(PolicyServiceServicer):
    """Tells of what is in force; ``clock``: seconds since 1970 UTC."""

    def __init__(self, in_force: PoliciesInForce, clock: Callable[[], int]) -> None:
        self._in_force = in_force
        self._clock = clock

    def ListPolicies(  # noqa: N802
        self,
        request: policy_pb.ListPoliciesRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> policy_pb.ListPoliciesResponse:
        """Every policy with its versions, by id; of those that the caller may use."""
        may_use = CALL.get().caller.may_use
        policies, load = self._in_use()
        response = policy_pb.ListPoliciesResponse(
            engine_version=policies.engine_version,
            active_since=Timestamp(seconds=load.active_since),
            load=load_message(load),
        )
        for policy_id in sorted(policies.policy_ids):
            loaded = policies.versions(policy_id)
            versions = [version for version in loaded if may_use(policy_id, version.version)]
            if not versions:
                continue
            response.policies.add(
                policy_id=policy_id,
                title=versions[-1].title,
                is_default=policy_id == policies.default_policy_id,
                versions=[version_message(version) for version in versions],
            )
        return response

    def GetPolicy(  # noqa: N802
        self,
        request: policy_pb.GetPolicyRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> policy_pb.GetPolicyResponse:
        """One version, by name or by the date on which it holds."""
        caller = CALL.get().caller
        policies, load = self._in_use()
        caller.use(request.policy_id or policies.default_policy_id, request.version)
        version = self._asked_for(request, policies)
        caller.use(version.policy_id, version.version)
        message = whole_version(version)
        message.load.CopyFrom(load_message(load))
        return message

    def _in_use(self) -> tuple[PolicySet, LoadState]:
        current = self._in_force.current
        return current.policies, current.load

    def _asked_for(self, request: policy_pb.GetPolicyRequest, policies: PolicySet) -> Version:
        wrong: list[Violation] = []
        on = calendar_date(request.on, wrong, "on") if request.HasField("on") else None
        if request.version and request.HasField("on"):
            wrong.append(Violation("on", "is for a question without a version; leave one of the two out"))
        if wrong:
            raise InvalidRequest(wrong)
        if request.version:
            return policies.version(request.policy_id, request.version)
        return policies.in_force(request.policy_id, on or self._today(request.policy_id, policies))

    def _today(self, policy_id: str, policies: PolicySet) -> date:
        """The local date in the zone of the policy's newest version."""
        zone = policies.versions(policy_id)[-1].zone
        return datetime.fromtimestamp(self._clock(), UTC).astimezone(ZoneInfo(zone)).date()
