"""``clocks:`` the set of time that is left when every condition has narrowed it."""

from typing import Final

from policy.calculator import codes, rules
from policy.language.choices import read_value
from policy.language.clauses import read_clause
from policy.language.conditions import read_condition, read_steps
from policy.language.facts import check_name
from policy.language.kinds import LIABLE, NOUNS, ONLY, SERVICES, STARTS, WHERE, Place, fact_type
from policy.language.problems import nearest
from policy.language.scope import Scope
from policy.language.shapes import CLAUSE, CONDITION, NAME_PATTERN, NAMES, VALUE, any_of, one_or_more, ref, text
from policy.language.windows import WINDOW_EXAMPLE, read_window
from policy.language.words import Form, Word, items_of, read_all, read_form, text_of
from policy.language.yaml_tree import Map, Node, Text

MINUS: Final = Place("minus", frozenset({"outage"}))


def _services(scope: Scope, node: Node) -> rules.Value:
    typed = read_value(scope, node, SERVICES, "codes")
    written = dict(typed.written)
    for code in typed.codes:
        if code not in codes.SERVICES:
            near = nearest(code, codes.SERVICES, 0.8)  # MOBILE_DATA is nearer to FIXED_DATA than to DATA, and means DATA
            hint = f"did you mean {near}?" if near else f"services are {', '.join(codes.SERVICES)}"
            scope.report.refuse(written.get(code, node.at), f"there is no service {code}", hint)
    return typed.value


def _where(scope: Scope, node: Node) -> rules.Condition:
    return read_condition(scope, node, WHERE)


def _liable(scope: Scope, node: Node) -> tuple[rules.Value, ...]:
    return tuple(read_all(items_of(node), lambda item: read_value(scope, item, LIABLE, "ratio").value))


def _starts(scope: Scope, node: Node) -> rules.Value:
    return read_value(scope, node, STARTS, "start").value


def _minus(scope: Scope, node: Node) -> tuple[rules.Fact | rules.Window, ...]:
    cut: list[tuple[rules.Fact | rules.Window, ...]] = read_all(items_of(node), lambda item: _pauses(scope, item))
    return tuple(each for pieces in cut for each in pieces)


def _pauses(scope: Scope, node: Node) -> tuple[rules.Fact | rules.Window, ...]:
    if isinstance(node, Map):
        return read_window(scope, node)
    name = text_of(node, scope.report, "minus:")
    fact = scope.fact(name, MINUS)
    if fact.type != "intervals":
        message = f"{name.text} is {NOUNS[fact_type(fact)]}; only intervals can be cut out of a clock"
        scope.report.refuse(name.at, message, f"write a fact of type intervals, or {WINDOW_EXAMPLE}")
    return (fact,)


def _without(scope: Scope, node: Node) -> tuple[rules.Clock, ...]:
    names = [text_of(item, scope.report, "without:") for item in items_of(node)]
    for number, name in enumerate(names):
        if name.text in [each.text for each in names[:number]]:
            scope.report.refuse(name.at, f"{name.text} is left out twice")
    return tuple(read_all(tuple(names), scope.clock))


def _only(scope: Scope, node: Node) -> tuple[rules.Condition, ...]:
    return read_steps(scope, node, ONLY)


CUT_SHAPE: Final = any_of(text(NAME_PATTERN), ref("window"))

CLOCK: Final[Form[Scope]] = Form(
    name="a clock",
    doc="The time that counts: outages narrowed word by word.",
    words={
        "clause": Word("where it comes from", CLAUSE, read_clause, required=True),
        "services": Word("services that count; an outage that names none names all", VALUE, _services),
        "where": Word("what kind of outage counts", CONDITION, _where),
        "liable": Word(
            "how far the operator answers for it: ratios, multiplied; 0 drops the outage", one_or_more(VALUE), _liable
        ),
        "starts": Word("when counting begins: an instant of the outage, or a time after it", VALUE, _starts),
        "minus": Word("intervals, and times that repeat, that are cut out", one_or_more(CUT_SHAPE), _minus),
        "without": Word("clocks whose time, after their only:, is left out", NAMES, _without),
        "only": Word("what time is kept, step by step", one_or_more(CONDITION), _only),
    },
)


def read_clock(scope: Scope, key: Text, node: Node) -> rules.Clock:
    """A clock with its words."""
    check_name(scope, key, "a clock")
    outer, scope.looks = scope.looks, []  # a clock that this one leaves out may be read on the way
    try:
        reading = read_form(CLOCK, scope, node, scope.report)
    finally:
        scope.looks_of[key.text], scope.looks = scope.looks, outer
    return rules.Clock(
        name=key.text,
        clause=reading.values["clause"],
        services=reading.get("services"),
        where=reading.get("where"),
        liable=reading.get("liable", ()),
        starts=reading.get("starts"),
        minus=reading.get("minus", ()),
        without=reading.get("without", ()),
        only=reading.get("only", ()),
    )
