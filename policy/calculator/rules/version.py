"""A dated version of a policy, whole."""

from dataclasses import dataclass
from datetime import date

from policy.calculator.rules.benefits import Benefit, ForEach
from policy.calculator.rules.claims import Claims, Corrections, NoticeRule, RecourseRule
from policy.calculator.rules.clocks import Clock
from policy.calculator.rules.measures import Measure
from policy.calculator.rules.properties import Break, Property
from policy.calculator.rules.values import Clause, Fact, Figure, Value


@dataclass(frozen=True, slots=True)
class Version:
    """One dated version of a policy, whole.

    It holds on local dates [in_force_from, in_force_until), None: open. ``pinned_by`` is the fact whose local date picks the
    version; of an occasion, that of its earliest outage. ``for_each`` is what benefits are worked out for that do not say
    otherwise. ``confidence`` says how surely the source was read: solid, partial, weak, or "". ``calendar`` names the working
    days, by a fact's code where it is a choice. ``unsettled`` are what the file itself calls so; an entry is about the rule
    whose clause has its id, or about the whole policy. ``sha256`` is the digest of the canonical form; ``text`` the file as
    read. ``accepted`` are attributes that other versions of the policy read and this one does not: a request may give them,
    and they never matter. ``uncited`` are clauses that stand in the file for its reader, ``breaks`` is what it says against
    itself, ``properties`` what its structure proves; no decision reads any of them.
    """

    policy_id: str
    title: str
    source: str
    confidence: str
    version: str
    in_force_from: date
    in_force_until: date | None
    pinned_by: Fact
    for_each: ForEach
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
    corrections: Corrections
    notice: NoticeRule | None
    unsettled: tuple[Clause, ...]
    sha256: str
    text: str
    uncited: tuple[Clause, ...] = ()
    breaks: tuple[Break, ...] = ()
    properties: tuple[Property, ...] = ()
    accepted: tuple[Fact, ...] = ()
