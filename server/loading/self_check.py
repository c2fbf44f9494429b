"""A cheap question to each version of a set, before it decides for anybody: whether it decides at all, and twice alike."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Final

from policy.calculator import codes
from policy.calculator.errors import CalculatorError
from policy.calculator.policies import PolicySet
from policy.calculator.program import Program
from policy.calculator.request import AttributeValue, Instant, Money, Outage, Request, Subscriber
from policy.calculator.rules import Fact
from policy.calculator.wall_clock import DAY_SECONDS

_EPOCH: Final = date(1970, 1, 1).toordinal()
_HOURS_26: Final = 26 * 3600


def self_check(policies: PolicySet) -> Iterator[tuple[str, str]]:
    """(policy id, what is wrong) of each version that does not decide, or not twice alike.

    That it refuses the question, for it asks for facts that are not made up here, is as good an answer as any.
    """
    for policy_id in policies.policy_ids:
        for program in policies.programs(policy_id):
            wrong = _wrong(policies, program)
            if wrong:
                yield policy_id, f"version {program.version.version}: {wrong}"


def _wrong(policies: PolicySet, program: Program) -> str:
    version = program.version
    asked = _question(program)
    try:
        once, again = (policies.decide(asked) for _ in range(2))
    except CalculatorError:
        return ""
    except Exception as error:  # noqa: BLE001  # a defect of ours: the set that shows it is not to decide
        return f"an ordinary question cannot be decided by it ({type(error).__qualname__}); tell the makers"
    if once != again or (once.policy.version, once.policy.sha256) != (version.version, version.sha256):
        return "an ordinary question, asked twice, is not decided twice alike by it; tell the makers"
    return ""


def _question(program: Program) -> Request:
    """An outage of a day and two hours on the first days of a version, with a value for each fact that it declares."""
    version = program.version
    started_at = (version.in_force_from.toordinal() - _EPOCH + 1) * DAY_SECONDS
    ended_at = started_at + _HOURS_26
    told = {fact.field: _value(fact, version.currency_code, started_at) for fact in version.facts if fact.attribute}
    subscriber = Subscriber(
        subscriber_id="self-check",
        plan_type=codes.PLAN_TYPES[0],
        monthly_fee=Money(version.currency_code, 10_000),
        data_allowance_bytes=2**30,
        data_remaining_bytes=2**29,
        granted_this_cycle={},
        attributes={fact.name: told[fact.field] for fact in version.facts if fact.attribute and fact.of == "subscriber"},
    )
    outage = Outage(
        outage_id="self-check",
        started_at=started_at,
        ended_at=ended_at,
        cause=codes.CAUSES[0],
        impact=codes.IMPACTS[0],
        attributes={fact.name: told[fact.field] for fact in version.facts if fact.attribute and fact.of == "outage"},
    )
    return Request(subscriber, (outage,), codes.AUTOMATIC, ended_at, version.policy_id, version.version, explain=codes.FULL)


def _value(fact: Fact, currency_code: str, at: int) -> AttributeValue:
    match fact.type:
        case "money":
            return Money(currency_code, 100)
        case "ratio":
            return Fraction(1, 2)
        case "instant":
            return Instant(at)
        case "date":
            return date.fromordinal(_EPOCH + at // DAY_SECONDS)
        case "yes or no":
            return True
        case "intervals":
            return ()
    return fact.codes[0] if fact.codes else 1
