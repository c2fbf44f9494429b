"""The judge's answers beside the calculator's, in one comparable form."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace

from policy.calculator.decision import Decision
from policy.calculator.errors import CalculatorError
from policy.calculator.request import Request
from policy.tools.cases.answer import Answer, Because, answer_of
from tests.reference import Expected


def of_reference(expected: Expected) -> Answer:
    """The judge's answer; it knows of no version and explains nothing."""
    return Answer(
        malformed=expected.malformed,
        outcome=expected.outcome,
        reasons=frozenset(said(Because(each.code, each.field or each.benefit)) for each in expected.reasons),
        warnings=frozenset(expected.warnings),
        grants=_amounts({name: sum(parts.values()) for name, parts in each.grants.items()} for each in expected.interruptions),
        quotes=_amounts(each.quotes for each in expected.interruptions),
        parts=_parts(expected),
        recourse=expected.recourse,
        clock_seconds=expected.clock_seconds,
        weighted_seconds=expected.weighted_seconds,
    )


def _amounts(by_occasion: Iterable[Mapping[str, int]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for each in by_occasion:
        for name, amount in each.items():
            found[name] = (*found.get(name, ()), amount)
    return found


def _parts(expected: Expected) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for each in expected.interruptions:
        for name, parts in each.grants.items():
            for outage_id, part in parts.items():
                if part:
                    of_outage = found.setdefault(outage_id, {})
                    of_outage[name] = of_outage.get(name, 0) + part
    return found


def of_calculator(decide: Callable[[Request], Decision], request: Request) -> Answer:
    """The answer of whatever decides, in the judge's words; a refusal of malformed fields included."""
    try:
        answer = answer_of(decide(request))
    except CalculatorError as error:
        answer = answer_of(error)
    return replace(answer, reasons=frozenset(map(said, answer.reasons)), version=None, occasions=None, lines=None)


def said(reason: Because) -> Because:
    """A reason without what the text leaves open: it says of which field and which benefit only for these two codes."""
    return reason if reason.code in ("MISSING_FACT", "CAPPED") else Because(reason.code)


def differences(one: Answer, other: Answer) -> dict[str, tuple[object, object]]:
    """The fields in which two answers differ."""
    pairs = {each.name: (getattr(one, each.name), getattr(other, each.name)) for each in fields(Answer)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
