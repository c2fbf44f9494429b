"""Requests as columns: what :class:`~policy.calculator.columns.program.ColumnProgram` decides.

A code is a number: its place in the vocabulary of :mod:`policy.calculator.codes`, or in the fact's own list for an attribute.
Yes is 1 and no 0. Money is in minor units, an instant in seconds, a date an ordinal, a ratio in millionths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policy.calculator.request import NoticeRequest

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Given:
    """A fact: its number where ``given``; elsewhere the number means nothing."""

    numbers: Ints
    given: Mask


@dataclass(frozen=True, slots=True)
class Intervals:
    """A fact that is a list of intervals: those of line i stand from ``offsets[i]`` to ``offsets[i + 1]``.

    None stand where it is not ``given``, nor where it is given as empty.
    """

    given: Mask
    offsets: Ints
    starts: Ints
    ends: Ints


@dataclass(frozen=True, slots=True)
class Cycles:
    """The billing cycle of each row that has one; elsewhere the instants are 0."""

    given: Mask
    started_at: Ints
    ended_at: Ints


@dataclass(frozen=True, slots=True)
class Outages:
    """Distinct outages, one a line; rows point to runs of lines, which they may share.

    ``facts`` and ``intervals`` by the name by which policies read them. ``services``: bit n for the n-th of the contract's
    services. ``ids`` and ``parties``: UTF-8. ``place``: where it first stands in its request, for field paths.
    """

    started_at: Ints
    ended_at: Given
    services: Ints
    ids: Sequence[bytes]
    parties: Sequence[bytes]
    facts: Mapping[str, Given]
    intervals: Mapping[str, Intervals]
    place: Ints


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of rows; ``given`` where there is one."""

    given: Mask
    channel: Ints
    claimed_at: Ints
    started_at: Ints
    ended_at: Ints


@dataclass(frozen=True, slots=True)
class Questions:
    """Rows for one version of a policy, each valid for it.

    Row i is about the outages ``first_outage[i]`` to ``last_outage[i]`` (exclusive), no two of one id. ``facts`` of the
    subscriber by the name by which policies read them. ``cycle``, what was granted in it, and ``before`` by benefit name.
    ``notices[notice[i]]`` is what the row asks for. ``summary``: rows that ask for a summary; one that asks for more is hard.
    ``hard``: rows that are to be decided alone, whatever they hold; they may be invalid.
    """

    count: int
    subscriber_ids: Sequence[bytes]
    mode: Ints
    as_of: Ints
    first_outage: Ints
    last_outage: Ints
    outages: Outages
    facts: Mapping[str, Given]
    cycles: Cycles
    cycle_known: Mask
    cycle: Mapping[str, Ints]
    before: Mapping[str, Ints]
    claims: Claims | None
    notices: Sequence[NoticeRequest | None]
    notice: Ints
    summary: Mask
    hard: Mask
