"""``test``: whether a policy decides its cases as their author expects."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from policy.calculator.decision import Decision
from policy.language.problems import CatalogError
from policy.tools.command import CATALOG, Command, complain, say, shown
from policy.tools.coverage.report import coverage_of
from policy.tools.explain import told
from policy.tools.junit import write_junit
from policy.tools.suite import Outcome, Suite, load_suite, suites_below

_DESCRIPTION: Final = """\
Decides the cases that stand beside each policy, in cases.yaml, and compares every decision exactly. A case that differs is
shown field by field:

  policy/catalog/cn-standard/cases.yaml:24:5: worked_example_1 differs
    grants.data: expected 1900 MiB, given 1920 MiB
    why: … 200 x 4.75 x 2.0 = 1900.

and the exit code is 1. PATH is a catalog, the directory of one policy, or its cases.yaml; the catalog of the project if
it is left out. policy/docs/cases.md says how a case is written.

With --coverage every rule that no case exercises is listed, and every side of a boundary on which no case stands, with its
line and clause; with --threshold the exit code is also 1 where a policy is below that percentage."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="what to test")
    parser.add_argument("--case", action="append", default=[], metavar="ID", help="only this case; may be given again")
    parser.add_argument("--explain", action="store_true", help="show every step of the cases that differ, or that --case names")
    parser.add_argument("--language", default="en", metavar="TAG", help="language of the clauses, as in zh-CN (en)")
    parser.add_argument("--coverage", action="store_true", help="list the rules and boundaries that no case exercises")
    parser.add_argument("--threshold", type=_percentage, metavar="N", help="fail below N per cent of coverage")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the results as JUnit XML too")


def _percentage(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 100):
        raise argparse.ArgumentTypeError(f"{text} is no percentage; write a whole number from 0 to 100")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    suites, problems = load([shown(path) for path in options.paths or [CATALOG]])
    outcomes = {suite: list(suite.run(options.case)) for suite in suites}
    every = [outcome for own in outcomes.values() for outcome in own]
    for outcome in every:
        _tell(outcome, options)
    unknown = set(options.case) - {outcome.case.id for outcome in every}
    problems += [f"there is no case {case_id}" for case_id in sorted(unknown)]
    if options.coverage or options.threshold is not None:
        problems += _below(outcomes, options)
    for problem in problems:
        complain(problem)
    failed = sum(bool(outcome.differences) for outcome in every)
    say(f"policies: {len(suites)}; cases: {len(every) - failed} pass, {failed} differ")
    if options.junit is not None:
        write_junit(options.junit, every, problems)
    return 1 if failed or problems else 0


def _below(outcomes: Mapping[Suite, list[Outcome]], options: argparse.Namespace) -> list[str]:
    """Tells the coverage of every policy; the policies that are below the threshold."""
    below = []
    for suite, own in outcomes.items():
        coverage = coverage_of(suite, own)
        say(str(coverage))
        for missed in coverage.missed if options.coverage else ():
            say(f"  {missed}")
        if options.threshold is not None and coverage.percent < options.threshold:
            more = "" if options.coverage else "; --coverage lists what is missing"
            below.append(f"{suite.directory}: {coverage.percent} % is below the threshold of {options.threshold} %{more}")
    return below


def load(paths: list[Path]) -> tuple[list[Suite], list[str]]:
    """Every suite that can be read, and what is wrong with the others, one problem a line."""
    suites: list[Suite] = []
    problems: list[str] = []
    for path in paths:
        try:
            directories = suites_below(path)
        except CatalogError as error:
            problems += map(str, error.problems)
            continue
        for directory in directories:
            try:
                suites.append(load_suite(directory))
            except CatalogError as error:
                problems += map(str, error.problems)
    return suites, problems


def _tell(outcome: Outcome, options: argparse.Namespace) -> None:
    for line in _differing(outcome) if outcome.differences else ():
        complain(line)
    if options.explain and (outcome.differences or options.case):
        for line in _explained(outcome, options.language):
            say(line)


def _differing(outcome: Outcome) -> Iterator[str]:
    case = outcome.case
    yield f"{case.path}:{case.at.line}:{case.at.column}: {case.id} differs"
    for difference in outcome.differences:
        yield f"  {difference}"
    yield f"  why: {case.why}"
    yield f"  next: python -m policy test {case.path} --case {case.id} --explain shows every step with its clause;"
    yield "        where the steps are right, mend expect: and why:, else the policy at the first step that is not"


def _explained(outcome: Outcome, language: str) -> Iterator[str]:
    if isinstance(outcome.result, Decision):
        yield from told(outcome.result, language)
    else:
        yield f"{outcome.case.id} is refused: {outcome.result}"


COMMAND: Final = Command("test", "decide the cases beside each policy and compare", _DESCRIPTION, _add_arguments, _run)
