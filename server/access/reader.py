"""An authorisation file read: its words, and what holds between them."""

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from policy.language.problems import Refused, Report
from policy.language.words import Form, read_form
from policy.language.yaml_tree import Map, Node, read_tree
from server.access.files import Files, UnusableFiles
from server.access.rules import OPENABLE, Access, Identity, Issuer
from server.access.words import ACCESS, ACCESS_FILE, IDENTITY, ISSUER, NAME_PATTERN, Context

FLAG: Final = "--access-file"


def read_access(path: Path, files: Files, methods: Iterable[str]) -> Access:
    """The file at ``path``, and the key files that it names. Raises UnusableFiles with everything that is wrong, and where."""
    return access_of(files.bytes_of(path, FLAG), path, files, methods)


def access_of(content: bytes, path: Path, files: Files, methods: Iterable[str]) -> Access:
    """The same of ``content``, which stands at ``path``."""
    report = Report(str(path))
    context = Context(report, path.parent, files, (*methods, *OPENABLE))
    access: Access | None = None
    with suppress(Refused):  # which the report tells of
        access = _read(context, read_tree(content, report, ACCESS_FILE))
    if report.problems or access is None:
        raise UnusableFiles([str(problem) for problem in sorted(report.problems)])
    return access


def _read(context: Context, tree: Map) -> Access:
    report = context.report
    refused = False
    try:
        top = read_form(ACCESS, context, tree, report).values
    except Refused:  # what stands in it is looked at all the same
        top = {word: node for word in ("issuers", "identities") if (node := tree.get(word)) is not None}
        refused = True
    issuers: dict[str, Issuer] = {}
    named = _named(top.get("issuers"), "issuers:", report)
    known = Context(report, context.directory, context.files, context.methods, frozenset(name for name, _ in named))
    for name, node in named:
        found = _form(ISSUER, known, node)
        if found is not None:
            issuer = Issuer(name, found["issuer"], found["audience"], found["algorithms"], found["skew"], found["keys"])
            _check_issuer(issuer, issuers, node, report)
            issuers[issuer.issuer] = issuer
    identities: list[Identity] = []
    by_certificate: dict[str, Identity] = {}
    by_subject: dict[tuple[str, str], Identity] = {}
    for name, node in _named(top.get("identities"), "identities:", report):
        found = _form(IDENTITY, known, node)
        if found is None:
            continue
        identity = _identity(name, found, node, known)
        identities.append(identity)
        for each in identity.certificates:
            _claim(by_certificate, each, identity, node, report)
        for subject in identity.subjects:
            _claim(by_subject, subject, identity, node, report)
    if refused:
        raise Refused
    return Access(
        tuple(identities),
        MappingProxyType(issuers),
        top.get("open", frozenset()),
        MappingProxyType(by_certificate),
        MappingProxyType(by_subject),
    )


def _named(node: Node | None, what: str, report: Report) -> list[tuple[str, Node]]:
    """The entries of a map under names of the author's own."""
    if node is None:
        return []
    if not isinstance(node, Map):
        report.add(node.at, f"{what} is a map", "of names, each with its words")
        return []
    if not node.entries:
        report.add(node.at, f"{what} is empty", "leave the word out, or name one")
    found = []
    for key, value in node.entries:
        if re.fullmatch(NAME_PATTERN, key.text):
            found.append((key.text, value))
        else:
            report.add(key.at, f"{key.text[:80]!r} is no name", "lower case letters, digits, - and _, beginning with a letter")
    return found


def _form(form: Form[Context], context: Context, node: Node) -> dict[str, Any] | None:
    try:
        return read_form(form, context, node, context.report).values
    except Refused:
        return None


def _check_issuer(issuer: Issuer, others: dict[str, Issuer], node: Node, report: Report) -> None:
    if issuer.issuer in others:
        text = f"issuer: {issuer.issuer} is said by {others[issuer.issuer].name} too"
        report.add(node.at, text, "one entry for each issuer; its key set can hold several keys")
    able = {algorithm for key in issuer.keys for algorithm in key.algorithms}
    if issuer.keys and not able & issuer.algorithms:
        report.add(node.at, "no key of keys: signs with one of algorithms:", f"they sign with {', '.join(sorted(able))}")
    if len(issuer.keys) > 1 and any(not key.key_id for key in issuer.keys):
        report.add(node.at, "a key of keys: has no id", "give each its own (kid), so that tokens can name it")


def _identity(name: str, found: dict[str, Any], node: Node, context: Context) -> Identity:
    report = context.report
    certificates, subjects = found.get("certificates", ()), found.get("tokens", ())
    if not certificates and not subjects:
        report.add(node.at, f"{name} is known by nothing", "give certificates: or tokens:")
    if not found["methods"] <= {*OPENABLE} and "policies" not in found:  # those of the contract answer by policies
        report.add(node.at, f"{name} may use no policy", "give policies:, or only methods that need none")
    rates = found.get("rate", {})
    return Identity(
        name,
        certificates,
        subjects,
        found["methods"],
        found.get("policies", frozenset()),
        rates.get("calls"),
        rates.get("rows"),
    )


def _claim(taken: dict[Any, Identity], by: Any, identity: Identity, node: Node, report: Report) -> None:
    other = taken.setdefault(by, identity)
    if other is not identity:
        what = by if isinstance(by, str) else f"{by[1]} of {by[0]}"
        report.add(
            node.at, f"{identity.name} is known by {what}, and so is {other.name}", "let each be known by something of its own"
        )
