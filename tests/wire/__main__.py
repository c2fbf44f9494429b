"""The big run: ``python -m tests.wire --messages 1000000 [--seed N] [--source] [--corpus FILE]``.

Changes messages of every version of the catalog, in a few places each or not at all, and answers them from bytes to bytes and
the ordinary way. Prints the first that is answered otherwise; the exit status says whether there is one.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import monotonic, process_time

from native.choice import from_environment
from server.wire import rows
from tests.support.telling import tell
from tests.wire.both import Both, Otherwise
from tests.wire.corpus import CORPUS, read
from tests.wire.drawing import POLICIES
from tests.wire.items import batches_of_all

AT_ONCE = 50
BATCHES_OF_A_VERSION = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs, reports."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other messages (%(default)s)")
    parser.add_argument("--source", action="store_true", help="run the sources, also where they are compiled")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="batches that are tried first (%(default)s)")
    asked = parser.parse_args(arguments)
    choice = from_environment()
    both = Both(POLICIES, rows if asked.source or not choice.compiled else choice.module("server.wire.rows"))
    begun, begun_cpu, done = monotonic(), process_time(), 0
    kept = read(asked.corpus)
    try:
        for batch in kept:
            both.compare(batch)
        random = Random(asked.seed)
        while done < asked.messages:
            for batch in batches_of_all(both, random, AT_ONCE, BATCHES_OF_A_VERSION):
                both.compare(batch)
                done += AT_ONCE
                if done >= asked.messages:
                    break
    except Otherwise as error:
        tell(str(error))
        return 1
    fast, ordinary = both.counts()
    told = f"{done} messages, {len(kept)} kept batches, {both.fast} answers from bytes to bytes, none otherwise"
    counted = "alike" if fast == ordinary else "OTHERWISE"
    tell(f"{told}, counted {counted}, {process_time() - begun_cpu:.0f} s of CPU, {monotonic() - begun:.0f} s")
    return int(fast != ordinary)


if __name__ == "__main__":
    sys.exit(main())
