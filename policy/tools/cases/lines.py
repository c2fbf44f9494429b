"""Lines of an explanation as a case expects them: by the name of the rule, its value, or that it did not apply."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from policy.calculator.decision import Line
from policy.language.problems import did_you_mean
from policy.language.quantities import DAY_SECONDS, Quantity
from policy.tools.cases.formatting import bytes_text, money_text, seconds_text

NOT_APPLIED = "not applied"
Value = Quantity | str
"""A quantity, a code or codes, or NOT_APPLIED."""


def differing(expected: Mapping[str, tuple[Value, ...]], lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    """Rule, expected and given value, where they differ. A rule with several lines (of several parts) has as many values."""
    found = []
    for rule, values in expected.items():
        given = [line for line in lines if line.rule == rule]
        if len(given) == len(values) and all(_holds(value, line) for value, line in zip(values, given, strict=True)):
            continue
        said = ", ".join(map(_line_said, given)) or f"no such line; {did_you_mean(rule, {line.rule for line in lines})}".rstrip(
            "; "
        )
        found.append((rule, ", ".join(map(_value_text, values)), said))
    return found


def _holds(value: Value, line: Line) -> bool:
    """Whether the line has that value, in whatever unit it was written."""
    if isinstance(value, str):
        return value == (line.value if line.applied else NOT_APPLIED)
    if not line.applied:
        return False
    wanted = {
        "money": (value.value, f"minor units of {value.unit}"),
        "bytes": (value.value, "B"),
        "seconds": (value.value, "s"),
        "days": (value.value, "days") if line.unit == "days" else (value.value * DAY_SECONDS, "s"),
        "ratio": (value.value * 10_000 if line.unit == "basis points" else value.value, line.unit),
    }[value.type]
    if value.type == "ratio" and (line.unit in ("B", "s") or line.unit.startswith("minor units")):
        return False  # a number without its unit
    return wanted == (_number(line.value), line.unit)


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except ValueError:
        return None


def _value_text(value: Value) -> str:
    if isinstance(value, str):
        return value
    match value.type:
        case "money" if value.value.denominator == 1:
            return money_text(value.value.numerator, value.unit)
        case "bytes" if value.value.denominator == 1:
            return bytes_text(value.value.numerator)
        case "seconds":
            return seconds_text(value.value)
        case "days":
            return f"{value.value} days"
    return str(value.value)


def _line_said(line: Line) -> str:
    if not line.applied:
        return NOT_APPLIED
    number = _number(line.value)
    if number is None or number.denominator != 1:
        return " ".join(filter(None, (line.value, line.unit)))
    if line.unit.startswith("minor units of "):
        return money_text(number.numerator, line.unit.rpartition(" ")[2])
    if line.unit in ("B", "s"):
        return bytes_text(number.numerator) if line.unit == "B" else seconds_text(number)
    return " ".join(filter(None, (line.value, line.unit)))
