"""The commands of runs: run, reverse, runs, report, approve, threshold."""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from clients import bar, channel, quantities
from clients.account import (
    delivery_telling,
    outage_files,
    proposal,
    register,
    reviewing,
    run_records,
    service,
    telling,
    telling_runs,
)
from clients.account.database import Database
from clients.account.extract import ExtractReader
from clients.account.job import File, Job
from clients.account.proposing import How, Proposing
from clients.account.run_records import APPROVED, BEGUN, WAITS, Counted, Question, Run
from clients.account.running import Running
from clients.account.saying import instant, ledger, out, said, words
from clients.account.service import Service
from clients.account.settling import Outages
from clients.account.sources import Extract, Known, Reads, Source, as_they_are, of_rows
from clients.account.store import NO_RUN, Written
from clients.account.telling import Told
from clients.billing import progress, start
from clients.errors import BadInput, ClientError, ExitCode, Interrupted
from clients.processes import Processes
from clients.tables import opening
from clients.tables import options as table_options

NO_THRESHOLD: Final = "none"


def run(arguments: argparse.Namespace) -> ExitCode:
    """Settle the subscribers of a file, or those whom the account knows."""
    if arguments.list is not None and not arguments.dry_run:
        raise BadInput("--list is of a dry run; give --dry-run as well, or take a run's report afterwards")
    if arguments.corrected and arguments.known:
        raise BadInput("--corrected takes facts from a file; give --subscribers")
    if arguments.dry_run and not arguments.ledger.startswith("postgresql://") and not Path(arguments.ledger).exists():
        raise BadInput(f"there is no ledger {arguments.ledger}; outages import sets one up")
    with ledger(arguments, create=not arguments.dry_run) as opened:
        if arguments.outages is not None:
            _hold_to_register(arguments, opened)
        _hold_scope(opened, arguments.outage)
        return _settle(arguments, opened, arguments.subscribers, arguments.outage or None, dry=arguments.dry_run)


def reverse(arguments: argparse.Namespace) -> ExitCode:
    """An outage was none: withdrawn, and settled for all for whom it was decided."""
    who = said(arguments)
    with ledger(arguments, create=False, writes=True) as opened:
        opened.write(lambda connection: register.withdraw(connection, arguments.outage, who))
        arguments.everything = arguments.corrected = arguments.restart = False
        return _settle(arguments, opened, None, [arguments.outage], dry=False)


def runs(arguments: argparse.Namespace) -> ExitCode:
    """All of an account."""
    with ledger(arguments, create=False) as opened:
        found = opened.read(run_records.everything)
    out(arguments, chain.from_iterable(telling_runs.head(each, words(arguments)) for each in found))
    return ExitCode.DONE


def report(arguments: argparse.Namespace) -> ExitCode:
    """What is booked of a run."""
    with ledger(arguments, create=False) as opened:
        found = opened.read(lambda connection: run_records.found(connection, arguments.run))
        _report(arguments, opened, found)
        out(
            arguments, opened.read(lambda connection: list(delivery_telling.of_run(connection, found.run_id, words(arguments))))
        )
    return ExitCode.DONE


def approve(arguments: argparse.Namespace) -> ExitCode:
    """A second person's word."""
    who, say = said(arguments), words(arguments)
    with ledger(arguments, create=False, writes=True) as opened:

        def approved(connection: Any) -> None:
            found = run_records.found(connection, arguments.run)
            if found.state != WAITS:
                raise BadInput(f"run {found.run_id} does not wait for a second person; it is {found.state}")
            if found.by == who.by:
                raise BadInput(f"run {found.run_id} was begun by {who.by}, and a second person has to approve it")
            after = replace(found, state=APPROVED, approved_by=who.by, approved_because=who.reason)
            run_records.advance(connection, found, after)

        opened.write(approved)
    out(arguments, [Told({"run": arguments.run, "state": APPROVED}, say("approved run", run=arguments.run))])
    return ExitCode.DONE


def threshold(arguments: argparse.Namespace) -> ExitCode:
    """Above what a run wants a second person."""
    who, say = said(arguments), words(arguments)
    wanted = [_threshold(each) for each in arguments.thresholds]
    with ledger(arguments, create=True) as opened:

        def set_all(connection: Any) -> None:
            for name, quantity in wanted:
                run_records.set_threshold(connection, name, quantity, who.by, who.reason, who.at)

        opened.write(set_all)
    for text, (name, quantity) in zip(arguments.thresholds, wanted, strict=True):
        shown = text.partition("=")[2].strip()
        sentence = "limit" if name.startswith(reviewing.BY_HAND) else "threshold"
        line = say("no threshold", name=name) if quantity is None else say(sentence, name=name, quantity=shown)
        out(arguments, [Told({"threshold": name, "quantity": quantity}, line)])
    return ExitCode.DONE


def _threshold(pair: str) -> tuple[str, int | None]:
    name, equals, text = (part.strip() for part in pair.partition("="))
    if equals and name and text == NO_THRESHOLD:
        return name, None
    try:
        _, quantity, _ = quantities.read(pair)
    except ValueError as error:
        raise BadInput(f"threshold {error}") from error
    return name, quantity


def _settle(
    arguments: argparse.Namespace, opened: Database, file: Path | None, outages: list[str] | None, *, dry: bool
) -> ExitCode:
    to = channel.connection(arguments)
    as_of = None if arguments.as_of is None else instant(arguments.as_of, "--as-of")
    options = table_options.of_arguments(arguments) if file is not None else None
    unchanged = start.watch([file]) if file is not None else lambda: None
    what = {
        "subscribers": "known" if file is None else progress.fingerprint(file),
        "outages": None if outages is None else sorted(outages),
        "everything": arguments.everything,
        "corrected": arguments.corrected,
        "policy": arguments.policy,
        "as_of": arguments.as_of,
        **({} if options is None or file is None else options.as_flags(file)),
    }
    question = Question(what)
    with service.opened(to, arguments.policy) as asked:
        found = None if dry else _found(opened, question, asked, restart=arguments.restart)
        if found is not None and found.state == WAITS:
            return _wait(arguments, opened, found)
        source, reads, of_file = _source(opened, file, options, outages)
        who = said(arguments)
        policies = tuple(sorted(asked.texts))
        looked_at = _now() if as_of is None else as_of
        at = found or Run(NO_RUN, what, policies, looked_at, BEGUN, source.start, Counted(), None, who.by, who.reason, who.at)
        if not dry and found is None:
            begun = at
            at = opened.write(lambda connection: run_records.begin(connection, question, begun))
        asked.ask.engine = at.engine
        if at.counted.total:
            where = f"at line {at.position.line}, as of {telling.when(at.as_of)}"
            bar.console().print(f"account: going on with run {at.run_id}, begun {telling.when(at.begun_at)}, {where}")
        scope = None if outages is None else frozenset(outages)
        how = How(at.as_of, scope, arguments.everything, arguments.corrected, asked.policy_id, asked.terms)
        job = Job(arguments.ledger, arguments.wait, to, frozenset(asked.texts), at.engine, how, of_file)
        written = Written(at.by, at.reason, asked.policy_id, at.as_of, who.at, asked.texts, at.run_id)
        proposing = Proposing(opened, how, asked.ask.all, reads)
        with bar.shown(bar.console(), source.end) as show:
            show(at.position.offset, at.counted.total)
            processes = Processes(job, arguments.processes)
            running = Running(opened, proposing, processes, source, written, arguments.piece, show, unchanged, _now)
            if dry:
                return _propose(arguments, running, at)
            at = _book(opened, running, at)
        if at.state == WAITS:
            return _wait(arguments, opened, at)
        _report(arguments, opened, at)
        return ExitCode.ROWS_FAILED if at.counted.rows.get("errors") else ExitCode.DONE


def _now() -> int:
    return int(time.time())


def _propose(arguments: argparse.Namespace, running: Running, at: Run) -> ExitCode:
    with tempfile.NamedTemporaryFile(prefix="makegood-") as ids:
        with proposal.list_file(arguments.list) as into:
            seen = proposal.Proposal(into, ids)
            running.propose(at, seen.see)
        out(arguments, seen.told(words(arguments)))
    return ExitCode.ROWS_FAILED if seen.met.rows.get("errors") else ExitCode.DONE


def _book(opened: Database, running: Running, at: Run) -> Run:
    """To the end, or until it is seen to want a second person."""
    with _telling_how_to_go_on(opened, at):
        held = opened.read(run_records.thresholds)
        if held and at.proposed is None and not at.counted.total:
            at = running.ask_for_approval(at, held)
        return at if at.state == WAITS else running.book(at, run_records.largest_allowed(at, held))


def _found(opened: Database, question: Question, asked: Service, *, restart: bool) -> Run | None:
    """The run of a question that was stopped, or waits; it goes on by the policies that it began with."""
    found = None if restart else opened.read(lambda connection: run_records.unfinished(connection, question))
    if found is not None and found.policies != tuple(sorted(asked.texts)):
        raise BadInput(
            f"run {found.run_id} began with other policies than the server has now, and one run must not hold both",
            ["  put the former back and run the same command again, or begin anew with --restart; what was booked stays"],
        )
    return found


def _source(
    opened: Database, file: Path | None, options: table_options.TableOptions | None, outages: list[str] | None
) -> tuple[Source, Reads, File | None]:
    """Whom to settle, and how rows of a file are read; what was recognised of it is said on standard error."""
    registered = opened.read(Outages.read)
    if file is None or options is None:
        related = {each for one in outages or () for each in (one, *registered.after.get(one, ()))}
        return Known(opened, None if outages is None else sorted(related)), as_they_are, None
    of_file = options.beside(file)
    table = opening.open_table(file, of_file)
    areas = sorted(registered.areas)
    reader = ExtractReader(table, str(file), of_file, areas)
    for line in (*opening.notes(file, table), *reader.notes):
        bar.console().print(f"account: {line}")
    return Extract(table), of_rows(reader), File(file, of_file, tuple(areas))


def _hold_to_register(arguments: argparse.Namespace, opened: Database) -> None:
    """Raises BadInput where a file of outages says something else than the register."""
    entries = outage_files.load(arguments.outages, lambda line: bar.console().print(f"account: {line}"), _now())

    def differences(connection: Any) -> list[str]:
        registered = Outages.read(connection).revisions
        found = []
        for each in entries:
            known = registered.get(each.outage_id)
            what = "is not there" if known is None else register.changes(known, each)
            if known is not None and known.state == register.RETIRED:
                what = f"was retired ({known.what})"
            found += [f"  outage {each.outage_id}: {what}"] if what else []
        return found

    if problems := opened.read(differences):
        hint = '  outages import FILE --reason "…" makes a revision of each'
        raise BadInput(f"{arguments.outages} says otherwise than the register; nothing was settled", [*problems, hint])


def _hold_scope(opened: Database, outages: list[str]) -> None:
    known = opened.read(Outages.read).revisions if outages else {}
    if unknown := [each for each in outages if each not in known]:
        raise BadInput(f"outage {', '.join(unknown)} is not in the register; outages import brings it in")


@contextmanager
def _telling_how_to_go_on(opened: Database, at: Run) -> Iterator[None]:
    """What stops a run says that it is kept, and where it goes on."""

    def line() -> str:
        now = opened.read(lambda connection: run_records.found(connection, at.run_id))
        done = f"{now.counted.total} rows of run {now.run_id} are settled and booked"
        return f"  {done}; the same command goes on at line {now.position.line}"

    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted([line()]) from error
    except ClientError as error:
        if error.exit_code != ExitCode.LEDGER_UNUSABLE:
            error.lines = (*error.lines, line())
        raise


def _wait(arguments: argparse.Namespace, opened: Database, at: Run) -> ExitCode:
    held = opened.read(run_records.thresholds)
    out(arguments, telling_runs.exceeding(at, held, words(arguments)))
    return ExitCode.WANTS_APPROVAL


def _report(arguments: argparse.Namespace, opened: Database, at: Run) -> None:
    say = words(arguments)
    out(arguments, chain(telling_runs.head(at, say), telling_runs.met(at.counted, say)))
    if at.state in (WAITS, APPROVED):
        out(arguments, telling_runs.proposed(at, say))
    else:
        out(arguments, opened.read(lambda connection: list(telling_runs.booked(connection, at, say))))
