"""``measures:`` how heavy each part of the local day weighs, as bands that partition it."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from policy.calculator import rules
from policy.language.choices import covering
from policy.language.clauses import read_clause
from policy.language.facts import check_name
from policy.language.kinds import Typed
from policy.language.problems import did_you_mean
from policy.language.scalars import quantity_of
from policy.language.scope import Scope
from policy.language.shapes import CLAUSE, SCALAR, any_of, choice_of, ref
from policy.language.words import Form, Others, Reading, Word, keep, read_all, read_form, text_of
from policy.language.yaml_tree import Map, Node, Text

DAY: Final = 86_400
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00"
_SPAN = re.compile(rf"({_TIME}) to ({_TIME})")
_EDGE = re.compile(rf"(before|from) ({_TIME})")

SUBJECTS: Final = ("time_of_day", "day_kind")
DAY_KINDS: Final = ("WORKING", "OTHER")
_DAY_KIND: Final = Typed(rules.Code(DAY_KINDS), "code", DAY_KINDS)
_WEIGHT_SHAPE: Final = any_of(SCALAR, ref("band_choice"))
_CASES: Final = Others(
    doc="spans of the local day (06:00 to 09:00), or edges (before 06:00); or WORKING and OTHER days",
    pattern=rf"(?:{_TIME}) to (?:{_TIME})|(?:before|from) (?:{_TIME})|WORKING|OTHER|WORKING or OTHER",
    shape=_WEIGHT_SHAPE,
)
_CHOICE_WORDS: Final[Mapping[str, Word[Scope]]] = {
    "by": Word("time_of_day or day_kind", choice_of(*SUBJECTS), keep, required=True),
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


class Rest(NamedTuple):
    """What holds otherwise, and where it stands."""

    node: Node
    bands: Bands


def read_measure(scope: Scope, key: Text, node: Node) -> rules.Measure:
    """A measure with its bands, in order from midnight to midnight."""
    check_name(scope, key, "a measure")
    reading = read_form(MEASURE, scope, node, scope.report)
    return rules.Measure(key.text, reading.values["clause"], _choice(scope, reading))


def _bands(scope: Scope, node: Node) -> Bands:
    if isinstance(node, Map):
        return _choice(scope, read_form(BAND_CHOICE, scope, node, scope.report))
    weight = text_of(node, scope.report, "a weight")
    quantity = quantity_of(scope, weight)
    if quantity.type != "ratio":
        scope.report.refuse(weight.at, f"{weight.text} is no weight", "a weight is a fixed ratio, as in 3/2 or 150 %")
    return (rules.Band(0, DAY, quantity.value, quantity.value),)


def _choice(scope: Scope, reading: Reading) -> Bands:
    subject = text_of(reading.values["by"], scope.report, "by:")
    if subject.text not in SUBJECTS:
        hint = did_you_mean(subject.text, SUBJECTS, "a measure chooses by time_of_day and day_kind")
        scope.report.refuse(subject.at, f"a measure cannot choose by {subject.text}", hint)
    if not reading.others:
        scope.report.refuse(subject.at, f"the choice by {subject.text} has no case", _CASES.doc)
    cases: list[tuple[Text, Bands]] = read_all(tuple(reading.others), lambda case: (case[0], _bands(scope, case[1])))
    node: Node | None = reading.get("otherwise")
    rest = None if node is None else Rest(node, _bands(scope, node))
    return (_by_day_kind if subject.text == "day_kind" else _by_time)(scope, subject, cases, rest)


def _by_day_kind(scope: Scope, subject: Text, cases: list[tuple[Text, Bands]], rest: Rest | None) -> Bands:
    scope.count_working_days(subject.at)
    sets = covering(scope, subject, _DAY_KIND, [key for key, _ in cases], rest.node if rest else None)
    by_kind = {kind: bands for kinds, (_, bands) in zip(sets, cases, strict=True) for kind in kinds}
    working, other = (by_kind.get(kind) or (rest.bands if rest else ()) for kind in DAY_KINDS)
    return _overlaid(working, other)


def _overlaid(working: Bands, other: Bands) -> Bands:
    """Bands that weigh as ``working`` on working days and as ``other`` on the others."""
    edges = sorted({band.from_second for band in (*working, *other)} | {DAY})
    weigh_working, weigh_other = _weights(working), _weights(other)
    return tuple(
        rules.Band(start, end, weigh_working(start).working, weigh_other(start).other) for start, end in pairwise(edges)
    )


def _weights(bands: Bands) -> Callable[[int], rules.Band]:
    return lambda second: next(band for band in bands if band.from_second <= second < band.until_second)


def _by_time(scope: Scope, subject: Text, cases: list[tuple[Text, Bands]], rest: Rest | None) -> Bands:
    report = scope.report
    bands: list[rules.Band] = []
    reached, gaps = 0, False
    for start, end, key, inner in [*_spans(scope, cases), (DAY, DAY, subject, ())]:
        if start < reached:
            message = f"{key.text!r} overlaps: {_clock(start)} is covered twice"
            report.refuse(key.at, message, "every time of the day has one case")
        if start > reached:
            if rest is None:
                message = f"the choice by time_of_day leaves out {_clock(reached)} to {_clock(start)}"
                report.refuse(subject.at, message, "add a span, or otherwise:")
            gaps = True
            bands += _cut(rest.bands, reached, start)
        bands += _cut(inner, start, end)
        reached = end
    if rest is not None and not gaps:
        report.refuse(rest.node.at, "otherwise: is never reached: the cases cover the whole day", "remove it")
    return tuple(bands)


def _cut(bands: Bands, start: int, end: int) -> list[rules.Band]:
    pieces = ((max(band.from_second, start), min(band.until_second, end), band) for band in bands)
    return [rules.Band(a, b, band.working, band.other) for a, b, band in pieces if a < b]


def _spans(scope: Scope, cases: list[tuple[Text, Bands]]) -> list[tuple[int, int, Text, Bands]]:
    """The cases as spans of the day, in order: spans as written, or edges that all look one way."""
    first = cases[0][0]
    if _SPAN.fullmatch(first.text):
        return sorted((span for key, bands in cases for span in _span(scope, key, bands)), key=lambda span: span[:2])
    edges: dict[int, tuple[Text, Bands]] = {}
    word = first.text.partition(" ")[0]
    for key, bands in cases:
        match = _EDGE.fullmatch(key.text)
        if match is None:
            scope.report.refuse(key.at, f"{key.text!r} is no part of a day", "write 06:00 to 09:00, or before 06:00")
        if match[1] != word:
            scope.report.refuse(
                key.at, f"{key.text!r} looks the other way than {first.text!r}", f"use {word} alone, or 06:00 to 09:00"
            )
        second = _second(match[2])
        if second in edges:
            scope.report.refuse(key.at, f"{key.text!r} is given twice")
        edges[second] = (key, bands)
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


def _span(scope: Scope, key: Text, bands: Bands) -> list[tuple[int, int, Text, Bands]]:
    match = _SPAN.fullmatch(key.text)
    if match is None:
        scope.report.refuse(key.at, f"{key.text!r} is no span of a day", "write 06:00 to 09:00, as the other cases")
    start, end = _second(match[1]), _second(match[2])
    if start == end:
        scope.report.refuse(key.at, f"{key.text!r} is empty", "a whole day is 00:00 to 24:00")
    if start < end:
        return [(start, end, key, bands)]
    return [(start, DAY, key, bands), *([(0, end, key, bands)] if end else [])]


def _second(time: str) -> int:
    hour, minute = time.split(":")
    return int(hour) * 3600 + int(minute) * 60


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}"
