"""Billing's command line: its flags and all its help."""

import argparse
import os
from pathlib import Path

from clients import channel, command, processes
from clients.billing import columns, results
from clients.errors import ExitCode
from clients.tables import opening, options

TIMEOUT_SECONDS = 120


EXAMPLE = """\
example:
  python -m clients.billing run --subscribers examples/subscribers.csv --outages examples/outages.csv \\
      --out result.csv --as-of 2026-07-20T00:00:00Z --totals totals.json

A run can be stopped at any time, by Ctrl-C or kill -9: the same command goes on where it stopped, and the result is the
same to the last byte. Until then, OUT.partial holds what was decided, OUT.progress says how far it is, OUT.ids whom it met,
and there is no OUT (a Parquet file is made meanwhile, under the name OUT.whole). A subscriber who stands in the file twice is
decided twice and mentioned at the end: the totals are then too high, although the grants are booked once.
A row that cannot be read or decided carries its error in the result, under its line number; mend such rows in a file of
their own and run that file to a result of its own, with the same outages. Where an outage was billed before, and stands in
the file again (with others, or with a corrected record), say what was granted for it: --already-granted-from LEDGER, or
columns already_granted.BENEFIT; then only what is owed on top is granted. A row that was decided without is not booked:
provisioning finds the outage in its ledger, reports OVERLAPS, and leaves the row. The account (clients/account.md)
needs no such word: it knows what it booked, for which outage and cycle, and books what is missing.
"""
CHECK_EXAMPLE = """\
example:
  python -m clients.billing check --subscribers examples/subscribers.csv --outages examples/outages.csv

It ends with 0 where a run would find no error in its files, with 1 where rows of the subscribers carry one, and with 2 where a
file cannot be used. Areas that match nothing, facts that are not known and amounts far from the others are no errors: they are
shown, for a person to judge. What only a policy can say (that a fact is needed, or a currency not its own) is the server's to
say. One pass, in memory that does not grow with the files.
"""


EXITS = (
    *command.ALWAYS,
    ExitCode.ROWS_FAILED,
    ExitCode.REFUSED,
    ExitCode.UNREACHABLE,
    ExitCode.OVERLOADED,
    ExitCode.SERVER_FAULT,
    ExitCode.LEDGER_UNUSABLE,
)
POSITIVE = command.whole_number(1, 10**6)


def parser() -> argparse.ArgumentParser:
    """The command line with all its help."""
    root = command.Parser(
        prog="python -m clients.billing",
        description="Decides files of subscribers against files of outages.",
        epilog=command.exit_codes(EXITS),
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    sub = commands.add_parser(
        "run",
        help="decide every subscriber of a file",
        description="Decide every subscriber of a file against the outages that hit the subscriber's area.",
        epilog="\n".join((EXAMPLE, columns.COLUMNS_HELP, options.HELP, results.COLUMNS_HELP, command.exit_codes(EXITS))),
    )
    files = _add_inputs(sub)
    _add_outputs(files)
    options.add(sub)
    _add_question(sub)
    _add_pace(sub)
    channel.add_arguments(sub, os.environ, default_timeout_seconds=TIMEOUT_SECONDS)
    checking = commands.add_parser(
        "check",
        help="judge both files without a server",
        description="Read both files as a run would, without a server, and report what is in them and what is wrong.",
        epilog="\n".join((CHECK_EXAMPLE, columns.COLUMNS_HELP, options.HELP, command.exit_codes(EXITS))),
    )
    _add_inputs(checking)
    options.add(checking)
    checking.add_argument("--json", action="store_true", help="print the report as JSON")
    return root


def _add_inputs(sub: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    files = sub.add_argument_group("files")
    files.add_argument("--subscribers", metavar="FILE", type=Path, required=True, help=f"subscribers: {opening.KINDS}")
    files.add_argument("--outages", metavar="FILE", type=Path, required=True, help="outages: the same, or .json")
    return files


def _add_outputs(files: argparse._ArgumentGroup) -> None:
    files.add_argument("--out", metavar="FILE", type=Path, required=True, help="result, .csv or .parquet")
    files.add_argument("--totals", metavar="FILE", type=Path, help="also write the totals, as JSON")
    files.add_argument(
        "--already-granted-from",
        metavar="LEDGER",
        type=Path,
        help="provisioning's ledger: what it holds for any of a subscriber's outages counts as granted before",
    )
    files.add_argument("--restart", action="store_true", help="forget a run that was begun, and write over OUT")
    files.add_argument("--strict", action="store_true", help="stop at the first row with an error")


def _add_question(sub: argparse.ArgumentParser) -> None:
    how = sub.add_argument_group("how it is asked")
    how.add_argument("--policy", metavar="ID", default="", help="policy (default: the server's)")
    how.add_argument("--version", metavar="VERSION", default="", help="version of it (default: in force when an outage began)")
    how.add_argument("--mode", choices=("AUTOMATIC", "PROACTIVE_NOTICE"), default="AUTOMATIC", help="default AUTOMATIC")
    how.add_argument("--notice-channel", choices=("SMS", "PUSH"), help="write only this kind of notice (default: all)")
    how.add_argument("--notice-language", metavar="TAG", action="append", default=[], help="for example zh-CN; repeat for more")
    how.add_argument("--as-of", metavar="TIME", help="when the facts are looked at (default: when the run is begun)")


def _add_pace(sub: argparse.ArgumentParser) -> None:
    pace = sub.add_argument_group("pace (no answer depends on it)")
    pace.add_argument("--streams", metavar="N", type=POSITIVE, default=4, help="streams at a time (default 4)")
    pace.add_argument(
        "--processes",
        metavar="N",
        type=command.whole_number(1, processes.MOST),
        default=max(processes.cores() // 2, 1),
        help="that read, ask and write results (default: half of the cores); with --already-granted-from it is one",
    )
    pace.add_argument("--window", metavar="N", type=POSITIVE, default=8, help="messages under way in a stream (default 8)")
    pace.add_argument("--batch", metavar="ROWS", type=POSITIVE, default=500, help="rows in a message (default 500)")
    pace.add_argument(
        "--part",
        metavar="ROWS",
        type=POSITIVE,
        default=10_000,
        help="rows between two checkpoints; a rerun has to keep it (default 10000)",
    )
