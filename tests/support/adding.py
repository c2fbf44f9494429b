"""Adding up an explanation: from the lines alone, a reader arrives at every grant."""

from collections.abc import Iterator
from fractions import Fraction
from math import prod
from typing import NamedTuple

from policy.calculator.decision import Decision, Grant, Line


class Step(NamedTuple):
    """A line: its rule, what it says, and what the lines before it come to."""

    rule: str
    says: Fraction
    comes_to: Fraction


def lines_of(decision: Decision, rule: str) -> list[Line]:
    """The lines of one rule, in order."""
    assert decision.explanation is not None
    return [line for line in decision.explanation.lines if line.rule == rule]


def below(decision: Decision, rule: str) -> list[Line]:
    """The lines of the rules that ``rule`` is made of."""
    assert decision.explanation is not None
    return [line for line in decision.explanation.lines if line.rule.startswith(f"{rule}.")]


def value(line: Line) -> Fraction:
    """What a line came to."""
    return Fraction(line.value)


def numbers(line: Line) -> list[tuple[str, Fraction]]:
    """The numbers that a line read, each with its name."""
    return [(each.name, Fraction(each.value)) for each in line.inputs if each.value.replace("/", "").isdigit()]


def inputs(line: Line) -> dict[str, Fraction]:
    """The numbers that a line read, by name."""
    return dict(numbers(line))


def rounded(amount: Fraction, unit: int, how: str) -> int:
    """An amount rounded to a multiple of ``unit``."""
    steps = amount / unit
    whole = steps.numerator // steps.denominator
    rest = steps - whole
    up = {"up": rest > 0, "down": False, "half up": rest >= Fraction(1, 2)}[how]
    return (whole + up) * unit


def differing(decision: Decision) -> list[Step]:
    """The steps that do not follow from those before them, and grants that are not what their last line says."""
    steps = [step for grant in decision.grants for step in sums(decision, named(decision, grant))]
    for grant in decision.grants:
        [result] = lines_of(decision, named(decision, grant))
        steps.append(Step(f"the grant of {grant.benefit}", Fraction(grant.quantity), value(result)))
    return [step for step in steps if step.says != step.comes_to]


def named(decision: Decision, grant: Grant) -> str:
    """What the lines of a grant are named: below its occasion, where there are several."""
    below_occasion = f"occasions[{grant.occasion}]." if len(decision.occasions) > 1 else ""
    return f"{below_occasion}benefits.{grant.benefit}"


def sums(decision: Decision, name: str) -> Iterator[Step]:
    """Every step of a benefit in its occasion."""
    amounts = [line for line in below(decision, name) if line.rule.endswith(".amount")]
    for amount in amounts:
        yield from _component(decision, amount)
    left = sum(map(value, amounts), Fraction(0))
    for line in lines_of(decision, f"{name}.sum of"):
        yield Step(line.rule, value(line), left)
    for line in lines_of(decision, f"{name}.larger of"):
        left = max(map(value, amounts))
        yield Step(line.rule, value(line), left)
    for line in lines_of(decision, f"{name}.minus"):
        left = max(left - inputs(line)["set off"], Fraction(0))
        yield Step(line.rule, value(line), left)
    [rounding] = lines_of(decision, f"{name}.round")
    left = Fraction(rounded(left, int(inputs(rounding)["to"]), rounding.note))
    yield Step(rounding.rule, value(rounding), left)
    yield from _bounded(decision, name, left)


def _component(decision: Decision, amount: Line) -> Iterator[Step]:
    """Units of each part times the rate, or the rates of so many of them; added, times the factors."""
    component = amount.rule.removesuffix(".amount")
    counted = [value(line) for line in lines_of(decision, f"{component}.count")]
    paid = lines_of(decision, f"{component}.pay")
    for units, line in zip(counted, paid, strict=True):
        rates = [(each, rate) for each, rate in numbers(line) if each == "rate" or each.startswith("rate of ")]
        parts = (rate * (units if each == "rate" else Fraction(each.split()[2])) for each, rate in rates)
        yield Step(line.rule, value(line), sum(parts, Fraction(0)))
    factors = [value(line) for line in below(decision, f"{component}.times")]
    yield Step(amount.rule, value(amount), sum(map(value, paid), Fraction(0)) * prod(factors, start=Fraction(1)))


def _bounded(decision: Decision, name: str, left: Fraction) -> Iterator[Step]:
    """The minimum, the cap, what was granted before, and the caps of the cycle and the month, in their order."""
    for line in lines_of(decision, f"{name}.at least"):
        yield Step(line.rule, inputs(line)["before"], left)
        left = max(left, value(line))
        yield Step(line.rule, value(line), left)
    for line in lines_of(decision, f"{name}.at most"):
        yield Step(line.rule, inputs(line)["before"], left)
        left = min(left, value(line))
        yield Step(line.rule, value(line), left)
    [before] = lines_of(decision, f"{name}.already granted")
    left = max(left - inputs(before)["already granted"], Fraction(0))
    yield Step(before.rule, value(before), left)
    for span in ("cycle", "month"):
        for line in lines_of(decision, f"{name}.at most per {span}"):
            yield Step(line.rule, inputs(line)["before"], left)
            left = min(left, inputs(line)[f"left in this {span}"])
            yield Step(line.rule, value(line), left)
    [result] = lines_of(decision, name)
    yield Step(name, value(result), left)
