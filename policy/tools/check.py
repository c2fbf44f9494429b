"""``check``: whether policy files can be taken as they stand; if not, everything that is wrong, with its place."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from policy.calculator import rules
from policy.language.catalog import load_file, load_policy, load_versions
from policy.language.problems import CatalogError, Problem
from policy.tools.command import CATALOG, Command, complain, say, shown
from policy.tools.idle import idle_problems, notes
from policy.tools.proving.report import proved

_DESCRIPTION: Final = """\
Reads policy files as the server does at its start. Every problem of every file is listed at once, one a line:

  policy/catalog/cn-standard/2026-01.yaml:62:5: class is never OPERATER (did you mean OPERATOR?)

and the exit code is 1. If there is none, each version is listed with its dates, [from, to), and its digest, and the exit
code is 0. PATH is a catalog, the directory of one policy, or one file; the catalog of the project if it is left out.

A word that changes no answer is a problem too: conditions that exclude each other or that every request meets, bounds that
nothing passes, amounts that are always 0. That an outage which names no service may be paid for under several clocks is a note.

Then each policy is asked for eight properties: that tables are complete, bands partition the week, amounts fit 64 bits, caps
hold; that more time of an occasion never pays less, neither excluding a cause nor splitting an outage pays more, and asking
about occasions apart pays the same. Each is proved from the words of the file, or broken by two requests that are shown; a
break that the file does not declare under breaks: is a problem, and so is one that it declares and nothing shows. A property
is open where neither is found, and varies where the policy says so itself: an outage told as two is two where it is for each
outage, and what one request asks about is one where it is all together. --no-proofs leaves out the search."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="what to check")
    parser.add_argument("--no-proofs", action="store_true", help="do not search for requests that break what is not proved")


def _run(options: argparse.Namespace) -> int:
    versions, problems = check(options.paths or [CATALOG])
    files = files_of(versions, options.paths or [CATALOG])
    lines, broken = proved(versions, files, search=not options.no_proofs)
    noted = [f"note: {note}" for note in notes(versions)]
    for line in (*table(versions), *lines, *(["", *noted] if noted else [])):
        say(line)
    problems += (*idle_problems(versions, files), *broken)
    for problem in problems:
        complain(str(problem))
    if problems:
        complain(f"{_count(len(problems), 'problem')} in {_count(len({problem.path for problem in problems}), 'file')}")
    return 1 if problems else 0


def check(paths: Sequence[Path]) -> tuple[list[rules.Version], list[Problem]]:
    """The versions that can be taken, and everything that is wrong with the others."""
    versions: list[rules.Version] = []
    problems: list[Problem] = []
    for path in map(shown, paths):
        load = load_file if path.is_file() else load_policy if any(path.glob("*.y*ml")) else load_versions
        try:
            versions += load(path)
        except CatalogError as error:
            problems += error.problems
    return versions, problems


def files_of(versions: Sequence[rules.Version], paths: Sequence[Path]) -> dict[str, Path]:
    """The file of each text of a version."""
    files: dict[str, Path] = {}
    for path in map(shown, paths):
        for file in (path,) if path.is_file() else sorted((*path.glob("*.yaml"), *path.glob("*/*.yaml"))):
            files.setdefault(file.read_bytes().decode("utf-8-sig", "replace"), file)
    return {version.text: files[version.text] for version in versions}


def table(versions: Sequence[rules.Version]) -> list[str]:
    """A line for each version: id, name, dates, digest."""
    rows = [
        (version.policy_id, version.version, f"{version.in_force_from} to {version.in_force_until or 'open'}", version.sha256)
        for version in versions
    ]
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


COMMAND: Final = Command("check", "check policy files and list every problem in them", _DESCRIPTION, _add_arguments, _run)
