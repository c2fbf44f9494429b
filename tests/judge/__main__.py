"""The big run: ``python -m tests.judge --decisions 1000000 [--made-up 100000] [--seed N] [--processes 2]``.

Draws requests for every version, in equal numbers, and for policies that chance made up, and holds the calculator to the judge.
Prints the decisions of each policy, how long it took, and of each kind of difference the smallest request that was found; the
exit status says whether there is one.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from time import monotonic

from tests.judge.chunks import Done, made_up_tasks, run, tasks
from tests.judge.shrink import said
from tests.support.telling import tell

SHOWN = 20
"""Kinds of differences that are shown with their request."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs, reports."""
    parser = argparse.ArgumentParser(prog="python -m tests.judge", description=__doc__)
    parser.add_argument("--decisions", type=int, default=100_000, help="how many requests, over all versions (%(default)s)")
    parser.add_argument("--made-up", type=int, default=0, help="how many for policies that nobody wrote (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other requests (%(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="how many at once (%(default)s)")
    asked = parser.parse_args(arguments)
    begun, done = monotonic(), list[Done]()
    wanted = [*tasks(asked.decisions, asked.seed), *made_up_tasks(asked.made_up, asked.seed)]
    with ProcessPoolExecutor(asked.processes, get_context("spawn")) as pool:
        for each in as_completed([pool.submit(run, task) for task in wanted]):
            done.append(each.result())
            for kind in done[-1].examples:
                tell(f"differs, {kind}")
    report(done, monotonic() - begun)
    return int(any(each.differing for each in done))


def report(done: Sequence[Done], seconds: float) -> None:
    """Decisions, outcomes and differences of each policy; then what differs."""
    for policy_id in sorted({each.policy_id for each in done}):
        of_policy = [each for each in done if each.policy_id == policy_id]
        outcomes = sum((each.outcomes for each in of_policy), Counter[str]())
        differing = sum(each.differing.total() for each in of_policy)
        said_outcomes = ", ".join(f"{name} {number}" for name, number in sorted(outcomes.items()))
        tell(f"{policy_id:18}{outcomes.total():>9} decisions {differing:>6} differ  {said_outcomes}")
    every = sum((each.differing for each in done), Counter[str]())
    total = sum(each.outcomes.total() for each in done)
    busy = sum(each.seconds for each in done)
    each_ms = 1000 * busy / max(total, 1)
    tell(f"{total} decisions, {every.total()} differ; {seconds:.0f} s, {each_ms:.2f} ms to draw one and decide it twice")
    for kind, number in every.most_common(SHOWN):
        request, told = next(each.examples[kind] for each in done if kind in each.examples)
        tell(f"\n{number} differ, {kind}\n{told}\n  {said(request)}")


if __name__ == "__main__":
    sys.exit(main())
