"""What the variable MAKEGOOD_COMPILED asks for, of a build and of a run."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

VARIABLE: Final = "MAKEGOOD_COMPILED"

Mode = Literal["auto", "require", "forbid"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)


def mode_of(environment: Mapping[str, str]) -> Mode:
    """The mode; auto where the variable is absent or empty. Raises ValueError."""
    given = environment.get(VARIABLE, "") or "auto"
    for mode in MODES:
        if mode == given:
            return mode
    raise ValueError(f"{VARIABLE}={given}: give one of {', '.join(MODES)}")
