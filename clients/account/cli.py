"""The account's command line: outages import, replace, withdraw and show; audit; verify."""

import argparse
import getpass
import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from clients import bar, command, units
from clients.account import database, outage_files, register, telling, verifying
from clients.account.register import Said
from clients.account.telling import Told
from clients.errors import BadInput, ExitCode

EXAMPLE = """\
examples:
  python -m clients.account outages import outages.csv --ledger account.sqlite --reason "first reports"
  python -m clients.account outages replace o1 --with split.csv --ledger account.sqlite --reason "two faults"
  python -m clients.account outages withdraw o2 --ledger account.sqlite --reason "a test of the alarm"
  python -m clients.account outages show o1 --ledger account.sqlite
  python -m clients.account audit 13800000001 --ledger postgresql://billing@db/account
  python -m clients.account verify --ledger account.sqlite --json

The register holds outages with their revisions. A file that says something else of an outage than the register makes a
revision, and one that says the same makes none. An outage may end at different times by area: give it a row for each. Outages
that are replaced (one by several, several by one, or one under a new name) are retired; their ids are never used again.
"""
EXITS = (*command.ALWAYS, ExitCode.ROWS_FAILED, ExitCode.LEDGER_UNUSABLE)
KEPT = "what was entered before is kept"


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Entry point of python -m clients.account."""

    def run() -> ExitCode:
        arguments = parser().parse_args(argv)
        if arguments.command == "outages":
            actions = {"import": _import, "replace": _replace, "withdraw": _withdraw, "show": _show}
            return actions[arguments.action](arguments)
        return {"audit": _audit, "verify": _verify}[arguments.command](arguments)

    command.run("account", run, KEPT)


def parser() -> argparse.ArgumentParser:
    """The command line with all its help."""
    epilog = EXAMPLE + "\n" + command.exit_codes(EXITS)
    what = "Keeps the register of outages, and shows what an account holds and why."
    root = command.Parser(prog="python -m clients.account", description=what, epilog=epilog)
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    outages = commands.add_parser("outages", help="the register of outages", description=what, epilog=epilog)
    actions = outages.add_subparsers(dest="action", required=True, metavar="ACTION")
    entering = actions.add_parser("import", help="enter a file of outages, and revise those that changed", epilog=epilog)
    entering.add_argument("file", metavar="FILE", type=Path, help="outages, .csv, .parquet, .arrow or .json, as a run reads it")
    replacing = actions.add_parser("replace", help="split, merge or rename outages", epilog=epilog)
    replacing.add_argument("old", metavar="ID", nargs="+", help="outages that are retired")
    replacing.add_argument("--with", dest="file", metavar="FILE", type=Path, required=True, help="what takes their place")
    withdrawing = actions.add_parser("withdraw", help="say that an outage was none", epilog=epilog)
    showing = actions.add_parser("show", help="show an outage, its revisions and what is booked for it", epilog=epilog)
    for each in (withdrawing, showing):
        each.add_argument("outage", metavar="ID", help="the operator's id of the outage")
    auditing = commands.add_parser("audit", help="show every decision and booking of a subscriber", epilog=epilog)
    auditing.add_argument("subscriber", metavar="SUBSCRIBER", help="the operator's id of the subscription")
    verify = commands.add_parser("verify", help="hold the account against itself and the register", epilog=epilog)
    for each in (entering, replacing, withdrawing):
        each.add_argument("--reason", metavar="TEXT", required=True, help="why, for whoever asks later")
        each.add_argument("--by", metavar="NAME", default="", help="who says so (default: the user of this machine)")
    for each in (entering, replacing, withdrawing, showing, auditing, verify):
        each.add_argument(
            "--ledger", metavar="LEDGER", required=True, help="an SQLite file, or postgresql://USER@HOST/DATABASE"
        )
        each.add_argument("--json", action="store_true", help="print JSON, one object a line")
    return root


def _import(arguments: argparse.Namespace) -> ExitCode:
    """All of a file or nothing."""
    said = _said(arguments)
    entries = outage_files.load(arguments.file, lambda line: bar.console().print(f"account: {line}"), said.at)
    with database.opened(arguments.ledger, create=True) as opened:
        found = opened.write(lambda connection: register.enter(connection, entries, said))
    same = len(entries) - len(found)
    _out(arguments, map(telling.added, found))
    if same:
        _out(arguments, [Told({"unchanged": same}, f"{units.several(same, 'outage')} as the register has it")])
    return ExitCode.DONE


def _replace(arguments: argparse.Namespace) -> ExitCode:
    said = _said(arguments)
    entries = outage_files.load(arguments.file, lambda line: bar.console().print(f"account: {line}"), said.at)
    with database.opened(arguments.ledger, create=False) as opened:
        found = opened.write(lambda connection: register.replace(connection, arguments.old, entries, said))
    _out(arguments, map(telling.added, found))
    return ExitCode.DONE


def _withdraw(arguments: argparse.Namespace) -> ExitCode:
    said = _said(arguments)
    with database.opened(arguments.ledger, create=False) as opened:
        found = opened.write(lambda connection: register.withdraw(connection, arguments.outage, said))
    _out(arguments, [telling.added(found)] if found else [Told({"unchanged": 1}, f"{arguments.outage} was withdrawn before")])
    return ExitCode.DONE


def _show(arguments: argparse.Namespace) -> ExitCode:
    with database.opened(arguments.ledger, create=False) as opened:
        found = opened.read(lambda connection: list(telling.outage(connection, arguments.outage)))
    if not found:
        raise BadInput(f"outage {arguments.outage} is not in the register; outages import brings it in")
    _out(arguments, found)
    return ExitCode.DONE


def _audit(arguments: argparse.Namespace) -> ExitCode:
    with database.opened(arguments.ledger, create=False) as opened:
        found = opened.read(lambda connection: list(telling.audit(connection, arguments.subscriber)))
    if not found and not arguments.json:
        sys.stdout.write(f"nothing was decided for {arguments.subscriber}\n")
    _out(arguments, found)
    return ExitCode.DONE


def _verify(arguments: argparse.Namespace) -> ExitCode:
    """What does not hold together is one exit code, what is merely new is none."""
    with database.opened(arguments.ledger, create=False) as opened:
        problems, new = opened.read(lambda connection: (verifying.problems(connection), verifying.new_outages(connection)))
    for subscriber_id, outage_id, decided, newest in new:
        fields = {"subscriber_id": subscriber_id, "outage_id": outage_id, "decided_revision": decided, "revision": newest}
        line = (
            f"new since it was decided: subscriber {subscriber_id}, outage {outage_id}, revision {newest} (decided {decided})"
        )
        _out(arguments, [Told(fields, line)])
    _out(arguments, (Told({"problem": each}, f"problem: {each}") for each in problems))
    if not problems and not arguments.json:
        sys.stdout.write("the account holds together\n")
    return ExitCode.ROWS_FAILED if problems else ExitCode.DONE


def _said(arguments: argparse.Namespace) -> Said:
    """Who, why and when."""
    who = arguments.by or os.environ.get("SUDO_USER") or getpass.getuser()
    return Said(who, arguments.reason, int(time.time()))


def _out(arguments: argparse.Namespace, told: Iterable[Told]) -> None:
    """As JSON or as lines."""
    for each in told:
        sys.stdout.write((json.dumps(each.fields, ensure_ascii=False) if arguments.json else each.line) + "\n")
