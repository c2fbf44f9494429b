"""Why there are no figures."""


class NoFiguresError(Exception):
    """What was to be measured did not do what it should, so that its time would say nothing."""
