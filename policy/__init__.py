"""makegood's policies and the calculator that decides by them.

    from pathlib import Path
    from policy import load_catalog

    policies = load_catalog(Path("policy/catalog"), default_policy_id="cn-standard")
    decision = policies.decide(request)

A decision is a pure function of the request and the policies: no clock, no files, no randomness.
"""

from policy.calculator.decision import (
    Decision,
    Explanation,
    Grant,
    Input,
    Line,
    NoticeMessage,
    Occasion,
    OutageAmount,
    OutagePart,
    Quote,
    Reason,
    Recourse,
    Stamp,
    Warn,
)
from policy.calculator.errors import (
    CalculatorError,
    InvalidRequest,
    NotInForce,
    OtherDigest,
    SeveralVersions,
    UnknownPolicy,
    VersionOfOccasion,
    Violation,
)
from policy.calculator.policies import PolicySet
from policy.calculator.request import (
    AttributeValue,
    Claim,
    GrantedBefore,
    Instant,
    Interval,
    Money,
    NoticeRequest,
    Outage,
    Request,
    Subscriber,
)
from policy.language.load import load_catalog
from policy.language.problems import CatalogError, Problem

__all__ = [
    "AttributeValue",
    "CalculatorError",
    "CatalogError",
    "Claim",
    "Decision",
    "Explanation",
    "Grant",
    "GrantedBefore",
    "Input",
    "Instant",
    "Interval",
    "InvalidRequest",
    "Line",
    "Money",
    "NotInForce",
    "NoticeMessage",
    "NoticeRequest",
    "Occasion",
    "OtherDigest",
    "Outage",
    "OutageAmount",
    "OutagePart",
    "PolicySet",
    "Problem",
    "Quote",
    "Reason",
    "Recourse",
    "Request",
    "SeveralVersions",
    "Stamp",
    "Subscriber",
    "UnknownPolicy",
    "VersionOfOccasion",
    "Violation",
    "Warn",
    "load_catalog",
]
