"""Ragged columns: owners that have several lines each, one run of lines after another or shared."""

import numpy as np

from policy.calculator.columns.questions import Ints


def lines_of(first: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """(the owner, the line) of all lines: each owner's begin at ``first`` and are ``counts`` many."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) + (first - (np.cumsum(counts) - counts))[owner]
