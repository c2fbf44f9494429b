"""Scenes: whose outage it is and what kind of outage, without its time; from the cases of a policy, or made up.

A scene that is made up follows the rules of one component backwards (:mod:`policy.tools.proving.witnesses`) to facts with
which it pays. What the rules do not ask for is left at a usual value.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final, NamedTuple

from policy.calculator import codes, rules
from policy.calculator.checks import MAX_INSTANT
from policy.calculator.request import Claim, Instant, Interval, Outage, Request, Subscriber
from policy.tools.proving.fact_builder import FactBuilder
from policy.tools.proving.witnesses import Assignment, product, to_hold, witnesses

YEAR_SECONDS: Final = 366 * 86_400


class OutageSpan(NamedTuple):
    """One outage as told: its span, in seconds UTC, and what it is besides the scene's outage."""

    start: int
    end: int
    facts: tuple[tuple[str, Any], ...] = ()

    def moved(self, by: int) -> "OutageSpan":
        """The same, that many seconds later."""
        facts = tuple((name, value + by if name == "announced_at" else value) for name, value in self.facts)
        return OutageSpan(self.start + by, self.end + by, facts)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything of a request but the time. ``outage``: as if it began at ``origin``. ``source``: where the facts come from."""

    builder: FactBuilder
    subscriber: Subscriber
    outage: Outage
    mode: str
    origin: int
    source: str

    def at(self, origin: int) -> "Scene":
        """The same scene at another time: what was reported or known of the outage moves with it."""
        by, outage = origin - self.origin, self.outage
        attributes = {name: _moved(value, by) for name, value in outage.attributes.items()}
        reported, announced = (None if at is None else at + by for at in (outage.reported_at, outage.announced_at))
        moved = replace(outage, reported_at=reported, announced_at=announced, attributes=attributes)
        cycle = self.subscriber.billing_cycle
        subscriber = self.subscriber if cycle is None else replace(self.subscriber, billing_cycle=_moved((cycle,), by)[0])
        return replace(self, subscriber=subscriber, outage=moved, origin=origin)

    def request(self, told: Iterable[OutageSpan], until: int) -> Request:
        """The question about these outages; none ends after ``until``, up to which a claim is made where one is."""
        version = self.builder.version
        outages = []
        for number, each in enumerate(sorted(told), 1):
            outage = replace(self.outage, outage_id=f"o-{number}", started_at=each.start, ended_at=each.end)
            outages.append(self.builder.outage(outage, dict(each.facts)))
        claim = None
        if self.mode == codes.APPLICATION:
            channels = version.claims.channels if version.claims else ()
            claim = Claim((channels or codes.CLAIM_CHANNELS)[0], until + 1, max(self.origin - YEAR_SECONDS, 0), until)
        as_of = min(until + YEAR_SECONDS, MAX_INSTANT)
        return Request(self.subscriber, tuple(outages), self.mode, as_of, version.policy_id, version.version, claim)


def _moved(value: Any, by: int) -> Any:
    match value:
        case Instant(seconds=seconds):
            return Instant(seconds + by)
        case tuple():
            return tuple(Interval(span.started_at + by, span.ended_at + by) for span in value)
    return value


def made_up(builder: FactBuilder, component: rules.Component, benefit: rules.Benefit, most: int) -> Iterator[Scene]:
    """Scenes in which the component ought to pay, with every rate and factor in turn."""
    for assignment in islice(product(_asked(benefit, component)), most):
        yield scene_of(builder, assignment)


def scene_of(builder: FactBuilder, assignment: Assignment, origin: int = YEAR_SECONDS) -> Scene:
    """The scene in which the facts are those of ``assignment``, and usual ones besides."""
    claimed = assignment.get("claim") == "MADE" or "claimed_at" in builder.facts
    outage = builder.outage(builder.usual_outage(origin), assignment)
    mode = codes.APPLICATION if claimed and builder.version.claims is not None else codes.AUTOMATIC
    return Scene(builder, builder.subscriber(assignment, origin), outage, mode, origin, "made up")


def _asked(benefit: rules.Benefit, component: rules.Component) -> list[Iterable[Assignment]]:
    """What the rules of a component ask of the facts, so that it pays."""
    asked: list[Iterable[Assignment]] = [to_hold(when) for when in (benefit.when, component.when) if when is not None]
    if component.clock is not None:
        asked += counted(component.clock)
    pay = component.pay
    if isinstance(pay, rules.Tiers):
        asked.append([known for rate in (*(rate for _, rate in pay.steps), pay.last) for known in paying(rate)])
    elif not isinstance(pay, rules.Discretion):
        asked.append(paying(pay))
    return [*asked, *map(paying, component.times)]


def counted(clock: rules.Clock) -> list[Iterable[Assignment]]:
    """What a clock asks of the facts, so that it counts."""
    asked: list[Iterable[Assignment]] = [paying(value) for value in clock.liable]
    if clock.where is not None:
        asked.append(to_hold(clock.where))
    if clock.services is not None:
        asked.append([known for known, _ in witnesses(clock.services)])
    return [*asked, *(to_hold(step) for step in clock.only)]


def paying(value: rules.Value) -> list[Assignment]:
    """The witnesses of a branch that is not 0."""
    return [known for known, leaf in witnesses(value) if not (isinstance(leaf, rules.Constant) and not leaf.value)]


def left_out(clock: rules.Clock) -> Iterator[Assignment]:
    """Facts of an outage with which a clock counts it no longer: one fact, or the few that belong together."""
    for value in clock.liable:
        yield from (known for known, leaf in witnesses(value) if isinstance(leaf, rules.Constant) and not leaf.value)
    if clock.where is not None:
        yield from to_hold(clock.where, wanted=False)
    if clock.services is not None:
        covered = {code for _, leaf in witnesses(clock.services) if isinstance(leaf, rules.Code) for code in leaf.codes}
        yield from ({"services": code} for code in codes.SERVICES if code not in covered)
