"""Where a decision can end without a grant: each refusing word of the language owns its reason.

The stages stand in the order in which they are asked. When several benefits are refused, the reasons are those of the
benefits that came furthest: a benefit that is not for this customer says nothing beside one whose outage was too short.
"""

from dataclasses import dataclass
from enum import IntEnum


class Stage(IntEnum):
    """The words that can refuse, in the order in which a request meets them."""

    WHEN = 0
    SERVICES = 1
    MATCH = 2
    WITHIN = 3
    WHERE = 4
    LIABLE = 5
    STARTS = 6
    ONLY = 7
    COUNT = 8
    ROUND = 9
    GRANTED_BEFORE = 10
    CAP = 11
    DISCRETION = 12


REASON = {
    Stage.WHEN: "CUSTOMER_NOT_COVERED",
    Stage.SERVICES: "SERVICE_NOT_COVERED",
    Stage.MATCH: "NO_MATCHING_OUTAGE",
    Stage.WITHIN: "CLAIM_TOO_LATE",
    Stage.WHERE: "OUTAGE_NOT_COVERED",
    Stage.LIABLE: "EXCLUDED_CAUSE",
    Stage.STARTS: "WITHIN_GRACE",
    Stage.ONLY: "BELOW_MINIMUM_DURATION",
    Stage.COUNT: "NOTHING_TO_COUNT",
    Stage.ROUND: "ROUNDS_TO_ZERO",
    Stage.GRANTED_BEFORE: "ALREADY_GRANTED",
    Stage.CAP: "CAP_EXHAUSTED",
    Stage.DISCRETION: "AMOUNT_AT_DISCRETION",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing is left at ``stage``, under ``clause``."""

    stage: Stage
    clause: str
