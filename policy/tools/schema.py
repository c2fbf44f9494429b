"""``schema``: the JSON Schema of policy files, for editors."""

import argparse
from pathlib import Path
from typing import Final

from policy.language.schema import schema_text
from policy.tools.command import CATALOG, Command, complain, say

SCHEMA_PATH: Final = CATALOG / "schema.json"

_DESCRIPTION: Final = """\
Writes the JSON Schema of policy files, generated from the words of the language. An editor that knows YAML completes and
checks a policy with it when the file begins with

  # yaml-language-server: $schema=../schema.json"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to; - is the terminal, left out: beside the catalog")


def _run(options: argparse.Namespace) -> int:
    if options.output == Path("-"):
        say(schema_text().rstrip("\n"))
        return 0
    target = options.output or SCHEMA_PATH
    try:
        target.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        complain(f"{target} cannot be written: {error.strerror}")
        return 1
    say(f"wrote {target}")
    return 0


COMMAND: Final = Command("schema", "write the JSON Schema of policy files, for editors", _DESCRIPTION, _add_arguments, _run)
