"""``measures:`` how heavy each part of the local day weighs, as bands that partition it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

from policy.calculator import rules
from policy.language.choices import covering
from policy.language.clauses import read_clause
from policy.language.codes import CODE_SET_PATTERN
from policy.language.days import DAY, TIME_PATTERN, WEEKDAY, WEEKDAYS, second_at
from policy.language.facts import check_name
from policy.language.kinds import Typed
from policy.language.problems import did_you_mean, listed
from policy.language.scalars import quantity_of, refuse_bare_percentage
from policy.language.scope import Scope
from policy.language.shapes import CLAUSE, SCALAR, any_of, choice_of, ref
from policy.language.words import Form, Others, Reading, Word, keep, read_all, read_form, text_of
from policy.language.yaml_tree import Map, Node, Text

_SPAN = re.compile(rf"({TIME_PATTERN}) to ({TIME_PATTERN})")
_EDGE = re.compile(rf"(before|from) ({TIME_PATTERN})")

SUBJECTS: Final = ("time_of_day", "day_kind", "weekday")
DAY_KINDS: Final = ("WORKING", "OTHER")
_DAY_KIND: Final = Typed(rules.Code(DAY_KINDS), "code", DAY_KINDS)
_WEIGHT_SHAPE: Final = any_of(SCALAR, ref("band_choice"))
_CASES: Final = Others(
    doc="spans of the local day (06:00 to 09:00), or edges (before 06:00); or WORKING and OTHER days; or MONDAY to SUNDAY",
    pattern=rf"(?:{TIME_PATTERN}) to (?:{TIME_PATTERN})|(?:before|from) (?:{TIME_PATTERN})|{CODE_SET_PATTERN}",
    shape=_WEIGHT_SHAPE,
)
_CHOICE_WORDS: Final[Mapping[str, Word[Scope]]] = {
    "by": Word("time_of_day, day_kind or weekday", choice_of(*SUBJECTS), keep, required=True),
    "otherwise": Word("the weight in every other case", _WEIGHT_SHAPE, keep),
}

MEASURE: Final[Form[Scope]] = Form(
    name="a measure",
    doc="A named density over the local day, by the wall clock of the policy's zone.",
    words={"clause": Word("where it comes from", CLAUSE, read_clause, required=True), **_CHOICE_WORDS},
    others=_CASES,
)
BAND_CHOICE: Final[Form[Scope]] = Form(
    name="a choice of weights", doc="A weight by the time or the kind of the day.", words=_CHOICE_WORDS, others=_CASES
)

Bands = tuple[rules.Band, ...]
"""Of one weekday, from midnight to midnight."""
Week = tuple[Bands, ...]
"""Monday to Sunday."""


class Rest(NamedTuple):
    """What holds otherwise, and where it stands."""

    node: Node
    week: Week


def read_measure(scope: Scope, key: Text, node: Node) -> rules.Measure:
    """A measure with its bands, in order from midnight to midnight; weekdays that weigh alike have theirs together."""
    check_name(scope, key, "a measure")
    reading = read_form(MEASURE, scope, node, scope.report)
    days_of: dict[Bands, list[int]] = {}
    for number, bands in enumerate(_choice(scope, reading)):
        days_of.setdefault(bands, []).append(number)
    bands = tuple(replace(band, weekdays=tuple(days)) for of_day, days in days_of.items() for band in of_day)
    return rules.Measure(key.text, reading.values["clause"], bands)


def _week(scope: Scope, node: Node) -> Week:
    if isinstance(node, Map):
        return _choice(scope, read_form(BAND_CHOICE, scope, node, scope.report))
    weight = text_of(node, scope.report, "a weight")
    refuse_bare_percentage(scope, weight)
    quantity = quantity_of(scope, weight)
    if quantity.type != "ratio":
        scope.report.refuse(weight.at, f"{weight.text} is no weight", "a weight is a fixed ratio, as in 3/2 or 150 %")
    return ((rules.Band(0, DAY, quantity.value, quantity.value),),) * len(WEEKDAYS)


def _choice(scope: Scope, reading: Reading) -> Week:
    subject = text_of(reading.values["by"], scope.report, "by:")
    if subject.text not in SUBJECTS:
        hint = did_you_mean(subject.text, SUBJECTS, f"a measure chooses by {listed(list(SUBJECTS), 'or')}")
        scope.report.refuse(subject.at, f"a measure cannot choose by {subject.text}", hint)
    if not reading.others:
        scope.report.refuse(subject.at, f"the choice by {subject.text} has no case", _CASES.doc)
    cases: list[tuple[Text, Week]] = read_all(tuple(reading.others), lambda case: (case[0], _week(scope, case[1])))
    node: Node | None = reading.get("otherwise")
    rest = None if node is None else Rest(node, _week(scope, node))
    if subject.text == "time_of_day":
        return _by_time(scope, subject, cases, rest)
    if subject.text == "day_kind":
        scope.count_working_days(subject.at)
        working, other = _by_code(scope, subject, _DAY_KIND, cases, rest)
        return tuple(_overlaid(*kinds) for kinds in zip(working, other, strict=True))
    of_day = _by_code(scope, subject, WEEKDAY, cases, rest)
    return tuple(week[number] for number, week in enumerate(of_day))


def _by_code(scope: Scope, subject: Text, codes: Typed, cases: list[tuple[Text, Week]], rest: Rest | None) -> list[Week]:
    """The week that each code of ``codes`` takes, in their order."""
    sets = covering(scope, subject, codes, [key for key, _ in cases], rest.node if rest else None)
    taken = {code: week for named, (_, week) in zip(sets, cases, strict=True) for code in named}
    return [taken[code] if rest is None else taken.get(code, rest.week) for code in codes.codes]


def _overlaid(working: Bands, other: Bands) -> Bands:
    """Bands that weigh as ``working`` on working days and as ``other`` on the others."""
    edges = sorted({band.from_second for band in (*working, *other)} | {DAY})
    weigh_working, weigh_other = _weights(working), _weights(other)
    return tuple(
        rules.Band(start, end, weigh_working(start).working, weigh_other(start).other) for start, end in pairwise(edges)
    )


def _weights(bands: Bands) -> Callable[[int], rules.Band]:
    return lambda second: next(band for band in bands if band.from_second <= second < band.until_second)


def _by_time(scope: Scope, subject: Text, cases: list[tuple[Text, Week]], rest: Rest | None) -> Week:
    report = scope.report
    spans: list[tuple[int, int, Week]] = []
    reached, gaps = 0, False
    for start, end, key, week in [*_spans(scope, cases), (DAY, DAY, subject, None)]:
        if start < reached:
            message = f"{key.text!r} overlaps: {_clock(start)} is covered twice"
            report.refuse(key.at, message, "every time of the day has one case")
        if start > reached:
            if rest is None:
                message = f"the choice by time_of_day leaves out {_clock(reached)} to {_clock(start)}"
                report.refuse(subject.at, message, "add a span, or otherwise:")
            gaps = True
            spans.append((reached, start, rest.week))
        if week is not None:
            spans.append((start, end, week))
        reached = end
    if rest is not None and not gaps:
        report.refuse(rest.node.at, "otherwise: is never reached: the cases cover the whole day", "remove it")
    return tuple(
        tuple(band for start, end, week in spans for band in _cut(week[number], start, end)) for number in range(len(WEEKDAYS))
    )


def _cut(bands: Bands, start: int, end: int) -> list[rules.Band]:
    pieces = ((max(band.from_second, start), min(band.until_second, end), band) for band in bands)
    return [rules.Band(a, b, band.working, band.other) for a, b, band in pieces if a < b]


def _spans(scope: Scope, cases: list[tuple[Text, Week]]) -> list[tuple[int, int, Text, Week]]:
    """The cases as spans of the day, in order: spans as written, or edges that all look one way."""
    first = cases[0][0]
    if _SPAN.fullmatch(first.text):
        return sorted((span for key, week in cases for span in _span(scope, key, week)), key=lambda span: span[:2])
    edges: dict[int, tuple[Text, Week]] = {}
    word = first.text.partition(" ")[0]
    for key, week in cases:
        match = _EDGE.fullmatch(key.text)
        if match is None:
            scope.report.refuse(key.at, f"{key.text!r} is no part of a day", "write 06:00 to 09:00, or before 06:00")
        if match[1] != word:
            scope.report.refuse(
                key.at, f"{key.text!r} looks the other way than {first.text!r}", f"use {word} alone, or 06:00 to 09:00"
            )
        second = second_at(match[2])
        if second in edges:
            scope.report.refuse(key.at, f"{key.text!r} is given twice")
        edges[second] = (key, week)
    order = list(edges)
    in_order = sorted(edges, reverse=word == "from")
    for second, following in pairwise(order):
        if (following < second) is (word == "before"):
            key, above = edges[following][0], edges[second][0]
            hint = f"narrowest first: {', '.join(edges[each][0].text for each in in_order)}"
            scope.report.refuse(key.at, f"{key.text!r} is never reached: {above.text!r} stands before it and is wider", hint)
    order.sort()
    if word == "before":
        return [(start, end, *edges[end]) for start, end in zip([0, *order], order, strict=False)]
    return [(start, end, *edges[start]) for start, end in zip(order, [*order[1:], DAY], strict=True)]


def _span(scope: Scope, key: Text, week: Week) -> list[tuple[int, int, Text, Week]]:
    match = _SPAN.fullmatch(key.text)
    if match is None:
        scope.report.refuse(key.at, f"{key.text!r} is no span of a day", "write 06:00 to 09:00, as the other cases")
    start, end = second_at(match[1]), second_at(match[2])
    if start == end:
        scope.report.refuse(key.at, f"{key.text!r} is empty", "a whole day is 00:00 to 24:00")
    if start < end:
        return [(start, end, key, week)]
    return [(start, DAY, key, week), *([(0, end, key, week)] if end else [])]


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}"
