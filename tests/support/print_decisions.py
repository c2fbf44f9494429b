"""Prints every case's decision, whole, one a line: to be run in processes that differ in all that must not matter.

python -m tests.support.print_decisions
"""

import sys

from tests.support.cases import load_cases
from tests.support.entries import result_of
from tests.support.library import load_policies


def main() -> None:
    """Every case of both files with a full explanation; a refusal prints its violations."""
    decide = load_policies().decide
    # UTF-8 whatever the locale: the claim is about decisions, not about terminals.
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for case in (*load_cases("cn_standard"), *load_cases("malformed")):
        sys.stdout.write(f"{case.id} {result_of(decide, case.explained)!r}\n")


if __name__ == "__main__":
    main()
