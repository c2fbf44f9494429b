"""How a benefit's amount came about, as one line of factors, read from the steps of an explanation.

Of the steps of a benefit only those that changed the amount are said. What does not follow the usual form, a count times a rate
times factors, is said by its result alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from clients import units
from clients.crm.explanation import exact
from clients.crm.words import Words
from makegood.v1 import decision_pb2

Line = decision_pb2.ExplanationLine
HOUR: Final = 3600
_OCCASION: Final = re.compile(r"occasions\[([0-9]+)\]")
_COUNTED: Final = re.compile(r"(?:exact|started|full) (?P<seconds>[0-9]+) s(?: of (?P<clock>\S+) time)?")
WEIGHTED: Final = "weighted"
LEFT: Final = "left in this cycle"


@dataclass(frozen=True, slots=True)
class Derivation:
    """``text``: factors and result. ``left_before``: room under the cycle's cap before it, base units; None: it has no cap."""

    text: str
    left_before: int | None


def of(explanation: decision_pb2.Explanation, occasion: int, benefit: str, words: Words) -> Derivation | None:
    """Of a benefit of an occasion; None where the explanation does not tell."""
    steps = _steps(explanation.lines, occasion, benefit)
    result = steps.get("")
    if result is None or not result.applied:
        return None
    left = steps.get("at most per cycle")
    room = None if left is None else next((Fraction(each.value) for each in left.inputs if each.name == LEFT), None)
    return Derivation(_text(steps, result, words), None if room is None else int(room))


def _steps(lines: Sequence[Line], occasion: int, benefit: str) -> dict[str, Line]:
    """Steps of the benefit by what stands behind its name in their rules, in order."""
    found: dict[str, Line] = {}
    at = -1
    prefix = f"benefits.{benefit}"
    for line in lines:
        if of_occasion := _OCCASION.fullmatch(line.rule):
            at = int(of_occasion[1])
        elif at == occasion and (line.rule == prefix or line.rule.startswith(f"{prefix}.")):
            found[line.rule.removeprefix(prefix).removeprefix(".")] = line
    return found


def _text(steps: Mapping[str, Line], result: Line, words: Words) -> str:
    factors = _factors(steps, words)
    amount = steps.get("amount")
    last = result if amount is None or not amount.applied else amount
    said = [_value(last, words)]
    for name, label in _AFTER.items():
        step = steps.get(name)
        if step is not None and step.applied and step.value != last.value:
            said.append(words.labels[label].format(amount=_value(step, words)))
            last = step
    return (f"{' × '.join(factors)} = " if factors else "") + "".join(said)


_AFTER: Final = {
    "round": "then rounded",
    "at most": "then at most",
    "at most per cycle": "then left in cycle",
}
"""Steps that lower or round an amount, and how they are said."""


def _factors(steps: Mapping[str, Line], words: Words) -> list[str]:
    """Count, rate and factors; none where the amount is no such product."""
    count, pay = steps.get("count"), steps.get("pay")
    if count is None or pay is None or not (count.applied and pay.applied):
        return []
    inputs = {each.name: each for each in pay.inputs}
    rate = inputs.get("rate")
    if rate is None or "units" not in inputs or Fraction(inputs["units"].value) * Fraction(rate.value) != Fraction(pay.value):
        return []
    found = [_count(count, words), exact(rate.value, rate.unit, words)]
    product = Fraction(pay.value)
    for name, step in steps.items():
        if name.startswith("times.") and step.applied and step.value != "1":
            factor = Fraction(step.value)
            product *= factor
            found.append(_percent(factor) if factor < 1 else units.decimal(factor))
    amount = steps.get("amount")
    return found if amount is not None and Fraction(amount.value) == product else []


def _count(count: Line, words: Words) -> str:
    """5.25 weighted hours."""
    number = units.decimal(Fraction(count.value))
    counted = _COUNTED.fullmatch(count.note)
    clock = "" if counted is None else counted["clock"] or ""
    if counted is None or clock not in ("", WEIGHTED) or int(counted["seconds"]) != HOUR:
        return exact(count.value, count.unit, words)
    return words.labels["weighted hours" if clock else "hours"].format(number=number)


def _percent(factor: Fraction) -> str:
    return f"{units.decimal(factor * 100)} %"


def _value(line: Line, words: Words) -> str:
    return exact(line.value, line.unit, words)
