"""Clauses: where a rule comes from, in the words of its source.

A clause stands beside the rule as ``{3.1.1: "text"}`` or ``{3.1.1: {zh-CN: "…", en: "…"}}``; or its texts stand once under
the file's ``clauses:``, and the rule cites the id alone.
"""

import re
from types import MappingProxyType
from typing import Final

from policy.calculator import rules
from policy.language.problems import Refused, Report, did_you_mean
from policy.language.scope import Scope
from policy.language.shapes import LANGUAGE_PATTERN, any_of, map_of, text
from policy.language.words import Shape, text_of
from policy.language.yaml_tree import Map, Node, Text

ID_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._()/§-]*"
_ID = re.compile(ID_PATTERN)
_LANGUAGE = re.compile(LANGUAGE_PATTERN)

TEXTS_SHAPE: Final[Shape] = any_of(text(), map_of(LANGUAGE_PATTERN, text(), at_least=1))
CLAUSE_SHAPE: Final[Shape] = any_of(
    text(ID_PATTERN),
    MappingProxyType({"type": "number"}),  # 15.1, as an editor takes it
    MappingProxyType(dict(map_of(ID_PATTERN, TEXTS_SHAPE, at_least=1)) | {"maxProperties": 1}),
)


def read_clause(scope: Scope, node: Node) -> rules.Clause:
    """The clause of a rule: exactly one id, with its text or cited from ``clauses:``."""
    report = scope.report
    if isinstance(node, Text):
        known = scope.clauses.get(node.text)
        if known is None:
            hint = did_you_mean(node.text, scope.clauses, 'write {id: "text"}, or give the text under clauses:')
            report.refuse(node.at, f"clause {node.text!r} has no text", hint)
        return known.use()
    if not isinstance(node, Map) or len(node.entries) != 1:
        report.refuse(
            node.at, "a clause is one id and its text", 'write {id: "text"}; a text that holds , or : has to be quoted'
        )
    key, texts = node.entries[0]
    if key.text in scope.clauses:
        report.refuse(key.at, f"the text of clause {key.text} stands under clauses:", f"write clause: {key.text}")
    return read_clause_texts(scope, key, texts)


def read_clause_texts(scope: Scope, key: Text, node: Node) -> rules.Clause:
    """A clause by its id and its text or texts."""
    report = scope.report
    if not _ID.fullmatch(key.text):
        report.refuse(
            key.at, f"{key.text!r} is no id of a clause", "letters, digits, . - _ / § and parentheses, without spaces"
        )
    if isinstance(node, Text):
        if scope.language is None:
            raise Refused
        if not scope.language:
            report.refuse(node.at, "a text without its language", "add language: and its tag at the top, or write {en: ...}")
        return rules.Clause(key.text, MappingProxyType({scope.language: _said(node, report)}))
    if not isinstance(node, Map) or not node.entries:
        report.refuse(node.at, f"clause {key.text} has no text", '{en: "..."}, or the text alone')
    texts: dict[str, str] = {}
    for language, said in node.entries:
        check_language(language, report)
        texts[language.text] = _said(text_of(said, report, f"the text of clause {key.text}"), report)
    return rules.Clause(key.text, MappingProxyType(dict(sorted(texts.items()))))


def check_language(tag: Text, report: Report) -> None:
    """Refuses what is no BCP 47 tag."""
    if not _LANGUAGE.fullmatch(tag.text):
        report.refuse(tag.at, f"{tag.text!r} is no language tag", "BCP 47, as in en, zh-CN, pt-BR, zh-Hans-CN")


def _said(node: Text, report: Report) -> str:
    said = " ".join(node.text.split())
    if not said:
        report.refuse(node.at, "the text of a clause is empty")
    return said
