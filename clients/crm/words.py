"""What the desk reads, by language. Every word of the contract has its text; a test holds the two together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


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
    step_units: Mapping[str, str] = field(default_factory=dict)
    """Units of a step's value as the service writes them, where the language has others."""
    step_phrases: Sequence[tuple[re.Pattern[str], str]] = ()
    """What the service says of steps and their inputs, in English, and how the language says it."""

    def count(self, number: str, unit: str) -> str:
        """A number with its unit: 1 day, 2 days, 71 min."""
        one, several = self.units[unit]
        return f"{number} {one if number == '1' else several}"

    def input(self, name: str) -> str:
        """The name of a step's input; what is not known here, such as a policy's own names, stays as it is."""
        for phrase, text in self.step_phrases:
            if found := phrase.fullmatch(name):
                return found.expand(text)
        return name

    def note(self, text: str) -> str:
        """A step's note, part by part; what is not known here stays as it is."""
        return "; ".join(self._note(part) for part in text.split("; "))

    def _note(self, part: str) -> str:
        head, colon, code = part.rpartition(": ")
        if self.step_phrases and code in self.reasons:
            meaning = self.reasons[code][0].rstrip("。.")
            return f"{self.input(head)}{colon}{meaning} ({code})"
        return self.input(part)
