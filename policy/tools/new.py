"""``new``: a policy to begin with, commented, that can be checked and tested as it stands."""

import argparse
from pathlib import Path
from typing import Final

from policy.language.head import POLICY_ID, POLICY_ID_PATTERN
from policy.language.schema import schema_text
from policy.tools.command import CATALOG, Command, complain, say
from policy.tools.schema import SCHEMA_PATH

SKELETON: Final = Path(__file__).parent / "skeleton"
_ID: Final = "new-policy"
"""What the skeleton is called."""

_DESCRIPTION: Final = """\
Writes a directory with a policy file and its cases, both commented: a small scheme in which most words stand, or stand as
comments. check and test take it as it is; go on from there. The schema for editors is written beside it, if there is none."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("policy_id", metavar="ID", help=f"the policy's id, which names its directory: {POLICY_ID_PATTERN}")
    parser.add_argument("--catalog", type=Path, default=CATALOG, metavar="DIR", help="where to (the project's catalog)")


def _run(options: argparse.Namespace) -> int:
    if not POLICY_ID.fullmatch(options.policy_id):
        complain(f"{options.policy_id!r} is no id of a policy; an id matches {POLICY_ID_PATTERN}, as in uk-ofcom-repair")
        return 1
    directory: Path = options.catalog / options.policy_id
    try:
        directory.mkdir(parents=True)
    except OSError as error:
        complain(f"{directory} cannot be made: {error.strerror}")
        return 1
    for file in sorted(SKELETON.iterdir()):
        text = file.read_text(encoding="utf-8").replace(f"policy: {_ID}", f"policy: {options.policy_id}")
        (directory / file.name).write_text(text, encoding="utf-8")
        say(f"wrote {directory / file.name}")
    schema = options.catalog / SCHEMA_PATH.name
    if not schema.exists():  # the first line of the policy tells editors that it stands there
        schema.write_text(schema_text(), encoding="utf-8")
        say(f"wrote {schema}")
    say(f"next: python -m policy check {directory}")
    say(f"      python -m policy test {directory}")
    return 0


COMMAND: Final = Command("new", "write a commented skeleton of a policy", _DESCRIPTION, _add_arguments, _run)
