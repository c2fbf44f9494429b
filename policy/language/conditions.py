"""Conditions: on facts everywhere, and under ``only`` also on how much of a clock's time falls in a scope."""

from dataclasses import replace
from fractions import Fraction
from typing import Final, Literal, get_args

from policy.calculator import rules
from policy.language.bounds import is_bound, read_bound, split_bound
from policy.language.codes import read_codes_of
from policy.language.kinds import BOUNDS, NOUNS, OF_OUTAGES, Place, Typed
from policy.language.lengths import read_length
from policy.language.problems import Refused, did_you_mean, listed
from policy.language.scope import Scope
from policy.language.words import items_of, read_all, text_of
from policy.language.yaml_tree import List, Node, Text

SCOPES: Final[tuple[rules.Scope, ...]] = get_args(rules.Scope)
"""Unbroken run after merging, calendar day, calendar month, the billing cycle of the request, all time together."""


OF_OUTAGE_WORDS: Final = ("any outage", "every outage")


def read_steps(scope: Scope, node: Node, place: Place) -> tuple[rules.Condition, ...]:
    """Conditions that narrow one after the other; one that stands alone is a list of one."""
    return tuple(read_all(items_of(node), lambda item: read_condition(scope, item, place)))


def read_condition(scope: Scope, node: Node, place: Place) -> rules.Condition:
    """A condition: a map, all of whose entries hold; a list, all of which hold; ``any of`` a list."""
    if isinstance(node, Text):
        scope.report.refuse(
            node.at, f"{node.text!r} is no condition", "a condition is a fact and what it is, as in {impact: LOSS}"
        )
    if isinstance(node, List):
        parts = read_all(node.items, lambda item: read_condition(scope, item, place))
    else:
        parts = read_all(node.entries, lambda entry: _entry(scope, entry[0], entry[1], place))
    if not parts:
        scope.report.refuse(node.at, "a condition is missing", "remove the word if there is none")
    return parts[0] if len(parts) == 1 else rules.AllOf(tuple(parts))


def _entry(scope: Scope, key: Text, node: Node, place: Place) -> rules.Condition:
    if key.text == "any of":
        if not isinstance(node, List) or len(node.items) < 2:
            scope.report.refuse(node.at, "any of: joins at least two conditions", "give a list of them")
        return rules.AnyOf(tuple(read_all(node.items, lambda item: read_condition(scope, item, place))))
    if key.text in OF_OUTAGE_WORDS:
        return _of_outages(scope, key, node, place)
    if key.text in SCOPES:
        return _time(scope, key, text_of(node, scope.report, f"the bound of {key.text}"), place)
    if key.text == "amount" and place.amount:
        return _amount(scope, text_of(node, scope.report, "amount:"), place)
    if not key.text.replace("_", "").isalnum():
        known = ("any of", *(OF_OUTAGE_WORDS if place.of_outages else ()), *(SCOPES if place.time else ()))
        hint = did_you_mean(key.text, known, f"a fact, a figure, {listed(list(known), 'or')}")
        scope.report.refuse(key.at, f"{key.text!r} is nothing that can be tested", hint)
    subject = scope.subject(key, place)
    return _test(scope, key, subject, text_of(node, scope.report, f"what {key.text} is"), place)


def _of_outages(scope: Scope, key: Text, node: Node, place: Place) -> rules.OfOutages:
    if not place.of_outages:
        scope.report.refuse(
            key.at, f"{place.name} cannot test {key.text}:, for it is of one outage already", "write what it tests alone"
        )
    which: Literal["any", "every"] = "any" if key.text == "any outage" else "every"
    return rules.OfOutages(which, read_condition(scope, node, replace(OF_OUTAGES, name=key.text)))


def _test(scope: Scope, key: Text, subject: Typed, node: Text, place: Place) -> rules.Condition:
    report = scope.report
    if subject.type == "yes or no":
        if node.text not in ("yes", "no"):
            report.refuse(node.at, f"{key.text} is yes or no, never {node.text}", "write yes or no")
        return rules.IsYes(subject.value, node.text == "yes")
    if subject.type == "code":
        return rules.IsOneOf(subject.value, _codes(scope, key, subject, node, place))
    if subject.type in ("codes", "intervals", "start") or isinstance(subject.value, rules.Quotient):
        report.refuse(key.at, f"{key.text} is {NOUNS[subject.type]}; it cannot be tested", "by: chooses by a quotient")
    if not is_bound(node.text):
        report.refuse(node.at, f"{key.text} is {NOUNS[subject.type]}; {node.text!r} is no bound", _bound_hint(subject, node))
    bound, _ = read_bound(scope, node, subject, key.text, place)
    return rules.Compare(subject.value, bound)


def _bound_hint(subject: Typed, node: Text) -> str:
    if subject.type in ("instant", "date"):
        return "write before or from, and a date"
    return f"write less than, at most, more than or at least, as in at least {node.text}"


def _codes(scope: Scope, key: Text, subject: Typed, node: Text, place: Place) -> rules.Value:
    """The codes that a subject is tested against, written or from a figure."""
    report = scope.report
    if is_bound(node.text):
        report.refuse(node.at, f"{key.text} is a code; it has no bounds", f"its codes are {', '.join(subject.codes)}")
    if not (node.text[:1].islower() and node.text in (*scope.figures, *scope.facts)):
        return rules.Code(read_codes_of(scope, node, key, subject))
    codes = scope.value(node, place)
    if codes.type not in ("code", "codes"):
        report.refuse(node.at, f"{node.text} is {NOUNS[codes.type]}; {key.text} is a code")
    written = dict(codes.written)
    scope.ask_codes(key, subject, [(code, written.get(code, node.at)) for code in codes.codes])
    return codes.value


def _time(scope: Scope, key: Text, node: Text, place: Place) -> rules.TimeIn:
    if not place.time:
        hint = "write it under only: of the clock"
        scope.report.refuse(key.at, f"{place.name} cannot test time; {key.text}: narrows a clock", hint)
    words = split_bound(scope, node)
    if words.word in ("before", "from"):
        hint = "write less than, at most, more than or at least"
        scope.report.refuse(node.at, f"{words.word} is for dates; {key.text}: has a length of time", hint)
    length = read_length(scope, words.limit)
    scope_word = next(each for each in SCOPES if each == key.text)
    scope.looks.append((scope_word, key.at))
    if scope_word == "billing cycle":
        scope.read_cycle()
    return rules.TimeIn(scope_word, words.op, length.seconds, length.measure)


def _amount(scope: Scope, node: Text, place: Place) -> rules.AmountIs:
    if place.paid_in is None:
        raise Refused  # the kind cannot be read, which has been reported
    subject = Typed(rules.Constant(Fraction(0)), place.paid_in)
    bound, _ = read_bound(scope, node, subject, "amount", BOUNDS)
    if not isinstance(bound.value, rules.Constant) or bound.value.value.denominator != 1:
        hint = "write a quantity of the benefit, as in more than 1.00 EUR"
        scope.report.refuse(node.at, f"{node.text} is no fixed amount", hint)
    return rules.AmountIs(bound.op, bound.value.value.numerator)


def tests_time(condition: rules.Condition) -> bool:
    """Whether a condition looks at how much of a clock's time there is."""
    match condition:
        case rules.AllOf(conditions=parts) | rules.AnyOf(conditions=parts):
            return any(map(tests_time, parts))
        case rules.TimeIn():
            return True
    return False
