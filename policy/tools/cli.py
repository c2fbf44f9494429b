"""The command line of the author's tools: ``python -m policy COMMAND``."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from policy.tools import calendar, check, describe, explain, new, program, schema, sheet, test
from policy.tools.command import Command

COMMANDS: Final[tuple[Command, ...]] = (
    new.COMMAND,
    check.COMMAND,
    test.COMMAND,
    explain.COMMAND,
    describe.COMMAND,
    sheet.COMMAND,
    program.COMMAND,
    calendar.COMMAND,
    schema.COMMAND,
)
"""Every command, in the order in which help lists them."""


NOBODY_READS: Final = 141
"""The exit code where the reader of a pipe went away: that of a process which SIGPIPE ends."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code of the process: 0 done, 1 refused, 2 not understood.

    A reader that takes the first lines and leaves, such as head, ends the command without a word.
    """
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # What is still to be written would fail again when Python ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        return NOBODY_READS


def _run(arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="python -m policy", description="Tools for the author of a policy.")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        subparser = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=command.description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code
