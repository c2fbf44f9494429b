"""Answers in one comparable form, whoever gives them: the calculator through any entry point, the judge, or a case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction

from policy.calculator.decision import Decision
from policy.calculator.errors import CalculatorError, InvalidRequest
from policy.calculator.request import Request
from tests.reference import Expected

Said = tuple[str, str]
"""A reason: its code, and what it is about where the text fixes that (a field for MISSING_FACT, a benefit for CAPPED)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the policy's text fixes about an answer; either ``malformed`` or the rest."""

    malformed: frozenset[str] = frozenset()
    outcome: str = ""
    reasons: frozenset[Said] = frozenset()
    warnings: frozenset[str] = frozenset()
    grants: Mapping[str, int] = field(default_factory=dict)
    recourse: Mapping[str, int] = field(default_factory=dict)
    clock_seconds: int | None = None
    weighted_seconds: Fraction | None = None
    bookable: bool = False

    def differences(self, other: "Answer") -> dict[str, tuple[object, object]]:
        """The fields in which two answers differ."""
        pairs = {each.name: (getattr(self, each.name), getattr(other, each.name)) for each in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def said(code: str, about_field: str, about_benefit: str) -> Said:
    """A reason without what the text leaves open."""
    return code, {"MISSING_FACT": about_field, "CAPPED": about_benefit}.get(code, "")


def of_decision(decision: Decision) -> Answer:
    """A decision's answer."""
    return Answer(
        outcome=decision.outcome,
        reasons=frozenset(said(each.code, each.field, each.benefit) for each in decision.reasons),
        warnings=frozenset(each.code for each in decision.warnings),
        grants={each.benefit: each.quantity for each in decision.grants},
        recourse={each.responsible_party: each.amount_minor for each in decision.recourse},
        clock_seconds=decision.clock_seconds,
        weighted_seconds=decision.weighted_seconds,
        bookable=any(each.grant_key for each in decision.grants),
    )


def of_result(result: Decision | CalculatorError) -> Answer:
    """The answer of a decision, or of the refusal in its place. Another error is none: it is raised."""
    if isinstance(result, InvalidRequest):
        return Answer(malformed=frozenset(violation.field for violation in result.violations))
    if isinstance(result, CalculatorError):
        raise result
    return of_decision(result)


def of_calculator(decide: Callable[[Request], Decision], request: Request) -> Answer:
    """The answer of whatever decides, a refusal of malformed fields included."""
    try:
        return of_decision(decide(request))
    except InvalidRequest as error:
        return of_result(error)


def of_reference(expected: Expected) -> Answer:
    """The judge's answer."""
    return Answer(
        malformed=expected.malformed,
        outcome=expected.outcome,
        reasons=frozenset(said(each.code, each.field, each.benefit) for each in expected.reasons),
        warnings=frozenset(expected.warnings),
        grants=dict(expected.grants),
        recourse=dict(expected.recourse),
        clock_seconds=expected.clock_seconds,
        weighted_seconds=expected.weighted_seconds,
        bookable=expected.bookable,
    )
