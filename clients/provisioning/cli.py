"""Provisioning's command line: apply, balance and outbox."""

import argparse
import json
import re
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from clients import command, units
from clients.errors import ExitCode
from clients.provisioning import applying, ledger, overlaps

EXAMPLE = """\
examples:
  python -m clients.provisioning apply result.csv --ledger ledger.sqlite
  python -m clients.provisioning balance 13800000001 --ledger ledger.sqlite
  python -m clients.provisioning outbox --ledger ledger.sqlite --after 1200

The rows are first held against the totals that the last of them carries: of a file that lost rows, or whose amounts were
changed, nothing is booked. So with a row whose grant keys do not follow from it. A quote is never booked.
A grant is booked under its key, once: applying a file again changes nothing and says so, and a run that was killed is
completed by running it again. A row is booked whole, with its notices, or not at all. A booking holds for which outages it
is, and of each its part. Two kinds of rows are reported and left unbooked, for they would pay one outage twice: a key that is
booked with another quantity, and a row (OVERLAPS) with an outage for which more of this benefit is booked under this policy
than its question was told. Decide such a row again with what is booked told: billing's --already-granted-from LEDGER or column
granted_before.BENEFIT, crm's --granted-before. What is then granted on top has a key of its own and is booked. A ledger from
before bookings held the part of each outage is brought to the form of today by apply; what it does not know stays unknown.
What an account books comes by clients.account apply, under the ids of its bookings, and counts as booked here as well.
"""
_SUMS = "SELECT benefit, kind, currency_code, quantity, bookings FROM balance WHERE subscriber_id = ? ORDER BY benefit, kind"
_BOOKINGS = (
    "SELECT benefit, kind, currency_code, quantity, booked_at, valid_for_seconds, outage_ids, grant_key FROM booking"
    " WHERE subscriber_id = ?1"
)
_OF_ACCOUNT = (
    " UNION ALL SELECT benefit, kind, currency_code, quantity, booked_at, valid_for_seconds, json_array(outage_id), booking_id"
    " FROM account_booking WHERE subscriber_id = ?1"
)
_IN_ORDER = " ORDER BY booked_at, benefit, grant_key"
_MESSAGES = (
    "SELECT sequence, subscriber_id, channel, language, title, body, segments, encoding, written_at FROM outbox"
    " WHERE sequence > ? ORDER BY sequence LIMIT ?"
)
EXITS = (*command.ALWAYS, ExitCode.ROWS_FAILED, ExitCode.LEDGER_UNUSABLE)
_SEQUENCE = command.whole_number(0, 2**63 - 1)
_LIMIT = command.whole_number(1, 10**9)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Entry point of python -m clients.provisioning."""

    def run() -> ExitCode:
        arguments = parser().parse_args(argv)
        return {"apply": applying.run, "balance": _balance, "outbox": _outbox}[arguments.command](arguments)

    command.run("provisioning", run, applying.KEPT.strip())


def parser() -> argparse.ArgumentParser:
    """The command line with all its help."""
    epilog = EXAMPLE + "\n" + command.exit_codes(EXITS)
    what = "Books the grants of a billing result in a ledger, each once."
    root = command.Parser(prog="python -m clients.provisioning", description=what, epilog=epilog)
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    booking = commands.add_parser("apply", help="book a billing result", description=what, epilog=epilog)
    booking.add_argument("result", metavar="RESULT", type=Path, help="the result of billing, .csv or .parquet")
    booking.add_argument(
        "--report", metavar="FILE", type=Path, help="write every row that was not booked for a problem, as CSV"
    )
    booking.add_argument(
        "--rows",
        metavar="N",
        type=command.whole_number(0, 2**63 - 1),
        help="apply a part of a result, or one that does not say its totals, on purpose: it has to have so many rows",
    )
    booking.add_argument(
        "--encoding",
        metavar="NAME",
        default="",
        help="of a result that was written anew by a program that does not write UTF-8",
    )
    booking.add_argument("--wait", metavar="SECONDS", type=_seconds, default=10, help="for a locked ledger (default 10)")
    one = "Show what a subscriber was granted: the sum by benefit, and each booking."
    balance = commands.add_parser("balance", help="show a subscriber's bookings", description=one, epilog=epilog)
    balance.add_argument("subscriber", metavar="SUBSCRIBER", help="the operator's id of the subscription")
    listing = "List the messages to send, oldest first. A sender remembers the last sequence number that it sent."
    outbox = commands.add_parser("outbox", help="list the messages to send", description=listing, epilog=epilog)
    outbox.add_argument("--after", metavar="SEQUENCE", type=_SEQUENCE, default=0, help="only messages after this one")
    outbox.add_argument("--limit", metavar="N", type=_LIMIT, default=100, help="at most so many (default 100)")
    for each in (booking, balance, outbox):
        each.add_argument(
            "--ledger", metavar="FILE", type=Path, required=True, help="the SQLite file; apply makes it if need be"
        )
        if each is not booking:
            each.add_argument("--json", action="store_true", help="print JSON, one object a line")
    return root


def _seconds(text: str) -> float:
    """A time to wait, for argparse."""
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, for example 10 or 0.5")
    return float(text)


def _balance(arguments: argparse.Namespace) -> ExitCode:
    """Sum and bookings of one subscriber."""
    with ledger.opened(arguments.ledger, write=False) as opened:
        sums = opened.execute(_SUMS, (arguments.subscriber,)).fetchall()
        of_account = _OF_ACCOUNT if overlaps.takes_accounts(opened) else ""
        booked = opened.execute(_BOOKINGS + of_account + _IN_ORDER, (arguments.subscriber,)).fetchall()
    for benefit, kind, currency, quantity, number in sums:
        fields = {"benefit": benefit, "kind": kind, "currency_code": currency, "quantity": quantity, "bookings": number}
        _out(arguments, fields, f"{benefit}: {units.plain(kind, quantity, currency)} in {units.several(number, 'booking')}")
    if not sums and not arguments.json:
        sys.stdout.write(f"nothing is booked for {arguments.subscriber}\n")
    for benefit, kind, currency, quantity, at, valid, ids, key in [] if arguments.json else booked:
        until = f"until {_when(at + valid)}" if valid else "without a limit"
        what = f"{benefit} {units.signed(kind, quantity, currency)}, {until}"
        sys.stdout.write(f"  {_when(at)}  {what}, for {', '.join(json.loads(ids))}, key {key}\n")
    return ExitCode.DONE


def _outbox(arguments: argparse.Namespace) -> ExitCode:
    """Messages to send."""
    with ledger.opened(arguments.ledger, write=False) as opened:
        opened.row_factory = sqlite3.Row
        for row in opened.execute(_MESSAGES, (arguments.after, arguments.limit)):
            text = f"{row['title']}: {row['body']}" if row["title"] else row["body"]
            _out(
                arguments,
                dict(row),
                f"{row['sequence']:>8}  {row['subscriber_id']}  {row['channel']} {row['language']}  {text}",
            )
    return ExitCode.DONE


def _out(arguments: argparse.Namespace, fields: dict[str, object], line: str) -> None:
    """As JSON or as a line."""
    sys.stdout.write((json.dumps(fields, ensure_ascii=False) if arguments.json else line) + "\n")


def _when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
