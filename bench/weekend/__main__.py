"""``python -m bench.weekend``: see --help."""

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.process import MIB
from bench.servers import MAKEGOOD, Server, serving
from bench.weekend import city
from bench.weekend.checked import Checking

WHAT: Final = """\
Two days of a city through the commands of clients.account, against a server on the default policy: six outages, of which one goes
on, one turns out longer on the second day, one shorter, one none, one was a third party's. After each day the ledger is held
against an account that DuckDB works out from the text of the policy. Exits with 1 where they differ."""


@dataclass(frozen=True, slots=True)
class Took:
    """A command: its seconds, the CPU time of it and of the server, and the most memory that it held."""

    seconds: float
    cpu_seconds: float
    server_cpu_seconds: float
    peak_bytes: int


class City:
    """A folder with its files and its ledger, and a server."""

    def __init__(self, folder: Path, server: Server, subscribers: int) -> None:
        self.ledger = folder / "account.sqlite"
        self._folder, self._server, self._subscribers = folder, server, subscribers

    def account(self, *words: str) -> Took:
        """A command of the account. Raises SystemExit where it fails; rows that wait are no failure."""
        command = [sys.executable, "-m", "clients.account", *words, "--ledger", str(self.ledger)]
        before, began = self._server.cpu_seconds(), time.perf_counter()
        environment = {**os.environ, "MAKEGOOD_ADDRESS": self._server.address}
        with (self._folder / "said.txt").open("w") as said:
            redirected = [(os.POSIX_SPAWN_DUP2, said.fileno(), 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)]
            _, status, used = os.wait4(os.posix_spawn(command[0], command, environment, file_actions=redirected), 0)
        seconds = time.perf_counter() - began
        if status:
            raise SystemExit(f"{' '.join(words)} failed:\n{(self._folder / 'said.txt').read_text('utf-8')}")
        cpu = used.ru_utime + used.ru_stime
        return Took(seconds, cpu, self._server.cpu_seconds() - before, used.ru_maxrss * 1024)

    def _bookings(self) -> int:
        with closing(sqlite3.connect(self.ledger)) as connection:
            return int(connection.execute("select (select count(*) from booking) + (select count(*) from recourse)").fetchone()[0])

    def live(self, day: city.Day, checking: Checking) -> list[str]:
        """A day. Returns in what the ledger differs."""
        outages, extract = self._folder / f"outages-{day.number}.csv", self._folder / f"subscribers-{day.number}.parquet"
        city.write_outages(outages, day.outages)
        city.write_subscribers(extract, self._subscribers, day.number)
        said = ("--reason", f"day {day.number} of the weekend", "--by", "city")
        self.account("outages", "import", str(outages), *said)
        for each in day.withdrawn:
            self.account("outages", "withdraw", each, *said)
        run = ("run", "--subscribers", str(extract), "--as-of", day.as_of, *said)
        for how in ("run", "the same again"):
            before, took = self._bookings(), self.account(*run)
            rows, bookings = self._subscribers / took.seconds, (self._bookings() - before) / took.seconds
            pace = f"{rows:,.0f} rows/s, {bookings:,.0f} bookings/s, at most {took.peak_bytes / MIB:,.0f} MiB"
            cpu = f"CPU {took.cpu_seconds:.1f} s, of the server {took.server_cpu_seconds:.1f} s"
            print(f"day {day.number}, {how}: {took.seconds:.1f} s, {pace}; {cpu}", flush=True)
        self.account("verify")
        checking.hear(day.number, day.as_of, outages, list(day.withdrawn), extract)
        differences = list(checking.differences(self.ledger))
        for what, figure in checking.figures().items():
            print(f"  {what}: {figure:,}")
        print("\n".join(f"  {each}" for each in differences) or "  the ledger holds just that", flush=True)
        return differences


def main(arguments: list[str]) -> int:
    """Lives the weekend; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.weekend", description=WHAT, allow_abbrev=False)
    parser.add_argument("--subscribers", metavar="NUMBER", type=int, default=300_000, help="of the city (300,000)")
    parser.add_argument("--folder", metavar="FOLDER", type=Path, help="an empty one to keep files and ledger in")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="makegood-") as temporary, serving(MAKEGOOD) as (server,):
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        lived, checking = City(folder, server, asked.subscribers), Checking()
        return int(any([lived.live(day, checking) for day in city.DAYS]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
