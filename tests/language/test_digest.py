"""The digest of a version: it changes with everything that a file says, and with nothing of how it is laid out."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from policy.calculator import rules
from policy.language import digest as digests
from policy.language.digest import digest
from policy.language.policy_file import read_policy
from policy.language.problems import At, Report
from policy.language.versions import VERSION
from policy.language.yaml_tree import List, Map, Node, Text, read_tree
from tests.language.small import SMALL, small
from tests.support.library import CATALOG

EVERY_WORD: Final = Path(__file__).parent / "every-word" / "2026.yaml"
STANDARD: Final = CATALOG / "cn-standard" / "2026-01.yaml"


def versions_of(policy_id: str, text: str) -> list[rules.Version]:
    """The versions of a file, without its text."""
    report = Report("file.yaml")
    held = read_policy(policy_id, text.encode(), report)
    assert report.problems == ()
    return [replace(each.version, text="") for each in held if each.version is not None]


def sha256_of(text: str) -> str:
    """The digest of a small policy of one version."""
    (version,) = versions_of("small", text)
    return version.sha256


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("zone: Europe", "# a comment\nzone: Europe"),
        ("zone: Europe/Amsterdam", 'zone: "Europe/Amsterdam"   # quoted'),
        ("    kind: CREDIT\n    count: {started: 24 h}\n", "    count:\n      started: 24 h\n\n    kind: CREDIT\n"),
        ("zone: Europe/Amsterdam\ncurrency: EUR\n", "currency: EUR\nzone: Europe/Amsterdam\n"),
        ('{version: "2026", from: 2026-01-01, to: open}', "{to: open, version: 2026, from: 2026-01-01}"),
        ("to: open", "to: 2027-01-01"),
    ],
    ids=["comment", "quotes", "layout and order of words", "order of sections", "order within a version", "end of a version"],
)
def test_layout_and_the_order_of_words_do_not_change_it(old: str, new: str) -> None:
    assert SMALL.count(old) == 1
    assert sha256_of(SMALL.replace(old, new)) == sha256_of(SMALL)


def test_another_version_beside_it_does_not_change_it() -> None:
    row = '{version: "2026", from: 2026-01-01, to: 2027-01-01}'
    later = '{version: "2027", from: 2027-01-01, to: open}'
    first, second = versions_of("small", small(f"{row}\n  - {later}"))
    assert first.sha256 == sha256_of(SMALL)
    assert second.sha256 != first.sha256


def test_the_order_of_benefits_changes_it() -> None:
    """Decisions list their grants in that order."""
    head, benefit = SMALL.split("benefits:\n")
    benefit, facts = benefit.split("facts:\n")
    other = benefit.replace("credit:", "again:")
    one = f"{head}benefits:\n{benefit}{other}facts:\n{facts}"
    two = f"{head}benefits:\n{other}{benefit}facts:\n{facts}"
    assert sha256_of(one) != sha256_of(two)


def tree_of(path: Path) -> Map:
    return read_tree(path.read_bytes(), Report(str(path)))


def rows_of(root: Map) -> tuple[Map, ...]:
    rows = root.get("versions")
    assert isinstance(rows, List)
    return tuple(row for row in rows.items if isinstance(row, Map))


def texts_of(node: Node) -> Iterator[Text]:
    """Every scalar, keys among them."""
    match node:
        case Text():
            yield node
        case List():
            for item in node.items:
                yield from texts_of(item)
        case Map():
            for key, value in node.entries:
                yield key
                yield from texts_of(value)


def spoilt(node: Node, place: At) -> Any:
    """The tree with the scalar at ``place`` changed."""
    match node:
        case Text():
            return replace(node, text=f"{node.text}!") if node.at == place else node
        case List():
            return replace(node, items=tuple(spoilt(item, place) for item in node.items))
        case Map():
            return replace(node, entries=tuple((spoilt(key, place), spoilt(value, place)) for key, value in node.entries))


@pytest.mark.parametrize("path", [STANDARD, EVERY_WORD], ids=lambda path: path.parent.name)
def test_it_changes_with_every_word_and_every_figure(path: Path) -> None:
    """All but the rows of other versions, and ``to`` of the version's own."""
    root = tree_of(path)
    own, *others = rows_of(root)
    uncovered = {text.at for row in others for text in texts_of(row)}
    uncovered |= {value.at for key, value in own.entries if key.text == "to"}
    sha256 = digest(root, own)
    for text in texts_of(root):
        if text.text == "versions":
            continue  # without it there is no row
        changed = spoilt(root, text.at)
        same = digest(changed, rows_of(changed)[0]) == sha256
        assert same is (text.at in uncovered), f"{text.text} in line {text.at.line}"


def shuffled(node: Node, word: str, draw: random.Random) -> str:
    """The file again, as flow YAML, with every map in another order whose order the digest does not see."""
    match node:
        case Text():
            return json.dumps(node.text, ensure_ascii=False)
        case List():
            return f"[{', '.join(shuffled(item, word, draw) for item in node.items)}]"
        case Map():
            kept = [entry for entry in node.entries if entry[0].text not in VERSION.words] if word == "versions" else []
            if word in digests._NAMED | digests._TESTED or node.get("by") is not None:
                kept = list(node.entries)
            loose = [entry for entry in node.entries if entry not in kept]
            draw.shuffle(loose)
            said = [f'"{key.text}": {shuffled(value, key.text, draw)}' for key, value in loose + kept]
            return f"{{{', '.join(said)}}}"


@pytest.mark.parametrize("path", [STANDARD, EVERY_WORD], ids=lambda path: path.parent.name)
def test_what_the_digest_does_not_see_changes_no_rule(path: Path) -> None:
    """Files of one digest are one policy: nothing in it has another order, so no decision differs by a byte."""
    draw = random.Random(7)
    versions = versions_of(path.parent.name, path.read_text(encoding="utf-8"))
    for _ in range(5):
        others = versions_of(path.parent.name, shuffled(tree_of(path), "", draw))
        assert [each.sha256 for each in others] == [each.sha256 for each in versions]
        assert repr(others) == repr(versions)
