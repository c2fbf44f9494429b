"""What was decided and granted, for dashboards and alerts.

Every label value is of a closed set: ids of the loaded policies, words of the contract. A word that the contract does not know
is told as OTHER, one that was not given as UNSPECIFIED. Amounts are those of answers given, so a repeated question counts
again; what was booked is known to the ledger of provisioning. A quote (PROVISIONAL) counts as a decision and grants nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter

from policy.calculator.codes import CAUSES, GRANTED, MODES, PLAN_TYPES
from policy.calculator.decision import Decision
from policy.calculator.request import Request
from server.metrics import Children

NO_REASON: Final = "NONE"
MIXED: Final = "MIXED"
"""The cause of a request whose outages do not share one."""
NO_OUTAGE: Final = "NO_OUTAGE"

_POLICY: Final = ("policy", "version", "sha256")
_GRANT: Final = (*_POLICY, "cause", "plan_type", "mode")
_AMOUNTS: Final = (
    ("DATA_BYTES", "data_bytes", "Data granted, bytes."),
    ("VOICE_SECONDS", "voice_seconds", "Voice time granted, seconds."),
    ("VALUE_ADDED_DAYS", "value_added_days", "Days granted on value-added services."),
    ("VALIDITY_DAYS", "validity_days", "Days granted on the validity of prepaid balances."),
    ("CREDIT", "credit_minor_units", "Credit granted, minor units of the currency."),
    ("UNLIMITED_DATA", "unlimited_data_seconds", "Unmetered data granted, seconds."),
    ("TOP_UP_BONUS", "top_up_bonus_basis_points", "Top-up bonuses granted, basis points added up."),
)
"""Kind of a benefit, and the metric and its help."""


class DecisionMetrics:
    """Counts decisions, granted amounts and recourse."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = (*_POLICY, "outcome", "reason", "cause", "mode")

        def counter(name: str, text: str, labels: tuple[str, ...]) -> Children[Counter]:
            return Children(Counter(f"makegood_{name}", text, labels, registry=registry))

        self._decisions = counter("decisions", "Decisions by outcome and first reason.", labels)
        self._amounts = {
            kind: counter(f"granted_{name}", text, (*_GRANT, "currency") if kind == "CREDIT" else _GRANT)
            for kind, name, text in _AMOUNTS
        }
        owed = "Recourse on third parties for grants made, minor units of the currency."
        self._recourse = counter("recourse_minor_units", owed, (*_POLICY, "currency"))
        self._causes = _closed((*CAUSES, MIXED, NO_OUTAGE))
        self._plan_types = _closed(PLAN_TYPES)
        self._modes = _closed(MODES)

    def decided(self, request: Request, decision: Decision) -> None:
        """Counts one answer."""
        plan_type = request.subscriber.plan_type if request.subscriber else ""
        stamp = decision.policy
        policy = (stamp.policy_id, stamp.version, stamp.sha256)
        cause, mode = self._causes.get(_cause(request), _OTHER), self._modes.get(request.mode, _OTHER)
        reason = decision.reasons[0].code if decision.reasons else NO_REASON
        self._decisions[*policy, decision.outcome, reason, cause, mode].inc()
        if decision.outcome != GRANTED:
            return
        plan_type = self._plan_types.get(plan_type, _OTHER)
        for grant in decision.grants:
            currency = (grant.currency_code,) if grant.kind == "CREDIT" else ()
            self._amounts[grant.kind][*policy, cause, plan_type, mode, *currency].inc(grant.quantity)
        for owed in decision.recourse:
            self._recourse[*policy, owed.currency_code].inc(owed.amount_minor)


def _cause(request: Request) -> str:
    """The cause of all outages of a request, if they share one."""
    if not request.outages:
        return NO_OUTAGE
    cause = request.outages[0].cause
    for outage in request.outages:
        if outage.cause != cause:
            return MIXED
    return cause


_OTHER: Final = "OTHER"
_UNSPECIFIED: Final = "UNSPECIFIED"


def _closed(words: Iterable[str]) -> Mapping[str, str]:
    """The label for each word of a closed set; whatever is not in it is told as OTHER."""
    return {"": _UNSPECIFIED} | {word: word for word in words}
