"""``python -m tests.fuzz --executions 1000000 [--seed N] [TARGET]``: spoilt input by the million, until one is a defect."""

import argparse
import time
from random import Random

from tests.fuzz.targets import TARGETS
from tests.support.telling import tell


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Feeds what is read from others spoilt input.")
    parser.add_argument("target", nargs="?", choices=TARGETS, help="one of them; all where it is left out")
    parser.add_argument("--executions", type=int, default=10_000, help="of each (default: 10000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first; each has the next (default: 0)")
    asked = parser.parse_args()
    for name in [asked.target] if asked.target else TARGETS:
        began, taken = time.monotonic(), 0
        for seed in range(asked.seed, asked.seed + asked.executions):
            try:
                taken += TARGETS[name](Random(seed))
            except BaseException:
                tell(f"{name}: seed {seed}")
                raise
        tell(f"{name}: {asked.executions} executions, {taken} taken, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
