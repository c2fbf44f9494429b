"""The check command: opens both files as a run would, judges them, and reports."""

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from clients import alike, bar
from clients.billing import check, check_report, outages
from clients.billing.check_report import Checked
from clients.billing.outages import Outages
from clients.billing.subscribers import SubscriberReader
from clients.errors import BadInput, ExitCode
from clients.tables import opening
from clients.tables import options as table_options
from clients.tables.options import TableOptions

_PLACE = re.compile(r"(?:line |outages\[)([0-9]+)\]?[:.] ?(.*)", re.DOTALL)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Judge both files, also where one of them cannot be used: what is wrong is told at once."""
    notes = bar.console()
    options = table_options.of_arguments(arguments)
    said: list[str] = []

    def note(line: str) -> None:
        said.append(line)
        notes.print(f"billing: {line}")

    found, problems = _outages(arguments.outages, options, note)
    of_subscribers = options.beside(arguments.subscribers)
    try:
        table = opening.open_table(arguments.subscribers, of_subscribers)
        for line in opening.notes(arguments.subscribers, table):
            note(line)
        reader = SubscriberReader(table, str(arguments.subscribers), of_subscribers, found)
        for line in reader.notes:
            note(line)
        with bar.shown(notes, table.end) as advance:
            judged = check.judge(table, reader, found, advance)
    except BadInput as error:
        error.lines = (*error.lines, *problems)
        raise
    checked = Checked(str(arguments.subscribers), str(arguments.outages), judged, found, problems, said)
    if arguments.json:
        sys.stdout.write(json.dumps(check_report.document(checked), ensure_ascii=False, indent=2) + "\n")
    else:
        check_report.write(Console(highlight=False, soft_wrap=True, markup=False, emoji=False), checked)
    if problems:
        return ExitCode.BAD_INPUT
    return ExitCode.ROWS_FAILED if judged.rows_in_error else ExitCode.DONE


def _outages(path: Path, options: TableOptions, note: Callable[[str], None]) -> tuple[Outages, Sequence[str]]:
    """The outages; where they cannot be used, none, and why."""
    try:
        return outages.load(path, options, note), ()
    except BadInput as error:
        return Outages((), (), {}), (error.message, *_told_once(error.lines))


def _told_once(lines: Sequence[str]) -> list[str]:
    """Problems of rows or of entries of a document, those that are alike together; others as they are."""
    placed = [(found, line) for line in lines for found in [_PLACE.fullmatch(line.strip())]]
    errors = alike.of((int(found[1]), found[2]) for found, _ in placed if found is not None)
    return [*errors.told(), *(line for found, line in placed if found is None)]
