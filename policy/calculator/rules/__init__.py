"""A dated version of a policy as rules: what the language reads files into, and what the calculator runs.

Three sentences shape it:

* A benefit is the sum (or the larger) of its components, less what is set off, rounded once, then bounded.
* A component is what is paid for each counted unit of each part of a clock, times factors.
* A clock is the set of time that is left when every condition has narrowed it.

Everything here is frozen data with exact integers. A value is a numerator over a constant denominator, in the base unit
of its kind: bytes, seconds, days, minor units of the policy's currency, or no unit. Durations are seconds. Nothing here
computes; the meaning of each word for one request is in the modules beside this package.
"""

from policy.calculator.rules.benefits import (
    Benefit,
    Component,
    Count,
    Discretion,
    ForEach,
    Granted,
    Number,
    Once,
    Part,
    Rounding,
    Tiers,
    Units,
)
from policy.calculator.rules.claims import About, Claims, Corrections, NoticeRule, NoticeWords, Phrase, RecourseRule, Template
from policy.calculator.rules.clocks import Clock, Window
from policy.calculator.rules.conditions import (
    AllOf,
    AmountIs,
    AnyOf,
    Compare,
    Condition,
    IsOneOf,
    IsYes,
    OfOutages,
    Scope,
    TimeIn,
)
from policy.calculator.rules.measures import EVERY_DAY, Band, Measure
from policy.calculator.rules.properties import Break, Doubt, Property
from policy.calculator.rules.values import (
    Availability,
    Bound,
    Clause,
    Code,
    CodeChoice,
    Constant,
    CycleShare,
    Extreme,
    Fact,
    FactType,
    Figure,
    Ladder,
    Larger,
    Length,
    MonthShare,
    Named,
    Of,
    Op,
    Quotient,
    Share,
    Start,
    Value,
)
from policy.calculator.rules.version import Version

__all__ = [
    "EVERY_DAY",
    "About",
    "AllOf",
    "AmountIs",
    "AnyOf",
    "Availability",
    "Band",
    "Benefit",
    "Bound",
    "Break",
    "Claims",
    "Clause",
    "Clock",
    "Code",
    "CodeChoice",
    "Compare",
    "Component",
    "Condition",
    "Constant",
    "Corrections",
    "Count",
    "CycleShare",
    "Discretion",
    "Doubt",
    "Extreme",
    "Fact",
    "FactType",
    "Figure",
    "ForEach",
    "Granted",
    "IsOneOf",
    "IsYes",
    "Ladder",
    "Larger",
    "Length",
    "Measure",
    "MonthShare",
    "Named",
    "NoticeRule",
    "NoticeWords",
    "Number",
    "Of",
    "OfOutages",
    "Once",
    "Op",
    "Part",
    "Phrase",
    "Property",
    "Quotient",
    "RecourseRule",
    "Rounding",
    "Scope",
    "Share",
    "Start",
    "Template",
    "Tiers",
    "TimeIn",
    "Units",
    "Value",
    "Version",
    "Window",
]
