"""Until when the policies in use hold and their calendars are known, told before it is over.

After that a later outage is refused, or its working days are stood in for.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from math import inf
from typing import Final
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from policy.calculator.policies import PolicySet
from policy.calculator.rules import Version

COVERED_UNTIL: Final = "makegood_policy_covered_until_timestamp_seconds"
PUBLISHED_UNTIL: Final = "makegood_policy_calendar_last_published_year"
UNSETTLED: Final = "makegood_policy_unsettled_rules"


class CoverageMetrics(Collector):
    """Told to ``registry`` of the policies that ``in_use`` gives."""

    def __init__(self, registry: CollectorRegistry, in_use: Callable[[], PolicySet]) -> None:
        self._in_use = in_use
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Of the policies as they are now. A policy has no gap before its end, for such files are not taken."""
        policies = self._in_use()
        until = GaugeMetricFamily(
            COVERED_UNTIL, "When the newest version of a policy ceases to hold; +Inf where it is open.", labels=("policy",)
        )
        published = GaugeMetricFamily(
            PUBLISHED_UNTIL,
            "Last year for which a calendar that a policy counts by is published; none for those that follow from law.",
            labels=("policy", "calendar"),
        )
        unsettled = GaugeMetricFamily(
            UNSETTLED, "Rules of the newest version of a policy that its file calls unsettled.", labels=("policy",)
        )
        for policy_id in policies.policy_ids:
            newest = policies.programs(policy_id)[-1]
            until.add_metric((policy_id,), _ends_at(newest.version))
            unsettled.add_metric((policy_id,), len(newest.version.unsettled))
            for name, days in sorted(newest.calendars.items()):
                if days.published_years:
                    published.add_metric((policy_id, name), max(days.published_years))
        yield from (until, published, unsettled)


def _ends_at(version: Version) -> float:
    """Seconds since 1970 UTC at which the first date begins, in the zone of the policy, on which ``version`` does not hold."""
    day = version.in_force_until
    return inf if day is None else datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(version.zone)).timestamp()
