"""What came of a replay: how many records are the same, what is different, by outcome, by rule, and in money."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.rpc import status_pb2

from makegood.v1 import decision_pb2 as decision_pb
from server.decision_log.differences import Answer, Difference, word_of
from server.decision_log.record import Record

_CREDIT: Final = decision_pb.BENEFIT_KIND_CREDIT
_UNITS: Final = {
    decision_pb.BENEFIT_KIND_DATA_BYTES: "bytes",
    decision_pb.BENEFIT_KIND_VOICE_SECONDS: "seconds of voice",
    decision_pb.BENEFIT_KIND_VALUE_ADDED_DAYS: "days of value-added services",
    decision_pb.BENEFIT_KIND_VALIDITY_DAYS: "days of validity",
    decision_pb.BENEFIT_KIND_CREDIT: "minor units of credit",
    decision_pb.BENEFIT_KIND_UNLIMITED_DATA: "seconds of unlimited data",
    decision_pb.BENEFIT_KIND_TOP_UP_BONUS: "basis points of bonus",
}
_Benefit = tuple[str, str, str]
"""Policy, benefit, unit."""


@dataclass(slots=True)
class Sum:
    """An amount before and after, and in how many records it is another one."""

    before: int = 0
    after: int = 0
    records: int = 0

    def add(self, before: int, after: int) -> None:
        """What one record had, and has."""
        self.before += before
        self.after += after
        self.records += before != after

    def __str__(self) -> str:
        """With the difference."""
        return f"{self.before:,} → {self.after:,} ({self.after - self.before:+,})"

    def plain(self) -> Mapping[str, int]:
        """For JSON."""
        return {"before": self.before, "after": self.after, "change": self.after - self.before, "records": self.records}


@dataclass(slots=True)
class Report:
    """Counts what is told of each record. ``listed``: places with their differences, ``most_listed`` of them (0: all).

    ``same``: to the byte. ``alike``: but for ids and for which version and engine decided. ``unread``: a sentence each, of what
    is no record, or cannot be decided again, or (``of_the_caller``) was refused for who called or how. ``benefits`` are of
    grants, ``quotes`` of what cannot be booked.
    """

    most_listed: int
    same: int = 0
    alike: int = 0
    different: int = 0
    not_replayed: int = 0
    unreadable: int = 0
    of_the_caller: int = 0
    listed: list[tuple[str, list[Difference]]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    policies: Counter[tuple[str, str]] = field(default_factory=Counter)
    engines: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    benefits: dict[_Benefit, Sum] = field(default_factory=dict)
    quotes: dict[_Benefit, Sum] = field(default_factory=dict)
    credit: dict[str, Sum] = field(default_factory=dict)
    recourse: dict[str, Sum] = field(default_factory=dict)

    def cannot(self, place: str, why: str, *, is_record: bool) -> None:
        """A line that was not decided again."""
        self.not_replayed += is_record
        self.unreadable += not is_record
        self._list(place, why)

    def set_aside(self, place: str, why: str) -> None:
        """A refusal that follows from no policy."""
        self.of_the_caller += 1
        self._list(place, why)

    def _list(self, place: str, why: str) -> None:
        if not self.most_listed or len(self.unread) < self.most_listed:
            self.unread.append(f"{place}: {why}")

    def replayed(self, place: str, record: Record, before: Answer, after: Answer, found: list[Difference]) -> None:
        """A record that was decided again, with what is different (``found``)."""
        self.engines[str(record.told["engine"])] += 1
        self.policies[_version(before), _version(after)] += 1
        self.outcomes[word_of(before), word_of(after)] += 1
        self._add_amounts(before, after)
        if not found:
            same = before.SerializeToString(deterministic=True) == after.SerializeToString(deterministic=True)
            self.same += same
            self.alike += not same
            return
        self.different += 1
        if not self.most_listed or len(self.listed) < self.most_listed:
            self.listed.append((place, found))

    def rule_differs(self, rule: str) -> None:
        """A step of the derivation has another result in one record."""
        self.rules[rule] += 1

    def _add_amounts(self, before: Answer, after: Answer) -> None:
        for benefits, owed in ((self.benefits, _granted), (self.quotes, _quoted)):
            then, now = owed(before), owed(after)
            for key in {**then, **now}:
                benefits.setdefault(key, Sum()).add(then[key], now[key])
        for sums, of in ((self.credit, _credit), (self.recourse, _recourse)):
            then_money, now_money = of(before), of(after)
            for currency in then_money | now_money:
                sums.setdefault(currency, Sum()).add(then_money.get(currency, 0), now_money.get(currency, 0))

    def plain(self) -> Mapping[str, Any]:
        """For JSON."""
        return {
            "same": self.same,
            "alike": self.alike,
            "different": self.different,
            "not_replayed": self.not_replayed,
            "unreadable": self.unreadable,
            "of_the_caller": self.of_the_caller,
            "engines": dict(self.engines),
            "policies": [{"before": then, "after": now, "records": n} for (then, now), n in sorted(self.policies.items())],
            "outcomes": [{"before": then, "after": now, "records": n} for (then, now), n in sorted(self.outcomes.items())],
            "rules": dict(sorted(self.rules.items())),
            "benefits": _plain(self.benefits),
            "quotes": _plain(self.quotes),
            "credit": {currency: total.plain() for currency, total in sorted(self.credit.items())},
            "recourse": {currency: total.plain() for currency, total in sorted(self.recourse.items())},
            "differences": [
                {
                    "place": place,
                    "fields": [{"field": each.field, "before": each.before, "after": each.after} for each in found],
                }
                for place, found in self.listed
            ],
            "not_replayed_because": self.unread,
        }

    def lines(self, engine_version: str) -> Iterator[str]:
        """For people."""
        yield (
            f"{self.same + self.alike + self.different:,} records decided again: {self.same:,} the same to the byte,"
            f" {self.alike:,} alike but for ids and versions, {self.different:,} different; {self.not_replayed:,} could not be,"
            f" {self.unreadable:,} lines are no records, {self.of_the_caller:,} were refused for who called or how"
        )
        for engine, count in sorted(self.engines.items()):
            if engine != engine_version:
                yield f"engine: {count:,} records by {engine}, here {engine_version}: compared field by field"
        yield from _changed("policy", self.policies)
        yield from _changed("outcome", self.outcomes)
        for what, benefits in (("benefit", self.benefits), ("quotes of benefit", self.quotes)):
            for (policy, benefit, unit), total in sorted(benefits.items()):
                if total.records:
                    yield f"{what} {benefit} of {policy}: {total} {unit}, in {total.records:,} records"
        for rule, count in self.rules.most_common():
            yield f"rule {rule}: another result in {count:,} records"
        for what, sums in (("credit", self.credit), ("recourse", self.recourse)):
            for currency, total in sorted(sums.items()):
                yield f"{what} in {currency}, minor units: {total}"
        for place, found in self.listed:
            yield f"{place}: {'; '.join(map(str, found))}"
        if self.different > len(self.listed):
            yield f"and {self.different - len(self.listed):,} records more that are different; --list 0 lists all"
        yield from self.unread
        left = self.not_replayed + self.unreadable + self.of_the_caller - len(self.unread)
        if left:
            yield f"and {left:,} lines more that could not be decided again; --list 0 lists all"


def _plain(benefits: Mapping[_Benefit, Sum]) -> list[Mapping[str, Any]]:
    return [
        {"policy": policy, "benefit": benefit, "unit": unit, **total.plain()}
        for (policy, benefit, unit), total in sorted(benefits.items())
    ]


def _changed(what: str, counted: Mapping[tuple[str, str], int]) -> Iterator[str]:
    for (then, now), count in sorted(counted.items()):
        if then != now:
            yield f"{what} {then} → {now}: {count:,} records"


def _version(answer: Answer) -> str:
    if isinstance(answer, status_pb2.Status):
        return "refused"
    stamp = answer.policy
    return f"{stamp.policy_id}/{stamp.version}@{stamp.sha256[:12]}"


def _granted(answer: Answer) -> Counter[_Benefit]:
    granted: Counter[_Benefit] = Counter()
    if not isinstance(answer, status_pb2.Status) and answer.outcome == decision_pb.OUTCOME_GRANTED:
        for grant in answer.grants:
            granted[_benefit(answer, grant)] += grant.quantity
    return granted


def _quoted(answer: Answer) -> Counter[_Benefit]:
    """Quotes can stand beside grants."""
    quoted: Counter[_Benefit] = Counter()
    if not isinstance(answer, status_pb2.Status):
        for quote in answer.quotes:
            quoted[_benefit(answer, quote)] += quote.quantity
    return quoted


def _benefit(answer: decision_pb.Decision, owed: decision_pb.Grant | decision_pb.Quote) -> _Benefit:
    return answer.policy.policy_id, owed.benefit, _UNITS.get(owed.kind, "")


def _credit(answer: Answer) -> dict[str, int]:
    money: Counter[str] = Counter()
    if not isinstance(answer, status_pb2.Status) and answer.outcome == decision_pb.OUTCOME_GRANTED:
        for grant in answer.grants:
            if grant.kind == _CREDIT:
                money[grant.currency_code] += grant.quantity
    return dict(money)


def _recourse(answer: Answer) -> dict[str, int]:
    money: Counter[str] = Counter()
    if not isinstance(answer, status_pb2.Status):
        for owed in answer.recourse:
            money[owed.amount.currency_code] += owed.amount.amount_minor
    return dict(money)
