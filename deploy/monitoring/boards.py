"""All dashboards, by the name of their file."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from deploy.monitoring.grants import GRANTS
from deploy.monitoring.panels import Dashboard
from deploy.monitoring.policies import POLICY
from deploy.monitoring.service import SERVICE

BOARDS: Final[Mapping[str, Dashboard]] = MappingProxyType({"service": SERVICE, "grants": GRANTS, "policy": POLICY})
