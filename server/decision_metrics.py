"""What was decided and granted, for dashboards and alerts.

Every label value is of a closed set: ids of the loaded policies, words of the contract. A word that the contract does not know
is told as OTHER, one that was not given as UNSPECIFIED. Amounts are those of answers given, so a repeated question counts
again; what was booked is known to the ledger of provisioning. A quote (PROVISIONAL) counts as a decision and grants nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter

from policy.calculator.codes import CAUSES, GRANTED, MODES, PLAN_TYPES
from policy.calculator.decision import Decision, Stamp
from policy.calculator.request import Request
from server.metrics import Children

NO_REASON: Final = "NONE"
MIXED: Final = "MIXED"
"""The cause of a request whose outages do not share one."""
NO_OUTAGE: Final = "NO_OUTAGE"

_DECISIONS: Final = "decisions"
_RECOURSE: Final = "recourse_minor_units"
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

        owed = "Recourse on third parties for grants made, minor units of the currency."
        self._counters = {
            _DECISIONS: counter(_DECISIONS, "Decisions by outcome and first reason.", labels),
            **{
                kind: counter(f"granted_{name}", text, (*_GRANT, "currency") if kind == "CREDIT" else _GRANT)
                for kind, name, text in _AMOUNTS
            },
            _RECOURSE: counter(_RECOURSE, owed, (*_POLICY, "currency")),
        }
        self.causes = _closed((*CAUSES, MIXED, NO_OUTAGE))
        self.plan_types = _closed(PLAN_TYPES)
        self.modes = _closed(MODES)

    def tally(self) -> "Tally":
        """For one answer, which is counted when it is sure to be given."""
        return Tally(self)

    def decided(self, request: Request, decision: Decision) -> None:
        """Counts one answer at once."""
        tally = self.tally()
        tally.decided(request, decision)
        tally.count()

    def add(self, counter: str, labels: tuple[str, ...], amount: int) -> None:
        """What a tally has found."""
        self._counters[counter][labels].inc(amount)


class Tally:
    """What one answer, perhaps to very many rows, adds to ``metrics``; nothing, until :meth:`count`."""

    def __init__(self, metrics: DecisionMetrics) -> None:
        self._metrics = metrics
        self._amounts: dict[tuple[str, tuple[str, ...]], int] = {}

    def count(self) -> None:
        """The answer is given."""
        for (counter, labels), amount in self._amounts.items():
            self._metrics.add(counter, labels, amount)

    def decided(self, request: Request, decision: Decision) -> None:
        """One decision."""
        stamp, cause, mode = decision.policy, _cause(request), request.mode
        reason = decision.reasons[0].code if decision.reasons else NO_REASON
        self.counted(stamp, decision.outcome, reason, cause, mode, 1)
        if decision.outcome != GRANTED:
            return
        plan_type = request.subscriber.plan_type if request.subscriber else ""
        for grant in decision.grants:
            self.granted(stamp, grant.kind, grant.currency_code, cause, plan_type, mode, grant.quantity)
        for owed in decision.recourse:
            self.recovered(stamp, owed.currency_code, owed.amount_minor)

    def counted(self, stamp: Stamp, outcome: str, reason: str, cause: str, mode: str, times: int) -> None:
        """So many decisions; ``reason`` is their first."""
        words = self._metrics
        labels = (stamp.policy_id, stamp.version, stamp.sha256, outcome, reason)
        self._add(_DECISIONS, (*labels, words.causes.get(cause, _OTHER), words.modes.get(mode, _OTHER)), times)

    def granted(
        self, stamp: Stamp, kind: str, currency_code: str, cause: str, plan_type: str, mode: str, quantity: int
    ) -> None:
        """What was granted, in the unit of its kind."""
        words = self._metrics
        labels = (stamp.policy_id, stamp.version, stamp.sha256, words.causes.get(cause, _OTHER))
        way = (words.plan_types.get(plan_type, _OTHER), words.modes.get(mode, _OTHER))
        self._add(kind, (*labels, *way, *((currency_code,) if kind == "CREDIT" else ())), quantity)

    def recovered(self, stamp: Stamp, currency_code: str, amount_minor: int) -> None:
        """What third parties owe for it, minor units."""
        self._add(_RECOURSE, (stamp.policy_id, stamp.version, stamp.sha256, currency_code), amount_minor)

    def _add(self, counter: str, labels: tuple[str, ...], amount: int) -> None:
        self._amounts[counter, labels] = self._amounts.get((counter, labels), 0) + amount


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
