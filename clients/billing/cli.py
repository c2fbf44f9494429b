"""Billing's command: checks everything that can be checked, decides, and says what came out."""

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from os.path import realpath
from pathlib import Path
from typing import NoReturn

from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console

from clients import bar, channel, command, enums, parsing, units
from clients.billing import check_cli, granted_before, outages, progress, repeats, results, run, start, totals
from clients.billing.flags import parser
from clients.billing.granted_before import GrantedBefore
from clients.billing.job import Job
from clients.billing.outages import Outages
from clients.billing.parts import Deciding
from clients.billing.progress import Progress, Question
from clients.billing.questions import Asking
from clients.billing.spool import format_of
from clients.billing.subscribers import SubscriberReader
from clients.channel import Connection
from clients.errors import BadInput, BeginAnew, ClientError, ExitCode, Interrupted
from clients.processes import Processes, collect_seldom, hold_less
from clients.status import Refusal
from clients.tables import opening
from clients.tables import options as table_options
from clients.writing import CannotWrite, writing
from makegood.v1.compensation_service_pb2 import BatchDefaults, Mode
from makegood.v1.decision_pb2 import NoticeChannel

KEPT = "what was decided is kept, and the same command goes on from there"
QUIET_SECONDS = 5.0
"""Between two lines that say that the server is waited for."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Entry point of python -m clients.billing."""
    # kill stops a run as Ctrl-C does, with the connection closed and the progress bar cleared.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    def run_command() -> ExitCode:
        arguments = parser().parse_args(argv)
        collect_seldom()
        hold_less()
        return check_cli.run(arguments) if arguments.command == "check" else _run(arguments)

    command.run("billing", run_command, KEPT)


def _run(arguments: argparse.Namespace) -> ExitCode:
    """Check everything that can be checked, then decide."""
    if arguments.out.suffix not in (".csv", ".parquet"):
        raise BadInput(f"--out {arguments.out}: its name has to end in .csv or .parquet")
    _check_apart(arguments)
    as_of = _as_of(arguments.as_of)
    to = channel.connection(arguments)
    notes = bar.console()
    options = table_options.of_arguments(arguments)
    of_subscribers = options.beside(arguments.subscribers)
    table = opening.open_table(arguments.subscribers, of_subscribers)
    for line in opening.notes(arguments.subscribers, table):
        notes.print(f"billing: {line}")
    found = outages.load(arguments.outages, options, lambda line: notes.print(f"billing: {line}"))
    if arguments.already_granted_from is not None and not arguments.policy:
        arguments.policy = granted_before.default_policy(to)
    with (
        start.only_run(arguments.out),
        granted_before.opened(arguments.already_granted_from, arguments.policy) as before,
    ):
        unchanged = start.watch((arguments.subscribers, arguments.outages))
        layout = format_of(arguments.out)
        # The columns are checked before anything is written.
        reader = SubscriberReader(table, str(arguments.subscribers), of_subscribers, found)
        for line in reader.notes:
            notes.print(f"billing: {line}")
        defaults = _defaults(arguments)
        asking = Asking(reader, found, defaults, arguments.batch, before)
        question = _question(arguments, before)
        at = start.begin(arguments.out, question, as_of, table.start, layout, restart=arguments.restart)
        defaults.as_of.seconds = at.as_of
        if not at.finished:
            if at.position != table.start:
                notes.print(f"billing: going on at line {at.position.line} of {arguments.subscribers}")
            on_wait = _on_wait(to, notes)
            # One snapshot of a ledger is for all rows, and other processes would each have one of their own.
            number = arguments.processes if before is None else 1
            processes = Processes(_job(arguments, defaults, to), number, lambda waits: on_wait(*waits), run.LANES)
            deciding = Deciding(asking, layout, to.address, arguments.strict)
            sizes = arguments.part, arguments.window, arguments.streams
            work = run.Work(table, deciding, to, *sizes, processes, unchanged, on_wait)
            at = _finish(arguments.out, work, at, notes)
        return _report(arguments, at, found)


def _job(arguments: argparse.Namespace, defaults: BatchDefaults, to: Connection) -> Job:
    """What other processes open."""
    options = table_options.of_arguments(arguments)
    return Job(
        arguments.subscribers,
        options.beside(arguments.subscribers),
        arguments.outages,
        options,
        defaults.SerializeToString(),
        arguments.batch,
        arguments.out,
        to,
        arguments.window,
        arguments.strict,
    )


def _finish(out: Path, work: run.Work, at: Progress, notes: Console) -> Progress:
    """Decide what is left and put the result in its place. What stops it says how to go on."""
    spool = start.spool_beside(out)
    try:
        with work.deciding.format.finishing(spool, out) as result:
            with bar.shown(notes, work.table.end) as advance:

                def show(at: Progress) -> None:
                    result.follow(at.spool_bytes)
                    advance(at.position.offset, at.counts["rows",])

                show(at)
                at = run.decide(work, out, spool, at, show)
            with writing(out):
                result.finish(totals.in_last_row(at.counts))
    except (ClientError, KeyboardInterrupt) as error:
        kept = progress.load(progress.path_beside(out)) or at
        rows = kept.counts["rows",]
        decided = f"{units.several(rows, 'row')} {'is' if rows == 1 else 'are'} decided and kept"
        line = f"  {decided}; the same command goes on at line {kept.position.line}"
        if not rows:
            line = "  nothing was decided yet"
        elif isinstance(error, BeginAnew):
            line = (
                f"  when that is mended, begin anew with --restart: {units.several(rows, 'row')} decided before it cannot stay"
            )
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted([line]) from error
        error.lines = (*(() if isinstance(error, CannotWrite) else error.lines), line)
        raise
    at = replace(at, finished=True)
    progress.save(at, progress.path_beside(out))
    spool.unlink(missing_ok=True)
    repeats.path_beside(out).unlink(missing_ok=True)
    return at


def _report(arguments: argparse.Namespace, at: Progress, found: Outages) -> ExitCode:
    """Print the totals and write them where that is asked for."""
    ids, named = found.ids(range(len(found.messages))), found.by_area.keys()
    if arguments.totals is not None:
        document = {
            "as_of": Timestamp(seconds=at.as_of).ToJsonString(),
            **totals.document(at.counts, at.errors, ids),
            "areas": at.areas.summary(named),
        }
        with writing(arguments.totals, "--totals"):
            arguments.totals.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    shown = [
        f"{arguments.out} is whole; as of {Timestamp(seconds=at.as_of).ToJsonString()}",
        *totals.lines(at.counts, at.errors, ids),
        *at.areas.told(named),
    ]
    sys.stdout.write("\n".join(shown) + "\n")
    return ExitCode.ROWS_FAILED if at.counts["outcomes", results.ERROR] else ExitCode.DONE


def _check_apart(arguments: argparse.Namespace) -> None:
    """What is written must be no file that is read, and must have a folder to go to."""
    read = {realpath(arguments.subscribers), realpath(arguments.outages)}
    read |= {realpath(arguments.already_granted_from)} if arguments.already_granted_from is not None else set()
    written = [(flag, path) for flag, path in (("--out", arguments.out), ("--totals", arguments.totals)) if path is not None]
    for flag, path in written:
        if realpath(path) in read:
            raise BadInput(f"{flag} {path} is a file that this run reads; give another name")
        if not path.parent.is_dir():
            raise BadInput(f"{flag} {path}: there is no folder {path.parent}")
    if len({realpath(path) for _, path in written}) < len(written):
        raise BadInput(f"--totals {arguments.totals} is the file of --out; give another name")


def _defaults(arguments: argparse.Namespace) -> BatchDefaults:
    """What is asked of each row alike, but for the instant at which facts are looked at."""
    defaults = BatchDefaults(mode=Mode.ValueType(enums.number(Mode.DESCRIPTOR, arguments.mode)))
    if arguments.policy or arguments.version:
        defaults.policy.policy_id, defaults.policy.version = arguments.policy, arguments.version
    if arguments.notice_channel or arguments.notice_language:
        if arguments.mode != "PROACTIVE_NOTICE":
            raise BadInput("--notice-channel and --notice-language are only for --mode PROACTIVE_NOTICE")
        defaults.notice.languages.extend(arguments.notice_language)
        if arguments.notice_channel:
            number = enums.number(NoticeChannel.DESCRIPTOR, arguments.notice_channel)
            defaults.notice.channel = NoticeChannel.ValueType(number)
    return defaults


def _question(arguments: argparse.Namespace, before: GrantedBefore | None) -> Question:
    """What a rerun has to repeat. The pace is not part of it, but the part is: it shapes a Parquet result."""
    names = ("policy", "version", "mode", "notice_channel", "notice_language", "as_of", "part")
    flags = {name.replace("_", "-"): getattr(arguments, name) for name in names}
    flags |= table_options.of_arguments(arguments).as_flags(arguments.subscribers, arguments.outages)
    if before is not None:
        flags["already-granted-from"] = f"a ledger of {units.several(before.bookings, 'booking')}"
    return Question(progress.fingerprint(arguments.subscribers), progress.fingerprint(arguments.outages), flags)


def _as_of(text: str | None) -> int | None:
    try:
        return None if text is None else parsing.instant(text)
    except ValueError as error:
        raise BadInput(f"--as-of: {error}") from error


def _on_wait(to: Connection, notes: Console) -> Callable[[Refusal, float], None]:
    """Tells that the server is waited for; not each time, for each stream tries several times a second."""
    told = -QUIET_SECONDS

    def on_wait(refusal: Refusal, seconds: float) -> None:  # noqa: ARG001 -- retry tells how long it waits; no person needs it
        nonlocal told
        if time.monotonic() - told >= QUIET_SECONDS:
            told = time.monotonic()
            what = f"{to.address}: {refusal.code}: {refusal.message}"
            notes.print(f"billing: {what}; trying again for up to {to.timeout_seconds:g} s (--timeout)")

    return on_wait
