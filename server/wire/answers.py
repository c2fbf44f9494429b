"""Bytes in, bytes out: the compiled way where a question is plainly well formed, and what is counted told to the tally."""

from array import array
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

from policy.calculator import codes
from policy.calculator.decision import Stamp
from policy.calculator.policies import PolicySet
from policy.calculator.program import USUAL_PLACES
from server.decision_metrics import MIXED, NO_OUTAGE, NO_REASON, Tally
from server.wire import places as at
from server.wire.plans import Plan, Planner, has_plan
from server.wire.tables import Tables

_PINNED: Final = {
    "started_at": at.STARTED,
    "ended_at": at.ENDED,
    "reported_at": at.REPORTED,
    "announced_at": at.ANNOUNCED,
}

_CAUSES: Final = ("", *codes.CAUSES, MIXED, NO_OUTAGE)


class Answers:
    """Answers on ``policies``; ``module`` is :mod:`server.wire.rows`, or its compiled twin. Safe to share between threads."""

    def __init__(self, policies: PolicySet, module: ModuleType) -> None:
        self._module = module
        self._plans: list[Plan | None] = []
        self._choices: dict[bytes, int] = {}
        self._chosen: list[int] = []
        for policy_id in policies.policy_ids:
            self._add(policies, policy_id)
        resolved = max((plan.numbers[at.RESOLVED_END] - at.RESOLVED for plan in self._plans if plan), default=0)
        of_outage = max((plan.numbers[at.OUTAGE_RESOLVED_END] - at.OUTAGE_RESOLVED for plan in self._plans if plan), default=0)
        self._clauses = max((plan.numbers[at.CLAUSE_COUNT] for plan in self._plans if plan), default=0)
        self._zones = frozenset(name.encode() for name in policies.zone_names)
        self._tables = Tables(resolved, of_outage)
        self._free: deque[Any] = deque()

    def _add(self, policies: PolicySet, policy_id: str) -> None:
        programs = policies.programs(policy_id)
        first = len(self._plans)
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

    @contextmanager
    def rows(self) -> Iterator[Any]:
        """What answers one call at a time."""
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
                self._clauses,
            )
        yield rows
        self._free.append(rows)

    def forget(self, rows: Any) -> None:
        """Nothing of what was counted since it was last told has come to anybody."""
        for work in rows.taken():
            work.counted_labels()
            work.granted_labels()
            work.taken_recovered()
        rows.taken_beyond()

    def tell(self, rows: Any, tally: Tally) -> list[Stamp]:
        """Tells a tally what was counted since one was last told; by what versions."""
        stamps = []
        for work in rows.taken():
            plan: Plan = work.plan
            stamps.append(plan.program.stamp)
            _tell(plan, work, tally)
        for work, label, quantity in rows.taken_beyond():
            if label < 0:
                tally.recovered(work.plan.program.stamp, work.plan.program.version.currency_code, quantity)
            else:
                tally.granted(work.plan.program.stamp, *_granted(work.plan, label), quantity)
        return stamps


def _tell(plan: Plan, work: Any, tally: Tally) -> None:
    stamp = plan.program.stamp
    for label, number in work.counted_labels():
        outcome, reason = divmod(label // at.ALL_MODES // at.ALL_CAUSES, at.ALL_REASONS)
        code = codes.REASONS[reason - 1] if reason else NO_REASON
        tally.counted(stamp, codes.OUTCOMES[outcome], code, number)
    for label, quantity in work.granted_labels():
        tally.granted(stamp, *_granted(plan, label), quantity)
    recovered = work.taken_recovered()
    if recovered:
        tally.recovered(stamp, plan.program.version.currency_code, recovered)


def _granted(plan: Plan, label: int) -> tuple[str, str, str, str, str]:
    """The kind, the currency, the cause, the plan type and the mode that a label of amounts stands for."""
    rest, mode = divmod(label, at.ALL_MODES)
    rest, plan_type = divmod(rest, at.ALL_PLANS)
    benefit, cause = divmod(rest, at.ALL_CAUSES)
    rule = plan.program.version.benefits[benefit]
    return rule.kind, rule.currency_code, _CAUSES[cause], ("", *codes.PLAN_TYPES)[plan_type], codes.MODES[mode]
