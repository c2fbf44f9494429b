"""Provisioning's command line: apply, balance and outbox."""

import argparse
import csv
import json
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from clients import alike, bar, command, units
from clients.billing import results, start
from clients.errors import BadInput, ExitCode, Interrupted
from clients.provisioning import bookings, ledger, whole
from clients.provisioning.apply import Applied, apply
from clients.tables import opening
from clients.tables.rows import Table
from clients.writing import writing

CHUNK_ROWS = 1000
PROBLEMS = "rows not booked for a problem"
KEPT = "  what was booked before stays booked; run the same command again, nothing is booked twice"
EXAMPLE = """\
examples:
  python -m clients.provisioning apply result.csv --ledger ledger.sqlite
  python -m clients.provisioning balance 13800000001 --ledger ledger.sqlite
  python -m clients.provisioning outbox --ledger ledger.sqlite --after 1200

The rows are first held against the totals that the last of them carries: of a file that lost rows, or whose amounts were
changed, nothing is booked. So with a row whose grant keys do not follow from it.
A grant is booked under its key, once: applying a file again changes nothing and says so, and a run that was killed is
completed by running it again. A row is booked whole, with its notices, or not at all. Two kinds of rows are reported and
left unbooked, for they would pay one outage twice: a key that is booked with another quantity, and a row (OVERLAPS) with an
outage for which the subscriber has a booking of this benefit under this policy already, of which its question was not told.
Decide such a row again with what is booked told: billing's --already-granted-from LEDGER or column already_granted.BENEFIT,
crm's --already-granted. What is then granted on top has a key of its own and is booked.
"""
_SUMS = "SELECT benefit, kind, currency_code, quantity, bookings FROM balance WHERE subscriber_id = ? ORDER BY benefit, kind"
_BOOKINGS = (
    "SELECT benefit, kind, currency_code, quantity, booked_at, valid_for_seconds, outage_ids, grant_key FROM booking"
    " WHERE subscriber_id = ? ORDER BY booked_at, benefit, grant_key"
)
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
        return {"apply": _apply, "balance": _balance, "outbox": _outbox}[arguments.command](arguments)

    command.run("provisioning", run, KEPT.strip())


def parser() -> argparse.ArgumentParser:
    """The command line with all its help."""
    epilog = EXAMPLE + "\n" + command.exit_codes(EXITS)
    what = "Books the grants of a billing result in a ledger, each once."
    root = command.Parser(prog="python -m clients.provisioning", description=what, epilog=epilog)
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    applying = commands.add_parser("apply", help="book a billing result", description=what, epilog=epilog)
    applying.add_argument("result", metavar="RESULT", type=Path, help="the result of billing, .csv or .parquet")
    applying.add_argument(
        "--report", metavar="FILE", type=Path, help="write every row that was not booked for a problem, as CSV"
    )
    applying.add_argument(
        "--rows",
        metavar="N",
        type=command.whole_number(0, 2**63 - 1),
        help="apply a part of a result, or one that does not say its totals, on purpose: it has to have so many rows",
    )
    applying.add_argument("--wait", metavar="SECONDS", type=_seconds, default=10, help="for a locked ledger (default 10)")
    one = "Show what a subscriber was granted: the sum by benefit, and each booking."
    balance = commands.add_parser("balance", help="show a subscriber's bookings", description=one, epilog=epilog)
    balance.add_argument("subscriber", metavar="SUBSCRIBER", help="the operator's id of the subscription")
    listing = "List the messages to send, oldest first. A sender remembers the last sequence number that it sent."
    outbox = commands.add_parser("outbox", help="list the messages to send", description=listing, epilog=epilog)
    outbox.add_argument("--after", metavar="SEQUENCE", type=_SEQUENCE, default=0, help="only messages after this one")
    outbox.add_argument("--limit", metavar="N", type=_LIMIT, default=100, help="at most so many (default 100)")
    for each in (applying, balance, outbox):
        each.add_argument(
            "--ledger", metavar="FILE", type=Path, required=True, help="the SQLite file; apply makes it if need be"
        )
        if each is not applying:
            each.add_argument("--json", action="store_true", help="print JSON, one object a line")
    return root


def _apply(arguments: argparse.Namespace) -> ExitCode:
    """Book the file chunk by chunk."""
    _check_apart(arguments)
    table = opening.open_table(arguments.result)
    unchanged = start.watch([arguments.result])
    _judge(arguments, table)
    total = Applied()
    with (
        _report(arguments.report) as report,
        ledger.opened(arguments.ledger, write=True, wait_seconds=arguments.wait) as opened,
        _problems_told() as problems,
        bar.shown(bar.console(), table.end) as advance,
    ):
        try:
            for offset, chunk in bookings.read(table, str(arguments.result), CHUNK_ROWS):
                unchanged()
                part = apply(opened, chunk, int(time.time()))
                for problem in part.problems:
                    report(problem)
                problems.add((line, text) for line, _, text in part.problems)
                total.counts[PROBLEMS] += len(part.problems)
                part.problems.clear()  # they are reported; a file full of them must not fill memory
                total.add(part)
                advance(offset, total.counts["rows"])
        except KeyboardInterrupt as error:
            raise Interrupted([KEPT]) from error
        except BadInput as error:
            error.lines = (*error.lines, KEPT)
            raise
    _print_applied(total, arguments)
    return ExitCode.ROWS_FAILED if total.counts[PROBLEMS] else ExitCode.DONE


def _judge(arguments: argparse.Namespace, table: Table) -> None:
    """Hold all rows against the totals of the run. Raises BadInput, after what is wrong with single rows, where they differ."""
    held = whole.Held()
    with bar.shown(bar.console(), table.end) as advance, _problems_told() as problems:
        for offset, chunk in bookings.read(table, str(arguments.result), CHUNK_ROWS):
            held.add(chunk)
            problems.add((booking.line, booking.problem) for booking in chunk if booking.problem)
            advance(offset, held.rows)
        whole.check(
            held,
            str(arguments.result),
            said_rows=arguments.rows,
            says_totals=results.RUN_TOTALS in table.columns,
            unended=table.unended,
        )
        problems.clear()  # they are told again by the booking of the rows


class _Problems:
    """What is wrong with rows, by kind."""

    def __init__(self) -> None:
        self.kinds = alike.NONE

    def add(self, problems: Iterable[tuple[int, str]]) -> None:
        """Problems of some more rows, with their lines."""
        self.kinds = self.kinds.plus(alike.of(problems))

    def clear(self) -> None:
        self.kinds = alike.NONE


@contextmanager
def _problems_told() -> Iterator[_Problems]:
    """Tells what was gathered at the end, also where that is an error of the whole file."""
    problems = _Problems()
    try:
        yield problems
    finally:
        sys.stderr.write("".join(f"provisioning: {told}\n" for told in problems.kinds.told()))


def _check_apart(arguments: argparse.Namespace) -> None:
    """Three files that must not be one: the report and the ledger are written, the result is read."""
    files = [path.resolve() for path in (arguments.result, arguments.ledger, arguments.report) if path is not None]
    if len(set(files)) < len(files):
        raise BadInput("RESULT, --ledger and --report have to be different files")


def _print_applied(total: Applied, arguments: argparse.Namespace) -> None:
    """What was done, exactly."""
    counts = total.counts
    rows = units.several(counts.pop("rows", 0), "row")
    lines = [f"{arguments.result} applied to {arguments.ledger}: {rows}"]
    new = counts["grants booked"] or counts["notices written"] or counts[PROBLEMS]
    if counts["grants booked before"] and not new:
        lines.append("nothing new: every grant and every notice of this file was there before")
    lines += [f"  {what}: {number}" for what, number in counts.items() if number]
    lines += [
        f"  booked {benefit}: {units.plain(kind, quantity, currency)}"
        for (benefit, kind, currency), quantity in sorted(total.booked.items())
    ]
    if counts[PROBLEMS] and arguments.report is None:
        lines.append("  --report FILE writes all of them, with the subscriber of each")
    sys.stdout.write("\n".join(lines) + "\n")


def _seconds(text: str) -> float:
    """A time to wait, for argparse."""
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, for example 10 or 0.5")
    return float(text)


@contextmanager
def _report(path: Path | None) -> Iterator[Callable[[tuple[object, ...]], None]]:
    """Writes a problem down; does nothing when no file was named."""
    if path is None:
        yield lambda problem: None
        return
    rows = 0

    def write(row: tuple[object, ...]) -> None:
        nonlocal rows
        with writing(path, "--report"):
            writer.writerow(row)
            rows += 1
            if rows % CHUNK_ROWS == 0:
                file.flush()

    with writing(path, "--report"):
        file = path.open("w", encoding="utf-8", newline="")
    try:
        writer = csv.writer(file, lineterminator="\n")
        write(("line", "subscriber_id", "problem"))
        yield write
    finally:
        with writing(path, "--report"):
            file.close()


def _balance(arguments: argparse.Namespace) -> ExitCode:
    """Sum and bookings of one subscriber."""
    with ledger.opened(arguments.ledger, write=False) as opened:
        sums = opened.execute(_SUMS, (arguments.subscriber,)).fetchall()
        booked = opened.execute(_BOOKINGS, (arguments.subscriber,)).fetchall()
    for benefit, kind, currency, quantity, number in sums:
        fields = {"benefit": benefit, "kind": kind, "currency_code": currency, "quantity": quantity, "bookings": number}
        _out(arguments, fields, f"{benefit}: {units.plain(kind, quantity, currency)} in {units.several(number, 'booking')}")
    if not sums and not arguments.json:
        sys.stdout.write(f"nothing is booked for {arguments.subscriber}\n")
    for benefit, kind, currency, quantity, at, valid, ids, key in [] if arguments.json else booked:
        until = f"until {_when(at + valid)}" if valid else "without a limit"
        what = f"{benefit} {units.plain(kind, quantity, currency)}, {until}"
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
