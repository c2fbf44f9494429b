"""``python -m server``, and the command ``makegood-server``: see --help."""

import json
import os
import sys
import time
import traceback
from types import TracebackType
from typing import NoReturn

from server.signals import hold_signals
from server.standard_streams import STDERR, keep_open


def as_a_line(kind: type[BaseException], _: BaseException, frames: TracebackType | None) -> None:
    """Tells of an error before there is a log to tell it to, as the log does."""
    line = {
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "level": "error",
        "event": "uncaught exception",
        "exception": [f"{kind.__module__}.{kind.__qualname__}"],
        "traceback": "".join(traceback.format_tb(frames)),
    }
    os.write(STDERR, f"{json.dumps(line)}\n".encode())


def run() -> NoReturn:
    """Holds signals and standard streams before anything else is loaded, then serves."""
    hold_signals()
    keep_open()
    sys.excepthook = as_a_line
    from server.app import main  # noqa: PLC0415  # what is loaded with it takes a second, in which signals may come

    sys.exit(main(sys.argv[1:], os.environ))


if __name__ == "__main__":
    run()
