"""``figures:`` named values with their clauses."""

from dataclasses import replace
from typing import Final

from policy.calculator import rules
from policy.language.choices import CASES, EXTREMES, SUBJECT_SHAPE, read_choice, read_value
from policy.language.clauses import read_clause
from policy.language.facts import check_name
from policy.language.kinds import FIGURE, Typed
from policy.language.problems import Refused
from policy.language.scope import Scope
from policy.language.shapes import CLAUSE, VALUE, one_or_more
from policy.language.words import Form, Reading, Word, keep, read_partly
from policy.language.yaml_tree import Map, Node, Text

_OF_LISTS: Final = ("larger of", *EXTREMES)

FIGURE_FORM: Final[Form[Scope]] = Form(
    name="a figure",
    doc="A named value with its clause: is:, larger of:, earliest of:, latest of:, or by: and its cases.",
    words={
        "clause": Word("where it comes from", CLAUSE, read_clause, required=True),
        "is": Word("the value, where it is no choice", VALUE, keep),
        "larger of": Word("a list of values, of which the largest counts", one_or_more(VALUE), keep),
        "earliest of": Word("a list of instants, of which the earliest counts", one_or_more(VALUE), keep),
        "latest of": Word("a list of instants, of which the latest counts", one_or_more(VALUE), keep),
        "by": Word("the fact, figure or quotient that it depends on, or length, or availability", SUBJECT_SHAPE, keep),
        "otherwise": Word("the value in every other case", VALUE, keep),
    },
    others=CASES,
    exactly_one=("is", *_OF_LISTS, "by"),
)


def read_figure(scope: Scope, key: Text, node: Node) -> Typed:
    """A figure, as the value that a name of it stands for. A value in one line needs no clause of its own."""
    check_name(scope, key, "a figure")
    if not isinstance(node, Map):
        return _named(scope, key, read_value(scope, node, FIGURE, None), None)
    reading = read_partly(FIGURE_FORM, scope, node, scope.report)
    value = _value(scope, node, reading)
    reading.check()
    return _named(scope, key, value, reading.values["clause"])


def _value(scope: Scope, node: Map, reading: Reading) -> Typed:
    if reading.get("by") is not None:
        return read_choice(scope, node, reading, FIGURE, None)
    stray = [key for key, _ in reading.others] + [key for key, _ in node.entries if key.text == "otherwise"]
    if stray:
        scope.report.refuse(
            stray[0].at, f"{stray[0].text!r} is a case, and the figure chooses by nothing", "add by: and a fact"
        )
    if reading.get("is") is not None:
        return read_value(scope, reading.values["is"], FIGURE, None)
    if any(reading.get(word) is not None for word in _OF_LISTS):
        entries = tuple(entry for entry in node.entries if entry[0].text in _OF_LISTS)
        return read_value(scope, Map(entries, node.at), FIGURE, None)
    raise Refused  # the form has reported that no word gives the value


def _named(scope: Scope, key: Text, typed: Typed, clause: rules.Clause | None) -> Typed:
    units = {"money": scope.currency if typed.type == "money" else "", "bytes": "B", "seconds": "s", "days": "days"}
    figure = rules.Figure(key.text, clause, typed.value, units.get(typed.type, ""))
    # A quotient is compared, never computed, so a choice by a named one compares its two sides.
    value = typed.value if isinstance(typed.value, rules.Quotient) else rules.Named(figure)
    return replace(typed, value=value)


def figure_of(typed: Typed) -> rules.Figure | None:
    """The figure behind a name; None for a quotient, which is part of the choices by it."""
    return typed.value.figure if isinstance(typed.value, rules.Named) else None
