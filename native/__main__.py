"""``python -m native``: says whether what is compiled runs here, and if not, why and what to change."""

import os
import sys

from native.choice import NotCompiled, choose
from native.mode import mode_of


def main() -> int:
    """Says it; the exit status is 1 where it is required and is not there."""
    try:
        choice = choose(mode_of(os.environ))
    except (NotCompiled, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"makegood runs {choice}")
    if choice.why_not is not None and choice.why_not.output:
        print(choice.why_not.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
