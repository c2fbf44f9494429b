"""What a case expects, and the fields in which an answer is another."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from policy.calculator.request import Interval
from policy.tools.cases.answer import Answer, Because, Decided
from policy.tools.cases.formatting import granted_text, instant_text, interval_text, seconds_text
from policy.tools.cases.lines import Value, differing

Amounts = int | tuple[int, ...]
"""What a benefit comes to in all, or in each occasion that has it."""
Owed = int | Mapping[str, int]
"""What a party owes in all, or for each outage."""


class Difference(NamedTuple):
    """A field in which an answer is not the expected one; both as text."""

    field: str
    expected: str
    given: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.field}: expected {self.expected}, given {self.given}"


@dataclass(frozen=True, slots=True)
class ExpectedOccasion:
    """What a case states of an occasion, in the words of :class:`Decided`; None: not stated."""

    started_at: int | None = None
    ended_at: int | None = None
    outage_ids: tuple[str, ...] | None = None
    month: str | None = None
    billing_cycle: Interval | None = None
    outcome: str | None = None
    reasons: tuple[Because, ...] | None = None
    benefits: tuple[str, ...] | None = None
    grants: Mapping[str, int] | None = None
    quotes: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case states, in the words of :class:`Answer`; from ``clock_seconds`` on, None and empty mean not stated.

    A reason without what it is about stands for every reason of its code. ``kinds`` (of the benefits) and ``currency_code``
    say how amounts are written.
    """

    malformed: frozenset[str] = frozenset()
    refused: str = ""
    outcome: str = ""
    reasons: tuple[Because, ...] = ()
    warnings: frozenset[str] = frozenset()
    grants: Mapping[str, Amounts] = field(default_factory=dict)
    quotes: Mapping[str, Amounts] = field(default_factory=dict)
    recourse: Mapping[str, Owed] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, int]] | None = None
    clock_seconds: int | None = None
    weighted_seconds: Fraction | None = None
    version: str | None = None
    occasions: tuple[ExpectedOccasion, ...] | None = None
    lines: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    currency_code: str = ""

    def differences(self, answer: Answer) -> tuple[Difference, ...]:
        """Every stated field in which ``answer`` is another, in the order of the answer."""
        if (self.malformed, self.refused) != (answer.malformed, answer.refused):
            expected = _what(self.malformed, self.refused, self.outcome)
            return (Difference("answer", expected, _what(answer.malformed, answer.refused, answer.outcome)),)
        return () if self.malformed or self.refused else tuple(self._of_decision(answer))

    def _of_decision(self, answer: Answer) -> Iterator[Difference]:
        if self.outcome != answer.outcome:
            yield Difference("outcome", self.outcome, answer.outcome)
        if not _are_met(self.reasons, answer.reasons):
            yield _reasons("reasons", self.reasons, answer.reasons)
        if self.warnings != answer.warnings:
            yield Difference("warnings", _listed(self.warnings), _listed(answer.warnings))
        yield from self._amounts("grants", self.grants, answer.grants)
        yield from self._amounts("quotes", self.quotes, answer.quotes)
        yield from self._recourse(answer.recourse)
        if self.parts is not None:
            for outage_id in dict.fromkeys((*self.parts, *answer.parts)):
                of_outage = {name: part for name, part in self.parts.get(outage_id, {}).items() if part}
                yield from self._amounts(f"parts.{outage_id}", of_outage, _single(answer.parts.get(outage_id, {})))
        for name, wanted, given in (
            ("clock", self.clock_seconds, answer.clock_seconds),
            ("weighted", self.weighted_seconds, answer.weighted_seconds),
        ):
            if wanted is not None and wanted != given:
                yield Difference(name, seconds_text(wanted), "none" if given is None else seconds_text(given))
        if self.version is not None and answer.version is not None and self.version != answer.version:
            yield Difference("version", self.version, answer.version)
        if self.occasions is not None and answer.occasions is not None:
            yield from self._occasions(self.occasions, answer.occasions)
        for rule, wanted_value, given_value in differing(self.lines, answer.lines) if answer.lines is not None else ():
            yield Difference(f"lines.{rule}", wanted_value, given_value)

    def _occasions(self, wanted: tuple[ExpectedOccasion, ...], given: tuple[Decided, ...]) -> Iterator[Difference]:
        if len(wanted) != len(given):
            yield Difference("occasions", str(len(wanted)), ", ".join(map(_when, given)) or "none")
            return
        for number, (one, other) in enumerate(zip(wanted, given, strict=True), 1):
            yield from self._occasion(f"occasions.{number}", one, other)

    def _occasion(self, at: str, wanted: ExpectedOccasion, given: Decided) -> Iterator[Difference]:
        for name, one, other in (
            ("from", wanted.started_at, given.started_at),
            ("to", wanted.ended_at, given.ended_at),
        ):
            if one is not None and one != other:
                yield Difference(f"{at}.{name}", instant_text(one), instant_text(other))
        if wanted.outage_ids is not None and set(wanted.outage_ids) != set(given.outage_ids):
            yield Difference(f"{at}.outages", _listed(wanted.outage_ids), _listed(given.outage_ids))
        if wanted.month is not None and wanted.month != given.month:
            yield Difference(f"{at}.month", wanted.month, given.month or "none")
        if wanted.billing_cycle is not None and wanted.billing_cycle != given.billing_cycle:
            cycle = "none" if given.billing_cycle is None else interval_text(given.billing_cycle)
            yield Difference(f"{at}.billing", interval_text(wanted.billing_cycle), cycle)
        if wanted.outcome is not None and wanted.outcome != given.outcome:
            yield Difference(f"{at}.outcome", wanted.outcome, given.outcome)
        if wanted.reasons is not None and not _are_met(wanted.reasons, given.reasons):
            yield _reasons(f"{at}.reasons", wanted.reasons, given.reasons)
        if wanted.benefits is not None and set(wanted.benefits) != set(given.benefits):
            yield Difference(f"{at}.benefits", _listed(wanted.benefits), _listed(given.benefits))
        if wanted.grants is not None:
            yield from self._amounts(f"{at}.grants", wanted.grants, _single(given.grants))
        if wanted.quotes is not None:
            yield from self._amounts(f"{at}.quotes", wanted.quotes, _single(given.quotes))

    def _amounts(
        self, what: str, expected: Mapping[str, Amounts], given: Mapping[str, tuple[int, ...]]
    ) -> Iterator[Difference]:
        for name in dict.fromkeys((*expected, *given)):
            wanted, amounts = expected.get(name), given.get(name, ())
            if wanted != (sum(amounts) if isinstance(wanted, int) and amounts else amounts or None):
                each_wanted = (wanted,) if isinstance(wanted, int) else wanted or ()
                yield Difference(f"{what}.{name}", self._told(name, each_wanted), self._told(name, amounts))

    def _told(self, benefit: str, amounts: tuple[int, ...]) -> str:
        kind = self.kinds.get(benefit, "")
        return ", ".join(granted_text(each, kind, self.currency_code) for each in amounts) or "none"

    def _recourse(self, given: Mapping[str, Mapping[str, int]]) -> Iterator[Difference]:
        for party in dict.fromkeys((*self.recourse, *given)):
            wanted, owed = self.recourse.get(party), given.get(party)
            if wanted != (sum(owed.values()) if isinstance(wanted, int) and owed is not None else owed):
                yield Difference(f"recourse.{party}", self._owed(wanted), self._owed(owed, in_all=isinstance(wanted, int)))

    def _owed(self, owed: Owed | None, *, in_all: bool = False) -> str:
        if owed is None:
            return "none"
        if isinstance(owed, int):
            return granted_text(owed, "CREDIT", self.currency_code)
        if in_all:
            return self._owed(sum(owed.values()))
        return ", ".join(f"{outage_id} {self._owed(amount)}" for outage_id, amount in sorted(owed.items()))


def _single(amounts: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    return {name: (amount,) for name, amount in amounts.items()}


def _when(occasion: Decided) -> str:
    return interval_text(Interval(occasion.started_at, occasion.ended_at))


def _are_met(wanted: tuple[Because, ...], given: frozenset[Because]) -> bool:
    """Each expected reason was given, and each given one was expected."""
    pairs = [(want, each) for want in wanted for each in given if want.code == each.code and want.about in ("", each.about)]
    return {want for want, _ in pairs} == set(wanted) and {each for _, each in pairs} == given


def _reasons(what: str, wanted: Iterable[Because], given: Iterable[Because]) -> Difference:
    return Difference(what, _listed(map(str, wanted)), _listed(map(str, given)))


def _what(malformed: frozenset[str], refused: str, outcome: str) -> str:
    """What kind of answer it is."""
    if malformed:
        return f"malformed {', '.join(sorted(malformed))}"
    return f"refused {refused}" if refused else f"the decision {outcome}"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(sorted(texts)) or "none"
