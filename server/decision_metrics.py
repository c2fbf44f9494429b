"""What was decided and granted, for dashboards and alerts.

Every series is there with 0 from the start, for what a mass grant adds to one that comes into being with it shows as no
increase. So each amount is counted four times, each by little: by policy, by cause, by plan type and by mode; what crosses them
is in no metric. Digests are in ``makegood_policy_info`` alone.

Every label value is of a closed set: ids of the loaded policies, words of the contract. A word that the contract does not know
is told as OTHER, one that was not given as UNSPECIFIED. Amounts are those of answers given, so a repeated question counts
again; what was booked is known to the ledger of provisioning. A quote grants nothing, also
beside a grant: what is only quoted is counted as a decision (PROVISIONAL), and in no amount. What is answered to a caller who
says that it only quotes (:mod:`server.metadata`), as the desk does while the customer is on the phone, is no decision either,
whatever its outcome: it is counted in ``makegood_quotes_total`` and nowhere else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry

from policy.calculator.codes import CAUSES, MODES, OUTCOMES, PLAN_TYPES, REASONS
from policy.calculator.decision import Decision
from policy.calculator.policies import PolicySet
from policy.calculator.request import Request
from server.counts import Counts, Numbers, OwnNumbers

NO_REASON: Final = "NONE"
MIXED: Final = "MIXED"
"""The cause of a request whose outages do not share one."""
NO_OUTAGE: Final = "NO_OUTAGE"

_CREDIT: Final = "CREDIT"
_DECISIONS: Final = "decisions"
_REASONS: Final = "decision_reasons"
_QUOTES: Final = "quotes"
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


class DecisionMetrics:
    """Counts decisions, granted amounts, recourse and quotes in ``numbers``; None: of this process by itself."""

    def __init__(self, registry: CollectorRegistry, numbers: Numbers | None = None) -> None:
        self.numbers: Numbers = numbers or OwnNumbers()

        def counter(name: str, text: str, *labels: str) -> Counts:
            return Counts(self.numbers, f"makegood_{name}", text, labels, registry)

        said = "Granted, in the unit that the benefit names (CREDIT: minor units of the currency), under any policy, by {}."
        owed = "Recourse on third parties for grants made, minor units of the currency."
        self._counters = {
            _DECISIONS: counter(_DECISIONS, "Decisions by outcome.", "policy", "outcome"),
            _REASONS: counter(_REASONS, "Decisions by outcome and first reason.", "outcome", "reason"),
            _QUOTES: counter(_QUOTES, "Answers to callers who only quote, under any policy, by outcome.", "outcome"),
            **{
                kind: counter(f"granted_{name}", text, "policy", *(("currency",) if kind == _CREDIT else ()))
                for kind, name, text in _AMOUNTS
            },
            **{way: counter(f"granted_by_{way}", said.format(way), "benefit", "currency", way) for way in _WAYS},
            _RECOURSE: counter(_RECOURSE, owed, "policy", "currency"),
        }
        self._words = dict(zip(_WAYS, map(_closed, ((*CAUSES, MIXED, NO_OUTAGE), PLAN_TYPES, MODES)), strict=True))
        for outcome in OUTCOMES:
            for reason in ("", *REASONS):
                self.reasons(outcome, reason)
            self.quotes(outcome)

    def expect(self, policies: PolicySet) -> None:
        """Lets every series of ``policies`` be there with 0; those of policies from before stay."""
        for policy_id in policies.policy_ids:
            for outcome in OUTCOMES:
                self.decisions(policy_id, outcome)
            for version in policies.versions(policy_id):
                for benefit in version.benefits:
                    granted = self.granted(policy_id, benefit.kind, benefit.currency_code)
                    for way, words in self._words.items():
                        for word in (*words, _OTHER):
                            granted.by(way, word)
                if version.recourse is not None:
                    self.recourse(policy_id, version.currency_code)

    def decisions(self, policy_id: str, outcome: str) -> int:
        """The place of the number of decisions."""
        return self._counters[_DECISIONS].place((policy_id, outcome))

    def reasons(self, outcome: str, reason: str) -> int:
        """That of the number of decisions under any policy whose first reason is ``reason``; "": that have none."""
        return self._counters[_REASONS].place((outcome, reason or NO_REASON))

    def quotes(self, outcome: str) -> int:
        """That of the number of answers to callers who only quote."""
        return self._counters[_QUOTES].place((outcome,))

    def recourse(self, policy_id: str, currency_code: str) -> int:
        """That of what third parties owe, minor units."""
        return self._counters[_RECOURSE].place((policy_id, currency_code))

    def granted(self, policy_id: str, kind: str, currency_code: str) -> "Granted":
        """Those of what is granted of a benefit."""
        currency = currency_code if kind == _CREDIT else ""
        of_policy = self._counters[kind].place((policy_id, currency) if kind == _CREDIT else (policy_id,))
        return Granted(of_policy, lambda way, word: self._by(way, kind, currency, word))

    def _by(self, way: str, kind: str, currency: str, word: str) -> int:
        return self._counters[way].place((kind, currency, self._words[way].get(word, _OTHER)))

    def tally(self, *, is_quote: bool = False) -> "Tally":
        """For one answer, which is counted when it is sure to be given."""
        return Tally(self, is_quote=is_quote)

    def decided(self, request: Request, decision: Decision) -> None:
        """Counts one answer at once."""
        tally = self.tally()
        tally.decided(request, decision)
        tally.count()

    def add(self, place: int, amount: int) -> None:
        """What a tally has found, which has the lock."""
        self.numbers.values[place] += amount


@dataclass(frozen=True, slots=True)
class Granted:
    """Where in the counters an amount goes: in that of its policy, and in three others, by a word of the contract."""

    of_policy: int
    by: Callable[[str, str], int]

    def of_cause(self, cause: str) -> int:
        """``cause``: of all outages, MIXED, or NO_OUTAGE."""
        return self.by("cause", cause)

    def of_plan_type(self, plan_type: str) -> int:
        """That of the subscriber's plan."""
        return self.by("plan_type", plan_type)

    def of_mode(self, mode: str) -> int:
        """That of the request."""
        return self.by("mode", mode)


class Tally:
    """What one answer, perhaps to very many rows, adds to ``metrics``; nothing, until :meth:`count`."""

    def __init__(self, metrics: DecisionMetrics, *, is_quote: bool) -> None:
        self._metrics = metrics
        self._is_quote = is_quote
        self._amounts: dict[int, int] = {}

    def count(self) -> None:
        """The answer is given."""
        if self._amounts:
            with self._metrics.numbers.lock:
                for place, amount in self._amounts.items():
                    self._metrics.add(place, amount)

    def decided(self, request: Request, decision: Decision) -> None:
        """One decision."""
        metrics, policy_id = self._metrics, decision.policy.policy_id
        if self._is_quote:
            self._add(metrics.quotes(decision.outcome), 1)
            return
        self._add(metrics.decisions(policy_id, decision.outcome), 1)
        self._add(metrics.reasons(decision.outcome, decision.reasons[0].code if decision.reasons else ""), 1)
        cause, plan_type = _cause(request), request.subscriber.plan_type if request.subscriber else ""
        for grant in decision.grants:
            self.granted(policy_id, grant.kind, grant.currency_code, cause, plan_type, request.mode, grant.quantity)
        for owed in decision.recourse:
            self._add(metrics.recourse(policy_id, owed.currency_code), owed.amount_minor)

    def granted(
        self, policy_id: str, kind: str, currency_code: str, cause: str, plan_type: str, mode: str, quantity: int
    ) -> None:
        """What was granted, in the unit of its kind."""
        to = self._metrics.granted(policy_id, kind, currency_code)
        for place in (to.of_policy, to.of_cause(cause), to.of_plan_type(plan_type), to.of_mode(mode)):
            self._add(place, quantity)

    def _add(self, place: int, amount: int) -> None:
        self._amounts[place] = self._amounts.get(place, 0) + amount


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
