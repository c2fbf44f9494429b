"""Values of more than one line: ``larger of`` and ``by``, a choice that is complete by construction."""

from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from policy.calculator import rules
from policy.language.bounds import is_bound, read_bound, split_bound
from policy.language.codes import CODE_SET_PATTERN, read_codes_of
from policy.language.core_facts import SPECIAL_SUBJECTS
from policy.language.kinds import NOUNS, NUMERIC, Axis, Place, Type, Typed
from policy.language.problems import At, did_you_mean, listed
from policy.language.scalars import read_scalar
from policy.language.scope import OF_OCCASION, Scope
from policy.language.shapes import BOUND_PATTERN, VALUE, one_or_more, text
from policy.language.starts import FORMS_OF_START, is_start, read_start
from policy.language.words import Form, Others, Reading, Word, keep, read_all, read_form, text_of
from policy.language.yaml_tree import List, Map, Node, Text

SUBJECT_SHAPE: Final = text()

CASES: Final = Others(
    doc="codes joined by or, or not and codes, each code in exactly one case; or bounds that all look one way, narrowest first",
    pattern=rf"{CODE_SET_PATTERN}|{BOUND_PATTERN}|yes|no",
    shape=VALUE,
)

CHOICE: Final[Form[None]] = Form(
    name="a choice",
    doc="A value that depends on a fact or a figure.",
    words={
        "by": Word("a fact, figure or quotient that it depends on, length or availability", SUBJECT_SHAPE, keep, required=True),
        "otherwise": Word("the value in every other case", VALUE, keep),
    },
    others=CASES,
)

LARGER: Final[Form[None]] = Form(
    name="larger of",
    doc="The largest of several values.",
    words={"larger of": Word("a list of values", one_or_more(VALUE), keep, required=True)},
)


EXTREMES: Final = ("earliest of", "latest of")

EXTREME: Final[Form[None]] = Form(
    name="a start",
    doc="The earliest or the latest of several instants, from which time counts.",
    words={
        "earliest of": Word("a list of instants; the earliest of those that the request gives", one_or_more(VALUE), keep),
        "latest of": Word("a list of instants, all of which it needs", one_or_more(VALUE), keep),
    },
    exactly_one=EXTREMES,
)


class Case(NamedTuple):
    """One case of a choice, unread."""

    key: Text
    value: Node


def read_value(scope: Scope, node: Node, place: Place, want: Type | None) -> Typed:
    """A value of any form, fitted to the type that its place wants; None: any that can be a figure."""
    if isinstance(node, Text):
        return read_start(scope, node, place) if is_start(node, want) else read_scalar(scope, node, place, want)
    if isinstance(node, List):
        scope.report.refuse(node.at, "a value is no list", "add with sum of:, multiply with times:, compare with larger of:")
    if node.get("larger of") is not None:
        return _larger(scope, node, place, want)
    if any(node.get(word) is not None for word in EXTREMES):
        return _extreme(scope, node, place, want)
    if node.get("by") is None:
        words = ("by", *EXTREMES) if want == "start" else ("by", "larger of")
        hint = did_you_mean(node.entries[0][0].text, words) if node.entries else ""
        forms = f"one line says {FORMS_OF_START}" if want == "start" else ""
        message = f"a value in several lines begins with {listed([f'{word}:' for word in words], 'or')}"
        scope.report.refuse(node.at, message, hint or forms)
    return read_choice(scope, node, read_form(CHOICE, None, node, scope.report), place, want)


def _larger(scope: Scope, node: Map, place: Place, want: Type | None) -> Typed:
    reading = read_form(LARGER, None, node, scope.report)
    items = reading.values["larger of"]
    if not isinstance(items, List) or len(items.items) < 2:
        scope.report.refuse(items.at, "larger of: compares at least two values", "give a list of them")
    values = _alike(scope, items.items, place, want)
    if values[0].type not in NUMERIC:
        scope.report.refuse(items.at, f"larger of: compares quantities, not {NOUNS[values[0].type]}")
    return _joined(rules.Larger(tuple(each.value for each in values)), values)


def _extreme(scope: Scope, node: Map, place: Place, want: Type | None) -> Typed:
    reading = read_form(EXTREME, None, node, scope.report)
    word = next(each for each in EXTREMES if each in reading.values)
    items = reading.values[word]
    if want not in ("start", None):
        scope.report.refuse(node.at, f"{word}: is an instant from which time counts; {NOUNS[want]} is needed here")
    if not isinstance(items, List) or len(items.items) < 2:
        scope.report.refuse(items.at, f"{word}: compares at least two instants", "give a list of them")
    values: list[Typed] = read_all(items.items, lambda item: read_value(scope, item, place, "start"))
    which: Literal["earliest", "latest"] = "earliest" if word == "earliest of" else "latest"
    return _joined(rules.Extreme(which, tuple(each.value for each in values)), values)


def _alike(scope: Scope, nodes: tuple[Node, ...], place: Place, want: Type | None) -> list[Typed]:
    """Values of one type: that which is wanted, or else that of the first."""
    wanted = [want]

    def read(node: Node) -> Typed:
        typed = read_value(scope, node, place, wanted[0])
        if wanted[0] is None:
            wanted[0] = {"code": "codes", "number": "ratio"}.get(typed.type, typed.type)  # type: ignore[call-overload]
        return typed

    return read_all(nodes, read)


def _joined(value: rules.Value, parts: list[Typed], subject: Typed | None = None) -> Typed:
    """What is known of a value that is one of ``parts``."""
    types = {each.type for each in parts}
    kind: Type = parts[0].type if len(types) == 1 else ("codes" if "codes" in types else "ratio")
    codes = tuple(dict.fromkeys(code for each in parts for code in each.codes))
    everything = parts if subject is None else [*parts, subject]
    axes = frozenset[Axis]().union(*(each.axes for each in everything))
    written: dict[str, At] = {}
    for code, at in (pair for each in parts for pair in each.written):
        written.setdefault(code, at)
    return Typed(value, kind, codes, axes, any(each.by_month for each in parts), tuple(written.items()))


def read_choice(scope: Scope, node: Map, reading: Reading, place: Place, want: Type | None) -> Typed:
    """A choice whose words are read: the subject, its cases, and what holds otherwise."""
    name = text_of(reading.values["by"], scope.report, "by:")
    if name.text in SPECIAL_SUBJECTS and name.text not in OF_OCCASION:
        scope.report.refuse(name.at, f"{name.text} does not stand here", SPECIAL_SUBJECTS[name.text])
    subject = _subject(scope, name, place)
    cases = [Case(key, value) for key, value in reading.others]
    rest: Node | None = reading.get("otherwise")
    if not cases:
        scope.report.refuse(node.at, f"the choice by {name.text} has no case", CASES.doc)
    nodes = [case.value for case in cases] + ([] if rest is None else [rest])
    values = _alike(scope, tuple(nodes), place, want)
    value: rules.Value
    if subject.type == "code":
        value = _code_choice(scope, name, subject, cases, values, rest)
    elif subject.type == "yes or no":
        value = _yes_or_no(scope, name, subject, cases, values, rest)
    else:
        return _ladder(scope, name, subject, cases, values, rest, place)
    return _joined(value, values, subject)


def _subject(scope: Scope, name: Text, place: Place) -> Typed:
    """What a choice depends on: a name or a quotient of two."""
    if " / " in name.text:
        return read_scalar(scope, name, place, None)
    subject = scope.subject(name, place)
    if subject.type in ("codes", "intervals"):
        scope.report.refuse(name.at, f"{name.text} is {NOUNS[subject.type]}; nothing can be chosen by it")
    return subject


def _code_choice(
    scope: Scope, name: Text, subject: Typed, cases: list[Case], values: list[Typed], rest: Node | None
) -> rules.CodeChoice:
    """Each code of the subject in exactly one case."""
    for case in cases:
        if is_bound(case.key.text):
            hint = f"its codes are {', '.join(subject.codes)}"
            scope.report.refuse(case.key.at, f"{name.text} is a code; it has no bounds", hint)
    sets = covering(scope, name, subject, [case.key for case in cases], rest)
    steps = tuple((codes, each.value) for codes, each in zip(sets, values, strict=False))
    return rules.CodeChoice(subject.value, steps, None if rest is None else values[-1].value)


def covering(scope: Scope, name: Text, subject: Typed, cases: list[Text], rest: Node | None) -> list[tuple[str, ...]]:
    """The codes of each case, which together with what holds otherwise cover each code of the ``subject`` exactly once.

    ``name`` is what is chosen by; of no known codes, any may come.
    """
    report, known = scope.report, subject.codes
    taken: dict[str, Text] = {}
    sets = [read_codes_of(scope, case, name, subject) for case in cases]
    for case, codes in zip(cases, sets, strict=True):
        for code in codes:
            if code in taken:
                line = taken[code].at.line
                report.refuse(case.at, f"{code} is covered twice; it stands first in line {line}", "each code has one case")
            taken[code] = case
    missing = [code for code in known if code not in taken]
    if rest is None and (missing or not known):
        what = f"leaves out {listed(missing)}" if missing else "is open to any code"
        report.refuse(name.at, f"the choice by {name.text} {what}", "add a case, or otherwise:")
    if rest is not None and known and not missing:
        report.refuse(rest.at, f"otherwise: is never reached: the cases cover every {name.text}", "remove it")
    return sets


def _yes_or_no(
    scope: Scope, name: Text, subject: Typed, cases: list[Case], values: list[Typed], rest: Node | None
) -> rules.Ladder:
    """A choice by a yes-or-no fact, as a ladder of one step: yes counts as 1."""
    branches: dict[str, Typed] = {}
    for case, value in zip(cases, values, strict=False):
        if case.key.text not in ("yes", "no"):
            scope.report.refuse(case.key.at, f"{name.text} is yes or no, never {case.key.text}", "its cases are yes and no")
        branches[case.key.text] = value
    if rest is not None:
        if len(branches) == 2:
            scope.report.refuse(rest.at, f"otherwise: is never reached: the cases cover every {name.text}", "remove it")
        branches["no" if "yes" in branches else "yes"] = values[-1]
    for answer in ("yes", "no"):
        if answer not in branches:
            scope.report.refuse(name.at, f"the choice by {name.text} leaves out {answer}", "add a case, or otherwise:")
    yes = rules.Bound("at least", rules.Constant(Fraction(1)))
    return rules.Ladder(subject.value, ((yes, branches["yes"].value),), branches["no"].value)


class Step(NamedTuple):
    """One step of a ladder, read."""

    key: Text
    bound: rules.Bound
    limit: Typed
    value: rules.Value


def _ladder(
    scope: Scope, name: Text, subject: Typed, cases: list[Case], values: list[Typed], rest: Node | None, place: Place
) -> Typed:
    """Bounds that all look one way, narrowest first."""
    if rest is None:
        scope.report.refuse(
            name.at, f"the choice by {name.text} lacks otherwise:", "bounds never cover every amount by themselves"
        )

    def read(numbered: tuple[Case, Typed]) -> Step:
        case, value = numbered
        bound, limit = read_bound(scope, case.key, subject, name.text, place)
        return Step(case.key, bound, limit, value.value)

    steps: list[Step] = read_all(tuple(zip(cases, values, strict=False)), read)
    check_ladder(scope, [(step.key, step.bound) for step in steps])
    rungs = tuple((step.bound, step.value) for step in steps)
    parts = [*values, *(replace_type(step.limit, values[0]) for step in steps)]
    return _joined(rules.Ladder(subject.value, rungs, values[-1].value), parts, subject)


def replace_type(limit: Typed, like: Typed) -> Typed:
    """``limit`` for what it reads alone: its facts count as read by the choice, its type and codes do not."""
    return Typed(limit.value, like.type, (), limit.axes, limit.by_month)


def check_ladder(scope: Scope, bounds: list[tuple[Text, rules.Bound]]) -> None:
    """Refuses a ladder unless its bounds look one way, are no two alike, are fixed if several, and stand narrowest first.

    So each is the first that holds for something; read from the top, one below a wider bound never would be.
    """
    report = scope.report
    upper = [bound.op in ("less than", "at most") for _, bound in bounds]
    for (key, _), looks_down in zip(bounds, upper, strict=True):
        if looks_down is not upper[0]:
            words = "less than, at most and before" if upper[0] else "more than, at least and from"
            report.refuse(key.at, f"{key.text!r} looks the other way than {bounds[0][0].text!r}", f"use {words} alone")
    limits: dict[tuple[Fraction, bool], Text] = {}
    for key, bound in bounds:
        if not isinstance(bound.value, rules.Constant):
            if len(bounds) == 1:
                return
            limit = split_bound(scope, key).limit
            message = f"{limit.text} is not fixed, so which bound is the narrower is not known"
            report.refuse(limit.at, message, "nest the choices, one bound each")
        # Of two bounds at one limit, less than is narrower than at most, and more than narrower than at least.
        rank = (bound.value.value if upper[0] else -bound.value.value, bound.op in ("at most", "at least"))
        if rank in limits:
            report.refuse(key.at, f"{key.text!r} says the same as {limits[rank].text!r} in line {limits[rank].at.line}")
        limits[rank] = key
    for (wider, above), (rank, key) in pairwise(limits.items()):
        if rank < wider:
            hint = f"narrowest first: {', '.join(each.text for _, each in sorted(limits.items()))}"
            report.refuse(key.at, f"{key.text!r} is never reached: {above.text!r} stands before it and is wider", hint)
