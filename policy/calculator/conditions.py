"""Conditions on facts, with "unknown" as a third value.

A condition is decided wherever the facts that were given decide it: ``any of`` with one part that holds holds, a list with
one part that fails fails, whatever else is missing. Only then is a missing fact missing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from policy.calculator import rules
from policy.calculator.compiled import Compiled, on_axis
from policy.calculator.facts import Missing
from policy.calculator.values import Values

Test = Callable[[Any], bool]


def compile_condition(condition: rules.Condition, values: Values, *, of_outage: bool) -> Test:
    """A function of a row (of a view, where ``of_outage``) that says whether ``condition`` holds, or raises Missing."""
    match condition:
        case rules.AllOf(conditions=parts):
            return every([compile_condition(part, values, of_outage=of_outage) for part in parts])
        case rules.AnyOf(conditions=parts):
            return some([compile_condition(part, values, of_outage=of_outage) for part in parts])
        case rules.TimeIn():
            raise AssertionError("a condition on time stands only under `only`")  # the language sees to it
    compiled = _single(condition, values)
    return on_axis(compiled, of_outage, compiled.read)


def _single(condition: rules.Compare | rules.IsOneOf | rules.IsYes, values: Values) -> Compiled:
    match condition:
        case rules.Compare(subject=subject, bound=bound):
            return values.comparison(subject, bound)
        case rules.IsYes(subject=subject, yes=wanted):
            inner = values.compiled(subject)
            read = inner.read
            return Compiled(lambda ctx: read(ctx) is wanted, 1, inner.of_outage)
        case rules.IsOneOf(subject=subject, codes=codes):
            left, right = values.compiled(subject), values.compiled(codes)
            of_outage = left.of_outage or right.of_outage
            read_left, read_codes = on_axis(left, of_outage, left.read), on_axis(right, of_outage, right.read)
            return Compiled(lambda ctx: read_left(ctx) in as_set(read_codes(ctx)), 1, of_outage)


def as_set(codes: str | frozenset[str]) -> frozenset[str]:
    """Codes as a set: a single code is held as itself."""
    return frozenset((codes,)) if isinstance(codes, str) else codes


def every(tests: Sequence[Test]) -> Test:
    """All hold. One that fails decides, whatever the others miss."""

    def holds(ctx: Any) -> bool:
        missing: dict[str, str] = {}
        for test in tests:
            try:
                if not test(ctx):
                    return False
            except Missing as unknown:
                missing |= unknown.fields
        if missing:
            raise Missing(missing)
        return True

    return tests[0] if len(tests) == 1 else holds


def some(tests: Sequence[Test]) -> Test:
    """At least one holds. One that holds decides, whatever the others miss."""

    def holds(ctx: Any) -> bool:
        missing: dict[str, str] = {}
        for test in tests:
            try:
                if test(ctx):
                    return True
            except Missing as unknown:
                missing |= unknown.fields
        if missing:
            raise Missing(missing)
        return False

    return tests[0] if len(tests) == 1 else holds
