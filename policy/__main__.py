"""``python -m policy``, and the command ``makegood-policy``: the author's tools."""

import sys
from typing import NoReturn

from policy.tools.cli import main


def run() -> NoReturn:
    """Runs the command line."""
    sys.exit(main())


if __name__ == "__main__":
    run()
