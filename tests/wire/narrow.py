"""Answers where there was hardly any room at first: for the memory of a program, and for what is written."""

from collections.abc import Sequence
from types import ModuleType
from unittest import mock

from server.call import ANYBODY
from tests.wire.both import Both
from tests.wire.drawing import POLICIES

LESS_BYTES = 7
"""By so many there is less room from one try to the next, so that it ends in every piece of an answer."""


def narrow(batches: Sequence[bytes], module: ModuleType) -> None:
    """Compares each batch on the sources ``module``, with memory and room for answers of another size each time."""
    with mock.patch("server.wire.answers.USUAL_PLACES", 0):
        both = Both(POLICIES, module)
        for number, batch in enumerate(batches):
            rows = both.wire.take(ANYBODY)
            rows.writer.out = bytearray(1 + number * LESS_BYTES % 2_000)
            both.wire.give_back(rows)
            both.compare(batch)
