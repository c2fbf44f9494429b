"""What ``check`` says of properties: a line for each, and a problem where a file does not say what it breaks."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from policy.calculator import rules
from policy.calculator.request import Request
from policy.language.catalog import CASES_FILE
from policy.language.problems import CatalogError, Problem, Report
from policy.language.proofs.names import BREAKABLE
from policy.language.yaml_tree import Map, read_tree
from policy.tools.cases.case_file import read_cases
from policy.tools.proving.formatting import counterexample_lines, counterexample_text
from policy.tools.proving.places import place_of
from policy.tools.proving.verdicts import State, Verdict, requests_of, verdicts_of


def proved(versions: Sequence[rules.Version], files: Mapping[str, Path], *, search: bool) -> tuple[list[str], list[Problem]]:
    """The lines of the report, and the problems. ``files``: the file of each text of a version."""
    lines: list[str] = []
    problems: list[Problem] = []
    for policy_id in dict.fromkeys(version.policy_id for version in versions):
        own = [version for version in versions if version.policy_id == policy_id]
        verdicts = list(verdicts_of(own, _requests(own, files) if search else {}, search=search))
        lines += ["", policy_id, *(f"  {line}" for line in _lines(verdicts))]
        if search:
            problems += _problems(verdicts, files)
    return lines, problems


def _requests(versions: Sequence[rules.Version], files: Mapping[str, Path]) -> dict[str, Request]:
    """The requests of the cases beside a policy; cases that cannot be read are a matter for ``test``."""
    for path in dict.fromkeys(files[version.text].parent / CASES_FILE for version in versions):
        try:
            cases = read_cases(path, versions) if path.is_file() else ()
        except CatalogError:
            continue
        return requests_of(cases)
    return {}


def _lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """A line for each property; where versions differ, a line for each verdict with its versions."""
    for name in dict.fromkeys(verdict.of.name for verdict in verdicts):
        alike: dict[str, list[Verdict]] = {}
        for verdict in verdicts:
            if verdict.of.name == name:
                alike.setdefault(verdict.said, []).append(verdict)
        for said, group in alike.items():
            names = f" [{', '.join(verdict.version.version for verdict in group)}]" if len(alike) > 1 else ""
            yield f"{said}{names}"
            if group[0].counterexample is not None:
                yield from (f"       {line}" for line in counterexample_lines(group[0].counterexample))


def _problems(verdicts: Sequence[Verdict], files: Mapping[str, Path]) -> Iterator[Problem]:
    by_file: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_file.setdefault(verdict.version.text, []).append(verdict)
    for text, own in by_file.items():
        path = str(files[text])
        root = read_tree(text.encode(), Report(path))
        for name in dict.fromkeys(verdict.of.name for verdict in own):
            yield from _problems_of([verdict for verdict in own if verdict.of.name == name], path, root)


def _problems_of(verdicts: Sequence[Verdict], path: str, root: Map) -> Iterator[Problem]:
    """What is wrong with one property of one file, over all its versions: of each component said once."""
    name = verdicts[0].of.name
    told: set[tuple[str, str]] = set()
    for verdict in verdicts:
        if verdict.state is State.BROKEN and verdict.declared is None and (verdict.benefit, verdict.component) not in told:
            told.add((verdict.benefit, verdict.component))
            yield _undeclared(verdict, path, root)
    confirmed = {each.declared for each in verdicts if each.state is State.BROKEN}
    declared = dict.fromkeys(each for verdict in verdicts for each in verdict.version.breaks if each.property == name)
    for each in declared:
        if each not in confirmed:
            yield _unconfirmed(each, verdicts, path, root)


def _unconfirmed(declared: rules.Break, verdicts: Sequence[Verdict], path: str, root: Map) -> Problem:
    """A break that is declared and does not break anything that was tried."""
    name, whose = declared.property, [declared.benefit, *([declared.component] if declared.component else [])]
    at = place_of(root, ("breaks", name, *whose))
    searched = [each for each in verdicts if declared == each.declared]
    of = " of ".join(reversed(whose))
    if not searched:
        because = next((each.of.because for each in verdicts if each.of.because), "no word of it is in doubt")
        return Problem(path, *at, f"breaks: {name} is kept by {of}: {because}", "remove it")
    tried = sum(verdict.tried for verdict in searched)
    message = f"breaks: {name} may be kept by {of}: none of {tried} pairs of requests breaks it"
    return Problem(path, *at, message, "remove it, or add a case to cases.yaml from whose facts one can be found")


def _undeclared(verdict: Verdict, path: str, root: Map) -> Problem:
    name, found, doubts = verdict.of.name, verdict.counterexample, verdict.of.doubts
    if found is None:  # no declaration can excuse it
        doubt = doubts[0]
        return Problem(path, *place_of(root, doubt.path), f"{name} does not hold: {doubt.word} {doubt.why}")
    benefit = found.benefit
    doubt = doubts[0]
    assert name in BREAKABLE  # INVARIANT: a counterexample is looked for of these alone
    message = f"{doubt.word}: {doubt.why}, so {name} does not hold: {counterexample_text(found)}"
    hint = f'write it otherwise; if the scheme is so, say why under breaks: {{{name}: {{{benefit.name}: "..."}}}}'
    return Problem(path, *place_of(root, doubt.path), message, hint)
