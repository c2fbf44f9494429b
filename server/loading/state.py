"""How the policies in use were loaded, and how the last attempt to load them anew went."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Self

from policy.calculator.policies import PolicySet
from policy.calculator.rules import Version
from policy.language.problems import Problem

MOST_TOLD: Final = 20
"""Problems that are told of a failed attempt; one slip may have hundreds."""


@dataclass(frozen=True, slots=True)
class LoadState:
    """``sha256``: of the set in use, which is active since ``active_since``. All instants are seconds since 1970 UTC.

    ``succeeded_at`` and ``attempted_at``: the last success, and the last attempt. ``attempts`` after the first load, of which
    ``failures`` went wrong. ``problems`` are of the last one, the first of ``problem_count``; none where it went well.
    """

    sha256: str
    active_since: int
    succeeded_at: int
    attempted_at: int
    attempts: int = 0
    failures: int = 0
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0

    @classmethod
    def first(cls, policies: PolicySet, at: int) -> Self:
        """Of the set that a server starts with."""
        return cls(digest_of(policies), at, at, at)

    def failed(self, problems: Iterable[Problem], at: int) -> "LoadState":
        """After an attempt that left the set as it is. The last success stays where it was."""
        listed = tuple(problems)
        return replace(
            self,
            attempted_at=at,
            attempts=self.attempts + 1,
            failures=self.failures + 1,
            problems=listed[:MOST_TOLD],
            problem_count=len(listed),
        )

    def succeeded(self, policies: PolicySet, at: int, *, changed: bool) -> "LoadState":
        """After an attempt that read ``policies``, which are other ones than before or (not ``changed``) the same."""
        since = at if changed else self.active_since
        return LoadState(digest_of(policies), since, at, at, self.attempts + 1, self.failures)


def versions_of(policies: PolicySet) -> tuple[Version, ...]:
    """Every version of a set, by policy and date."""
    return tuple(version for policy_id in policies.policy_ids for version in policies.versions(policy_id))


def digest_of(policies: PolicySet) -> str:
    """SHA-256, in hexadecimal, over what is loaded: versions, digests, dates, and which policy is the default.

    The digest of a version leaves its last day out, so that a successor does not change it; two replicas of which one has the
    successor differ here.
    """
    lines = [
        f"{each.policy_id} {each.version} {each.sha256} {each.in_force_from} {each.in_force_until or 'open'}"
        for each in versions_of(policies)
    ]
    return sha256("\n".join([f"default {policies.default_policy_id}", *lines]).encode()).hexdigest()
