"""``versions:`` half-open spans of dates, one after the other without gap or overlap, across the files of a policy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from policy.language.bounds import read_counted_date
from policy.language.problems import At, Refused, Report, listed
from policy.language.scope import Scope
from policy.language.shapes import DATE_PATTERN, NAME_PATTERN, VALUE, any_of, text
from policy.language.words import Form, Others, Word, read_partly, text_of
from policy.language.yaml_tree import List, Map, Node, Text

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Row:
    """One version: its name, its dates, and the figures that change with it.

    ``until`` None: open. ``dated`` is False where the dates could not be read.
    """

    node: Map
    name: Text
    start: date
    until: date | None
    start_at: At
    figures: tuple[tuple[Text, Node], ...]
    dated: bool


def _name(scope: Scope, node: Node) -> Text:
    name = text_of(node, scope.report, "version:")
    if not _VERSION.fullmatch(name.text):
        scope.report.refuse(
            name.at, f"{name.text!r} is no name of a version", "letters, digits, dots and dashes, as in 2026-01"
        )
    return name


def _date(scope: Scope, node: Node) -> date:
    return read_counted_date(scope, text_of(node, scope.report, "the date"))


def _until(scope: Scope, node: Node) -> date | None:
    return None if isinstance(node, Text) and node.text == "open" else _date(scope, node)


VERSION: Final[Form[Scope]] = Form(
    name="a version",
    doc="A dated version, [from, to); any other key is a figure of this version alone.",
    words={
        "version": Word("its name", {"type": ["string", "number"]}, _name, required=True),
        "from": Word("the first day on which it is in force", text(DATE_PATTERN), _date, required=True),
        "to": Word(
            "the first day on which it is no longer in force, or open",
            any_of(text("open"), text(DATE_PATTERN)),
            _until,
            required=True,
        ),
    },
    others=Others(doc="a figure whose value changes with the version", pattern=NAME_PATTERN, shape=VALUE),
)


def read_rows(scope: Scope, node: Node) -> list[Row]:
    """The versions of one file, those whose dates cannot be read among them."""
    if not isinstance(node, List) or not node.items:
        scope.report.refuse(node.at, "versions: is a list", 'write - {version: "2026-01", from: 2026-01-01, to: open}')
    rows = []
    for item in node.items:
        try:
            rows.append(_row(scope, item))
        except Refused:
            continue
    _same_figures(scope.report, rows)
    return rows


def _row(scope: Scope, node: Node) -> Row:
    reading = read_partly(VERSION, scope, node, scope.report)
    assert isinstance(node, Map)  # anything else is refused
    start, until = reading.get("from", date.min), reading.get("to")
    start_node = node.get("from")
    start_at = node.at if start_node is None else start_node.at
    if reading.sound and until is not None and until <= start:
        reading.sound = False
        end_node = node.get("to")
        at = node.at if end_node is None else end_node.at
        scope.report.add(
            at, f"a version that begins on {start} cannot end on {until}", "to: is the first day after it, or open"
        )
    return Row(
        node, reading.get("version", Text("", True, node.at)), start, until, start_at, tuple(reading.others), reading.sound
    )


def _same_figures(report: Report, rows: Sequence[Row]) -> None:
    """Each version of a file gives the same figures; one that is left out has no value to fall back on."""
    names = {key.text: None for row in rows for key, _ in row.figures}
    for row in rows:
        missing = [name for name in names if name not in {key.text for key, _ in row.figures}]
        if missing:
            message = f"version {row.name.text} does not give {listed(missing)}, which another version of the file gives"
            report.add(row.node.at, message, "give it in every version")


def check_coverage(rows: Sequence[tuple[Report, Row]]) -> None:
    """The versions of a policy follow each other without gap or overlap, and no two have one name."""
    by_name: dict[str, tuple[Report, Row]] = {}
    dated = sorted((entry for entry in rows if entry[1].dated), key=lambda entry: (entry[1].start, entry[1].until or date.max))
    for report, row in dated:
        if row.name.text in by_name:
            other, first = by_name[row.name.text]
            place = f"{other.path}:{first.name.at.line}"
            report.add(row.name.at, f"version {row.name.text} is there already, at {place}", "each version has its own name")
        by_name[row.name.text] = (report, row)
    for (_, before), (report, row) in pairwise(dated):
        if before.until is None or row.start < before.until:
            until = "open" if before.until is None else str(before.until)
            message = f"version {row.name.text} overlaps version {before.name.text}, which holds from {before.start} to {until}"
            report.add(row.start_at, message, f"end {before.name.text} with to: {row.start}")
        elif row.start > before.until:
            message = f"no version holds from {before.until} to {row.start}, between {before.name.text} and {row.name.text}"
            report.add(row.start_at, message, f"end {before.name.text} with to: {row.start}, or add a version")
