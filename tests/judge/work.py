"""One decision under way: every benefit over its occasions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace

from policy.calculator import rules
from policy.calculator.request import Request
from tests.judge.account import account_of
from tests.judge.amounts import Here
from tests.judge.benefits import Worked, furthest, worked_out
from tests.judge.clocks import Almanac, Clock, narrowed
from tests.judge.facts import Told, Unknown
from tests.judge.occasions import Occasion, occasions_of
from tests.judge.there import length_of, there
from tests.judge.values import all_unknown, holds


@dataclass(slots=True)
class Benefit:
    """A benefit over its occasions, in order of time; or why it has none: ``refused``, or ``unknown``."""

    rule: rules.Benefit
    refused: str = ""
    unknown: Unknown | None = None
    worked: list[Worked] = field(default_factory=list)


@dataclass(slots=True)
class Work:
    """One decision under way.

    ``clocks``: by name, as far as they were needed. ``owing``: whether a party owes for an outage, by id, where it was asked.
    """

    version: rules.Version
    almanac: Almanac
    told: Sequence[Told]
    clocks: dict[str, Clock] = field(default_factory=dict)
    benefits: list[Benefit] = field(default_factory=list)
    owing: dict[str, bool] = field(default_factory=dict)

    def clock(self, rule: rules.Clock) -> Clock:
        """A clock, each once."""
        if rule.name not in self.clocks:
            self.clocks[rule.name] = narrowed(rule, self.told, self.almanac)
        return self.clocks[rule.name]

    @property
    def request(self) -> Request:
        return self.almanac.reader.request

    @property
    def worked(self) -> list[Worked]:
        return [worked for benefit in self.benefits for worked in benefit.worked]

    @property
    def owed(self) -> list[Worked]:
        return [each for each in self.worked if each.quantity]


def benefit_of(rule: rules.Benefit, work: Work) -> Benefit:
    """A benefit over its occasions. What asks nothing of them is asked first, so that its clocks may not be needed."""
    almanac = work.almanac
    if rule.when is not None and not reads_occasion(rule.when):
        meant = holds(rule.when, almanac.reader)
        if isinstance(meant, Unknown):
            return Benefit(rule, unknown=meant)
        if not meant:
            return Benefit(rule, refused="CUSTOMER_NOT_COVERED")
    components = [_meant(each, work) for each in rule.components]
    if True not in components:
        unknown = all_unknown(components)
        return Benefit(rule, unknown=unknown, refused="" if unknown else "CUSTOMER_NOT_COVERED")
    not_meant = [each for each, meant in zip(rule.components, components, strict=True) if meant is False]
    clocks = [work.clock(each) for each in clocks_of(rule, without=not_meant)]
    if unknown := all_unknown(each.unknown for each in clocks):
        return Benefit(rule, unknown=unknown)
    occasions = occasions_of(rule, clocks, work.told, almanac)
    if isinstance(occasions, Unknown):
        return Benefit(rule, unknown=occasions)
    if not occasions:
        return _without_any(rule, work)
    account = account_of(rule, work.request, almanac.reader.zone)
    return Benefit(rule, worked=[worked_out(rule, _here(each, clocks, almanac), account) for each in occasions])


def _here(occasion: Occasion, clocks: Sequence[Clock], almanac: Almanac) -> Here:
    in_it = {each.rule.name: there(each, occasion, almanac) for each in clocks}
    reader = almanac.reader.in_occasion(occasion.outages, occasion.only, length_of(list(in_it.values())))
    return Here(occasion, reader, almanac, in_it)


def _without_any(rule: rules.Benefit, work: Work) -> Benefit:
    """None of its clocks met any time: the reason of the one that came furthest, of the components that may be meant."""
    reasons = []
    for component in rule.components:
        if component.clock is not None:
            meant = _meant(component, work)
            reasons.append("CUSTOMER_NOT_COVERED" if meant is False else work.clock(component.clock).refused)
    return Benefit(rule, refused=furthest(reasons))


def _meant(component: rules.Component, work: Work) -> bool | Unknown:
    """Whether a component is meant, as far as that asks nothing of an occasion."""
    if component.when is None or reads_occasion(component.when):
        return True
    return holds(component.when, work.almanac.reader)


def clocks_of(rule: rules.Benefit, without: Sequence[rules.Component] = ()) -> list[rules.Clock]:
    """The distinct clocks of its components, in order."""
    components = [each for each in rule.components if each not in without]
    return list({each.clock.name: each.clock for each in components if each.clock is not None}.values())


def reads_occasion(condition: object) -> bool:
    """Whether a condition asks anything of an occasion: its length, or facts of its outages."""
    return any(
        isinstance(part, rules.OfOutages | rules.Length) or (isinstance(part, rules.Fact) and part.of == "outage")
        for part in _parts(condition)
    )


def _parts(part: object) -> Iterator[object]:
    if isinstance(part, tuple):
        for each in part:
            yield from _parts(each)
    elif is_dataclass(part):
        yield part
        for field_of in fields(part):
            yield from _parts(getattr(part, field_of.name))


def begins_outside_the_cycle(work: Work) -> bool:
    """Whether an occasion that a cap per cycle is asked of begins outside of the cycle that the request gives.

    It is asked of one that a clock keeps time in, as long as the benefit is meant or that is not known; and of one that came
    to the cap.
    """
    subscriber = work.request.subscriber
    assert subscriber is not None
    cycle = subscriber.billing_cycle
    if cycle is None:
        return False
    for benefit in work.benefits:
        rule = benefit.rule
        if rule.at_most_per_cycle is None:
            continue
        worked = benefit.worked
        if benefit.unknown is not None and not worked:  # whether it is meant is not known
            worked = benefit_of(replace(rule, when=None), Work(work.version, work.almanac, work.told)).worked
        timed = (each for each in worked if each.occasion.timeless_at is None)
        asked = (each.occasion for each in timed if each.kept() or each.asked_the_cycle)
        if not all(cycle.started_at <= each.started_at < cycle.ended_at for each in asked):
            return True
    return False
