"""``python -m server``: see --help."""

import os
import sys

from server.signals import hold_signals
from server.standard_streams import keep_open

if __name__ == "__main__":
    hold_signals()
    keep_open()
    from server.app import main

    sys.exit(main(sys.argv[1:], os.environ))
