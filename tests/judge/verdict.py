"""The answer in comparable form, whoever gives it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import NamedTuple

from policy.calculator.decision import Decision
from policy.calculator.errors import CalculatorError, InvalidRequest
from policy.calculator.request import Request


class Because(NamedTuple):
    """A reason: its code, and the field or the benefit that it is about."""

    code: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, by what it means: ``bookable`` are the benefits that can be booked, ``error`` a refusal in its place."""

    error: str = ""
    outcome: str = ""
    reasons: frozenset[Because] = frozenset()
    warnings: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()
    grants: Mapping[str, int] = field(default_factory=dict)
    bookable: frozenset[str] = frozenset()
    recourse: Mapping[str, int] = field(default_factory=dict)
    clock_seconds: int | None = None
    weighted_seconds: Fraction | None = None


def verdict_of(decide: Callable[[Request], Decision], request: Request) -> Verdict:
    """What a calculator answers."""
    try:
        decision = decide(request)
    except InvalidRequest as error:
        return Verdict(error=f"malformed: {error}")
    except CalculatorError as error:
        return Verdict(error=f"{type(error).__name__}: {error}")
    except Exception as error:  # noqa: BLE001  a calculator that breaks differs; the request that broke it is wanted
        return Verdict(error=f"broken: {error!r}")
    return Verdict(
        outcome=decision.outcome,
        reasons=frozenset(Because(each.code, each.field or each.benefit) for each in decision.reasons),
        warnings=frozenset(each.code for each in decision.warnings),
        unsettled=frozenset(each.clause for each in decision.warnings if each.code == "RULE_UNSETTLED"),
        grants={each.benefit: each.quantity for each in decision.grants},
        bookable=frozenset(each.benefit for each in decision.grants if each.grant_key),
        recourse={each.responsible_party: each.amount_minor for each in decision.recourse},
        clock_seconds=decision.clock_seconds,
        weighted_seconds=decision.weighted_seconds,
    )


def differences(one: Verdict, other: Verdict) -> dict[str, tuple[object, object]]:
    """The fields in which two answers differ."""
    pairs = {each.name: (getattr(one, each.name), getattr(other, each.name)) for each in fields(Verdict)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
