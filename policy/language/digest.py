"""The digest of a version: what a decision was made under, in 64 characters.

It covers what the file says and nothing of how it is laid out: comments, quotes and indentation are gone, every scalar is its
text, and the words of the language stand in one order. The order of the author's own names is kept, for decisions and
explanations follow it.

Of ``versions`` only the version's own row is covered, so that adding a version leaves the others what they are. And the row's
``to`` is left out: an open version is closed when its successor is written, and the decisions that were made under it stay
decisions under the same version.
"""

import json
from hashlib import sha256
from typing import Any, Final

from policy.language.versions import VERSION
from policy.language.yaml_tree import List, Map, Node, Text

_NAMED: Final = frozenset(
    {"clauses", "facts", "figures", "measures", "clocks", "benefits", "sum of", "larger of"}
    | {"value", "quantities", "sms", "push", "words", "causes", "grants"}
)
"""Words under which the author names things."""
_TESTED: Final = frozenset({"when", "where", "only", "any of", "from", "automatically when", "any outage", "every outage"})
"""Words under which conditions stand, each of which is looked at in turn."""


def digest(root: Map, row: Map) -> str:
    """SHA-256, in hexadecimal, of the canonical form of one version: ``root`` with ``versions`` reduced to ``row``."""
    entries = {key.text: _plain(node, key.text) for key, node in root.entries if key.text != "versions"}
    figures = {key.text: _plain(node, key.text) for key, node in row.entries if key.text not in VERSION.words}
    own_row = [_plain(node, word) for word in ("version", "from") if (node := row.get(word)) is not None]
    canonical = dict(sorted((entries | {"versions": [*own_row, figures]}).items()))
    text = json.dumps(canonical, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode("utf-8")).hexdigest()


def _plain(node: Node, word: str) -> Any:
    """The canonical form of what stands under a word."""
    match node:
        case Text(text=text):
            return text
        case List(items=items):
            return [_plain(item, word) for item in items]
        case Map(entries=entries):
            in_order = word in _NAMED or word in _TESTED or node.get("by") is not None
            kept = entries if in_order else sorted(entries, key=lambda entry: entry[0].text)
            return {key.text: _plain(value, key.text) for key, value in kept}
