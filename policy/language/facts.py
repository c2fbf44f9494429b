"""``facts:`` what a policy asks of a request beyond the contract's own fields, and bounds on those."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final, get_args

from policy.calculator import rules
from policy.calculator.contract import FACTS
from policy.language.core_facts import SPECIAL_SUBJECTS, attribute
from policy.language.kinds import FIGURE, NOUNS, fact_type
from policy.language.problems import did_you_mean, listed
from policy.language.quantities import MAX_BASE
from policy.language.scalars import read_codes, read_scalar
from policy.language.scope import Scope
from policy.language.shapes import CODES_PATTERN, NAME_PATTERN, SCALAR, any_of, choice_of, text
from policy.language.words import Form, Word, read_form, text_of
from policy.language.yaml_tree import Map, Node, Text

BOUNDED: Final = ("money", "number", "ratio", "bytes", "seconds")
"""Types whose declarations need an upper bound, so that no product of them can overflow."""
PLAIN_TYPES: Final = tuple(each for each in get_args(rules.FactType) if each != "codes")
OWNERS: Final = ("subscriber", "outage")

_NAME = re.compile(NAME_PATTERN)
_TYPE_HINT: Final = f"types are {', '.join(PLAIN_TYPES)}, or codes joined by or"


def _owner(scope: Scope, node: Node) -> str:
    owner = text_of(node, scope.report, "of:")
    if owner.text not in OWNERS:
        scope.report.refuse(
            owner.at, f"a fact is of {listed(list(OWNERS), 'or')}, not of {owner.text}", did_you_mean(owner.text, OWNERS)
        )
    return owner.text


def _type(scope: Scope, node: Node) -> tuple[rules.FactType, tuple[str, ...]]:
    kind = text_of(node, scope.report, "type:")
    known: rules.FactType
    for known in PLAIN_TYPES:
        if kind.text == known:
            return known, ()
    if not re.fullmatch(CODES_PATTERN, kind.text):
        scope.report.refuse(kind.at, f"{kind.text!r} is no type", did_you_mean(kind.text, PLAIN_TYPES, _TYPE_HINT))
    codes = read_codes(scope, kind).codes
    if len(codes) < 2:
        scope.report.refuse(kind.at, f"{kind.text} is the only code, so nothing is asked", "join the codes by or")
    return "codes", codes


def _keep_text(scope: Scope, node: Node) -> Text:
    return text_of(node, scope.report, "the value")


FACT: Final[Form[Scope]] = Form(
    name="a fact",
    doc="A fact of the author's own; the request carries it as an attribute.",
    words={
        "of": Word("whose fact it is: subscriber or outage", choice_of(*OWNERS), _owner, required=True),
        "type": Word(_TYPE_HINT, any_of(choice_of(*PLAIN_TYPES), text(CODES_PATTERN)), _type, required=True),
        "at most": Word("the largest value that a request may give; needed for quantities", SCALAR, _keep_text),
        "if absent": Word(
            "what it is taken for where the request does not give it; else it is a missing fact", SCALAR, _keep_text
        ),
    },
)

CORE_FACT: Final[Form[Scope]] = Form(
    name="a fact of the contract",
    doc="A bound on a fact that the contract has a field for.",
    words={"at most": Word("the largest value that a request may give", SCALAR, _keep_text, required=True)},
)


def read_fact(scope: Scope, key: Text, node: Node) -> rules.Fact:
    """A declaration; a fact of the contract is declared only to bound it."""
    check_name(scope, key, "a fact")
    core = FACTS.get(key.text)
    if core is not None:
        return _bounded_core(scope, key, node, core)
    reading = read_form(FACT, scope, node, scope.report)
    kind, codes = reading.values["type"]
    fact = attribute(key.text, reading.values["of"], kind, codes)
    limit: Text | None = reading.get("at most")
    if kind in BOUNDED and limit is None:
        scope.report.refuse(
            key.at, f"{key.text} lacks at most:", "the largest value that a request may give; it keeps sums in 64 bits"
        )
    if limit is not None:
        fact = replace(fact, at_most=_limit(scope, limit, fact))
    absent: Text | None = reading.get("if absent")
    return fact if absent is None else replace(fact, if_absent=_absent(scope, absent, fact))


def check_name(scope: Scope, key: Text, what: str) -> None:
    """Refuses what is no name, and names that the language has taken."""
    if not _NAME.fullmatch(key.text):
        near = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key.text).casefold()).strip("_")
        hint = f"write {near}" if _NAME.fullmatch(near) else ""
        scope.report.refuse(key.at, f"{key.text!r} is no name for {what}; names are snake_case", hint)
    if key.text in SPECIAL_SUBJECTS or key.text in ("otherwise", "once", "yes", "no", "none"):
        scope.report.refuse(key.at, f"{key.text} is a word of the language, so no name for {what}", "choose another name")


def _bounded_core(scope: Scope, key: Text, node: Node, core: rules.Fact) -> rules.Fact:
    report = scope.report
    if isinstance(node, Map):
        for word in ("of", "type", "if absent"):
            if node.get(word) is not None:
                hint = f"write {key.text}: {{at most: ...}}" if core.type in BOUNDED else "remove it: every policy can read it"
                report.refuse(key.at, f"{key.text} is a fact of the contract; {word}: is fixed", hint)
    if core.type not in BOUNDED or core.name in ("notice", "value_added_services"):
        report.refuse(
            key.at, f"{key.text} is a fact of the contract and has no bound to give", "remove it: every policy can read it"
        )
    reading = read_form(CORE_FACT, scope, node, report)
    return replace(core, at_most=_limit(scope, reading.values["at most"], core))


def _limit(scope: Scope, node: Text, fact: rules.Fact) -> int:
    if fact.type not in BOUNDED:
        scope.report.refuse(node.at, f"{fact.name} is {NOUNS[fact_type(fact)]}; it has no bounds", "remove at most:")
    value = _constant(scope, node, fact)
    if value.denominator != 1:
        scope.report.refuse(node.at, f"{node.text} is no whole bound", "round it up")
    return value.numerator


def _constant(scope: Scope, node: Text, fact: rules.Fact) -> Fraction:
    typed = read_scalar(scope, node, FIGURE, fact_type(fact))
    if not isinstance(typed.value, rules.Constant):
        scope.report.refuse(node.at, f"{node.text} is not fixed", "write the quantity")
    if fact.type == "number" and typed.value.value.denominator != 1:
        scope.report.refuse(node.at, f"{node.text} is no whole number")
    return typed.value.value


def _absent(scope: Scope, node: Text, fact: rules.Fact) -> Any:
    """What an absent fact is taken for: in base units, a code, yes or no, or no intervals."""
    report = scope.report
    match fact.type:
        case "intervals":
            if node.text != "none":
                report.refuse(node.at, f"absent intervals can only be none, not {node.text}", "write none")
            return ()
        case "yes or no":
            if node.text not in ("yes", "no"):
                report.refuse(node.at, f"{fact.name} is yes or no, never {node.text}", "write yes or no")
            return node.text == "yes"
        case "codes":
            if node.text not in fact.codes:
                hint = did_you_mean(node.text, fact.codes, f"its codes are {', '.join(fact.codes)}")
                report.refuse(node.at, f"{fact.name} is never {node.text}", hint)
            return node.text
        case "instant" | "date":
            report.refuse(
                node.at, f"{fact.name} is {NOUNS[fact_type(fact)]}, for which nothing can stand in", "remove if absent:"
            )
    value = _constant(scope, node, fact)
    if fact.at_most is not None and value > fact.at_most:
        report.refuse(node.at, f"{node.text} is more than {fact.name} can be", "lower it, or raise at most:")
    if fact.type == "ratio":
        return value
    if value.denominator != 1 or value > MAX_BASE:
        report.refuse(node.at, f"{node.text} is no whole number in its base unit")
    return value.numerator
