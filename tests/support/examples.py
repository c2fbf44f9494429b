"""How many examples Hypothesis draws: few and the same ones in ``make test``, more and other ones on request."""

import os
from collections.abc import Callable
from typing import Final, TypeVar

from hypothesis import HealthCheck, settings

Test = TypeVar("Test", bound=Callable[..., None])

EXAMPLES: Final = "MAKEGOOD_EXAMPLES"
"""Environment variable: the number of examples of a differential test; the others scale with it."""
DEFAULT_EXAMPLES: Final = 2000


def how_many(share: float = 1.0) -> int:
    """That share of the number of examples."""
    return max(1, int(int(os.environ.get(EXAMPLES) or DEFAULT_EXAMPLES) * share))


def examples(share: float = 1.0) -> Callable[[Test], Test]:
    """Draws that share of the number of examples. Without the variable the draw is the same on every run."""
    wanted = os.environ.get(EXAMPLES)
    # Drawing a request with its record takes longer than Hypothesis likes.
    slow = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
    return settings(
        max_examples=how_many(share),
        derandomize=wanted is None,
        suppress_health_check=slow,
        print_blob=wanted is not None,
    )
