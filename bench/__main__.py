"""``python -m bench``: see --help."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from bench import (
    access,
    batches,
    billing,
    booking,
    bytes_to_bytes,
    calculator,
    growth,
    loading,
    machine,
    overload,
    steady,
    stream,
    table,
    unary,
    where,
)
from bench.effort import QUICK, THOROUGH, USUAL, Effort
from bench.errors import NoFiguresError
from bench.figures import Section
from bench.handler import BatchHandler
from bench.peers import section as peers
from bench.servers import EMPTY_BARE, EMPTY_FRAMED, MAKEGOOD, RAISED, UNCOMPILED, serving
from policy import CatalogError, load_catalog
from server.settings import Settings

RESULTS: Final = Path(__file__).parent / "RESULTS.md"


def main(arguments: Sequence[str]) -> int:
    """Measures, prints, writes; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures what makegood costs, prints one table and writes it to bench/RESULTS.md. "
        "Takes about ten minutes; let nothing else run meanwhile. Peers to compare with are installed by: make bench-peers",
        allow_abbrev=False,
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true", help="under two minutes, writes nothing: shows that it runs, not how fast")
    how.add_argument("--thorough", action="store_true", help="more rounds, and ten million rows through one stream")
    asked = parser.parse_args(arguments)
    on = machine.described()
    try:
        sections = measured(QUICK if asked.quick else THOROUGH if asked.thorough else USUAL, Console(stderr=True))
    except (NoFiguresError, CatalogError) as error:
        print(f"no figures: {error}", file=sys.stderr)
        return 1
    table.to_terminal(sections, Console(width=None if sys.stdout.isatty() else table.WIDE))
    if not asked.quick:
        RESULTS.write_text(table.to_markdown(sections, on), encoding="utf-8")
    return 0


def measured(effort: Effort, progress: Console) -> list[Section]:
    """Every section, in the order of the table. ``progress`` is told what is under way."""
    settings = Settings()
    with progress.status("loading"):
        loaded = loading.in_fresh_processes(effort)
    policies = load_catalog(settings.catalog, settings.default_policy)
    handler = BatchHandler(policies)
    with progress.status("batches, bytes to bytes"):
        handled = bytes_to_bytes.section(handler, effort)
        profile = where.section(handler, effort)
    with progress.status("rows, outages and their length"):
        growing = growth.section(policies, handler, effort)
    with progress.status("calculator alone"):
        alone = calculator.section(policies, effort)
    with serving(EMPTY_BARE, EMPTY_FRAMED, MAKEGOOD, RAISED, UNCOMPILED) as (bare, framed, makegood, raised, source):
        ready = makegood.resident_bytes()
        with progress.status("unary calls"):
            calls = unary.section(bare, framed, makegood, source, effort)
        with progress.status("batches over loopback"):
            many = batches.section(makegood, raised, source, effort)
        time.sleep(loading.REST_SECONDS)
        sizes = loading.WorkerSizes(framed.resident_bytes(), ready, makegood.resident_bytes(), raised.resident_bytes())
    of_calls = {
        "unary calls over TLS and by token": lambda: access.section(effort),
        "unary calls at saturation and at half of it": lambda: steady.section(effort),
        "unary calls under overload": lambda: overload.section(max(2.0, 4 * effort.seconds_of_calls)),
        "peers": lambda: peers.section(policies, handler, effort),
    }
    of_clients = {
        "a long stream": lambda: stream.section(effort),
        "from a file to a file of results": lambda: billing.section(effort),
        "from a file to what is booked": lambda: booking.section(effort),
    }
    called, by_clients = _in_turn(of_calls, progress), _in_turn(of_clients, progress)
    return [handled, profile, many, calls, *called, growing, alone, loading.section(loaded, sizes), *by_clients]


def _in_turn(works: Mapping[str, Callable[[], Section]], progress: Console) -> list[Section]:
    found = []
    for what, work in works.items():
        with progress.status(what):
            found.append(work())
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
