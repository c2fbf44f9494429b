"""``describe``: a policy in words and tables, for a reviewer."""

import argparse
from pathlib import Path
from typing import Final

from policy.calculator import rules
from policy.language.catalog import load_file, load_policy
from policy.language.problems import CatalogError
from policy.tools.command import CATALOG, Command, complain, say
from policy.tools.describing.document import Description

_DESCRIPTION: Final = """\
Writes a policy as Markdown, for someone who has to agree to it and reads no policy files: its versions and the figures that
differ between them; what is given, what time counts and how, as sentences; figures and choices as tables; the facts that a
request has to give; claims, recourse and messages; what the source leaves open; and the text of every clause, cited or not.

PATH is the directory of a policy, one file of it, or the id of a policy of the project's catalog:

  python -m policy describe cn-standard > cn-standard.md"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="what to describe")
    parser.add_argument("--version", metavar="VERSION", help="which version to describe whole; the last one, if left out")
    parser.add_argument("--language", default="en", metavar="TAG", help="language of the clauses, as in zh-CN (en)")


def _run(options: argparse.Namespace) -> int:
    path = options.path if options.path.exists() else CATALOG / options.path
    try:
        versions = load_file(path) if path.is_file() else load_policy(path if path.is_dir() else options.path)
    except CatalogError as error:
        complain(str(error))
        return 1
    version = _wanted(versions, options.version)
    if version is None:
        complain(f"there is no version {options.version}; there are {', '.join(each.version for each in versions)}")
        return 1
    for line in Description(versions, version, options.language).lines():
        say(line)
    return 0


def _wanted(versions: tuple[rules.Version, ...], name: str | None) -> rules.Version | None:
    if name is None:
        return versions[-1]
    return next((each for each in versions if each.version == name), None)


COMMAND: Final = Command("describe", "a policy in words and tables, for a reviewer", _DESCRIPTION, _add_arguments, _run)
