"""Lives a day of the city: through the commands of the account, each in a process of its own, and then held to the text."""

import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.errors import NoFiguresError
from bench.process import MIB, held_bytes
from bench.servers import Server
from bench.weekend import city
from bench.weekend.checked import Checking
from clients.errors import ExitCode


@dataclass(frozen=True, slots=True)
class Took:
    """A command: its seconds, the CPU time of it and of the server, the most memory that it held, and what it booked.

    All is of the command with its processes; what they share counts for each.
    """

    seconds: float
    cpu_seconds: float
    server_cpu_seconds: float
    peak_bytes: int
    bookings: int


class City:
    """A folder with its files and its ledger, and a server."""

    def __init__(self, folder: Path, server: Server, subscribers: int) -> None:
        self.ledger = folder / "account.sqlite"
        self._folder, self._server, self.subscribers = folder, server, subscribers

    def account(self, *words: str) -> Took:
        """A command of the account. Raises NoFiguresError where it fails; rows that wait are no failure."""
        return self.command("clients.account", *words, "--ledger", str(self.ledger))

    def command(self, module: str, *words: str, rows_may_fail: bool = False) -> Took:
        """A command of a caller. Raises NoFiguresError where it fails, or where rows do and may not."""
        command = [sys.executable, "-m", module, *words]
        before, booked, began = self._server.cpu_seconds(), self.bookings(), time.perf_counter()
        environment = {**os.environ, "MAKEGOOD_ADDRESS": self._server.address}
        with (self._folder / "said.txt").open("w") as said:
            redirected = [(os.POSIX_SPAWN_DUP2, said.fileno(), 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)]
            pid = os.posix_spawn(command[0], command, environment, file_actions=redirected)
            peak = 0
            # What wait4 says of memory is of the largest process, and counts what this one held when it began the other.
            while not (ended := os.wait4(pid, os.WNOHANG))[0]:
                peak = max(peak, held_bytes(pid))
                time.sleep(0.05)
            _, status, used = ended
        seconds = time.perf_counter() - began
        ended_with = os.waitstatus_to_exitcode(status)
        if ended_with and not (rows_may_fail and ended_with == ExitCode.ROWS_FAILED):
            raise NoFiguresError(f"{' '.join(words)} failed:\n{(self._folder / 'said.txt').read_text('utf-8')}")
        cpu = used.ru_utime + used.ru_stime
        return Took(seconds, cpu, self._server.cpu_seconds() - before, peak, self.bookings() - booked)

    def bookings(self) -> int:
        """How many the ledger holds, those of recourse with them."""
        if not self.ledger.exists():
            return 0
        with closing(sqlite3.connect(self.ledger)) as connection:
            counted = connection.execute("select (select count(*) from booking) + (select count(*) from recourse)")
            return int(counted.fetchone()[0])

    def hear(self, day: city.Day) -> tuple[Path, Path]:
        """Write the day's files, and bring its outages into the register. Returns the two."""
        outages, extract = self._folder / f"outages-{day.number}.csv", self._folder / f"subscribers-{day.number}.parquet"
        city.write_outages(outages, day.outages)
        city.write_subscribers(extract, self.subscribers, day.number)
        self.account("outages", "import", str(outages), *_said(day))
        for each in day.withdrawn:
            self.account("outages", "withdraw", each, *_said(day))
        return outages, extract

    def settle(self, day: city.Day, extract: Path, *more: str) -> Took:
        """Run over the extract."""
        return self.account("run", "--subscribers", str(extract), "--as-of", day.as_of, *_said(day), *more)


def live(lived: City, day: city.Day, checking: Checking, tell: Callable[[str], None], *, once: bool = False) -> list[str]:
    """A day, with the run given twice unless ``once``. Returns in what the ledger differs. ``tell`` is told each figure."""
    outages, extract = lived.hear(day)
    differences: list[str] = []
    for how in ("run",) if once else ("run", "the same again"):
        took = lived.settle(day, extract)
        if how != "run" and took.bookings:
            differences.append(f"the same run again booked {took.bookings}")
        rows, bookings = lived.subscribers / took.seconds, took.bookings / took.seconds
        pace = f"{rows:,.0f} rows/s, {bookings:,.0f} bookings/s, at most {took.peak_bytes / MIB:,.0f} MiB"
        cpu = f"CPU {took.cpu_seconds:.1f} s, of the server {took.server_cpu_seconds:.1f} s"
        tell(f"day {day.number}, {how}: {took.seconds:.1f} s, {took.bookings:,} booked, {pace}; {cpu}")
    lived.account("verify")
    checking.hear(day.number, day.as_of, outages, list(day.withdrawn), extract)
    differences += checking.differences(lived.ledger)
    for what, figure in checking.figures().items():
        tell(f"  {what}: {figure:,}")
    for each in differences or ["the ledger holds just that"]:
        tell(f"  {each}")
    return differences


def _said(day: city.Day) -> tuple[str, ...]:
    return ("--reason", f"day {day.number} of the weekend", "--by", "city")
