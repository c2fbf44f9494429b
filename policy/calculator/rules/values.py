"""Values: facts, numbers and codes, and choices among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Of = Literal["subscriber", "outage", "claim", "request"]
FactType = Literal["money", "number", "ratio", "bytes", "seconds", "yes or no", "codes", "instant", "date", "intervals"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the request says.

    ``field`` is its path in the request, as errors and reasons name it: "subscriber.monthly_fee", "outages[].cause",
    "outages[].attributes.negligence". ``attribute`` is False for the core fields of the contract.
    ``codes`` are the words it may hold (type codes). ``at_most`` bounds it, in its base unit. ``if_absent`` is what an absent
    one is taken for: a number in base units, a code, True or False, or () for no intervals; None: a missing fact.
    """

    name: str
    of: Of
    type: FactType
    field: str
    attribute: bool
    codes: tuple[str, ...] = ()
    at_most: int | None = None
    if_absent: int | Fraction | str | bool | tuple[()] | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a rule comes from: an id and its text by language tag."""

    id: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Constant:
    """A fixed number in the base unit of its kind, exact."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Code:
    """A fixed code, or a set of codes ("DATA or VOICE")."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """``1/30 of monthly_fee``: an exact share of a value."""

    ratio: Fraction
    of: "Value"


@dataclass(frozen=True, slots=True)
class MonthShare:
    """``5/days_in_month of fee``: a share by the days of the local month in which the part begins."""

    numerator: int
    of: "Value"


@dataclass(frozen=True, slots=True)
class CycleShare:
    """``1/days_in_cycle of fee``: a share by the local days of the billing cycle that the request gives."""

    numerator: int
    of: "Value"


@dataclass(frozen=True, slots=True)
class Quotient:
    """``data_remaining / data_allowance``: an exact ratio of two facts; only as the subject of a choice, never divided."""

    numerator: "Value"
    denominator: "Value"


@dataclass(frozen=True, slots=True)
class Larger:
    """``larger of``: the largest of several values."""

    values: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Length:
    """``length``: the plain time of the occasion, seconds: what its clocks count in it, before ``only``."""


@dataclass(frozen=True, slots=True)
class Availability:
    """``availability``: 1 less the length of the occasion over that of its local month, or of the billing cycle of the request.

    Exact, and only compared. Only of an occasion for each month or billing cycle; before and after the cycle given it is 1.
    """


@dataclass(frozen=True, slots=True)
class Start:
    """``2 working days after reported_at``: an instant of an outage from which its time counts.

    ``amount`` seconds after the instant, or the end of the ``amount``-th local or working day after the instant's own day.
    """

    amount: int
    unit: Literal["seconds", "local days", "working days"]
    after: Fact


@dataclass(frozen=True, slots=True)
class Extreme:
    """``earliest of`` or ``latest of`` several starts.

    The earliest is of those whose instants are given, and missing where none is; the latest needs all of them.
    """

    which: Literal["earliest", "latest"]
    starts: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A figure by name."""

    figure: "Figure"


Op = Literal["less than", "at most", "more than", "at least"]


@dataclass(frozen=True, slots=True)
class Bound:
    """``less than 59.00 CNY``; the bound may also be a fact or a figure. ``before`` a date is less than, ``from`` at least."""

    op: Op
    value: "Value"


@dataclass(frozen=True, slots=True)
class CodeChoice:
    """``by`` a code: each code has exactly one case; ``otherwise`` takes the rest (None where the cases are complete)."""

    subject: "Value"
    cases: tuple[tuple[tuple[str, ...], "Value"], ...]
    otherwise: "Value | None"


@dataclass(frozen=True, slots=True)
class Ladder:
    """``by`` a number, a one-way ladder of bounds: the first step that holds; the steps stand narrowest first."""

    subject: "Value"
    steps: tuple[tuple[Bound, "Value"], ...]
    otherwise: "Value"


Value = (
    Fact | Length | Availability | Constant | Code | Share | MonthShare | CycleShare | Quotient | Larger | Start | Extreme
    | Named | CodeChoice | Ladder
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A named value with its clause; it may yield a number or a code."""

    name: str
    clause: Clause | None
    value: Value
    unit: str  # for people: "CNY", "B", "s", "" for a ratio or a code
