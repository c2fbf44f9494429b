"""Reading a catalog: a directory of policies, each a directory of dated files."""

from pathlib import Path
from typing import Final

from policy.calculator import rules
from policy.language.attributes import accept_each_others
from policy.language.head import POLICY_ID, POLICY_ID_PATTERN
from policy.language.policy_file import Held, read_policy
from policy.language.problems import FILE_START, CatalogError, Problem, Report
from policy.language.versions import check_coverage

CASES_FILE: Final = "cases.yaml"
"""What stands beside the versions of a policy and is none: its tests, which :mod:`policy.tools` reads."""


def load_versions(directory: Path) -> tuple[rules.Version, ...]:
    """Every version of every policy in ``directory``, by policy and date.

    Each directory in it is a policy, by its id; each YAML file of that but its cases holds one or more of its versions. Raises
    CatalogError with all problems of all files, if there is one.
    """
    if not directory.is_dir():
        raise CatalogError([_of_path(directory, "there is no such directory", "a catalog holds one directory for each policy")])
    problems: list[Problem] = []
    versions: list[rules.Version] = []
    for entry in sorted(directory.iterdir()):
        if entry.name.startswith((".", "_")):
            continue
        if entry.is_dir():
            found, wrong = _load_policy(entry)
            versions += found
            problems += wrong
        elif entry.suffix in (".yaml", ".yml"):
            problems.append(
                _of_path(entry, "a policy file stands in the catalog itself", f"move it to {directory / entry.stem}")
            )
    if not versions and not problems:
        problems.append(_of_path(directory, "the catalog holds no policy", "add a directory with a policy file"))
    if problems:
        raise CatalogError(problems)
    return tuple(versions)


def load_policy(directory: Path) -> tuple[rules.Version, ...]:
    """The versions of one policy, by date. Raises CatalogError with all problems of its files, if there is one."""
    versions, problems = _load_policy(directory)
    if problems:
        raise CatalogError(problems)
    return versions


def load_file(path: Path) -> tuple[rules.Version, ...]:
    """The versions of one file, by date; its directory names the policy. Raises CatalogError if the file has problems."""
    if path.name == CASES_FILE:
        raise CatalogError([_of_path(path, "these are the cases of a policy", f"python -m policy test {path}")])
    report = Report(str(path))
    held = [(report, each) for each in _read(path.resolve().parent.name, path, report)]
    check_coverage([(report, each.row) for _, each in held])
    versions = accept_each_others(held)
    if report.problems:
        raise CatalogError(report.problems)
    return versions


def _load_policy(directory: Path) -> tuple[tuple[rules.Version, ...], list[Problem]]:
    if not directory.is_dir():
        return (), [_of_path(directory, "there is no such directory", "a policy is a directory of dated files")]
    if not POLICY_ID.fullmatch(directory.name):
        return (), [_of_path(directory, f"{directory.name!r} is no id of a policy", f"an id matches {POLICY_ID_PATTERN}")]
    files = sorted(
        path for path in directory.iterdir() if path.suffix in (".yaml", ".yml") and path.is_file() and path.name != CASES_FILE
    )
    if not files:
        return (), [_of_path(directory, "the policy has no file", "add a file of a version, as in 2026-01.yaml")]
    reports: list[Report] = []
    held: list[tuple[Report, Held]] = []
    for path in files:
        report = Report(str(path))
        reports.append(report)
        if path.suffix == ".yml":
            report.add(FILE_START, "policy files end in .yaml", f"rename it to {path.stem}.yaml")
        held += [(report, each) for each in _read(directory.name, path, report)]
    check_coverage([(report, each.row) for report, each in held])
    versions = accept_each_others(held)
    return versions, [problem for report in reports for problem in report.problems]


def _read(policy_id: str, path: Path, report: Report) -> list[Held]:
    try:
        content = path.read_bytes()
    except OSError as error:
        report.add(FILE_START, f"the file cannot be read: {error.strerror}")
        return []
    return read_policy(policy_id, content, report)


def _of_path(path: Path, message: str, suggestion: str) -> Problem:
    return Problem(str(path), *FILE_START, message, suggestion)
