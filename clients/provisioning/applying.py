"""The apply command: holds a result against its totals, then books it chunk by chunk, and tells what could not be booked."""

import argparse
import csv
import io
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from os.path import realpath
from pathlib import Path
from typing import Final

from clients import alike, bar, units
from clients.billing import results, start
from clients.errors import BadInput, ExitCode, Interrupted
from clients.provisioning import bookings, ledger, whole
from clients.provisioning.apply import Applied, apply
from clients.tables import opening
from clients.tables.options import TableOptions
from clients.tables.rows import Table
from clients.writing import write_all, writing

CHUNK_ROWS: Final = 1000
PROBLEMS: Final = "rows not booked for a problem"
KEPT: Final = "  what was booked before stays booked; run the same command again, nothing is booked twice"


class Problems:
    """Rows that are not booked: by kind for a person, each in a report where one is asked for."""

    def __init__(self, report: "Report | None") -> None:
        self.kinds, self._report = alike.NONE, report

    def add(self, problems: Iterable[tuple[int, str, str]]) -> None:
        """Some more rows: line, subscriber, what is wrong. Raises CannotWrite."""
        some = list(problems)
        self.kinds = self.kinds.plus(alike.of((line, text) for line, _, text in some))
        if some and self._report is not None:
            self._report.add(some)


class Report:
    """A CSV of problems, each on disk once it is added."""

    def __init__(self, path: Path) -> None:
        """Begins the file anew. Raises CannotWrite."""
        self._path = path
        with writing(path, "--report"):
            path.write_bytes(b"")
        self.add([("line", "subscriber_id", "problem")])

    def add(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Raises CannotWrite."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        with writing(self._path, "--report"), self._path.open("ab", buffering=0) as file:
            write_all(file, text.getvalue().encode(errors="backslashreplace"))


def run(arguments: argparse.Namespace) -> ExitCode:
    """Hold the file against its totals, and book it."""
    _check_apart(arguments)
    table = opening.open_table(arguments.result, TableOptions(encoding=arguments.encoding))
    for note in table.notes:
        bar.console().print(f"provisioning: {arguments.result}: {note}")
    with _problems_told(arguments.report) as problems:
        unchanged = start.watch([arguments.result])
        judge(arguments, table, problems)
        total = Applied()
        with (
            ledger.opened(arguments.ledger, write=True, wait_seconds=arguments.wait) as opened,
            bar.shown(bar.console(), table.end) as advance,
        ):
            try:
                for offset, chunk in bookings.read(table, str(arguments.result), CHUNK_ROWS):
                    unchanged()
                    # What is wrong with a row by itself was told when the file was judged.
                    part = apply(opened, [booking for booking in chunk if not booking.problem], int(time.time()))
                    problems.add(part.problems)
                    total.counts["rows"] += sum(1 for booking in chunk if booking.problem)
                    total.counts[PROBLEMS] += len(part.problems) + sum(1 for booking in chunk if booking.problem)
                    part.problems.clear()  # they are told; a file full of them must not fill memory
                    total.add(part)
                    advance(offset, total.counts["rows"])
            except KeyboardInterrupt as error:
                raise Interrupted([KEPT]) from error
            except BadInput as error:
                error.lines = (*error.lines, KEPT)
                raise
    _print_applied(total, arguments)
    return ExitCode.ROWS_FAILED if total.counts[PROBLEMS] else ExitCode.DONE


def judge(arguments: argparse.Namespace, table: Table, problems: Problems) -> None:
    """Hold all rows against the totals of the run. Raises BadInput where they differ."""
    held = whole.Held()
    with bar.shown(bar.console(), table.end) as advance:
        for offset, chunk in bookings.read(table, str(arguments.result), CHUNK_ROWS):
            held.add(chunk)
            problems.add((booking.line, booking.subscriber_id, booking.problem) for booking in chunk if booking.problem)
            advance(offset, held.rows)
    whole.check(
        held,
        str(arguments.result),
        said_rows=arguments.rows,
        says_totals=results.RUN_TOTALS in table.columns,
        unended=table.unended,
    )


@contextmanager
def _problems_told(report_path: Path | None) -> Iterator[Problems]:
    """Tells at the end what was gathered, also where an error of the whole file ends the command."""
    problems = Problems(None if report_path is None else Report(report_path))
    try:
        yield problems
    finally:
        sys.stderr.write("".join(f"provisioning: {told}\n" for told in problems.kinds.told()))


def _check_apart(arguments: argparse.Namespace) -> None:
    """Three files that must not be one: the report and the ledger are written, the result is read."""
    files = [realpath(path) for path in (arguments.result, arguments.ledger, arguments.report) if path is not None]
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
