"""Mutates as many files as are asked for: python -m tests.clients.mutations --files 100000 [--seed N]."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.clients.mutations import tried


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.clients.mutations", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcomes, wrong = tried.run(arguments.files, arguments.seed, Path(folder))
    for (how, what), number in sorted(outcomes.items()):
        sys.stdout.write(f"{how:>8} {what:<14}{number:>9}\n")
    for what in wrong[:20]:
        sys.stdout.write(f"{what}\n")
    sys.stdout.write(f"{arguments.files} files, {len(wrong)} that must not be\n")
    sys.exit(1 if wrong else 0)


main()
