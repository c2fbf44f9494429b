"""Bounds: ``less than 59.00 CNY``, ``at least 30 min``, ``before 2020-04-27``, ``from provider_joined``."""

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Final, NamedTuple, NoReturn

from policy.calculator import rules
from policy.language.kinds import NOUNS, NUMERIC, Place, Typed, example
from policy.language.scalars import fitted, read_scalar
from policy.language.scope import Scope
from policy.language.shapes import NAME_PATTERN
from policy.language.yaml_tree import Text

_BOUND = re.compile(r"(less than|at most|more than|at least|before|from) (.+)")
_NAME = re.compile(NAME_PATTERN)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LENGTH = re.compile(r"\d+ (?:(?:local|working|calendar|business) )?(?:days?|h|min|s)")
_BARE = re.compile(r"\d+")
_OPS: Final[dict[str, rules.Op]] = {
    "less than": "less than", "at most": "at most", "more than": "more than", "at least": "at least",
    "before": "less than", "from": "at least",
}  # fmt: skip
_YEARS: Final = range(1970, 2101)  # the years that a request can name
_OF_DATES: Final = ("before", "from")
_HINT: Final = "a bound is less than, at most, more than or at least and a quantity; for dates, before or from and a date"


class Words(NamedTuple):
    """The words of a bound: how it compares, and with what, at its own place."""

    word: str
    op: rules.Op
    limit: Text


def is_bound(text: str) -> bool:
    """Whether ``text`` begins as a bound does."""
    return _BOUND.fullmatch(text) is not None


def split_bound(scope: Scope, node: Text) -> Words:
    """The comparing word of a bound and what it compares with."""
    match = _BOUND.fullmatch(node.text)
    if match is None:
        scope.report.refuse(node.at, f"{node.text!r} is no bound", _HINT)
    return Words(match[1], _OPS[match[1]], node.part(match.start(2)))


def read_bound(scope: Scope, node: Text, subject: Typed, what: str, place: Place) -> tuple[rules.Bound, Typed]:
    """The bound of ``subject``, which errors call ``what``; and its limit, typed."""
    words = split_bound(scope, node)
    if subject.type in ("instant", "date"):
        limit = _date(scope, words, subject, what, place)
        return rules.Bound(words.op, limit.value), limit
    if subject.type not in NUMERIC | {"quotient"}:
        scope.report.refuse(node.at, f"{what} is {NOUNS[subject.type]}; it has no bounds", _cases_of(subject))
    if words.word in _OF_DATES:
        other = "less than" if words.word == "before" else "at least"
        scope.report.refuse(node.at, f"{words.word} is for dates; {what} is {NOUNS[subject.type]}", f"write {other}")
    if subject.type in ("ratio", "quotient") and _BARE.fullmatch(words.limit.text):
        _no_bare_ratio(scope, words, what)
    wanted = "ratio" if subject.type in ("number", "quotient") else subject.type
    limit = read_scalar(scope, words.limit, replace(place, factor=False), wanted)
    if subject.type == "number" and isinstance(limit.value, rules.Constant) and limit.value.value.denominator != 1:
        scope.report.refuse(words.limit.at, f"{what} is a whole number; {words.limit.text} is not")
    if words.op == "less than" and limit.value == rules.Constant(Fraction(0)):
        scope.report.refuse(node.at, f"{what} is never less than 0", "write at most, or remove it")
    return rules.Bound(words.op, limit.value), limit


def _no_bare_ratio(scope: Scope, words: Words, what: str) -> NoReturn:
    """Refuses a whole number as the bound of a ratio: 10 may be a slip for 10 %, and would be taken for 1000 %."""
    bare = words.limit.text
    hint = f"write {words.word} {bare} %, or {words.word} {bare}/1"
    scope.report.refuse(words.limit.at, f"{bare} lacks its unit; {what} is a ratio", hint)


def _date(scope: Scope, words: Words, subject: Typed, what: str, place: Place) -> Typed:
    """The limit of an instant or a date: a date, as its ordinal, or a fact.

    A date beside an instant means the local date of the instant.
    """
    report, limit = scope.report, words.limit
    if words.word not in _OF_DATES:
        other = "before" if words.op in ("less than", "at most") else "from"
        report.refuse(limit.at, f"{what} is {NOUNS[subject.type]}; {words.word} is for quantities", f"write {other} and a date")
    if _NAME.fullmatch(limit.text):
        typed = scope.value(limit, place)
        if typed.type != subject.type and (subject.type, typed.type) != ("instant", "date"):
            report.refuse(limit.at, f"{limit.text} is {NOUNS[typed.type]}; {what} is {NOUNS[subject.type]}")
        return typed
    return fitted(scope, limit, Typed(rules.Constant(Fraction(read_date(scope, limit).toordinal())), "date"), "date")


def read_date(scope: Scope, node: Text) -> date:
    """A date of the calendar, as YYYY-MM-DD."""
    if _LENGTH.fullmatch(node.text):
        hint = "write a date, as 2026-01-31; time after an instant is counted by starts: 5 working days after reported_at"
        scope.report.refuse(node.at, f"{node.text!r} is a length of time, not a date", hint)
    if not _DATE.fullmatch(node.text):
        scope.report.refuse(node.at, f"{node.text!r} is no date", "write it as 2026-01-31")
    try:
        return date.fromisoformat(node.text)
    except ValueError:
        scope.report.refuse(node.at, f"{node.text} is no day of the calendar", "months have 28 to 31 days")


def read_counted_date(scope: Scope, node: Text) -> date:
    """A date whose local midnight is counted with: of a year that a request can name."""
    day = read_date(scope, node)
    if day.year not in _YEARS:
        scope.report.refuse(
            node.at, f"{node.text} is beyond the years that are counted", f"{_YEARS.start} to {_YEARS.stop - 1}"
        )
    return day


def _cases_of(subject: Typed) -> str:
    if subject.type == "yes or no":
        return "write yes or no"
    return f"its codes are {', '.join(subject.codes)}" if subject.codes else example(subject.type, "")
