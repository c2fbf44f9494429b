"""The dashboard *grants*: what is decided and given away, and by whose fault."""

from typing import Final

from deploy.monitoring.panels import Choice, Dashboard, Panel, Query, Row
from policy.calculator.codes import BENEFIT_KINDS

_HOUR: Final = "Of each hour up to now."


def _hourly(metric: str, by: str, where: str = "") -> str:
    return f"sum by ({by}) (increase({metric}{where}[1h]))"


def _of_policies(title: str, unit: str, benefit: str) -> Panel:
    return Panel(title, unit, (Query(_hourly(f"makegood_granted_{benefit}_total", "policy"), "{{policy}}"),), _HOUR)


def _by(title: str, way: str) -> Panel:
    expression = _hourly(f"makegood_granted_by_{way}_total", f"{way}, currency", '{benefit="$benefit"}')
    unit = "In the unit that the benefit names; CREDIT: minor units of the currency."
    return Panel(title, "short", (Query(f"{expression} > 0", f"{{{{{way}}}}} {{{{currency}}}}"),), f"{_HOUR} {unit}")


_BENEFITS: Final = Row(
    "Granted by hour and benefit, by policy",
    (
        _of_policies("Data", "bytes", "data_bytes"),
        _of_policies("Voice", "s", "voice_seconds"),
        Panel(
            "Credit by currency",
            "short",
            (Query(_hourly("makegood_granted_credit_minor_units_total", "currency"), "{{currency}}"),),
            f"{_HOUR} Minor units.",
        ),
        Panel(
            "Days of services and of validity",
            "short",
            (
                Query(_hourly("makegood_granted_value_added_days_total", "policy"), "services {{policy}}"),
                Query(_hourly("makegood_granted_validity_days_total", "policy"), "validity {{policy}}"),
            ),
            _HOUR,
        ),
        Panel(
            "Unmetered data and top-up bonus",
            "short",
            (
                Query(_hourly("makegood_granted_unlimited_data_seconds_total", "policy"), "seconds {{policy}}"),
                Query(_hourly("makegood_granted_top_up_bonus_basis_points_total", "policy"), "basis points {{policy}}"),
            ),
            _HOUR,
        ),
        Panel(
            "Recourse on third parties",
            "short",
            (Query(_hourly("makegood_recourse_minor_units_total", "currency"), "{{currency}}"),),
            f"{_HOUR} Minor units.",
        ),
        Panel(
            "Against last week",
            "short",
            (
                Query("makegood:granted:increase1h", "{{benefit}} {{currency}}"),
                Query("makegood:granted:increase1h offset 1w", "last week {{benefit}} {{currency}}"),
            ),
            "Of each hour; empty on the right in the first week.",
            width=24,
        ),
    ),
)

_WAYS: Final = Row("Granted: $benefit", (_by("By cause", "cause"), _by("By plan type", "plan_type"), _by("By mode", "mode")))

_OUTCOMES: Final = Row(
    "Decisions",
    (
        Panel(
            "Decisions by outcome",
            "short",
            (Query(_hourly("makegood_decisions_total", "outcome", '{outcome!="PROVISIONAL"}'), "{{outcome}}"),),
            f"{_HOUR} Without quotes, and without what callers are told who only quote.",
        ),
        Panel(
            "Quotes of the desk",
            "short",
            (Query(_hourly("makegood_quotes_total", "outcome"), "{{outcome}}"),),
            f"{_HOUR} Answers to callers who say that they only quote: in no other panel, whatever came out.",
        ),
        Panel(
            "Only quoted",
            "short",
            (Query(_hourly("makegood_decisions_total", "policy", '{outcome="PROVISIONAL"}') + " > 0", "{{policy}}"),),
            f"{_HOUR} PROVISIONAL: nothing is granted by them.",
        ),
        Panel(
            "First reasons",
            "short",
            (Query(_hourly("makegood_decision_reasons_total", "outcome, reason") + " > 0", "{{outcome}} {{reason}}"),),
            _HOUR,
        ),
        Panel(
            "Share that cannot be decided",
            "percentunit",
            (Query('makegood:outcomes:ratio_rate15m{outcome="CANNOT_DECIDE"}', "CANNOT_DECIDE"),),
            "Facts are missing.",
        ),
        Panel(
            "Share that needs review",
            "percentunit",
            (Query('makegood:outcomes:ratio_rate15m{outcome="NEEDS_REVIEW"}', "NEEDS_REVIEW"),),
            "A person decides.",
        ),
        Panel(
            "Caps hit",
            "short",
            (Query(_hourly("makegood_decision_reasons_total", "reason", '{reason=~"CAPPED|CAP_EXHAUSTED"}'), "{{reason}}"),),
            f"{_HOUR} Where a cap is the first reason.",
        ),
    ),
)

GRANTS: Final = Dashboard(
    "makegood-grants",
    "makegood: grants",
    "What is decided and given away. Of answers given: a question that is asked again counts again.",
    (_BENEFITS, _WAYS, _OUTCOMES),
    (Choice("benefit", "Benefit", BENEFIT_KINDS),),
    "now-2d",
)
