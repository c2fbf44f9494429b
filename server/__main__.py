"""``python -m server``: see --help."""

import os
import sys

from server.app import main

sys.exit(main(sys.argv[1:], os.environ))
