"""Reading a file into a tree of texts with their places.

Every scalar stays the text that was written: what it means is for the word that it stands under to say. So there is no
Norway problem, no time that turns into minutes, no float. Of YAML only maps, lists and scalars are taken; anchors, aliases,
tags, merge keys and further documents would let a file say a thing without showing it, and are refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import yaml

from policy.language.problems import FILE_START, At, Report

MAX_DEPTH: Final = 24
"""Deeper than a table of tables ever is."""


class Kind(NamedTuple):
    """What a file is to be, in the words of its errors.

    ``what`` it is, how it ``begins``, where a repeated value is ``named``, and how large it may be: many times the longest that
    a person writes, for a larger one is a mistake or an attack.
    """

    what: str
    begins: str
    named: str
    max_bytes: int


POLICY_FILE: Final = Kind(
    "a policy file", "begin with policy: and the name of the directory", "name the value under figures:", 256 * 1024
)

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar. ``plain``: it stands without quotes."""

    text: str
    plain: bool
    at: At

    def part(self, start: int, end: int | None = None) -> "Text":
        """The piece of the text from one index to another, at its own place."""
        shift = start if self.plain else start + 1  # for the quote
        return Text(self.text[start:end], self.plain, At(self.at.line, self.at.column + shift))


@dataclass(frozen=True, slots=True)
class Map:
    """Keys and what stands under them, in the order of the file; no key repeats."""

    entries: tuple[tuple[Text, "Node"], ...]
    at: At

    def get(self, key: str) -> "Node | None":
        """What stands under ``key``."""
        return next((node for known, node in self.entries if known.text == key), None)


@dataclass(frozen=True, slots=True)
class List:
    """A list."""

    items: tuple["Node", ...]
    at: At


Node = Text | Map | List


def read_tree(content: bytes, report: Report, kind: Kind = POLICY_FILE) -> Map:
    """The tree of a file. Raises Refused where it cannot be read; repeated keys are reported and reading goes on."""
    if len(content) > kind.max_bytes:
        report.refuse(FILE_START, f"the file has {len(content)} bytes; at most {kind.max_bytes} are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        report.refuse(At(line, 1), "the file is not UTF-8 text", "save it in UTF-8")
    try:
        return _Composer(yaml.parse(text, Loader=_LOADER), report, kind).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = FILE_START if mark is None else At(mark.line + 1, mark.column + 1)
        lines = text.split("\n")
        written = lines[place.line - 1] if place.line <= len(lines) else ""
        indent = written[: len(written) - len(written.lstrip())]
        problem = "a tab stands in the indent" if "\t" in indent else error.problem or ""
        report.refuse(place, f"this is not YAML: {problem}", _how_to_mend(problem))
    except yaml.YAMLError as error:
        report.refuse(FILE_START, f"this is not YAML: {' '.join(str(error).split())}")


_MENDED_BY: Final = (
    ("tab", "indent with spaces"),
    ("'\\t'", "indent with spaces"),
    ("mapping values", "quote a text that holds a colon; or indent as the lines around it"),
    ("expected ',' or", "close the bracket; quote a text that holds a comma or a bracket"),
    ("flow", "close the bracket"),
    ("end of stream", "close the quote"),
    ("expected ':'", "write a colon and a space after the word"),
    ("expected key", "indent as the lines around it; quote the whole of a text"),
    ("cannot start", "quote a text that begins with a sign"),
    ("control characters", "remove them"),
)


def _how_to_mend(problem: str) -> str:
    """What most often causes a problem of the YAML parser."""
    return next((hint for piece, hint in _MENDED_BY if piece in problem), "quote texts that hold : or # or begin with a sign")


class _Composer:
    """Builds the tree from the events of the YAML parser."""

    def __init__(self, events: Iterator[yaml.Event], report: Report, kind: Kind) -> None:
        self._events = events
        self._report = report
        self._kind = kind

    def document(self) -> Map:
        next(self._events)  # the start of the stream
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            self._report.refuse(FILE_START, "the file is empty", self._kind.begins)
        root = self._node(next(self._events), 0)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._report.add(_at(after), "a second document begins here", "one file holds one; remove the ---")
        if not isinstance(root, Map):
            self._report.refuse(root.at, f"{self._kind.what} is a map of words", self._kind.begins)
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        at = _at(event)
        if depth > MAX_DEPTH:
            self._report.refuse(at, f"this is nested deeper than {MAX_DEPTH} levels", self._kind.named)
        if isinstance(event, yaml.AliasEvent):
            self._report.refuse(at, "an alias (*) is not taken", self._kind.named)
        assert isinstance(event, yaml.NodeEvent)
        if event.anchor is not None:
            self._report.add(at, "an anchor (&) is not taken", self._kind.named)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._report.add(at, f"a tag ({tag}) is not taken", "remove it: the word says what stands under it")
        if isinstance(event, yaml.ScalarEvent):
            return Text(event.value, event.style in (None, ""), at)
        if isinstance(event, yaml.SequenceStartEvent):
            return List(tuple(self._items(depth)), at)
        return Map(tuple(self._entries(depth)), at)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> Iterator[tuple[Text, Node]]:
        first: dict[str, Text] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, Text):
                self._report.add(key.at, "a key is a text", "quote the text if it begins with [ or {")
            elif key.text == "<<" and key.plain:
                self._report.add(key.at, "a merge key (<<) is not taken", "write the words out")
            elif key.text in first:
                line = first[key.text].at.line
                self._report.add(key.at, f"{key.text} stands here again; it stands first in line {line}", "remove one of them")
            else:
                first[key.text] = key
                yield key, value


def _at(event: yaml.Event) -> At:
    mark = event.start_mark
    assert mark is not None  # INVARIANT: a parser that reads a text knows where it is
    return At(mark.line + 1, mark.column + 1)
