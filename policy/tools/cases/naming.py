"""Named facts: ``anna`` stands for what is written once under ``people:``, ``{like: anna, fee: …}`` for that with changes."""

from collections.abc import Mapping
from typing import Final

from policy.language.problems import Report, did_you_mean, listed
from policy.language.words import text_of
from policy.language.yaml_tree import Map, Node, Text

LIKE: Final = "like"
Entries = dict[str, tuple[Text, Node]]
"""Key and value by key, with their places."""


class Names:
    """What one section names. ``what``: the section, as errors call it."""

    def __init__(self, what: str, section: Node | None, report: Report) -> None:
        self.what = what
        self._report = report
        self._named: Mapping[str, tuple[Text, Node]] = {}
        self._used: set[str] = set()
        if section is None:
            return
        if not isinstance(section, Map):
            report.add(section.at, f"{what}: is a map of names", "a name, and under it the facts")
        else:
            self._named = {key.text: (key, node) for key, node in section.entries}

    def entries(self, node: Node) -> Entries:
        """The facts that ``node`` writes or names. Raises Refused."""
        return self._entries(node, ())

    def report_unused(self) -> None:
        """A name that no case uses may be a slip in a case that means it."""
        for name, (key, _) in self._named.items():
            if name not in self._used:
                self._report.add(key.at, f"no case uses {name}", "remove it")

    def _entries(self, node: Node, seen: tuple[str, ...]) -> Entries:
        if isinstance(node, Text):
            return self._of_name(node, seen)
        if not isinstance(node, Map):
            self._report.refuse(node.at, "a name or a map of facts is needed", "a list stands only under outages:")
        base: Entries = {}
        like = node.get(LIKE)
        if like is not None:
            base = self._of_name(text_of(like, self._report, "like:"), seen)
        return base | {key.text: (key, value) for key, value in node.entries if key.text != LIKE}

    def _of_name(self, name: Text, seen: tuple[str, ...]) -> Entries:
        if name.text in seen:
            alike = f"{seen[0]} is like itself" if len(seen) == 1 else f"{listed(seen)} are like each other"
            self._report.refuse(name.at, alike, "write the facts out")
        if name.text not in self._named:
            known = f"named are {listed(list(self._named))}" if self._named else "write the facts, {from: …, to: …}"
            self._report.refuse(name.at, f"{self.what}: has no {name.text}", did_you_mean(name.text, self._named, known))
        self._used.add(name.text)
        return self._entries(self._named[name.text][1], (*seen, name.text))
