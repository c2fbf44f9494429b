"""The digest of a version: what a decision was made under, in 64 characters.

It covers what the file says, in the file's order, and nothing of how it is laid out: comments, quotes and indentation are
gone, every scalar is its text. Of ``versions`` only the version's own row is covered, so that adding a version leaves the
others what they are. And the row's ``to`` is left out: an open version is closed when its successor is written, and the
decisions that were made under it stay decisions under the same version.
"""

import json
from hashlib import sha256
from typing import Any

from policy.language.yaml_tree import List, Map, Node, Text


def digest(root: Map, row: Map) -> str:
    """SHA-256, in hexadecimal, of the canonical form of one version: ``root`` with ``versions`` reduced to ``row``."""
    canonical = {key.text: [_row(row)] if key.text == "versions" else _plain(node) for key, node in root.entries}
    text = json.dumps(canonical, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode("utf-8")).hexdigest()


def _row(row: Map) -> Any:
    return {key.text: _plain(node) for key, node in row.entries if key.text != "to"}


def _plain(node: Node) -> Any:
    match node:
        case Text(text=text):
            return text
        case List(items=items):
            return [_plain(item) for item in items]
        case Map(entries=entries):
            return {key.text: _plain(value) for key, value in entries}
