"""The big run: ``python -m tests.columns --rows 1000000 [--seed N] [--processes 2]``.

Draws requests for every version of the catalog, in equal numbers, and asks them in batches, from bytes to bytes: decided in
columns, and row by row. Prints for each policy how many rows were decided in columns and how many by themselves, and the first
row of each batch that is answered otherwise; the exit status says whether there is one.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from time import monotonic

from tests.columns.chunks import Done, run, tasks
from tests.support.telling import tell


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs, reports."""
    parser = argparse.ArgumentParser(prog="python -m tests.columns", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="how many, over all versions (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other requests (%(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="how many at once (%(default)s)")
    asked = parser.parse_args(arguments)
    begun, done = monotonic(), list[Done]()
    with ProcessPoolExecutor(asked.processes, get_context("spawn")) as pool:
        for each in as_completed([pool.submit(run, *task) for task in tasks(asked.rows, asked.seed)]):
            done.append(each.result())
            if done[-1].otherwise:
                tell(done[-1].otherwise)
    by_policy = defaultdict[str, list[Done]](list)
    for chunk in done:
        by_policy[chunk.policy_id].append(chunk)
    for policy_id, chunks in sorted(by_policy.items()):
        report(policy_id, chunks)
    report("all", done)
    tell(f"{monotonic() - begun:.0f} s")
    return int(any(each.otherwise for each in done))


def report(policy_id: str, chunks: Sequence[Done]) -> None:
    """A line for a policy."""
    rows, together = sum(each.rows for each in chunks), sum(each.together for each in chunks)
    wrong = sum(bool(each.otherwise) for each in chunks)
    tell(f"{policy_id:18}{rows:>9} rows {together:>9} in columns {rows - together:>8} by themselves {wrong:>4} batches differ")


if __name__ == "__main__":
    sys.exit(main())
