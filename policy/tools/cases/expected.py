"""What a case expects, and the fields in which an answer is another."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from policy.calculator import codes
from policy.tools.cases.answer import Answer, Because
from policy.tools.cases.formatting import granted_text, seconds_text
from policy.tools.cases.lines import Value, differing


class Difference(NamedTuple):
    """A field in which an answer is not the expected one; both as text."""

    field: str
    expected: str
    given: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.field}: expected {self.expected}, given {self.given}"


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
    grants: Mapping[str, int] = field(default_factory=dict)
    recourse: Mapping[str, int] = field(default_factory=dict)
    clock_seconds: int | None = None
    weighted_seconds: Fraction | None = None
    version: str | None = None
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
        elif answer.bookable != (self.outcome == codes.GRANTED):
            yield Difference("grant keys", *(("some", "none") if self.outcome == codes.GRANTED else ("none", "some")))
        if not self._reasons_met(answer.reasons):
            yield Difference("reasons", _listed(map(str, self.reasons)), _listed(map(str, answer.reasons)))
        if self.warnings != answer.warnings:
            yield Difference("warnings", _listed(self.warnings), _listed(answer.warnings))
        yield from self._amounts("grants", self.grants, answer.grants)
        yield from self._amounts("recourse", self.recourse, answer.recourse)
        for name, wanted, given in (
            ("clock", self.clock_seconds, answer.clock_seconds),
            ("weighted", self.weighted_seconds, answer.weighted_seconds),
        ):
            if wanted is not None and wanted != given:
                yield Difference(name, seconds_text(wanted), "none" if given is None else seconds_text(given))
        if self.version is not None and answer.version is not None and self.version != answer.version:
            yield Difference("version", self.version, answer.version)
        for rule, wanted_value, given_value in differing(self.lines, answer.lines) if answer.lines is not None else ():
            yield Difference(f"lines.{rule}", wanted_value, given_value)

    def _reasons_met(self, given: frozenset[Because]) -> bool:
        """Each expected reason was given, and each given one was expected."""
        pairs = [
            (want, each) for want in self.reasons for each in given if want.code == each.code and want.about in ("", each.about)
        ]
        return {want for want, _ in pairs} == set(self.reasons) and {each for _, each in pairs} == given

    def _amounts(self, what: str, expected: Mapping[str, int], given: Mapping[str, int]) -> Iterator[Difference]:
        for name in dict.fromkeys((*expected, *given)):
            if expected.get(name) != given.get(name):
                kind = "CREDIT" if what == "recourse" else self.kinds.get(name, "")
                said = [
                    "none" if amount is None else granted_text(amount, kind, self.currency_code)
                    for amount in (expected.get(name), given.get(name))
                ]
                yield Difference(f"{what}.{name}", *said)


def _what(malformed: frozenset[str], refused: str, outcome: str) -> str:
    """What kind of answer it is."""
    if malformed:
        return f"malformed {', '.join(sorted(malformed))}"
    return f"refused {refused}" if refused else f"the decision {outcome}"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(sorted(texts)) or "none"
