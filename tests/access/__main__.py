"""``python -m tests.access --executions 1000000 [--seed N] [files|tokens]``: spoilt files and tokens by the million."""

import argparse
import time
from random import Random

from tests.access.fuzz import file_holds, token_holds
from tests.support.telling import tell

HOLDS = {"files": file_holds, "tokens": token_holds}


def main() -> None:
    parser = argparse.ArgumentParser(description="Reads spoilt authorisation files and tokens until one does what it must not.")
    parser.add_argument("what", nargs="?", choices=HOLDS, help="one of the two; both where it is left out")
    parser.add_argument("--executions", type=int, default=10_000, help="of each (default: 10000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first; each has the next (default: 0)")
    asked = parser.parse_args()
    for what in [asked.what] if asked.what else HOLDS:
        began, taken = time.monotonic(), 0
        for seed in range(asked.seed, asked.seed + asked.executions):
            try:
                taken += HOLDS[what](Random(seed))
            except BaseException:
                tell(f"{what}: seed {seed}")
                raise
        tell(f"{what}: {asked.executions} executions, {taken} taken, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
