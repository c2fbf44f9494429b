"""``count:`` how many units a component pays for."""

import re
from typing import Any, Final, get_args

from policy.calculator import rules
from policy.language.bounds import split_bound
from policy.language.for_each import check_of_cycle
from policy.language.kinds import NOUNS, NUMBER, fact_type
from policy.language.lengths import read_length, read_seconds
from policy.language.problems import did_you_mean, listed
from policy.language.scope import Scope
from policy.language.shapes import BOUND_PATTERN, NAME_PATTERN, choice_of, text
from policy.language.words import Form, Word, keep, read_form, text_of
from policy.language.yaml_tree import Node, Text

PARTS: Final[tuple[rules.Part, ...]] = get_args(rules.Part)
_DAYS: Final = re.compile(r"(?:1 )?(local|working) day")
_DAYS_SLIP: Final = re.compile(r"days?|(?:\d+ )?(local|working|calendar|business) days?")
_LENGTH_SHAPE: Final = text(r"(?:1 )?(?:local|working) day|[0-9].*")


def _text(scope: Scope, node: Node) -> Text:
    return text_of(node, scope.report, "the value")


def _number(scope: Scope, node: Node) -> rules.Fact:
    name = text_of(node, scope.report, "number:")
    if not re.fullmatch(NAME_PATTERN, name.text):
        scope.report.refuse(name.at, f"{name.text!r} is no fact", "name a fact of type number")
    fact = scope.fact(name, NUMBER)
    if fact.type != "number":
        scope.report.refuse(name.at, f"{name.text} is {NOUNS[fact_type(fact)]}; only a whole number can be counted")
    return fact


def _part(scope: Scope, node: Node) -> rules.Part:
    part = text_of(node, scope.report, "of each:")
    known = next((each for each in PARTS if part.text == each), None)
    if known is None:
        hint = did_you_mean(part.text, PARTS, f"parts are {listed(list(PARTS), 'and')}")
        scope.report.refuse(part.at, f"time has no part {part.text!r}", hint)
    if known == "billing cycle":
        scope.read_cycle()
    return known


COUNT: Final[Form[Scope]] = Form(
    name="a count",
    doc="How many units are paid: of time, or a number that the request gives.",
    words={
        "exact": Word("time over a length, kept exact", _LENGTH_SHAPE, _text),
        "started": Word("units of a length, or local days, that have begun", _LENGTH_SHAPE, _text),
        "full": Word("units of a length, or local days, that are complete", _LENGTH_SHAPE, _text),
        "number": Word("a fact of type number", text(NAME_PATTERN), _number),
        "rest": Word("a remainder of full units that passes this bound counts as one more", text(BOUND_PATTERN), keep),
        "of each": Word("counted part by part, then added: interruption, month or billing cycle", choice_of(*PARTS), _part),
    },
    exactly_one=("exact", "started", "full", "number"),
)


def read_count(scope: Scope, node: Node, for_each: rules.ForEach | None) -> rules.Count:
    """``once``, a number, or units of time, in a benefit that is worked out for each of these (None: not known)."""
    if isinstance(node, Text):
        if node.text == "once":
            return rules.Once()
        hint = did_you_mean(node.text, ("once",), "write once, or {started: 24 h}")
        scope.report.refuse(node.at, f"{node.text!r} is no count", hint)
    reading = read_form(COUNT, scope, node, scope.report)
    number: rules.Fact | None = reading.get("number")
    if number is not None:
        for word in ("rest", "of each"):
            if word in reading.values:
                scope.report.refuse(node.at, f"{word}: divides time; number: counts none", f"remove {word}:")
        check_of_cycle(scope, node.at, "number: counts what the request tells of the whole cycle", for_each)
        return rules.Number(number)
    rounding = next(word for word in ("exact", "started", "full") if word in reading.values)
    return _units(scope, rounding, reading.values[rounding], reading.get("rest"), reading.get("of each"))


def _units(scope: Scope, rounding: Any, length: Text, rest: Node | None, of_each: rules.Part | None) -> rules.Units:
    report = scope.report
    if rest is not None and rounding != "full":
        report.refuse(
            rest.at, f"rest: rounds what full: leaves over; {rounding}: leaves nothing", "write full:, or remove rest:"
        )
    if days := _DAYS.fullmatch(length.text):
        if rounding == "exact":
            report.refuse(
                length.at, "days of the calendar are started or full, never exact", "write started: or full:, or exact: 24 h"
            )
        if rest is not None:
            report.refuse(
                rest.at,
                "rest: is of a length; days of the calendar leave none",
                "write full: 24 h, or test the day under only:",
            )
        if days[1] == "working":
            scope.count_working_days(length.at)
            return rules.Units(rounding, "working day", None, None, of_each)
        return rules.Units(rounding, "local day", None, None, of_each)
    if slip := _DAYS_SLIP.fullmatch(length.text):
        day = "working day" if slip[1] in ("working", "business") else "local day"
        report.refuse(length.at, f"{length.text!r} is no unit; days of the calendar count one by one", f"did you mean {day}?")
    unit = read_length(scope, length)
    if unit.seconds.denominator != 1 or not unit.seconds:
        report.refuse(length.at, f"{length.text}: a unit is one or more whole seconds")
    passing = None if rest is None else _rest(scope, text_of(rest, report, "rest:"), unit.seconds.numerator)
    return rules.Units(rounding, unit.seconds.numerator, unit.measure, passing, of_each)


def _rest(scope: Scope, node: Text, unit_seconds: int) -> tuple[rules.Op, int]:
    words = split_bound(scope, node)
    if words.op not in ("more than", "at least") or words.word == "from":
        scope.report.refuse(node.at, f"a rest counts when it is long enough, not {words.word}", "write more than or at least")
    seconds = read_seconds(scope, words.limit)
    if seconds >= unit_seconds:
        scope.report.refuse(words.limit.at, f"a rest is shorter than the unit, so never {words.word} {words.limit.text}")
    return words.op, seconds
