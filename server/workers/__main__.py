"""``python -m server.workers NUMBER DIRECTORY``: a worker, started by :mod:`server.workers.process`."""

import signal
import sys
from pathlib import Path

from server.process import hold_signals

if __name__ == "__main__":
    # Ctrl-C reaches all processes of a terminal, and is the parent's to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hold_signals()
    from server.workers.worker import main

    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
