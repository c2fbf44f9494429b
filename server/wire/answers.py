"""Bytes in, bytes out: the compiled way where a question is plainly well formed, and where what it counts goes."""

from array import array
from collections import deque
from types import ModuleType
from typing import Any, Final

from policy.calculator import codes
from policy.calculator.policies import PolicySet
from policy.calculator.program import USUAL_PLACES
from server.call import Admitted
from server.decision_metrics import MIXED, NO_OUTAGE, DecisionMetrics
from server.wire import places as at
from server.wire.plans import Plan, Planner, has_plan
from server.wire.tables import Tables

_PINNED: Final = {
    "started_at": at.STARTED,
    "ended_at": at.ENDED,
    "reported_at": at.REPORTED,
    "announced_at": at.ANNOUNCED,
}

_KEPT_CALLERS: Final = 256
"""Of the files of who may call that were read since the policies were."""
_REASONS: Final = ("", *codes.REASONS)
_CAUSES: Final = ("", *codes.CAUSES, MIXED, NO_OUTAGE)
_PLAN_TYPES: Final = ("", *codes.PLAN_TYPES)


class Answers:
    """Answers on ``policies``, and counts in ``metrics``. Safe to share between threads.

    ``module`` is :mod:`server.wire.rows`, or its compiled twin.
    """

    def __init__(self, policies: PolicySet, module: ModuleType, metrics: DecisionMetrics) -> None:
        self._module = module
        self._numbers = metrics.numbers
        self._plans: list[Plan | None] = []
        self._versions: list[tuple[str, str]] = []
        self._choices: dict[bytes, int] = {}
        self._chosen: list[int] = []
        for policy_id in policies.policy_ids:
            self._add(policies, policy_id)
        resolved = max((plan.numbers[at.RESOLVED_END] - at.RESOLVED for plan in self._plans if plan), default=0)
        of_outage = max((plan.numbers[at.OUTAGE_RESOLVED_END] - at.OUTAGE_RESOLVED for plan in self._plans if plan), default=0)
        self._zones = frozenset(name.encode() for name in policies.zone_names)
        self._tables = Tables(resolved, of_outage)
        self._free: deque[Any] = deque()
        none = array("q")
        self._counters = [none if plan is None else _counters(plan, metrics) for plan in self._plans]
        self._quoted = [none if plan is None else _quoted(plan, metrics) for plan in self._plans]
        self._all = bytes([1] * len(self._plans))
        self._permitted: dict[frozenset[str], bytes] = {}

    def _add(self, policies: PolicySet, policy_id: str) -> None:
        programs = policies.programs(policy_id)
        first = len(self._plans)
        self._versions += [(policy_id, program.version.version) for program in programs]
        self._plans += [Planner(program).plan() if has_plan(program) else None for program in programs]
        pinned = _PINNED.get(programs[-1].version.pinned_by.name)
        names = [policy_id, ""] if policy_id == policies.default_policy_id else [policy_id]
        for name in names:
            if pinned is not None:
                self._choose(name, "", first, len(programs), pinned)
            for number, program in enumerate(programs):
                self._choose(name, program.version.version, first + number, 1, at.ABSENT)

    def _choose(self, policy_id: str, version: str, first: int, count: int, pinned: int) -> None:
        self._choices[f"{policy_id}\0{version}".encode()] = len(self._chosen)
        self._chosen += [first, count, pinned]

    def take(self, caller: Admitted) -> Any:
        """What answers one call of ``caller`` at a time; to be given back, or, where it failed, left."""
        try:
            rows = self._free.pop()
        except IndexError:
            rows = self._module.Rows(
                self._plans,
                self._choices,
                array("q", self._chosen),
                self._zones,
                self._tables.table,
                self._tables.numbers,
                USUAL_PLACES,
                self._counters,
                self._quoted,
            )
        rows.permit(self._all if caller.policies is None else self._permitted_to(caller, caller.policies))
        return rows

    def _permitted_to(self, caller: Admitted, policies: frozenset[str]) -> bytes:
        """By plan, whether ``caller`` may have it decide: kept by ``policies``, from which that follows."""
        permitted = self._permitted.get(policies)
        if permitted is None:
            if len(self._permitted) == _KEPT_CALLERS:
                self._permitted.clear()
            permitted = self._permitted[policies] = bytes(caller.may_use(*version) for version in self._versions)
        return permitted

    def give_back(self, rows: Any) -> None:
        """Its call has been answered, and counted or forgotten."""
        self._free.append(rows)

    def count(self, rows: Any, *, is_quote: bool) -> None:
        """What was answered since it was last counted or forgotten is given to a caller, who only quotes or does not."""
        numbers = self._numbers
        with numbers.lock:
            rows.tallies.add_to(numbers.values, is_quote)


def _counters(plan: Plan, metrics: DecisionMetrics) -> "array[int]":
    """Where in the counters goes what is counted of a version: by the places of :mod:`server.wire.places`."""
    version, policy_id = plan.program.version, plan.program.stamp.policy_id
    found = [metrics.decisions(policy_id, outcome) for outcome in codes.OUTCOMES]
    found += [metrics.reasons(outcome, reason) for outcome in codes.OUTCOMES for reason in _REASONS]
    found.append(-1 if version.recourse is None else metrics.recourse(policy_id, version.currency_code))
    for benefit in version.benefits:
        granted = metrics.granted(policy_id, benefit.kind, benefit.currency_code)
        found.append(granted.of_policy)
        found += [granted.of_cause(cause) for cause in _CAUSES]
        found += [granted.of_plan_type(plan_type) for plan_type in _PLAN_TYPES]
        found += [granted.of_mode(mode) for mode in codes.MODES]
    return array("q", found)


def _quoted(plan: Plan, metrics: DecisionMetrics) -> "array[int]":
    """The same of callers who only quote."""
    found = [metrics.quotes(outcome) for outcome in codes.OUTCOMES]
    sums = at.SUM_OF_BENEFITS + len(plan.program.version.benefits) * at.SUMS_OF_BENEFIT
    return array("q", [*found, *[-1] * (sums - len(found))])
