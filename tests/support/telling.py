"""What a long run prints on the way."""

import sys


def tell(line: str) -> None:
    """To whoever waits, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
