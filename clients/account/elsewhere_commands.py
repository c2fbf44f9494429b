"""The command for what others granted: elsewhere."""

import argparse

from clients.account import elsewhere
from clients.account.saying import ledger, out, said, words
from clients.account.telling import Told
from clients.errors import ExitCode


def enter(arguments: argparse.Namespace) -> ExitCode:
    """All of a file or nothing."""
    who, say = said(arguments), words(arguments)
    entries = elsewhere.load(arguments.file)
    with ledger(arguments, create=True) as opened:
        found = opened.write(lambda connection: elsewhere.enter(connection, entries, who, arguments.file))
    shown = {"number": say.several(found.new, "row"), "same": say.several(found.same, "row")}
    fields = {"file": str(arguments.file), "entered": found.new, "as_before": found.same}
    out(arguments, [Told(fields, say("elsewhere entered", file=arguments.file, **shown))])
    return ExitCode.DONE
