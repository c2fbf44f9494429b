"""What a long stream takes of memory, at both ends."""

import json
import subprocess
import sys
from typing import Final

from bench.effort import Effort
from bench.errors import NoFiguresError
from bench.figures import Figure, Section, number
from bench.process import MIB
from bench.servers import makegood_with
from bench.stats import ratios
from bench.stream_client import ROWS_OF_A_MESSAGE

FLAT: Final = "1.00 ×"


def section(effort: Effort) -> Section:
    """Measures it, with a server and a client of its own. Raises NoFiguresError."""
    with makegood_with(1) as server:
        command = [sys.executable, "-m", "bench.stream_client", server.address, str(effort.stream_rows), str(server.pids[0])]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise NoFiguresError(done.stderr)
    marks: list[dict[str, float]] = json.loads(done.stdout)
    early, late = marks[0], marks[-1]
    figures = [Figure("rows through one stream", f"{late['rows'] / late['seconds']:,.0f}/s")]
    for end in ("server", "client"):
        what = f"{end}, after {early['rows']:,} rows"
        figures.append(Figure(what, number(early[end] / MIB, "MiB")))
        highest = max(mark[end] for mark in marks)
        for moment, size in ((f"after {late['rows']:,} rows", late[end]), ("the most meanwhile", highest)):
            figures.append(
                Figure(f"{end}, {moment}", number(size / MIB, "MiB"), ratios([size], [early[end]]), "", None, what, FLAT)
            )
    note = (
        f"memory that is resident while rows with changing outages go through one StreamCompute in messages of "
        f"{ROWS_OF_A_MESSAGE:,}, explain NONE, one worker; the client writes and reads every row in Python."
    )
    return Section("memory of a stream", note, figures)
