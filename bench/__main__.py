"""``python -m bench``: see --help."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from bench import batches, calculator, growth, loading, machine, table, unary
from bench.effort import QUICK, THOROUGH, Effort
from bench.errors import NoFiguresError
from bench.figures import Section
from bench.servers import EMPTY_BARE, EMPTY_FRAMED, MAKEGOOD, serving
from policy import CatalogError, load_catalog
from server.settings import Settings

RESULTS: Final = Path(__file__).parent / "RESULTS.md"


def main(arguments: Sequence[str]) -> int:
    """Measures, prints, writes; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures what makegood costs, prints one table and writes it to bench/RESULTS.md. "
        "Takes about four minutes; let nothing else run meanwhile.",
        allow_abbrev=False,
    )
    parser.add_argument("--quick", action="store_true", help="under a minute, writes nothing: shows that it runs, not how fast")
    quick: bool = parser.parse_args(arguments).quick
    on = machine.described()
    try:
        sections = measured(QUICK if quick else THOROUGH, Console(stderr=True))
    except (NoFiguresError, CatalogError) as error:
        print(f"no figures: {error}", file=sys.stderr)
        return 1
    table.to_terminal(sections, Console(width=None if sys.stdout.isatty() else table.WIDE))
    if not quick:
        RESULTS.write_text(table.to_markdown(sections, on), encoding="utf-8")
    return 0


def measured(effort: Effort, progress: Console) -> list[Section]:
    """Every section, in the order of the table. ``progress`` is told what is under way."""
    settings = Settings()
    with progress.status("loading"):
        loaded = loading.in_fresh_processes(effort)
    with progress.status("calculator alone"):
        policies = load_catalog(settings.catalog, settings.default_policy)
        alone = calculator.section(policies, effort)
    with progress.status("length and number of outages"):
        growing = growth.section(policies, effort)
    with serving(EMPTY_BARE, EMPTY_FRAMED, MAKEGOOD) as (bare, framed, makegood):
        ready = makegood.resident_bytes()
        with progress.status("unary calls"):
            calls = unary.section(bare, framed, makegood, effort)
        with progress.status("batches"):
            many = batches.section(makegood, effort)
        sizes = loading.WorkerSizes(framed.resident_bytes(), ready, makegood.resident_bytes())
    return [calls, alone, loading.section(loaded, sizes), growing, many]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
