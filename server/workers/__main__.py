"""``python -m server.workers NUMBER DIRECTORY STDERR``: a worker, started by :mod:`server.workers.process`."""

import os
import sys
from pathlib import Path

from server.signals import hold_signals
from server.standard_streams import STDERR

if __name__ == "__main__":
    hold_signals()
    # Its parent reads it, and must not hold it up: whoever writes there may have the interpreter's lock.
    os.set_blocking(STDERR, False)
    from server.workers.worker import main

    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
