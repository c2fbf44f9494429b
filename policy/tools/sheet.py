"""``sheet``: every boundary of a policy with what is decided one unit below it, at it and above it, for a person to sign."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from policy.calculator import rules
from policy.calculator.decision import Decision
from policy.calculator.explain import clause_texts
from policy.calculator.request import Request
from policy.language.catalog import CASES_FILE, load_file, load_policy
from policy.language.load import compile_versions, engine
from policy.language.problems import CatalogError
from policy.tools.boundary_cases.finder import BoundaryCase, Finder
from policy.tools.cases.case_file import read_cases
from policy.tools.cases.formatting import granted_text
from policy.tools.command import CATALOG, Command, complain, say
from policy.tools.proving.formatting import facts_of_request, spans_text
from policy.tools.proving.verdicts import requests_of

_DESCRIPTION: Final = """\
Writes a sheet in Markdown on which a person can sign what a policy decides at its boundaries. For each bound of a fact, each
length of time, unit, rest, tier, cap, minimum and deadline there are three requests, one unit below, at, and one unit above,
with the decision of each beside the text of the clause. Their facts are those of the policy's cases where one of them can be
brought to the boundary, else made up.

PATH is the directory of a policy, one file of it, or the id of a policy of the project's catalog:

  python -m policy sheet nl-7.1a > nl-7.1a-boundaries.md"""

SIDES: Final[Mapping[int, tuple[str, ...]]] = {2: ("at", "above"), 3: ("below", "at", "above")}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="the policy")
    parser.add_argument("--version", metavar="VERSION", help="which version; the last one, if left out")
    parser.add_argument("--language", default="en", metavar="TAG", help="language of the clauses, as in zh-CN (en)")


def _run(options: argparse.Namespace) -> int:
    path = options.path if options.path.exists() else CATALOG / options.path
    directory = path.parent if path.is_file() else path
    try:
        versions = load_file(path) if path.is_file() else load_policy(path if path.is_dir() else options.path)
        cases = directory / CASES_FILE
        requests = requests_of(read_cases(cases, versions)) if cases.is_file() else {}
    except CatalogError as error:
        complain(str(error))
        return 1
    version = next((each for each in versions if each.version == (options.version or versions[-1].version)), None)
    if version is None:
        complain(f"there is no version {options.version}; there are {', '.join(each.version for each in versions)}")
        return 1
    for line in sheet(version, requests, options.language):
        say(line)
    return 0


def sheet(version: rules.Version, requests: Mapping[str, Request], language: str) -> Iterator[str]:
    """The lines of the sheet of one version. ``requests``: those of its policy's cases, by id."""
    policies = compile_versions([version], version.policy_id)
    finder = Finder(version, policies, requests)
    cases = list(finder.boundary_cases())
    texts = clause_texts(version)
    yield from _head(version, len(cases))
    for number, case in enumerate(cases, 1):
        yield from ("", f"## {number}. {'.'.join(case.boundary.path)}", "")
        clause = case.boundary.below.clause
        if clause:
            known = texts.get(clause, {})
            yield from (f"> **{clause}** {known.get(language) or next(iter(known.values()), '')}", "")
        yield from _case(version, case, finder.facts)
    yield from ("", "## Signed", "", "Name: ____________________  Date: ____________  Signature: ____________________")


def _head(version: rules.Version, count: int) -> Iterator[str]:
    number = "1 boundary" if count == 1 else f"{count} boundaries"
    until = version.in_force_until or "open"
    yield f"# Boundaries of {version.policy_id}, version {version.version}"
    yield ""
    yield f"{version.title}. In force {version.in_force_from} to {until}; digest `{version.sha256}`; engine `{engine()}`."
    yield ""
    yield f"{number}. Tick what is as the clause means it; write beside it what is not, and sign at the end."


def _case(version: rules.Version, case: BoundaryCase, facts: Mapping[str, rules.Fact]) -> Iterator[str]:
    below, above = (item.case.removeprefix("one ") for item in (case.boundary.below, case.boundary.above))
    yield f"A request {below}, and one {above}."
    yield ""
    if case.rows is None:
        yield "No request was found that comes to stand at both sides: it may be out of reach. Right? ☐"
        return
    given = [_facts(row.request, version, facts) for row in case.rows]
    common = [said for said in given[0] if all(said in each for each in given)]
    yield f"Facts ({case.source}): {', '.join(common) or 'none'}"
    yield ""
    yield "| | given | decided | right? |"
    yield "|---|---|---|---|"
    for side, row, decision in zip(SIDES[len(case.rows)], case.rows, case.decisions, strict=True):
        yield f"| {side} | {row.said} | {decision_text(decision)} | ☐ |"
    if not case.differs:
        yield from ("", "With these facts the boundary changes nothing.")


def _facts(request: Request, version: rules.Version, facts: Mapping[str, rules.Fact]) -> list[str]:
    return [*facts_of_request(request, version, facts), f"outages {spans_text(request, version)}"]


def decision_text(decision: Decision) -> str:
    """The outcome, what is granted, and why: all in which two decisions about a boundary can differ."""
    grants = [f"{each.benefit} {granted_text(each.quantity, each.kind, each.currency_code)}" for each in decision.owed]
    reasons = [" ".join(filter(None, (each.code, each.benefit))) for each in decision.reasons]
    return "; ".join([decision.outcome, *grants, *reasons])


COMMAND: Final = Command("sheet", "every boundary with its decisions, for a person to sign", _DESCRIPTION, _add_arguments, _run)
