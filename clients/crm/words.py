"""What the desk reads, by language. Every word of the contract has its text; a test holds the two together."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language."""

    language: str
    """BCP 47 tag, also that of the clause texts."""
    labels: Mapping[str, str]
    """Headings and phrases of the answer."""
    outcomes: Mapping[str, str]
    reasons: Mapping[str, tuple[str, str]]
    """By code: what it means, and what the customer or the desk can do."""
    warnings: Mapping[str, str]
    kinds: Mapping[str, str]
    """By benefit kind: what is granted, with {quantity}."""
    units: Mapping[str, tuple[str, str]]
    """Units of time, for one and for several."""

    def count(self, number: str, unit: str) -> str:
        """A number with its unit: 1 day, 2 days, 71 min."""
        one, several = self.units[unit]
        return f"{number} {one if number == '1' else several}"
