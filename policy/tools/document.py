"""A JSON or YAML file as plain maps, lists and texts.

Every scalar is the text that was written, so that nothing turns into a float or a date on the way: what it means is for the
field that it stands under to say. Only true, false and null are told apart.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from policy.language.problems import Refused, Report
from policy.language.yaml_tree import Kind, List, Map, Node, read_tree

STANDARD_INPUT: Final = Path("-")


class Unreadable(Exception):
    """The file holds no document; the text says where and why."""


def read_document(path: Path, kind: Kind) -> dict[str, Any]:
    """The map that a file holds: JSON where its name ends so, or from standard input (``-``); else YAML. Raises Unreadable."""
    try:
        content = sys.stdin.buffer.read(kind.max_bytes + 1) if path == STANDARD_INPUT else path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: the file cannot be read: {error.strerror}") from error
    if path == STANDARD_INPUT or path.suffix == ".json":
        return _json(path, content, kind)
    report = Report(str(path))
    try:
        tree = read_tree(content, report, kind)
    except Refused:
        tree = None
    if tree is None or report.problems:
        raise Unreadable("\n".join(map(str, sorted(report.problems))))
    return {key.text: _plain(value) for key, value in tree.entries}


def _plain(node: Node) -> Any:
    match node:
        case Map(entries=entries):
            return {key.text: _plain(value) for key, value in entries}
        case List(items=items):
            return [_plain(item) for item in items]
        case _:
            return _TYPED.get(node.text, node.text) if node.plain else node.text


_TYPED: Final[dict[str, bool | None]] = {"true": True, "false": False, "yes": True, "no": False, "null": None, "": None}


def _json(path: Path, content: bytes, kind: Kind) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object; a repeated key would silently win over the first."""
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise Unreadable(f"{path}: {twice} stands twice in one object (remove one of them)")
        return found

    if len(content) > kind.max_bytes:
        raise Unreadable(f"{path}: the file has more than {kind.max_bytes} bytes")
    try:
        document = json.loads(
            content.decode("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=once
        )
    except json.JSONDecodeError as error:
        raise Unreadable(f"{path}:{error.lineno}:{error.colno}: this is not JSON: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: the file is not UTF-8 text (save it in UTF-8)") from error
    except RecursionError as error:
        raise Unreadable(f"{path}: the file is nested too deep") from error
    if not isinstance(document, dict):
        raise Unreadable(f"{path}: {kind.what} is an object ({kind.begins})")
    return document
