"""What an authorisation file says, read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.access.keys import Key
from server.access.rates import Rate

HEALTH = "health"
REFLECTION = "reflection"
METRICS = "metrics"
OPENABLE = (HEALTH, REFLECTION, METRICS)
"""What may be open to everybody, beside probes over HTTP, which always are."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs tokens. ``name``: in the file; ``issuer`` and ``audience``: what a token says (iss, aud).

    ``skew_seconds``: by so much its clock and ours may differ.
    """

    name: str
    issuer: str
    audience: str
    algorithms: frozenset[str]
    skew_seconds: int
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller. ``policies`` None: all; else policy ids, and versions as "id/version". A rate of None: as often as it likes."""

    name: str
    certificates: tuple[str, ...]
    subjects: tuple[tuple[str, str], ...]
    """(name of an issuer in the file, subject of its tokens)."""
    methods: frozenset[str]
    policies: frozenset[str] | None
    calls: Rate | None = None
    rows: Rate | None = None

    def may_use(self, policy_id: str, version: str) -> bool:
        """Whether this version of the policy may decide for it; ``version`` "": whether any may."""
        if self.policies is None or policy_id in self.policies:
            return True
        if version:
            return f"{policy_id}/{version}" in self.policies
        return any(each.startswith(f"{policy_id}/") for each in self.policies)


@dataclass(frozen=True, slots=True)
class Access:
    """A whole file. ``open``: what needs no identity."""

    identities: tuple[Identity, ...]
    issuers: Mapping[str, Issuer]
    """By what tokens say (iss)."""
    open: frozenset[str]
    by_certificate: Mapping[str, Identity] = field(default_factory=dict)
    by_subject: Mapping[tuple[str, str], Identity] = field(default_factory=dict)
    """By name of the issuer in the file, and subject."""
