"""Tables of words: what may stand in a map, whether it must, what it means in a line, and who reads it.

The same tables drive the reader of files and the JSON Schema for editors, so that the two cannot disagree.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from policy.language.problems import Refused, Report, listed, nearest
from policy.language.yaml_tree import List, Map, Node, Text

C = TypeVar("C")
T = TypeVar("T")

Shape = Mapping[str, Any]
"""A piece of JSON Schema: what an editor is told of a value."""


@dataclass(frozen=True, slots=True)
class Word(Generic[C]):
    """One word. ``doc``: its meaning in a line. ``read`` takes the context and the node that stands under the word."""

    doc: str
    shape: Shape
    read: Callable[[C, Node], Any]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Others:
    """Keys of the author's own, beside the words or instead of them: names, codes, bounds, languages.

    ``pattern`` is a regular expression that editors match keys with.
    """

    doc: str
    pattern: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Form(Generic[C]):
    """What may stand in one kind of map. ``exactly_one``: groups of words of which one stands, and no second."""

    name: str
    doc: str
    words: Mapping[str, Word[C]]
    others: Others | None = None
    exactly_one: tuple[str, ...] = ()


@dataclass(slots=True)
class Reading:
    """What was read from a map: the words' values, and the entries under keys of the author's own, unread.

    ``sound`` is False where something in it could not be read; what could be is here all the same. ``standing``: every word
    that the map has, readable or not.
    """

    values: dict[str, Any] = field(default_factory=dict)
    others: list[tuple[Text, Node]] = field(default_factory=list)
    sound: bool = True
    standing: frozenset[str] = frozenset()

    def get(self, word: str, default: Any = None) -> Any:
        """The value under ``word``."""
        return self.values.get(word, default)

    def check(self) -> None:
        """Raises Refused unless everything could be read."""
        if not self.sound:
            raise Refused


def keep(_: object, node: Node) -> Node:
    """Reads a word later, when what it refers to is known."""
    return node


def read_form(form: Form[C], context: C, node: Node, report: Report) -> Reading:
    """Reads every word of a map, in the order of the table. Raises Refused, after all, if one of them could not be read.

    Unknown, missing and contradicting words are reported as well.
    """
    reading = read_partly(form, context, node, report)
    reading.check()
    return reading


def read_partly(form: Form[C], context: C, node: Node, report: Report) -> Reading:
    """As :func:`read_form`, for a reader that has more to look at before it gives up."""
    if not isinstance(node, Map):
        report.refuse(node.at, f"{form.name} is a map", f"its words are {listed(list(form.words))}" if form.words else "")
    reading = Reading()
    node = _mended(form, node, reading, report)
    reading.standing = frozenset(key.text for key, _ in node.entries)
    for name, word in form.words.items():
        value_node = node.get(name)
        if value_node is None:
            if word.required:
                reading.sound = False
                report.add(node.at, f"{form.name} lacks {name}:", word.doc)
            continue
        try:
            reading.values[name] = word.read(context, value_node)
        except Refused:
            reading.sound = False
    if form.exactly_one and not _one_stands(form, node, report):
        reading.sound = False
    return reading


def _mended(form: Form[C], node: Map, reading: Reading, report: Report) -> Map:
    """``node`` with its unknown words reported, and each read as the missing word that it is nearest to.

    So a misspelt word is one problem: it is not missing besides, and what stands under it is read.
    """
    entries: list[tuple[Text, Node]] = []
    missing = set(form.words) - {key.text for key, _ in node.entries}
    for key, value in node.entries:
        if key.text in form.words:
            entries.append((key, value))
            continue
        near = nearest(key.text, form.words)
        if form.others is not None and (near not in missing or re.fullmatch(form.others.pattern, key.text)):
            reading.others.append((key, value))
            continue
        reading.sound = False
        hint = f"did you mean {near}?" if near else f"its words are {listed(list(form.words))}"
        report.add(key.at, f"{form.name} knows no word {key.text!r}", hint)
        if near in missing:
            missing.remove(near)
            entries.append((Text(near, key.plain, key.at), value))
    return Map(tuple(entries), node.at)


def _one_stands(form: Form[C], node: Map, report: Report) -> bool:
    standing = [key for key, _ in node.entries if key.text in form.exactly_one]
    if len(standing) == 1:
        return True
    if standing:
        report.add(standing[1].at, f"{form.name} has {standing[1].text}: beside {standing[0].text}:", "keep one of them")
    else:
        report.add(node.at, f"{form.name} lacks {listed([f'{each}:' for each in form.exactly_one], 'or')}")
    return False


def text_of(node: Node, report: Report, what: str) -> Text:
    """``node`` as a scalar that says something."""
    if not isinstance(node, Text):
        report.refuse(node.at, f"{what} is a text, not a {'map' if isinstance(node, Map) else 'list'}")
    if not node.text.strip():
        report.refuse(node.at, f"{what} is empty")
    return node


def items_of(node: Node) -> tuple[Node, ...]:
    """The items of a list; what is no list stands for a list of one."""
    return node.items if isinstance(node, List) else (node,)


def read_all(items: tuple[T, ...], read: Callable[[T], Any]) -> list[Any]:
    """Reads every item, so that the problems of all are reported; then raises Refused if one of them could not be read."""
    values, broken = [], False
    for item in items:
        try:
            values.append(read(item))
        except Refused:
            broken = True
    if broken:
        raise Refused
    return values
