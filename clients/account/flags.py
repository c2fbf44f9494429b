"""The account's command line: its commands, their flags and their help."""

import argparse
import os
from pathlib import Path
from typing import Final

from clients import channel, command, processes
from clients.account.words import ENGLISH, LANGUAGES
from clients.billing import columns
from clients.errors import ExitCode
from clients.tables import opening, options

WHAT: Final = (
    "Keeps the register of outages, settles what subscribers are owed for them, and shows what an account holds and why."
)
EXAMPLE: Final = """\
examples:
  python -m clients.account outages import outages.csv --ledger account.sqlite --reason "first reports"
  python -m clients.account run --subscribers subscribers.csv --ledger account.sqlite --reason "storm" --dry-run --list list.csv
  python -m clients.account run --subscribers subscribers.csv --ledger account.sqlite --reason "storm"
  python -m clients.account outages replace o1 --with split.csv --ledger account.sqlite --reason "two faults"
  python -m clients.account run --known --ledger account.sqlite --reason "corrected records"
  python -m clients.account reverse --outage o2 --ledger account.sqlite --reason "a test of the alarm"
  python -m clients.account elsewhere goodwill.csv --ledger account.sqlite --reason "of the call centre"
  python -m clients.account apply --to ledger.sqlite --ledger account.sqlite
  python -m clients.account migrate ledger.sqlite --ledger account.sqlite --reason "as of 1 August"
  python -m clients.account decide 7QF2MZXA --grant data=500MiB --ledger account.sqlite --reason "as agreed"
  python -m clients.account audit 13800000001 --ledger postgresql://billing@db/account
  python -m clients.account recourse grid-east --ledger account.sqlite --time-zone Asia/Shanghai
  python -m clients.account close --until 2026-08-01 --ledger account.sqlite --time-zone Asia/Shanghai --reason "July"
  python -m clients.account export --out july.csv --from 2026-07-01 --to 2026-08-01 --ledger account.sqlite \\
      --time-zone Asia/Shanghai --cost-centres centres.csv
  python -m clients.account verify --ledger account.sqlite --json
"""
REGISTER: Final = """\
The register holds outages with their revisions. A file that says something else of an outage than the register makes a
revision, and one that says the same makes none. An outage may end at different times by area: give it a row for each. Outages
that are replaced (one by several, several by one, or one under a new name) are retired; their ids are never used again.
"""
RUN: Final = """\
A run settles each subscriber of a file: it works out what stands by the register as it is now, and books what is missing. It
needs no word on what was granted before, for the account knows: run it again, in parts, over other files, or after it was
stopped, and nothing is booked twice. Facts of a person are taken from the file when an outage is first decided, and kept; later
files change nothing of it, but with --corrected. --known settles those whom the account knows, with the facts that it keeps:
for records that were revised.
A run that was stopped, by Ctrl-C or kill -9, goes on where it was when the same command is given again; it is held to the
policies that it began with. A row that cannot be read, or that contradicts the account, carries its error, and the others are
settled. What lacks a fact is booked nothing and waits, and so does what a person has to decide: queue lists both.
Where a threshold is set, a run works out what it would book before it books any, and above it waits for a second person:
approve RUN, and then the same command again. Names are those that --by gives: who may write to the ledger is not kept here.
"""
ELSEWHERE: Final = """\
The file has the columns subscriber_id, benefit, quantity (600, 10min, 500MiB, "5.00 CNY"), billing_cycle_started_at,
billing_cycle_ended_at, and where there are several grants a reference for each; reason, where it is another than that of
--reason. It counts as granted in the cycle, and the next run decides anew what of the cycle was decided. What is entered
later under the same reference, benefit and cycle takes the place of what was said before: 0 takes it away, and the same
file again changes nothing.
"""
APPLY: Final = """\
What a settlement booked for a subscriber is put into the ledger whole, each booking once, under an id that it keeps: apply
may be run again, beside another, or after a kill. What the ledger refuses is kept as refused, with why, and tried again
with --again: an outage that a result was booked for there and which the account does not know of, something taken back that
was never there, and an id that is there with something else.
"""
MIGRATE: Final = """\
What the ledger booked is booked in the account, each on its day, for its outages. Which facts it was decided on is not
known, and so it stands as it was booked until an outage of it is revised or touched by another; then that is decided anew,
with the facts that a file gives. Its billing cycle is found once the subscriber's cycles are known, and it counts there.
Bring in the outages first, by outages import. The same ledger may be taken over again: what is there is not taken twice. A
key that does not follow from its booking is an error of the ledger, and nothing of it is taken over.
"""
DECIDE: Final = """\
What could not be decided is decided in place of the policy, until its record is revised. Where the policy leaves an amount to a
person, what is granted stands beside what the policy grants. It is booked in the cycle of the outage, and counts as granted in
it. Nobody decides what they entered, by a run or by a claim; and nobody grants more than the limit that threshold sets for an
outage: threshold by-hand.data=1GiB. Without a limit, nothing of a benefit is granted by hand.
"""
EXITS: Final = (
    *command.ALWAYS,
    ExitCode.ROWS_FAILED,
    ExitCode.REFUSED,
    ExitCode.UNREACHABLE,
    ExitCode.OVERLOADED,
    ExitCode.SERVER_FAULT,
    ExitCode.LEDGER_UNUSABLE,
    ExitCode.WANTS_APPROVAL,
)
TIMEOUT_SECONDS: Final = 120
PIECE: Final = command.whole_number(1, 10_000)
PROCESSES: Final = command.whole_number(1, processes.MOST)


def parser() -> argparse.ArgumentParser:
    """The command line with all its help."""
    root = command.Parser(prog="python -m clients.account", description=WHAT, epilog=_epilog())
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_outages(commands)
    _add_run(commands)
    auditing = _command(commands, "audit", "show every decision and booking of a subscriber")
    auditing.add_argument("subscriber", metavar="SUBSCRIBER", help="the operator's id of the subscription")
    auditing.add_argument("--again", action="store_true", help="have the server decide each again, and compare")
    channel.add_arguments(auditing, os.environ, default_timeout_seconds=TIMEOUT_SECONDS)
    elsewhere = _command(commands, "elsewhere", "enter what others granted in a billing cycle", says=True, more=ELSEWHERE)
    elsewhere.add_argument("file", metavar="FILE", type=Path, help=opening.KINDS)
    _add_apply(commands)
    _add_migrate(commands)
    _command(commands, "verify", "hold the account against itself and the register")
    _command(commands, "queue", "list what waits for a person")
    _add_decide(commands)
    _add_runs(commands)
    _add_finance(commands)
    erasing = _command(commands, "erase", "erase the facts of a person, or of all that was decided long ago", says=True)
    whose = erasing.add_mutually_exclusive_group(required=True)
    whose.add_argument("subscriber", metavar="SUBSCRIBER", nargs="?", help="the operator's id of the subscription")
    whose.add_argument("--decided-before", metavar="TIME", help="facts of what was decided last before then")
    return root


def _epilog(more: str = "") -> str:
    return "\n".join(filter(None, (EXAMPLE, more, command.exit_codes(EXITS))))


def _command(
    commands: "argparse._SubParsersAction[command.Parser]",
    name: str,
    help_: str,
    *,
    says: bool = False,
    more: str = "",
) -> argparse.ArgumentParser:
    """A command on a ledger. ``says``: somebody has to say why."""
    sub = commands.add_parser(name, help=help_, description=f"{help_[:1].upper()}{help_[1:]}.", epilog=_epilog(more))
    sub.add_argument("--ledger", metavar="LEDGER", required=True, help="an SQLite file, or postgresql://USER@HOST/DATABASE")
    sub.add_argument(
        "--wait", metavar="SECONDS", type=command.whole_number(0, 86400), default=60, help="for a ledger that is locked (60)"
    )
    sub.add_argument("--json", action="store_true", help="print JSON, one object a line")
    sub.add_argument("--language", choices=LANGUAGES, default=ENGLISH, help=f"of what is printed for a person ({ENGLISH})")
    if says:
        sub.add_argument("--reason", metavar="TEXT", required=True, help="why, for whoever asks later")
        sub.add_argument("--by", metavar="NAME", default="", help="who says so (default: the user of this machine)")
    return sub


def _add_outages(commands: "argparse._SubParsersAction[command.Parser]") -> None:
    outages = commands.add_parser("outages", help="the register of outages", description=WHAT, epilog=_epilog(REGISTER))
    actions = outages.add_subparsers(dest="action", required=True, metavar="ACTION")
    entering = _command(actions, "import", "enter a file of outages, and revise those that changed", says=True, more=REGISTER)
    entering.add_argument(
        "file", metavar="FILE", type=Path, help="outages, .csv, .parquet, .arrow or .json, as billing reads it"
    )
    replacing = _command(actions, "replace", "split, merge or rename outages", says=True, more=REGISTER)
    replacing.add_argument("old", metavar="ID", nargs="+", help="outages that are retired")
    replacing.add_argument("--with", dest="file", metavar="FILE", type=Path, required=True, help="what takes their place")
    withdrawing = _command(actions, "withdraw", "say that an outage was none", says=True, more=REGISTER)
    showing = _command(actions, "show", "show an outage, its revisions and what is booked for it")
    for each in (withdrawing, showing):
        each.add_argument("outage", metavar="ID", help="the operator's id of the outage")


def _add_apply(commands: "argparse._SubParsersAction[command.Parser]") -> None:
    applying = _command(commands, "apply", "deliver what is booked to a ledger of clients.provisioning", more=APPLY)
    applying.add_argument(
        "--to", metavar="FILE", required=True, help="the SQLite file of clients.provisioning; made if need be"
    )
    applying.add_argument("--again", action="store_true", help="try also what was refused before")
    applying.add_argument("--by", metavar="NAME", default="", help="who does so (default: the user of this machine)")
    applying.set_defaults(reason="")


def _add_migrate(commands: "argparse._SubParsersAction[command.Parser]") -> None:
    migrating = _command(commands, "migrate", "take over a ledger of clients.provisioning", says=True, more=MIGRATE)
    migrating.add_argument("former", metavar="OLD", type=Path, help="the SQLite file that clients.provisioning apply made")
    migrating.add_argument(
        "--keys-unchecked", action="store_true", help="take over also what has a key that does not follow from it, marked so"
    )


def _add_run(commands: "argparse._SubParsersAction[command.Parser]") -> None:
    more = f"{RUN}\n{columns.COLUMNS_HELP}\n{options.HELP}"
    running = _command(commands, "run", "settle subscribers, and book what is missing", says=True, more=more)
    whom = running.add_mutually_exclusive_group(required=True)
    whom.add_argument("--subscribers", metavar="FILE", type=Path, help=f"subscribers: {opening.KINDS}")
    whom.add_argument("--known", action="store_true", help="those whom the account knows, with the facts that it keeps")
    options.add(running)
    running.add_argument("--outage", metavar="ID", action="append", default=[], help="only this outage; repeat for more")
    running.add_argument(
        "--everything", action="store_true", help="decide again also what is not new: after a change of policy"
    )
    running.add_argument("--corrected", action="store_true", help="the facts of the file take the place of those that are kept")
    running.add_argument("--dry-run", action="store_true", help="book nothing, and show what would be booked")
    running.add_argument("--list", metavar="FILE", type=Path, help="of a dry run: all by subscriber, .csv or .parquet")
    running.add_argument("--restart", action="store_true", help="begin anew: a run that was stopped or waits is dropped")
    running.add_argument("--outages", metavar="FILE", type=Path, help="refuse to run where this file and the register differ")
    reversing = _command(commands, "reverse", "withdraw an outage, and settle all for whom it was decided", says=True, more=RUN)
    reversing.add_argument("--outage", metavar="ID", required=True, help="the operator's id of the outage")
    for each in (running, reversing):
        each.add_argument("--policy", metavar="ID", default="", help="policy (default: the server's)")
        each.add_argument("--as-of", metavar="TIME", help="when the record is looked at (default: when the run is begun)")
        each.add_argument("--piece", metavar="ROWS", type=PIECE, default=500, help="rows in a transaction (default 500)")
        each.add_argument(
            "--processes",
            metavar="NUMBER",
            type=PROCESSES,
            default=processes.cores(),
            help="that work out pieces (default: the cores)",
        )
        channel.add_arguments(each, os.environ, default_timeout_seconds=TIMEOUT_SECONDS)


def _add_decide(commands: "argparse._SubParsersAction[command.Parser]") -> None:
    deciding = _command(
        commands, "decide", "decide as a second person what waits: grant something of it, or reject it", says=True, more=DECIDE
    )
    deciding.add_argument("reference", metavar="REFERENCE", help="as queue lists it, or the number of a claim")
    how = deciding.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--grant",
        metavar="BENEFIT=QUANTITY",
        action="append",
        default=[],
        help='data=500MiB, voice=30min, credit="5.00 CNY"; repeat for more',
    )
    how.add_argument("--reject", action="store_true", help="nothing is granted by hand")
    deciding.add_argument("--policy", metavar="ID", default="", help="policy (default: the server's)")
    deciding.add_argument("--as-of", metavar="TIME", help="when the record is looked at (default: now)")
    channel.add_arguments(deciding, os.environ, default_timeout_seconds=TIMEOUT_SECONDS)


def _add_runs(commands: "argparse._SubParsersAction[command.Parser]") -> None:
    _command(commands, "runs", "list the runs of an account, the latest first")
    reporting = _command(commands, "report", "show what a run met, and what is booked of it")
    approving = _command(commands, "approve", "say as a second person that a run may book what it proposed", says=True)
    for each in (reporting, approving):
        each.add_argument("run", metavar="RUN", type=command.whole_number(1, 2**31), help="number of the run")
    thresholds = _command(commands, "threshold", "set above what a run wants a second person", says=True)
    thresholds.add_argument(
        "thresholds",
        metavar="NAME=QUANTITY",
        nargs="+",
        help='of a benefit (data=10TiB, voice=600h, credit="5000.00 CNY") or recourse.CNY=100000.00; by-hand.data=1GiB:'
        " the most of it that decide may grant for an outage; NAME=none takes it away",
    )


def _add_finance(commands: "argparse._SubParsersAction[command.Parser]") -> None:
    stating = _command(commands, "recourse", "show what was claimed from a third party and credited to it")
    stating.add_argument("party", metavar="PARTY", help="the responsible party; '' for outages that name none")
    exporting = _command(commands, "export", "write what was booked by day, benefit and cost centre, for finance")
    exporting.add_argument("--out", metavar="FILE", type=Path, required=True, help=".csv or .parquet")
    exporting.add_argument(
        "--cost-centres",
        metavar="FILE",
        type=Path,
        help="a .csv with the columns benefit (or recourse) and cost_centre",
    )
    closing = _command(commands, "close", "close a period: what is booked later is of the next", says=True)
    closing.add_argument("--until", metavar="DATE", required=True, help="the first day that stays open, 2026-08-01")
    for each in (stating, exporting):
        each.add_argument("--from", dest="first", metavar="DATE", help="first day, 2026-07-01 (default: the first of all)")
        each.add_argument("--to", dest="after", metavar="DATE", help="the day after the last (default: tomorrow)")
    for each in (stating, exporting, closing):
        each.add_argument("--time-zone", metavar="ZONE", required=True, help="by which days are counted, Asia/Shanghai")
