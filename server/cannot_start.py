"""Why a server does not start."""

from collections.abc import Sequence


class CannotStartError(Exception):
    """The server cannot start; ``problems`` says for each what to change."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))
