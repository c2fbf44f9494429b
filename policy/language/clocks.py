"""``clocks:`` the set of time that is left when every condition has narrowed it."""

import re
from typing import Final

from policy.calculator import codes, rules
from policy.language.choices import read_value
from policy.language.clauses import read_clause
from policy.language.conditions import read_condition, read_steps
from policy.language.facts import check_name
from policy.language.kinds import LIABLE, NOUNS, ONLY, SERVICES, WHERE, Place, fact_type
from policy.language.lengths import read_seconds
from policy.language.problems import nearest
from policy.language.scope import Scope
from policy.language.shapes import CLAUSE, CONDITION, NAME_PATTERN, NAMES, VALUE, one_or_more, text
from policy.language.words import Form, Word, items_of, read_all, read_form, text_of
from policy.language.yaml_tree import Node, Text

STARTS: Final = Place("starts", frozenset({"outage"}))
MINUS: Final = Place("minus", frozenset({"outage"}))

_AFTER = re.compile(rf"(.+) after ({NAME_PATTERN})")
_DAYS = re.compile(r"(\d+) (local|working) days?")


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


def _starts(scope: Scope, node: Node) -> rules.Start:
    start = text_of(node, scope.report, "starts:")
    match = _AFTER.fullmatch(start.text)
    if match is None:
        return rules.Start(0, "seconds", _instant(scope, start))
    after = _instant(scope, start.part(match.start(2)))
    length = start.part(0, match.end(1))
    if days := _DAYS.fullmatch(length.text):
        if days[2] == "working":
            scope.count_working_days(start.at)
            return rules.Start(int(days[1]), "working days", after)
        return rules.Start(int(days[1]), "local days", after)
    return rules.Start(read_seconds(scope, length), "seconds", after)


def _instant(scope: Scope, name: Text) -> rules.Fact:
    if not re.fullmatch(NAME_PATTERN, name.text):
        scope.report.refuse(
            name.at, f"{name.text!r} is no start", "write reported_at, 12 h after known_at, 2 working days after reported_at"
        )
    fact = scope.fact(name, STARTS)
    if fact.type != "instant":
        scope.report.refuse(name.at, f"{name.text} is {NOUNS[fact_type(fact)]}; counting starts at an instant")
    return fact


def _minus(scope: Scope, node: Node) -> tuple[rules.Fact, ...]:
    return tuple(read_all(items_of(node), lambda item: _pauses(scope, item)))


def _pauses(scope: Scope, node: Node) -> rules.Fact:
    name = text_of(node, scope.report, "minus:")
    fact = scope.fact(name, MINUS)
    if fact.type != "intervals":
        scope.report.refuse(name.at, f"{name.text} is {NOUNS[fact_type(fact)]}; only intervals can be cut out of a clock")
    return fact


def _only(scope: Scope, node: Node) -> tuple[rules.Condition, ...]:
    return read_steps(scope, node, ONLY)


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
        "starts": Word("when counting begins: an instant of the outage, or a time after it", text(), _starts),
        "minus": Word("intervals that are cut out", NAMES, _minus),
        "only": Word("what time is kept, step by step", one_or_more(CONDITION), _only),
    },
)


def read_clock(scope: Scope, key: Text, node: Node) -> rules.Clock:
    """A clock with its words."""
    check_name(scope, key, "a clock")
    before = len(scope.looks)
    reading = read_form(CLOCK, scope, node, scope.report)
    scope.looks_of[key.text] = scope.looks[before:]
    return rules.Clock(
        name=key.text,
        clause=reading.values["clause"],
        services=reading.get("services"),
        where=reading.get("where"),
        liable=reading.get("liable", ()),
        starts=reading.get("starts"),
        minus=reading.get("minus", ()),
        only=reading.get("only", ()),
    )
