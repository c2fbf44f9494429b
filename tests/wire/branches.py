"""Which branches of the sources the corpus reaches: ``python -m tests.wire.branches [--take DIRECTORY]``; see .ci/fuzz.txt.

Prints a line a module, with the branches that are not reached. ``--take`` puts into the corpus, of the batches that a fuzzer
left in a directory, the shortest that reach what no shorter one does.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

import coverage

from tests.wire import corpus

SOURCES: Final = Path(__file__).parents[2] / "server" / "wire"
MEASURED: Final = ("reader", "work", "granted", "filling", "laying", "keying", "rows", "writing")


def main(arguments: Sequence[str] | None = None) -> int:
    """Replays, reports."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire.branches", description=__doc__)
    parser.add_argument("--take", type=Path, help="where a fuzzer left batches, one a file")
    asked = parser.parse_args(arguments)
    batches = corpus.read()
    if asked.take:
        batches += [file.read_bytes() for file in asked.take.iterdir()]
    measure = coverage.Coverage(branch=True, data_file=None, include=[str(SOURCES / f"{name}.py") for name in MEASURED])
    measure.start()
    from server.wire import rows  # noqa: PLC0415  # measured from its first line
    from tests.wire.both import Both  # noqa: PLC0415
    from tests.wire.drawing import POLICIES  # noqa: PLC0415
    from tests.wire.items import batches_of_all, long_items, rare_items  # noqa: PLC0415
    from tests.wire.narrow import narrow  # noqa: PLC0415

    both = Both(POLICIES, rows)
    if asked.take:
        batches += batches_of_all(both, Random(1), 6, 40)
    batches = sorted(set(batches), key=lambda batch: (len(batch), batch))
    for number, batch in enumerate(batches):
        measure.switch_context(str(number))
        both.compare(batch)
    measure.switch_context("long")
    for batch in (*long_items(), *rare_items()):
        both.compare(batch)
    narrow(batches, rows)
    measure.stop()
    if asked.take:
        corpus.write([batches[number] for number in _worth_keeping(measure.get_data(), len(batches))])
    measure.report(show_missing=True, file=sys.stdout)
    return 0


def _worth_keeping(data: coverage.CoverageData, count: int) -> list[int]:
    """Each that reaches what none before it does."""
    reached: set[tuple[str, tuple[int, int]]] = set()
    kept = []
    for number in range(count):
        found = {(file, arc) for file, arcs in _arcs(data, number).items() for arc in arcs}
        if found - reached:
            reached |= found
            kept.append(number)
    return kept


def _arcs(data: coverage.CoverageData, number: int) -> Mapping[str, Sequence[tuple[int, int]]]:
    data.set_query_context(str(number))
    return {file: data.arcs(file) or [] for file in data.measured_files()}


if __name__ == "__main__":
    sys.exit(main())
