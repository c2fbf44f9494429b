"""Section 2: who answers for an outage, and for how much of it."""

from fractions import Fraction

from tests.reference.facts import Outage, given

OPERATOR, THIRD_PARTY, FORCE_MAJEURE, CUSTOMER, PLANNED = "OPERATOR", "THIRD_PARTY", "FORCE_MAJEURE", "CUSTOMER", "PLANNED"

CLASS_OF_CAUSE = {
    "EQUIPMENT_FAILURE": OPERATOR,
    "MAINTENANCE_ERROR": OPERATOR,
    "CONFIGURATION_ERROR": OPERATOR,
    "SOFTWARE_FAULT": OPERATOR,
    "CONGESTION": OPERATOR,
    "UNKNOWN": OPERATOR,
    "CONSTRUCTION_DAMAGE": THIRD_PARTY,
    "POWER_SUPPLY": THIRD_PARTY,
    "UPSTREAM_CARRIER": THIRD_PARTY,
    "VANDALISM": THIRD_PARTY,
    "NATURAL_DISASTER": FORCE_MAJEURE,
    "EXTREME_WEATHER": FORCE_MAJEURE,
    "GOVERNMENT_ORDER": FORCE_MAJEURE,
    "CUSTOMER_EQUIPMENT": CUSTOMER,
    "PLANNED_MAINTENANCE": PLANNED,
}
FACTOR_OF_CLASS = {
    OPERATOR: Fraction(1),
    THIRD_PARTY: Fraction(1),
    FORCE_MAJEURE: Fraction(1, 2),
    CUSTOMER: Fraction(0),
    PLANNED: Fraction(0),
}
FACTOR_OF_IMPACT = {"LOSS": Fraction(1), "DEGRADED": Fraction(1, 2)}
NOTICE_SECONDS = 72 * 3600


def liability_class(outage: Outage) -> str:
    """2, the table's rows; planned maintenance without due notice is the operator's."""
    listed = CLASS_OF_CAUSE[outage.cause]
    return OPERATOR if listed == PLANNED and not announced_in_time(outage) else listed


def announced_in_time(outage: Outage) -> bool:
    """2, row PLANNED: announced at least 72 h before its recorded start."""
    return outage.announced_at is not None and given(outage.started_at) - outage.announced_at >= NOTICE_SECONDS


def factor_times_impact(outage: Outage) -> Fraction:
    """2: the class's factor times the impact's, LOSS 1 and DEGRADED 1/2."""
    return FACTOR_OF_CLASS[liability_class(outage)] * FACTOR_OF_IMPACT[outage.impact]
