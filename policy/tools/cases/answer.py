"""The answer of whoever decides a case, in comparable form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, NamedTuple

from policy.calculator.decision import Decision, Line
from policy.calculator.errors import CalculatorError, InvalidRequest, NotInForce, OtherDigest, UnknownPolicy

NOT_IN_FORCE: Final = "NOT_IN_FORCE"
OTHER_DIGEST: Final = "OTHER_DIGEST"
UNKNOWN_POLICY: Final = "UNKNOWN_POLICY"
REFUSALS: Final = (NOT_IN_FORCE, OTHER_DIGEST, UNKNOWN_POLICY)


class Because(NamedTuple):
    """A reason: its code, and the field or the benefit that it is about."""

    code: str
    about: str = ""

    def __str__(self) -> str:
        """As a person says it."""
        return f"{self.code} of {self.about}" if self.about else self.code


@dataclass(frozen=True, slots=True)
class Answer:
    """Malformed fields, or a refusal, or a decision. Quantities are in base units.

    ``bookable``: some grant has a key. ``version`` and ``lines`` None: the one who answers does not say.
    """

    malformed: frozenset[str] = frozenset()
    refused: str = ""
    outcome: str = ""
    reasons: frozenset[Because] = frozenset()
    warnings: frozenset[str] = frozenset()
    grants: Mapping[str, int] = field(default_factory=dict)
    recourse: Mapping[str, int] = field(default_factory=dict)
    clock_seconds: int | None = None
    weighted_seconds: Fraction | None = None
    bookable: bool = False
    version: str | None = None
    lines: tuple[Line, ...] | None = None


def answer_of(result: Decision | CalculatorError) -> Answer:
    """The answer of a decision, or of the refusal in its place. Another error is none: it is raised."""
    match result:
        case InvalidRequest(violations=violations):
            return Answer(malformed=frozenset(violation.field for violation in violations))
        case NotInForce():
            return Answer(refused=NOT_IN_FORCE)
        case OtherDigest():
            return Answer(refused=OTHER_DIGEST)
        case UnknownPolicy():
            return Answer(refused=UNKNOWN_POLICY)
        case CalculatorError():
            raise result
    return Answer(
        outcome=result.outcome,
        reasons=frozenset(Because(each.code, each.field or each.benefit) for each in result.reasons),
        warnings=frozenset(each.code for each in result.warnings),
        grants={each.benefit: each.quantity for each in result.grants},
        recourse={each.responsible_party: each.amount_minor for each in result.recourse},
        clock_seconds=result.clock_seconds,
        weighted_seconds=result.weighted_seconds,
        bookable=any(each.grant_key for each in result.grants),
        version=result.policy.version,
        lines=None if result.explanation is None else result.explanation.lines,
    )
