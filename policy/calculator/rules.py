"""A dated version of a policy as rules: what the language reads files into, and what the calculator runs.

Three sentences shape it:

* A benefit is the sum (or the larger) of its components, less what is set off, rounded once, then bounded.
* A component is what is paid for each counted unit of each part of a clock, times factors.
* A clock is the set of time that is left when every condition has narrowed it.

Everything here is frozen data with exact integers. A value is a numerator over a constant denominator, in the base unit
of its kind: bytes, seconds, days, minor units of the policy's currency, or no unit. Durations are seconds. Nothing here
computes; the meaning of each word for one request is in the modules beside this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

# --------------------------------------------------------------------------------------------------------------- values

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


Value = Fact | Constant | Code | Share | MonthShare | CycleShare | Quotient | Larger | Named | CodeChoice | Ladder


@dataclass(frozen=True, slots=True)
class Figure:
    """A named value with its clause; it may yield a number or a code."""

    name: str
    clause: Clause | None
    value: Value
    unit: str  # for people: "CNY", "B", "s", "" for a ratio or a code


# ----------------------------------------------------------------------------------------------------------- conditions


@dataclass(frozen=True, slots=True)
class Compare:
    """``monthly_fee: at least 10.00 EUR``, also for instants, dates and counts of a list."""

    subject: Value
    bound: Bound


@dataclass(frozen=True, slots=True)
class IsOneOf:
    """``negligence: GROSS or INTENT``; the codes may come from a figure."""

    subject: Value
    codes: Value


@dataclass(frozen=True, slots=True)
class IsYes:
    """``in_district: yes`` (or no)."""

    subject: Value
    yes: bool


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All hold."""

    conditions: tuple["Condition", ...]


Scope = Literal["interruption", "local day", "month", "billing cycle", "total"]


@dataclass(frozen=True, slots=True)
class TimeIn:
    """``interruption: more than 12 h``: how much of the clock's time falls in the scope. Only under ``only``.

    ``seconds`` is the threshold; ``measure`` None means plain clock time.
    """

    scope: Scope
    op: Op
    seconds: Fraction
    measure: "Measure | None"


Condition = Compare | IsOneOf | IsYes | AnyOf | AllOf | TimeIn

# --------------------------------------------------------------------------------------------------------------- clocks


@dataclass(frozen=True, slots=True)
class Band:
    """A span of the local day, [from, until) in seconds after local midnight by the wall clock, and its weights."""

    from_second: int
    until_second: int
    working: Fraction
    other: Fraction


@dataclass(frozen=True, slots=True)
class Measure:
    """A named density over the local day; measured time is always multiplied by the clock's ``liable``."""

    name: str
    clause: Clause
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """``2 working days after reported_at``: the earliest counted instant of an outage.

    ``amount`` seconds after the instant, or the end of the ``amount``-th local or working day after the instant's own day.
    """

    amount: int
    unit: Literal["seconds", "local days", "working days"]
    after: Fact


@dataclass(frozen=True, slots=True)
class Clock:
    """The set of time that is left when every condition has narrowed it.

    ``services``: codes that count (an outage that names none names all); ``where``: which outages count; ``liable``: how far
    the operator answers, a product, 0 drops the outage, an overlap takes the largest; ``starts`` and ``minus``: when counting
    begins and pauses; ``only``: what time is kept, step by step.
    """

    name: str
    clause: Clause
    services: Value | None
    where: Condition | None
    liable: tuple[Value, ...]
    starts: Start | None
    minus: tuple[Fact, ...]
    only: tuple[Condition, ...]


# ------------------------------------------------------------------------------------------------------------- benefits


@dataclass(frozen=True, slots=True)
class Once:
    """``once``: 1 if any time is left."""


@dataclass(frozen=True, slots=True)
class Number:
    """``number: dropped_calls``: a whole number that the request gives."""

    fact: Fact


Part = Literal["interruption", "month", "billing cycle"]


@dataclass(frozen=True, slots=True)
class Units:
    """Units of time, counted part by part and then added.

    ``length`` is seconds, or a day of the local calendar. ``exact`` is a ratio; ``started`` rounds up, ``full`` down; a rest
    that passes ``rest`` counts as one more. ``of_each`` None: all time together. ``measure`` None: plain clock time.
    """

    rounding: Literal["exact", "started", "full"]
    length: int | Literal["local day", "working day"]
    measure: Measure | None
    rest: tuple[Op, int] | None
    of_each: Part | None


Count = Once | Number | Units


@dataclass(frozen=True, slots=True)
class Tiers:
    """``pay`` by the number of the unit (``nth``, marginal) or by the total count (``count``, bracket).

    Each step is (inclusive upper unit, value); ``last`` pays from there on.
    """

    by: Literal["nth", "count"]
    steps: tuple[tuple[Fraction, Value], ...]
    last: Value


@dataclass(frozen=True, slots=True)
class Discretion:
    """``pay: at discretion``: the source gives a right and no formula, so a person sets the amount."""


@dataclass(frozen=True, slots=True)
class Component:
    """What is paid for each counted unit of each part of a clock, times factors. ``clock`` None: it reads no time."""

    name: str
    clause: Clause
    clock: Clock | None
    when: Condition | None
    count: Count
    pay: Value | Tiers | Discretion
    times: tuple[Value, ...]


Rounding = Literal["up", "down", "half up"]


@dataclass(frozen=True, slots=True)
class Granted:
    """How a benefit becomes the customer's: ``automatically``, ``on claim``, or automatically when a condition holds.

    ``when`` reads the amount (``amount_more_than``, in the benefit's base unit) or the time of the benefit's clock.
    """

    how: Literal["automatically", "on claim", "automatically when"]
    amount: tuple[Op, int] | None = None
    time: Condition | None = None


@dataclass(frozen=True, slots=True)
class Benefit:
    """The sum (or the larger) of components, less what is set off, rounded once, then bounded.

    ``unit`` is the quantity that amounts are rounded to, in base units; caps are first taken down to it, a minimum up.
    ``usable``: the local dates [from, to) in which a grant can be used; None: no dates are fixed.
    """

    name: str
    kind: str
    currency_code: str
    when: Condition | None
    join: Literal["sum", "larger"]
    components: tuple[Component, ...]
    minus: Value | None
    rounding: Rounding
    unit: int
    at_least: Value | None
    at_most: Value | None
    at_most_per_cycle: Value | None
    valid_for_seconds: int
    usable: tuple[date, date] | None
    granted: Granted


# ---------------------------------------------------------------------------------------------- claims, recourse, notice


@dataclass(frozen=True, slots=True)
class Claims:
    """Applications: through which channels, how long after the outage ended, and how they meet the record.

    ``within_seconds`` None: open. ``before``: the first local date on which every claim is late; None: none is fixed.
    ``widen_seconds`` None: outages are not cut to the claim. ``warn_below`` None: never.
    """

    clause: Clause
    channels: tuple[str, ...]
    within_seconds: int | None
    before: date | None
    widen_seconds: int | None
    warn_below: Fraction | None


@dataclass(frozen=True, slots=True)
class RecourseRule:
    """Claims on third parties out of finished grants.

    ``owed_by``: which outages have a party to ask. Together they owe ``share`` of the grants' value times their part of the
    ``measure``, rounded, and split in proportion. ``value_minor_per_unit``: by benefit name, minor units per base unit.
    """

    clause: Clause
    owed_by: Condition
    share: Fraction
    clock: Clock
    measure: Measure | None
    value_minor_per_unit: Mapping[str, Fraction]
    rounding: Rounding
    unit_minor: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words around a number: ``one`` where the number shown is exactly 1, else ``other``. Placeholders in braces."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Template:
    """A message in one language. Placeholders in braces; ``title`` "" for a short message."""

    channel: str
    language: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """How one language says the parts of a message.

    ``causes`` by code, every code; ``grants`` by benefit name, with {quantity} and {valid_for}; ``days`` to ``seconds`` with
    {n}, and ``between`` stands between two of them; a list is joined by ``comma`` and, before its last, by ``and_``;
    ``time`` is a format of numeric directives for :meth:`LocalTime.format`.
    """

    time: str
    days: Phrase
    hours: Phrase
    minutes: Phrase
    seconds: Phrase
    between: str
    comma: str
    and_: str
    causes: Mapping[str, str]
    grants: Mapping[str, Phrase]


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """The messages of mode PROACTIVE_NOTICE, in the order in which they are answered.

    ``words`` by language tag; ``units`` by benefit name: the base units of one {quantity}, for a credit of one major unit.
    """

    clause: Clause
    templates: tuple[Template, ...]
    words: Mapping[str, NoticeWords]
    units: Mapping[str, int]


# ----------------------------------------------------------------------------------------------------------- properties


@dataclass(frozen=True, slots=True)
class Doubt:
    """A word that may break a property.

    ``path``: the words of the file under which it stands. ``clause``: the id of its rule. ``why``: how it might break it.
    """

    path: tuple[str, ...]
    word: str
    clause: str
    why: str


@dataclass(frozen=True, slots=True)
class Property:
    """What the structure of a version says of one property: ``proved``, and by what argument; or what stands against it.

    ``doubts`` are words that may break it; whether they do is for :mod:`policy.tools` to find out, by a counterexample.
    """

    name: str
    proved: bool
    because: str
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """``breaks``: a property that the policy says of itself it does not keep, and why."""

    property: str
    reason: str


# -------------------------------------------------------------------------------------------------------------- version


@dataclass(frozen=True, slots=True)
class Version:
    """One dated version of a policy, whole.

    It holds on local dates [in_force_from, in_force_until), None: open. ``pinned_by`` is the fact whose local date picks the
    version. ``confidence`` says how surely the source was read: solid, partial, weak, or "". ``calendar`` names the working
    days, by a fact's code where it is a choice. ``unsettled`` are what the
    file itself calls so; an entry is about the rule whose clause has its id, or about the whole policy. ``sha256`` is the
    digest of the canonical form; ``text`` the file as read. ``breaks`` is what the file says against itself, ``properties``
    what its structure proves; no decision reads either.
    """

    policy_id: str
    title: str
    source: str
    confidence: str
    version: str
    in_force_from: date
    in_force_until: date | None
    pinned_by: Fact
    zone: str
    currency_code: str
    calendar: Value | None
    facts: tuple[Fact, ...]
    figures: tuple[Figure, ...]
    measures: tuple[Measure, ...]
    clocks: tuple[Clock, ...]
    benefits: tuple[Benefit, ...]
    claims: Claims | None
    recourse: RecourseRule | None
    notice: NoticeRule | None
    unsettled: tuple[Clause, ...]
    sha256: str
    text: str
    breaks: tuple[Break, ...] = ()
    properties: tuple[Property, ...] = ()
