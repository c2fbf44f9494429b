"""What the calculator raises when there is no decision. Each carries data; the text says what to change.

CalculatorError
├── InvalidRequest   fields are malformed or contradict each other, or the rest of the question once it is decided
├── UnknownPolicy    no such policy, or no such version of it
├── NotInForce       no version holds on the date that the policy pins
├── SeveralVersions  occasions of the question have different versions
└── OtherDigest      the version that decides is not the one that was expected
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime


class CalculatorError(Exception):
    """Base of all errors of the calculator."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One offending field: its path in the request, for example ``outages[2].ended_at``, and what to change."""

    field: str
    message: str


class InvalidRequest(CalculatorError):
    """Fields are malformed or contradict each other; ``violations`` names every one of them, up to a number."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__(self.violations)

    def __str__(self) -> str:
        # Only where it is asked for: of a question with ten thousand of them it is a megabyte.
        return "; ".join(f"{each.field}: {each.message}" for each in self.violations)


class UnknownPolicy(CalculatorError):
    """No such policy, or no such version of it; ``known`` lists what there is."""

    def __init__(self, policy_id: str, version: str, known: Sequence[str]) -> None:
        self.policy_id, self.version, self.known = policy_id, version, tuple(known)
        asked = f"policy {policy_id!r} has no version {version!r}" if version else f"there is no policy {policy_id!r}"
        super().__init__(f"{asked}; there are {', '.join(self.known) or 'none'}")


class NotInForce(CalculatorError):
    """No version of the policy holds on ``on``; ``covered`` lists the spans that versions cover."""

    def __init__(self, policy_id: str, on: date, covered: Sequence[str]) -> None:
        self.policy_id, self.on, self.covered = policy_id, on, tuple(covered)
        spans = ", ".join(self.covered)
        super().__init__(f"no version of policy {policy_id!r} is in force on {on}; its versions cover {spans}")


@dataclass(frozen=True, slots=True)
class VersionOfOccasion:
    """When an occasion began, seconds since 1970 UTC, and the version that its earliest outage pins; "": none is in force."""

    started_at: int
    version: str

    @property
    def started(self) -> str:
        """Its start in RFC 3339."""
        return datetime.fromtimestamp(self.started_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def __str__(self) -> str:
        """As a person says it."""
        return f"what began at {self.started} has {f'version {self.version}' if self.version else 'no version in force'}"


class SeveralVersions(CalculatorError):
    """The occasions of a question have different versions, so that no one version decides it; ``occasions`` has each."""

    def __init__(self, policy_id: str, occasions: Sequence[VersionOfOccasion]) -> None:
        self.policy_id, self.occasions = policy_id, tuple(occasions)
        told = ", ".join(map(str, self.occasions))
        super().__init__(f"ask about what has different versions of policy {policy_id!r} apart, or name policy.version: {told}")


class OtherDigest(CalculatorError):
    """The version that decides has another digest, ``loaded``, than the one ``expected``."""

    def __init__(self, policy_id: str, version: str, expected: str, loaded: str) -> None:
        self.policy_id, self.version, self.expected, self.loaded = policy_id, version, expected, loaded
        super().__init__(f"version {version!r} of policy {policy_id!r} has the digest {loaded}; {expected} was expected")
