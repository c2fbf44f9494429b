"""The command that delivers what is booked: apply."""

import argparse
from pathlib import Path

from clients import bar
from clients.account import delivering, delivery_telling
from clients.account.saying import ledger, out, said, words
from clients.errors import ExitCode
from clients.provisioning import ledger as of_provisioning


def apply(arguments: argparse.Namespace) -> ExitCode:
    """What is refused is an exit code of its own, and stays refused until it is tried again."""
    who, to = said(arguments), Path(arguments.to)
    with (
        ledger(arguments, create=True) as opened,
        of_provisioning.opened(to, write=True, wait_seconds=arguments.wait) as provisioned,
        bar.shown(bar.console(), opened.read(delivering.waiting)) as show,
    ):
        found = delivering.deliver(opened, provisioned, to.name, who, again=arguments.again, show=lambda seen: show(seen, seen))
    out(arguments, delivery_telling.done(to.name, found, words(arguments)))
    return ExitCode.ROWS_FAILED if found.refused else ExitCode.DONE
