"""The answer of whoever decides a case, in comparable form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, NamedTuple

from policy.calculator.decision import Decision, Grant, Line, Occasion, Quote, Reason
from policy.calculator.errors import CalculatorError, InvalidRequest, NotInForce, OtherDigest, SeveralVersions, UnknownPolicy
from policy.calculator.request import Interval

NOT_IN_FORCE: Final = "NOT_IN_FORCE"
OTHER_DIGEST: Final = "OTHER_DIGEST"
SEVERAL_VERSIONS: Final = "SEVERAL_VERSIONS"
UNKNOWN_POLICY: Final = "UNKNOWN_POLICY"
REFUSALS: Final = (NOT_IN_FORCE, OTHER_DIGEST, SEVERAL_VERSIONS, UNKNOWN_POLICY)


class Because(NamedTuple):
    """A reason: its code, and the field or the benefit that it is about."""

    code: str
    about: str = ""

    def __str__(self) -> str:
        """As a person says it."""
        return f"{self.code} of {self.about}" if self.about else self.code


@dataclass(frozen=True, slots=True)
class Decided:
    """An occasion, and what became of it: grants and quotes by benefit, in base units."""

    started_at: int
    ended_at: int
    outage_ids: tuple[str, ...]
    month: str
    billing_cycle: Interval | None
    outcome: str
    reasons: frozenset[Because]
    benefits: tuple[str, ...]
    grants: Mapping[str, int]
    quotes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """Malformed fields, or a refusal, or a decision. Quantities are in base units.

    ``grants`` and ``quotes``: by benefit, of each occasion that has one, in their order. ``parts``: of all grants, by outage
    and benefit, above 0. ``recourse``: by party and outage. ``version``, ``occasions``, ``lines`` None: not told.
    """

    malformed: frozenset[str] = frozenset()
    refused: str = ""
    outcome: str = ""
    reasons: frozenset[Because] = frozenset()
    warnings: frozenset[str] = frozenset()
    grants: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    quotes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    recourse: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    clock_seconds: int | None = None
    weighted_seconds: Fraction | None = None
    version: str | None = None
    occasions: tuple[Decided, ...] | None = None
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
        case SeveralVersions():
            return Answer(refused=SEVERAL_VERSIONS)
        case UnknownPolicy():
            return Answer(refused=UNKNOWN_POLICY)
        case CalculatorError():
            raise result
    return Answer(
        outcome=result.outcome,
        reasons=_reasons(result.reasons),
        warnings=frozenset(each.code for each in result.warnings),
        grants=_amounts(result.grants),
        quotes=_amounts(result.quotes),
        parts=_parts(result.grants),
        recourse={each.responsible_party: {of.outage_id: of.amount_minor for of in each.outages} for each in result.recourse},
        clock_seconds=result.clock_seconds,
        weighted_seconds=result.weighted_seconds,
        version=result.policy.version,
        occasions=tuple(_decided(number, each, result) for number, each in enumerate(result.occasions)),
        lines=None if result.explanation is None else result.explanation.lines,
    )


def _reasons(reasons: Iterable[Reason]) -> frozenset[Because]:
    return frozenset(Because(each.code, each.field or each.benefit) for each in reasons)


def _amounts(owed: Iterable[Grant | Quote]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for each in owed:
        found[each.benefit] = (*found.get(each.benefit, ()), each.quantity)
    return found


def _parts(grants: Iterable[Grant]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for grant in grants:
        for part in grant.parts:
            if part.quantity:
                of_outage = found.setdefault(part.outage_id, {})
                of_outage[grant.benefit] = of_outage.get(grant.benefit, 0) + part.quantity
    return found


def _decided(number: int, occasion: Occasion, decision: Decision) -> Decided:
    return Decided(
        occasion.started_at,
        occasion.ended_at,
        occasion.outage_ids,
        occasion.month,
        occasion.billing_cycle,
        occasion.outcome,
        _reasons(occasion.reasons),
        occasion.benefits,
        {each.benefit: each.quantity for each in decision.grants if each.occasion == number},
        {each.benefit: each.quantity for each in decision.quotes if each.occasion == number},
    )
