"""A policy file: its head, and its sections read once for each version in it."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from policy.calculator import rules
from policy.language.benefits import offered, read_benefit
from policy.language.breaks import read_breaks
from policy.language.calendars import calendar_names, unknown_calendar
from policy.language.choices import read_value
from policy.language.clauses import read_clause_texts
from policy.language.clocks import read_clock
from policy.language.digest import digest
from policy.language.extras import NO_CLAUSE, read_claims, read_corrections, read_recourse
from policy.language.facts import read_fact
from policy.language.figures import figure_of, read_figure
from policy.language.fractions import report_idle_fractions
from policy.language.head import POLICY, Head
from policy.language.kinds import CALENDAR, NOUNS, Place, fact_type
from policy.language.measures import read_measure
from policy.language.notices import read_notice
from policy.language.problems import FILE_START, At, Refused, Report
from policy.language.proofs import properties_of
from policy.language.scope import Lazy, Scope
from policy.language.shapes import CODES_PATTERN, NAME_PATTERN
from policy.language.unused import report_unused
from policy.language.versions import Row, read_rows
from policy.language.words import Reading, items_of, read_all, read_partly, text_of
from policy.language.yaml_tree import List, Map, Node, Text, read_tree

T = TypeVar("T")

PINNED_BY: Final = Place("pinned by", frozenset({"outage"}))
_STARTED_AT: Final = "started_at"


@dataclass(frozen=True, slots=True)
class Held:
    """One version of a file; ``version`` None: the file has problems, which its report holds.

    ``attributes``: what it asks of a request beyond the contract's own fields, and where it says so.
    """

    row: Row
    version: rules.Version | None
    attributes: tuple[tuple[rules.Fact, At], ...]


def read_policy(policy_id: str, content: bytes, report: Report) -> list[Held]:
    """The versions of one file. What is wrong with it stands in ``report``; nothing is raised."""
    try:
        root = read_tree(content, report)
        head = read_partly(POLICY, Head(policy_id, report), root, report)
        head.values.setdefault("language", "" if root.get("language") is None else None)
        rows = read_rows(_scope(head, report), head.values["versions"]) if "versions" in head.values else []
    except Refused:
        return []
    text = content.decode("utf-8-sig")
    read = [_held(root, head, row, report, text) for row in rows]
    if report.problems:
        return [replace(held, version=None) for held in read]
    return read


def _scope(head: Reading, report: Report) -> Scope:
    return Scope(report, head.get("currency", ""), head.values["language"], head.get("for each"))


def _held(root: Map, head: Reading, row: Row, report: Report, text: str) -> Held:
    """One version, as far as it could be read."""
    scope = _scope(head, report)
    sections = _Sections(head, scope)
    sections.declare(row)
    parts = _Parts.read(sections)
    scope.tell_strangers()
    report_unused(root, scope, row)
    attributes = tuple(_attributes(scope))
    if parts is None or report.problems:
        return Held(row, None, attributes)
    uncited = _uncited(scope)
    if report.problems:
        return Held(row, None, attributes)
    version = rules.Version(
        policy_id=head.values["policy"],
        title=head.values["title"],
        source=head.values["source"],
        confidence=head.get("confidence", ""),
        version=row.name.text,
        in_force_from=row.start,
        in_force_until=row.until,
        pinned_by=parts.pinned_by,
        for_each=head.values["for each"],
        zone=head.values["zone"],
        currency_code=scope.currency,
        calendar=parts.calendar,
        facts=tuple(scope.reads.values()),
        figures=tuple(figure for lazy in scope.figures.values() if (figure := figure_of(lazy.get())) is not None),
        measures=tuple(lazy.get() for lazy in scope.measures.values()),
        clocks=tuple(lazy.get() for lazy in scope.clocks.values()),
        benefits=parts.benefits,
        claims=parts.claims,
        recourse=parts.recourse,
        corrections=parts.corrections or NO_CLAUSE,
        notice=parts.notice,
        unsettled=parts.unsettled,
        sha256=digest(root, row.node),
        text=text,
        uncited=uncited,
        breaks=parts.breaks or (),
    )
    report_idle_fractions(root, version, report)
    return Held(row, replace(version, properties=properties_of(version)), attributes)


def _attributes(scope: Scope) -> Iterator[tuple[rules.Fact, At]]:
    for lazy in scope.facts.values():
        with suppress(Refused):
            fact = lazy.get()
            if fact.attribute:
                yield fact, lazy.name.at


def _uncited(scope: Scope) -> tuple[rules.Clause, ...]:
    """The clauses that nothing cites. What is wrong with one stands in the report."""
    clauses = []
    for lazy in scope.clauses.values():
        if not lazy.used:
            with suppress(Refused):
                clauses.append(lazy.get())
    return tuple(clauses)


class _Sections:
    """The sections of a file, to be read into one scope."""

    def __init__(self, head: Reading, scope: Scope) -> None:
        self.head, self.scope = head, scope

    def entries(self, name: str) -> tuple[tuple[Text, Node], ...]:
        """What stands in a section by name."""
        node: Node | None = self.head.get(name)
        if node is None or (isinstance(node, Text) and not node.text):
            return ()
        if not isinstance(node, Map):
            self.scope.report.add(node.at, f"{name}: is a map of names", "give each a name, and its words under it")
            return ()
        return node.entries

    def declare(self, row: Row) -> None:
        """Makes every name known, so that the order of the file does not matter, and none is taken twice."""
        scope = self.scope
        scope.clauses = self._named("clauses", "clause", read_clause_texts)
        scope.facts = self._named("facts", "fact", read_fact)
        scope.figures = {key.text: self._lazy("figure", key, node, read_figure) for key, node in row.figures}
        for name, lazy in self._named("figures", "figure", read_figure).items():
            if name in scope.figures:
                scope.report.add(lazy.name.at, f"{name} is given by the versions already", "keep one of them")
            scope.figures[name] = lazy
        for name, figure in scope.figures.items():
            if name in scope.facts:
                scope.report.add(figure.name.at, f"{name} is a fact already", "choose another name for the figure")
        scope.measures = self._named("measures", "measure", read_measure)
        scope.clocks = self._named("clocks", "clock", read_clock)
        calendar: Node | None = self.head.get("calendar")
        scope.calendar_at = None if calendar is None else calendar.at

    def _named(self, section: str, what: str, read: Callable[[Scope, Text, Node], T]) -> dict[str, Lazy[T]]:
        return {key.text: self._lazy(what, key, node, read) for key, node in self.entries(section)}

    def _lazy(self, what: str, key: Text, node: Node, read: Callable[[Scope, Text, Node], T]) -> Lazy[T]:
        return Lazy(what, key, lambda: read(self.scope, key, node), self.scope.report)

    def optional(self, name: str, read: Callable[[Node], T]) -> T | None:
        """A section that may be left out."""
        node: Node | None = self.head.get(name)
        return None if node is None else read(node)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the sections came to, beside what is named in the scope."""

    pinned_by: rules.Fact
    calendar: rules.Value | None
    benefits: tuple[rules.Benefit, ...]
    claims: rules.Claims | None
    recourse: rules.RecourseRule | None
    corrections: rules.Corrections | None
    notice: rules.NoticeRule | None
    breaks: tuple[rules.Break, ...] | None
    unsettled: tuple[rules.Clause, ...]

    @classmethod
    def read(cls, sections: _Sections) -> "_Parts | None":
        """Reads every section, so that the problems of all are reported; None if one of them could not be read."""
        scope, entries = sections.scope, sections.entries("benefits")
        known = offered(entries)
        steps: tuple[Callable[[], object], ...] = (
            lambda: _pinned_by(scope, sections.head.get("pinned by")),
            lambda: sections.optional("calendar", lambda node: _calendar(scope, node)),
            lambda: _benefits(scope, entries, sections.head.get("benefits")),
            lambda: sections.optional("claims", lambda node: read_claims(scope, node)),
            lambda: sections.optional("recourse", lambda node: read_recourse(scope, node, known)),
            lambda: sections.optional("corrections", lambda node: read_corrections(scope, node)),
            lambda: sections.optional("notice", lambda node: read_notice(scope, node, known)),
            lambda: sections.optional("breaks", lambda node: read_breaks(scope, node, known)),
            lambda: tuple(sections.optional("unsettled", lambda node: _unsettled(scope, node)) or ()),
            lambda: read_all(scope.named(), lambda lazy: lazy.get()),
        )
        try:
            parts = cls(*read_all(steps, lambda step: step())[:-1])
        except Refused:
            return None
        _check_claims(scope, entries, parts)
        return parts


def _pinned_by(scope: Scope, node: Node | None) -> rules.Fact:
    name = Text(_STARTED_AT, True, FILE_START) if node is None else text_of(node, scope.report, "pinned by:")
    fact = scope.fact(name, PINNED_BY)
    if fact.type != "instant":
        scope.report.refuse(name.at, f"{name.text} is {NOUNS[fact_type(fact)]}; a version is picked by the date of an instant")
    return fact


def _calendar(scope: Scope, node: Node) -> rules.Value:
    if isinstance(node, Text) and not re.fullmatch(f"{NAME_PATTERN}|{CODES_PATTERN}", node.text):
        scope.report.refuse(node.at, f"there is no calendar {node.text}", unknown_calendar(node.text))
    typed = read_value(scope, node, CALENDAR, "code")
    written = dict(typed.written)
    for code in typed.codes:
        if code not in calendar_names():
            scope.report.refuse(written.get(code, node.at), f"there is no calendar {code}", unknown_calendar(code))
    return typed.value


def _benefits(scope: Scope, entries: tuple[tuple[Text, Node], ...], node: Node | None) -> tuple[rules.Benefit, ...]:
    if not entries and node is not None:
        scope.report.refuse(node.at, "the policy gives nothing", "name a benefit under benefits:")
    return tuple(read_all(entries, lambda entry: read_benefit(scope, entry[0], entry[1])))


def _unsettled(scope: Scope, node: Node) -> list[rules.Clause]:
    def read(item: Node) -> rules.Clause:
        if not isinstance(item, Map) or len(item.entries) != 1:
            scope.report.refuse(item.at, "an unsettled rule is one id and its text", '- {id: "text"}')
        key, texts = item.entries[0]
        if (known := scope.clauses.get(key.text)) is not None:
            known.use()
        return read_clause_texts(scope, key, texts)

    if not isinstance(node, List):
        scope.report.refuse(node.at, "unsettled: is a list", '- {id: "text"}')
    return read_all(items_of(node), read)


def _check_claims(scope: Scope, entries: tuple[tuple[Text, Node], ...], parts: _Parts) -> None:
    """What is granted on a claim needs claims to be taken."""
    if parts.claims is not None:
        return
    for (key, _), benefit in zip(entries, parts.benefits, strict=True):
        if benefit.granted.how != "automatically":
            what = "on claim" if benefit.granted.how == "on claim" else "on claim where it is not granted automatically"
            message = f"{key.text} is granted {what}, and the policy takes no claims"
            scope.report.add(key.at, message, "add claims: {clause: ..., within: open}")
