"""Lengths of time: ``30 min``, ``2 days``, ``1 weighted h``."""

import re
from fractions import Fraction
from typing import NamedTuple

from policy.calculator import rules
from policy.language.kinds import NOUNS
from policy.language.quantities import DAY_SECONDS
from policy.language.scalars import lacks_unit, quantity_of
from policy.language.scope import Scope
from policy.language.shapes import NAME_PATTERN
from policy.language.yaml_tree import Text

_MEASURED = re.compile(rf"(\S+) ({NAME_PATTERN}) (\S+)")


class Length(NamedTuple):
    """A length in seconds; ``measure`` None: of plain clock time."""

    seconds: Fraction
    measure: rules.Measure | None


def read_length(scope: Scope, node: Text) -> Length:
    """A length of elapsed or of measured time."""
    if match := _MEASURED.fullmatch(node.text):
        plain = Text(f"{match[1]} {match[3]}", node.plain, node.at)
        measure = scope.measure(node.part(match.start(2), match.end(2)))
        return Length(_seconds(scope, plain), measure)
    return Length(_seconds(scope, node), None)


def read_seconds(scope: Scope, node: Text) -> int:
    """A length of elapsed time in whole seconds."""
    seconds = _seconds(scope, node)
    if seconds.denominator != 1:
        scope.report.refuse(node.at, f"{node.text} is no whole number of seconds", "write it in s")
    return seconds.numerator


def _seconds(scope: Scope, node: Text) -> Fraction:
    quantity = quantity_of(scope, node)
    if quantity.type == "days":
        return quantity.value * DAY_SECONDS
    if quantity.type != "seconds":
        if quantity.type == "ratio" and not quantity.unit:
            lacks_unit(scope, node, "seconds")
        scope.report.refuse(
            node.at,
            f"{node.text} is {NOUNS[quantity.type]}; a length of time is needed here",
            "its units are s, min, h and days",
        )
    return quantity.value
