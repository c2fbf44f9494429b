"""What stands around the benefits: applications by customers, claims on third parties, and messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from policy.calculator.rules.benefits import Rounding
from policy.calculator.rules.conditions import Condition
from policy.calculator.rules.values import Clause


@dataclass(frozen=True, slots=True)
class Claims:
    """Applications: through which channels, how long after the outage ended, and how they meet the record.

    ``within_seconds`` after the last end, or until the end of the ``within_local_days``-th local day after its own; both None:
    open. ``before``: the first local date on which every claim is late; None: none is fixed. ``widen_seconds`` None: outages
    are not cut to the claim. ``warn_below`` None: never.
    """

    clause: Clause
    channels: tuple[str, ...]
    within_seconds: int | None
    before: date | None
    widen_seconds: int | None
    warn_below: Fraction | None
    within_local_days: int | None = None


@dataclass(frozen=True, slots=True)
class RecourseRule:
    """Claims on third parties out of finished grants.

    ``owed_by``: which outages have a party to ask. Each owes ``share`` of the value of its parts of the grants, rounded once
    for the outage. ``value_minor_per_unit``: by benefit name, minor units per base unit.
    """

    clause: Clause
    owed_by: Condition
    share: Fraction
    value_minor_per_unit: Mapping[str, Fraction]
    rounding: Rounding
    unit_minor: int


@dataclass(frozen=True, slots=True)
class Corrections:
    """What becomes of what was booked beyond what stands, once a record shrank. The account books it; decisions carry the word.

    ``set off``: it stays with the customer and is set off against what else is owed in the same cycle; ``claw back``: it is
    reversed. ``clause`` None: the default, which no clause of the source says.
    """

    how: Literal["set off", "claw back"]
    clause: Clause | None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words around a number: ``one`` where the number shown is exactly 1, else ``other``. Placeholders in braces."""

    one: str
    other: str


About = Literal["granted", "known", "top up", "correction"]


@dataclass(frozen=True, slots=True)
class Template:
    """A message in one language. Placeholders in braces; ``title`` "" for a short message.

    ``about``: what is granted; that an outage is known, before anything is; what is added to what was granted before, {grants},
    and what that comes to, {whole}; or that less stands than was granted, which is {grants}, and {whole} stands.
    """

    channel: str
    language: str
    title: str
    body: str
    about: About = "granted"


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

    ``further``: those about anything but what is granted. ``words`` by language tag; ``units`` by benefit name: base units of
    one {quantity}, for a credit of one major unit.
    """

    clause: Clause
    templates: tuple[Template, ...]
    words: Mapping[str, NoticeWords]
    units: Mapping[str, int]
    further: tuple[Template, ...] = ()
