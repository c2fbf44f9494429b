"""The dashboard *policy*: by what is decided, since when, and until when."""

from typing import Final

from deploy.monitoring.panels import Dashboard, Panel, Query, Row

_LIVE: Final = Row(
    "By what is decided",
    (
        Panel(
            "Live digests",
            "short",
            (Query("count by (policy, version, sha256) (makegood_policy_info)"),),
            "And how many replicas decide by each.",
            "table",
            16,
        ),
        Panel(
            "Decisions by policy",
            "short",
            (Query("sum by (policy) (increase(makegood_decisions_total[1h])) > 0", "{{policy}}"),),
            "Of each hour up to now.",
        ),
    ),
)

_RELOAD: Final = Row(
    "Reload",
    (
        Panel(
            "Last load went well",
            "short",
            (Query("min by (instance) (makegood_policies_last_load_successful)", "{{instance}}"),),
            "0: it failed, and the policies from before are in use.",
            "number",
        ),
        Panel(
            "Since the last load that went well",
            "s",
            (Query("time() - min by (instance) (makegood_policies_last_successful_load_timestamp_seconds)", "{{instance}}"),),
            "A load that fails does not set it back.",
            "number",
            16,
        ),
    ),
)

_ENDS: Final = Row(
    "Until when",
    (
        Panel(
            "Coverage ends in",
            "s",
            (Query("min by (policy) (makegood_policy_covered_until_timestamp_seconds < Inf) - time()", "{{policy}}"),),
            "Outages from then on are refused; below 0: it has ended. Policies that are open are not there.",
            "table",
            8,
        ),
        Panel(
            "Calendar years published",
            "none",
            (Query("min by (policy, calendar) (makegood_policy_calendar_last_published_year)"),),
            "The last one; in later years Monday to Friday stand in, with a warning.",
            "table",
            8,
        ),
        Panel(
            "Unsettled rules",
            "short",
            (Query("max by (policy) (makegood_policy_unsettled_rules) > 0", "{{policy}}"),),
            "That the policy's own file calls so; decisions that rest on them carry a warning.",
            "table",
            8,
        ),
    ),
)

POLICY: Final = Dashboard(
    "makegood-policy", "makegood: policy", "By what is decided, since when, and until when.", (_LIVE, _RELOAD, _ENDS)
)
