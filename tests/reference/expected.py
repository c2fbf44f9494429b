"""What the judge says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple


class Because(NamedTuple):
    """A reason: its code, and the request field or the benefit where the text says which."""

    code: str
    field: str = ""
    benefit: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """The judge's answer: either the malformed fields, or a decision.

    ``grants`` are bytes, seconds and days by benefit name, ``recourse`` fen by party; both hold only what is above 0.
    ``clock_seconds`` and ``weighted_seconds`` are None on the lines of section 1 that come before them.
    ``bookable`` tells a grant from a quote.
    """

    malformed: frozenset[str] = frozenset()
    outcome: str = ""
    reasons: tuple[Because, ...] = ()
    warnings: tuple[str, ...] = ()
    grants: Mapping[str, int] = field(default_factory=dict)
    recourse: Mapping[str, int] = field(default_factory=dict)
    clock_seconds: int | None = None
    weighted_seconds: Fraction | None = None
    bookable: bool = False
