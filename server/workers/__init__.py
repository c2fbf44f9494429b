"""Several processes that answer on one port, and the one that keeps them. None of this is in use with ``--workers 1``."""
