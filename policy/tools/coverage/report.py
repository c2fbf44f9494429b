"""What the cases of a policy exercise of it, in per cent, and what they do not, with its place in the file and its clause."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from policy.calculator import rules
from policy.calculator.decision import Decision
from policy.language.problems import Report
from policy.language.yaml_tree import Map, Node, read_tree
from policy.tools.coverage.items import Item, Seen
from policy.tools.coverage.version import see_decision, version_items
from policy.tools.suite import Outcome, Suite


@dataclass(frozen=True, slots=True)
class Missed:
    """An item that no case exercises: ``path:line`` of the rule in its file."""

    place: str
    item: Item

    def __str__(self) -> str:
        """One line, as compilers write them."""
        clause = f", clause {self.item.clause}" if self.item.clause else ""
        return f"{self.place}: {'.'.join(self.item.path)}{clause}: no case is {self.item.case}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one policy: how many items there are, and those that were missed, in the order of its files."""

    policy_id: str
    rules: int
    boundary_sides: int
    missed: tuple[Missed, ...]

    @property
    def percent(self) -> int:
        """What is exercised, rounded down: only all is 100."""
        every = self.rules + self.boundary_sides
        return 100 * (every - len(self.missed)) // every

    def __str__(self) -> str:
        """One line."""
        sides = sum(each.item.kind == "boundary" for each in self.missed)
        rules_met = self.rules - len(self.missed) + sides
        return (
            f"{self.policy_id}: {rules_met} of {self.rules} rules and "
            f"{self.boundary_sides - sides} of {self.boundary_sides} sides of boundaries, {self.percent} %"
        )


def coverage_of(suite: Suite, outcomes: Iterable[Outcome]) -> Coverage:
    """What ``outcomes`` exercise of the suite's policy. The versions of one file have its rules in common."""
    local = {version.version: suite.policies.named(suite.policy_id, version.version).local for version in suite.versions}
    seen = {name: Seen(each) for name, each in local.items()}
    for outcome in outcomes:
        if isinstance(outcome.result, Decision):
            name = outcome.result.policy.version
            program = suite.policies.named(suite.policy_id, name)
            see_decision(seen[name], program.work(outcome.case.request), outcome.result)
    kinds = []
    missed: list[Missed] = []
    for text, versions in _by_file(suite.versions).items():
        items, exercised = _merged(versions, seen)
        kinds += [item.kind for item in items.values()]
        lines = _Lines(suite.directory, text)
        missed += [Missed(lines.place(item), item) for key, item in items.items() if key not in exercised]
    return Coverage(suite.policy_id, kinds.count("rule"), kinds.count("boundary"), tuple(missed))


Key = tuple[tuple[str, ...], str, str]
"""An item, whichever version of a file it comes from: path, part of the rule, and what a case has to be."""


def _by_file(versions: Iterable[rules.Version]) -> dict[str, list[rules.Version]]:
    by_text: dict[str, list[rules.Version]] = {}
    for version in versions:
        by_text.setdefault(version.text, []).append(version)
    return by_text


def _merged(versions: Iterable[rules.Version], seen: dict[str, Seen]) -> tuple[dict[Key, Item], set[Key]]:
    """The items of the versions of one file, each once, and those of them that some version exercised."""
    items: dict[Key, Item] = {}
    exercised: set[Key] = set()
    for version in versions:
        for item in version_items(version):
            key = (item.path, item.mark[1], item.case)
            items.setdefault(key, item)
            if item.mark in seen[version.version].marks:
                exercised.add(key)
    return items, exercised


class _Lines:
    """Finds the lines of rules in one file."""

    def __init__(self, directory: Path, text: str) -> None:
        self._path = next((path for path in sorted(directory.glob("*.yaml")) if _holds(path, text)), directory)
        self._root = read_tree(text.encode(), Report(str(self._path)))  # never Refused: it was read before

    def place(self, item: Item) -> str:
        """``path:line``: of the innermost key of the item's path that the file has."""
        line = 1
        node: Node | None = self._root
        for key in item.path:
            if not isinstance(node, Map):
                break
            entry = next(((known, value) for known, value in node.entries if known.text == key), None)
            if entry is None:
                continue  # a key that the path adds for the reader
            line, node = entry[0].at.line, entry[1]
        return f"{self._path}:{line}"


def _holds(path: Path, text: str) -> bool:
    return path.read_bytes().decode("utf-8-sig") == text
