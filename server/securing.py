"""TLS and authorisation for whoever asks for them; who does not pays neither memory nor time for them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from policy.calculator.policies import PolicySet
from server.log import Log
from server.metrics_endpoint import OPEN, Entrance
from server.settings import Settings

if TYPE_CHECKING:
    from server.access.security import Security
    from server.frame import Entry


def secured(
    settings: Settings,
    log: Log,
    registry: CollectorRegistry | None,
    policies: PolicySet,
    handed: Mapping[str, Mapping[str, bytes]] | None = None,
    *,
    http: bool = False,
) -> "Security | None":
    """What the settings ask for, read and checked; see :class:`server.access.security.Security`. Raises CannotStartError."""
    if not settings.secured:
        return None
    from server.access.security import Security  # noqa: PLC0415

    return Security(settings, log, registry, names_of(policies), handed, http=http)


def names_of(policies: PolicySet) -> frozenset[str]:
    """What a file of authorisation may name: ids of policies, and "id/version"."""
    versions = (version for policy_id in policies.policy_ids for version in policies.versions(policy_id))
    return frozenset({*policies.policy_ids, *(f"{version.policy_id}/{version.version}" for version in versions)})


def entry(security: "Security | None", registry: CollectorRegistry) -> "Entry | None":
    """How calls come in; None: in clear, and whoever it is."""
    if security is None:
        return None
    from server.access.calls import entry_of  # noqa: PLC0415  # gRPC, which a parent of workers does without

    return entry_of(security, registry)


def entrance(security: "Security | None", registry: CollectorRegistry) -> Entrance:
    """How probes and scrapes come in."""
    if security is None:
        return OPEN
    from server.access.scrapes import entrance_of  # noqa: PLC0415

    return entrance_of(security, registry)
