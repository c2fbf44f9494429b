"""The command that takes over a ledger of before: migrate."""

import argparse

from clients import bar
from clients.account import former_ledger, former_telling, migrating
from clients.account.saying import ledger, out, said, words
from clients.errors import ExitCode


def migrate(arguments: argparse.Namespace) -> ExitCode:
    """All of it, or where it has to be mended nothing."""
    who = said(arguments)
    with former_ledger.opened(arguments.former) as former:
        migrating.check(former, keys_unchecked=arguments.keys_unchecked)
        with ledger(arguments, create=True) as opened, bar.shown(bar.console(), former.bookings) as show:
            name = arguments.former.name
            found = migrating.migrate(opened, former, name, who, lambda seen: show(seen, seen))
    out(arguments, former_telling.migrated(arguments.former.name, found, words(arguments)))
    return ExitCode.DONE
