"""A file of cases, read: every problem of it at once, each with its place and what to write instead."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from policy.calculator import codes, rules
from policy.calculator.request import Request
from policy.language.problems import FILE_START, At, CatalogError, Refused, Report
from policy.language.yaml_tree import Kind, List, Map, Node, read_tree
from policy.tools.cases.expectations import MALFORMED, read_expected, read_version
from policy.tools.cases.expected import Expected
from policy.tools.cases.facts import Context, claim_of, notice_of, outages_of, subscriber_of
from policy.tools.cases.known import Known
from policy.tools.cases.naming import Names
from policy.tools.cases.values import Reader
from policy.tools.cases.words import words_of

CASE_FILE: Final = Kind(
    "a file of cases",
    "begin with policy: and the name of its directory",
    "name it under people:, outages: or claims:, and write its name",
    1024 * 1024,
)

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_WORDS: Final = (
    *("id", "why", "source", "subscriber", "outages", "mode", "as_of", "claim", "notice", "already", "before", "version"),
    *("explain", "expect"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One case: a request, what is expected of it, how that was worked out, where it was published, and where it stands."""

    id: str
    why: str
    source: str
    request: Request
    expected: Expected
    path: Path
    at: At

    @property
    def explained(self) -> Request:
        """The request, asking for the whole explanation, unless how much is asked for is what is wrong with it."""
        return replace(self.request, explain=codes.FULL) if self.request.explain in codes.EXPLAINS else self.request


def read_cases(path: Path, versions: Sequence[rules.Version]) -> tuple[Case, ...]:
    """The cases of a file about the policy that has ``versions``. Raises CatalogError with everything that is wrong."""
    report = Report(str(path))
    cases: list[Case] = []
    try:
        cases = _CaseFile(path, Known.of(versions), report).cases()
    except OSError as error:
        report.add(FILE_START, f"the file cannot be read: {error.strerror}")
    except Refused:
        pass
    if report.problems:
        raise CatalogError(report.problems)
    return tuple(cases)


class _CaseFile:
    """One file under way."""

    def __init__(self, path: Path, known: Known, report: Report) -> None:
        self._path, self._known, self._report = path, known, report
        self._strict = Context(known, Reader(), report)
        root = read_tree(path.read_bytes(), report, CASE_FILE)
        words = ("policy", "as_of", "people", "outages", "claims", "cases")
        found = words_of(root, "a file of cases", words, report, required=("policy", "cases"))
        self._check_policy(found["policy"])
        self._as_of = found.get("as_of")
        self._people, self._outages, self._claims = (
            Names(word, found.get(word), report) for word in ("people", "outages", "claims")
        )
        self._cases = found["cases"]

    def cases(self) -> list[Case]:
        """Every case that can be read."""
        if not isinstance(self._cases, List):
            self._report.refuse(self._cases.at, "cases: is a list", "each case begins with - id:")
        cases: dict[str, Case] = {}
        for node in self._cases.items:
            try:
                case = self._case(node)
            except Refused:
                continue
            if case.id in cases:
                line = cases[case.id].at.line
                self._report.add(node.at, f"{case.id} is the id of the case in line {line} too", "give each case its own")
            cases[case.id] = case
        if not self._cases.items:
            self._report.add(self._cases.at, "there is no case", "policy/docs/cases.md shows how")
        if not self._report.problems:
            for names in (self._people, self._outages, self._claims):
                names.report_unused()
        return list(cases.values())

    def _check_policy(self, node: Node) -> None:
        policy_id = self._strict.value(node, "policy", lambda text: text.text)
        if policy_id != self._known.policy_id:
            self._report.add(
                node.at,
                f"the policy beside these cases is {self._known.policy_id}, not {policy_id}",
                f"write policy: {self._known.policy_id}",
            )

    def _case(self, node: Node) -> Case:
        found = words_of(node, "a case", _WORDS, self._report, required=("id", "why", "expect"))
        case_id = self._strict.value(found["id"], "id", lambda text: text.text)
        if not _ID.fullmatch(case_id):
            self._report.refuse(found["id"].at, f"{case_id!r} is no id of a case", "letters, digits, dots, dashes and _")
        malformed = isinstance(found["expect"], Map) and found["expect"].get(MALFORMED) is not None
        context = Context(self._known, Reader(lenient=malformed), self._report)
        if "subscriber" not in found and not malformed:
            self._report.add(node.at, f"{case_id} lacks subscriber:", "whose outage it is; {} where no fact of it matters")
        why, source = (self._text(found.get(word), word) for word in ("why", "source"))
        try:
            request = self._request(context, node, found)
        except Refused:
            read_expected(context, found["expect"])  # so that all that is wrong with the case is told at once
            raise
        return Case(case_id, why, source, request, read_expected(context, found["expect"]), self._path, node.at)

    def _text(self, node: Node | None, what: str) -> str:
        return "" if node is None else " ".join(self._strict.value(node, what, lambda text: text.text).split())

    def _request(self, context: Context, case: Node, found: dict[str, Node]) -> Request:
        """The request of a case; read whole, so that all that is wrong with it is told."""
        as_of = found.get("as_of", self._as_of)
        if as_of is None:
            self._report.refuse(
                case.at, "the case lacks as_of:", "the instant at which it is looked at; here, or once for the file"
            )
        modes = {"claim": codes.APPLICATION, "notice": codes.PROACTIVE_NOTICE}
        fields: dict[str, Any] = {
            "subscriber": None,
            "outages": (),
            "mode": next((mode for word, mode in modes.items() if word in found), codes.AUTOMATIC),
            "policy_id": self._known.policy_id,
        }
        readers: dict[str, Callable[[Node], Any]] = {
            "subscriber": lambda node: subscriber_of(context, self._people, node),
            "outages": lambda node: outages_of(context, self._outages, node),
            "claim": lambda node: claim_of(context, self._claims, node),
            "notice": lambda node: notice_of(context, node),
            "already": lambda node: context.quantities(node, "already"),
            "before": context.granted_before,
            "version": lambda node: read_version(context, node),
            "mode": lambda node: context.value(node, "mode", lambda text: context.read.code(text, codes.MODES)),
            "explain": lambda node: context.value(node, "explain", lambda text: context.read.code(text, codes.EXPLAINS)),
            "as_of": lambda node: context.value(node, "as_of", context.read.instant),
        }
        names = {"already": "already_granted", "before": "granted_before"}
        broken = False
        for word, read in readers.items():
            node = as_of if word == "as_of" else found.get(word)
            if node is None:
                continue
            try:
                fields[names.get(word, word)] = read(node)
            except Refused:
                broken = True
        if broken:
            raise Refused
        return Request(**fields)
