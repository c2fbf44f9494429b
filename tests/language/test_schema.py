"""The JSON Schema that editors use: generated, current, no stricter than the reader, and strict enough to help."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import fastjsonschema
import pytest
import yaml

from policy.language.schema import schema_text
from policy.tools.schema import SCHEMA_PATH
from tests.language.small import SMALL
from tests.support.library import CATALOG

EVERY_WORD: Final = Path(__file__).parent / "every-word" / "2026.yaml"
POLICY_FILES: Final = sorted(path for path in CATALOG.glob("*/*.yaml") if path.name != "cases.yaml")


class EditorLoader(yaml.SafeLoader):
    """Reads as an editor does, by the core schema of YAML 1.2: dates and times of day are texts, yes is no boolean."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("int", "float", "null")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def document(text: str) -> Any:
    return with_texts_for_keys(yaml.load(text, Loader=EditorLoader))


def with_texts_for_keys(node: Any) -> Any:
    match node:
        case dict():
            return {str(key): with_texts_for_keys(value) for key, value in node.items()}
        case list():
            return [with_texts_for_keys(each) for each in node]
        case _:
            return node


@pytest.fixture(scope="module")
def accept() -> Callable[[Any], Any]:
    """Raises JsonSchemaException where the schema refuses."""
    compiled: Callable[[Any], Any] = fastjsonschema.compile(json.loads(schema_text()))
    return compiled


def test_the_schema_beside_the_catalog_is_current() -> None:
    """If not: python -m policy schema."""
    assert SCHEMA_PATH.read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("path", [*POLICY_FILES, EVERY_WORD], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_accepts_what_the_reader_accepts(path: Path, accept: Callable[[Any], Any]) -> None:
    accept(document(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title:", "titel:"),
        ("zone: Europe/Amsterdam\n", ""),
        ("from: 2026-01-01", "from: 1 January 2026"),
        ("to: open", "to: never"),
        ("    clause: {2:", "    claus: {2:"),
        ("kind: CREDIT", "kind: CREDITS"),
        ("{started: 24 h}", "{begun: 24 h}"),
        ("{started: 24 h}", "{started: 24 h, full: 24 h}"),
        ("{half up: 0.01 EUR}", "half up"),
        ("granted: automatically", "granted: automaticaly"),
        ("{interruption: more than 12 h}", "{interruption: over 12 h}"),
        ("  credit:\n", "  Credit:\n"),
        ("currency: EUR", "currency: Euro"),
    ],
)
def test_it_refuses_a_slip_that_a_table_of_words_can_see(old: str, new: str, accept: Callable[[Any], Any]) -> None:
    assert SMALL.count(old) == 1
    accept(document(SMALL))
    with pytest.raises(fastjsonschema.JsonSchemaException):
        accept(document(SMALL.replace(old, new)))


def test_every_word_says_what_it_means() -> None:
    """An editor shows the description while a word is typed."""

    def check(node: Any, path: str) -> None:
        if isinstance(node, dict):
            for name, word in node.get("properties", {}).items():
                assert word.get("description"), f"{path}.{name}"
            for key, each in node.items():
                check(each, f"{path}.{key}")
        if isinstance(node, list):
            for each in node:
                check(each, path)

    check(json.loads(schema_text()), "")
