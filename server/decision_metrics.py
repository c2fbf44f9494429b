"""What was decided and granted, for dashboards and alerts.

Every series is there with 0 from the start, for what a mass grant adds to one that comes into being with it shows as no
increase. So each amount is counted four times, each by little: by policy, by cause, by plan type and by mode; what crosses them
is in no metric. Digests are in ``makegood_policy_info`` alone.

Every label value is of a closed set: ids of the loaded policies, words of the contract. A word that the contract does not know
is told as OTHER, one that was not given as UNSPECIFIED. Amounts are those of answers given, so a repeated question counts
again; what was booked is known to the ledger of provisioning. A quote grants nothing, also
beside a grant: what is only quoted is counted as a decision (PROVISIONAL), and in no amount.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter

from policy.calculator.codes import CAUSES, MODES, OUTCOMES, PLAN_TYPES, REASONS
from policy.calculator.decision import Decision, Stamp
from policy.calculator.policies import PolicySet
from policy.calculator.request import Request
from server.metrics import Children

NO_REASON: Final = "NONE"
MIXED: Final = "MIXED"
"""The cause of a request whose outages do not share one."""
NO_OUTAGE: Final = "NO_OUTAGE"

_CREDIT: Final = "CREDIT"
_DECISIONS: Final = "decisions"
_REASONS: Final = "decision_reasons"
_RECOURSE: Final = "recourse_minor_units"
_AMOUNTS: Final = (
    ("DATA_BYTES", "data_bytes", "Data granted, bytes."),
    ("VOICE_SECONDS", "voice_seconds", "Voice time granted, seconds."),
    ("VALUE_ADDED_DAYS", "value_added_days", "Days granted on value-added services."),
    ("VALIDITY_DAYS", "validity_days", "Days granted on the validity of prepaid balances."),
    (_CREDIT, "credit_minor_units", "Credit granted, minor units of the currency."),
    ("UNLIMITED_DATA", "unlimited_data_seconds", "Unmetered data granted, seconds."),
    ("TOP_UP_BONUS", "top_up_bonus_basis_points", "Top-up bonuses granted, basis points added up."),
)
"""Kind of a benefit, and the metric and its help."""
_WAYS: Final = ("cause", "plan_type", "mode")
"""By each of these, what is granted under any policy is counted too."""

_Key = tuple[str, tuple[str, ...]]
"""A counter and the values of its labels."""


class DecisionMetrics:
    """Counts decisions, granted amounts and recourse."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Children[Counter]:
            return Children(Counter(f"makegood_{name}", text, labels, registry=registry))

        said = "Granted, in the unit that the benefit names (CREDIT: minor units of the currency), under any policy, by {}."
        owed = "Recourse on third parties for grants made, minor units of the currency."
        self._counters = {
            _DECISIONS: counter(_DECISIONS, "Decisions by outcome.", "policy", "outcome"),
            _REASONS: counter(_REASONS, "Decisions by outcome and first reason.", "outcome", "reason"),
            **{
                kind: counter(f"granted_{name}", text, "policy", *(("currency",) if kind == _CREDIT else ()))
                for kind, name, text in _AMOUNTS
            },
            **{way: counter(f"granted_by_{way}", said.format(way), "benefit", "currency", way) for way in _WAYS},
            _RECOURSE: counter(_RECOURSE, owed, "policy", "currency"),
        }
        self.causes = _closed((*CAUSES, MIXED, NO_OUTAGE))
        self.plan_types = _closed(PLAN_TYPES)
        self.modes = _closed(MODES)
        for outcome in OUTCOMES:
            for reason in (NO_REASON, *REASONS):
                self.add((_REASONS, (outcome, reason)), 0)

    def expect(self, policies: PolicySet) -> None:
        """Lets every series of ``policies`` be there with 0; those of policies from before stay."""
        for policy_id in policies.policy_ids:
            for outcome in OUTCOMES:
                self.add((_DECISIONS, (policy_id, outcome)), 0)
            for version in policies.versions(policy_id):
                for benefit in version.benefits:
                    currency = benefit.currency_code if benefit.kind == _CREDIT else ""
                    self.add((benefit.kind, _of_policy(policy_id, benefit.kind, currency)), 0)
                    for way, words in zip(_WAYS, (self.causes, self.plan_types, self.modes), strict=True):
                        for word in (*words.values(), _OTHER):
                            self.add((way, (benefit.kind, currency, word)), 0)
                if version.recourse is not None:
                    self.add((_RECOURSE, (policy_id, version.currency_code)), 0)

    def tally(self) -> "Tally":
        """For one answer, which is counted when it is sure to be given."""
        return Tally(self)

    def decided(self, request: Request, decision: Decision) -> None:
        """Counts one answer at once."""
        tally = self.tally()
        tally.decided(request, decision)
        tally.count()

    def add(self, key: _Key, amount: int) -> None:
        """What a tally has found."""
        counter, labels = key
        self._counters[counter][labels].inc(amount)


class Tally:
    """What one answer, perhaps to very many rows, adds to ``metrics``; nothing, until :meth:`count`."""

    def __init__(self, metrics: DecisionMetrics) -> None:
        self._metrics = metrics
        self._amounts: dict[_Key, int] = {}

    def count(self) -> None:
        """The answer is given."""
        for key, amount in self._amounts.items():
            self._metrics.add(key, amount)

    def decided(self, request: Request, decision: Decision) -> None:
        """One decision."""
        stamp, cause, mode = decision.policy, _cause(request), request.mode
        self.counted(stamp, decision.outcome, decision.reasons[0].code if decision.reasons else NO_REASON, 1)
        plan_type = request.subscriber.plan_type if request.subscriber else ""
        for grant in decision.grants:
            self.granted(stamp, grant.kind, grant.currency_code, cause, plan_type, mode, grant.quantity)
        for owed in decision.recourse:
            self.recovered(stamp, owed.currency_code, owed.amount_minor)

    def counted(self, stamp: Stamp, outcome: str, reason: str, times: int) -> None:
        """So many decisions; ``reason`` is their first."""
        self._add((_DECISIONS, (stamp.policy_id, outcome)), times)
        self._add((_REASONS, (outcome, reason)), times)

    def granted(
        self, stamp: Stamp, kind: str, currency_code: str, cause: str, plan_type: str, mode: str, quantity: int
    ) -> None:
        """What was granted, in the unit of its kind."""
        words, currency = self._metrics, currency_code if kind == _CREDIT else ""
        self._add((kind, _of_policy(stamp.policy_id, kind, currency)), quantity)
        self._add(("cause", (kind, currency, words.causes.get(cause, _OTHER))), quantity)
        self._add(("plan_type", (kind, currency, words.plan_types.get(plan_type, _OTHER))), quantity)
        self._add(("mode", (kind, currency, words.modes.get(mode, _OTHER))), quantity)

    def recovered(self, stamp: Stamp, currency_code: str, amount_minor: int) -> None:
        """What third parties owe for it, minor units."""
        self._add((_RECOURSE, (stamp.policy_id, currency_code)), amount_minor)

    def _add(self, key: _Key, amount: int) -> None:
        self._amounts[key] = self._amounts.get(key, 0) + amount


def _of_policy(policy_id: str, kind: str, currency: str) -> tuple[str, ...]:
    return (policy_id, currency) if kind == _CREDIT else (policy_id,)


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
