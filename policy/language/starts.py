"""From when an outage counts: ``reported_at``, ``12 h after known_at``, ``2 working days after reported_at``."""

import re
from typing import Final

from policy.calculator import rules
from policy.language.kinds import NOUNS, Place, Type, Typed, fact_type
from policy.language.lengths import read_seconds
from policy.language.scope import Scope
from policy.language.shapes import NAME_PATTERN
from policy.language.yaml_tree import Text

FORMS_OF_START: Final = "reported_at, 12 h after known_at, or 2 working days after reported_at"

_AFTER = re.compile(rf"(.+) after ({NAME_PATTERN})")
_DAYS = re.compile(r"(\d+) (local|working) days?")
_NAME = re.compile(NAME_PATTERN)


def is_start(node: Text, want: Type | None) -> bool:
    """Whether ``node`` is to be read as a start: that is wanted, or it can be nothing else. A bare name says neither."""
    return (want == "start" and not _NAME.fullmatch(node.text)) or (want is None and _AFTER.fullmatch(node.text) is not None)


def read_start(scope: Scope, node: Text, place: Place) -> Typed:
    """A time after an instant of the outage."""
    match = _AFTER.fullmatch(node.text)
    if match is None:
        scope.report.refuse(node.at, f"{node.text!r} is no start", f"write {FORMS_OF_START}")
    after = _instant(scope, node.part(match.start(2)), place)
    length = node.part(0, match.end(1))
    axes = frozenset({after.of})
    if days := _DAYS.fullmatch(length.text):
        if days[2] == "working":
            scope.count_working_days(node.at)
            return Typed(rules.Start(int(days[1]), "working days", after), "start", axes=axes)
        return Typed(rules.Start(int(days[1]), "local days", after), "start", axes=axes)
    return Typed(rules.Start(read_seconds(scope, length), "seconds", after), "start", axes=axes)


def _instant(scope: Scope, name: Text, place: Place) -> rules.Fact:
    fact = scope.fact(name, place)
    if fact.type != "instant":
        scope.report.refuse(name.at, f"{name.text} is {NOUNS[fact_type(fact)]}; counting starts at an instant")
    if fact.of != "outage":
        scope.report.refuse(name.at, f"{name.text} is a fact of the {fact.of}; counting starts at an instant of the outage")
    return fact
