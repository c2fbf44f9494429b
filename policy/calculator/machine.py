"""The evaluator's place; so far it adds up a row of numbers, without the interpreter's lock where it is compiled."""

from collections.abc import Sequence

try:
    import cython
except ModuleNotFoundError:  # Cython is no part of a deployment
    from policy.calculator import uncompiled as cython


def total(values: Sequence[int]) -> int:
    """The sum. Compiled it takes a buffer of 64-bit integers, and raises OverflowError beyond them."""
    with cython.nogil:
        return _total(values, len(values))


def _total(values: Sequence[int], count: int) -> int:
    found = 0
    for place in range(count):
        found += values[place]
    return found
