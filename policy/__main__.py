"""``python -m policy``: the author's tools."""

import sys

from policy.tools.cli import main

if __name__ == "__main__":
    sys.exit(main())
