"""One decision under way: every benefit over its occasions."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from policy.calculator import rules
from policy.calculator.request import Request
from tests.judge.account import account_of
from tests.judge.amounts import Here
from tests.judge.benefits import Worked, furthest, worked_out
from tests.judge.clocks import ALL_TIME, Almanac, Clock, narrowed
from tests.judge.facts import Spans, Told, Unknown
from tests.judge.occasions import Occasion, occasions_of, timeless
from tests.judge.pieces import joined
from tests.judge.there import LeftOut, length_of, there
from tests.judge.values import all_unknown, any_holds, holds, words_of


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
    if not any(components):  # what is not known may be
        return Benefit(rule, refused="CUSTOMER_NOT_COVERED")
    asked = {each.name: (each, any_holds(_meant(one, work) for one in _by(each, rule))) for each in clocks_of(rule)}
    if unknown := all_unknown([known for _, known in asked.values()] or [any_holds(components)]):
        return Benefit(rule, unknown=unknown)
    clocks = [work.clock(each) for each, known in asked.values() if known]
    if unknown := all_unknown(each.unknown for each in clocks):
        return Benefit(rule, unknown=unknown)
    occasions = occasions_of(rule.for_each, clocks, almanac) if asked else timeless(rule.for_each, work.told, almanac)
    if isinstance(occasions, Unknown):
        return Benefit(rule, unknown=occasions)
    if not occasions:
        return _without_any(rule, work)
    account = account_of(rule, work.request, almanac.reader.zone)
    return Benefit(rule, worked=[worked_out(rule, _here(rule, each, clocks, work), account) for each in occasions])


def _here(rule: rules.Benefit, occasion: Occasion, clocks: Sequence[Clock], work: Work) -> Here:
    almanac = work.almanac
    in_it = {each.rule.name: there(each, occasion, almanac, left_out(each.rule, rule.for_each, work)) for each in clocks}
    length, whole = length_of(list(in_it.values())), occasion.whole(almanac.reader.zone)
    reader = almanac.reader.in_occasion(occasion.outages, occasion.only, length, whole)
    return Here(occasion, reader, almanac, in_it)


def left_out(rule: rules.Clock, for_each: rules.ForEach, work: Work) -> LeftOut:
    """What the clocks that ``without`` names keep, each in a benefit of its own that is for each the same.

    They are not asked where the clock itself has no time that they could take.
    """
    kept: list[tuple[int, int]] = []
    unknown: list[tuple[Spans, Unknown]] = []
    for other in () if work.clock(rule).refused else rule.without:
        clock = work.clock(other)
        occasions = clock.unknown or occasions_of(for_each, [clock], work.almanac)
        if isinstance(occasions, Unknown):
            unknown.append((ALL_TIME, occasions))
            continue
        others = left_out(other, for_each, work)
        for occasion in occasions:
            time = there(clock, occasion, work.almanac, others)
            if time.unknown is not None:
                unknown.append((occasion.spans, time.unknown))
            kept += ((each.started_at, each.ended_at) for each in time.kept)
    return LeftOut(joined(kept), tuple(unknown))


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


def clocks_of(rule: rules.Benefit) -> list[rules.Clock]:
    """The distinct clocks of its components, in order."""
    return list({each.clock.name: each.clock for each in rule.components if each.clock is not None}.values())


def _by(clock: rules.Clock, rule: rules.Benefit) -> list[rules.Component]:
    """The components that count by a clock."""
    return [each for each in rule.components if each.clock is not None and each.clock.name == clock.name]


def reads_occasion(condition: object) -> bool:
    """Whether a condition asks anything of an occasion: its length, or facts of its outages."""
    return any(
        isinstance(part, rules.OfOutages | rules.Length | rules.Availability)
        or (isinstance(part, rules.Fact) and part.of == "outage")
        for part in words_of(condition)
    )


def begins_outside_the_cycle(work: Work) -> bool:
    """Whether an occasion that a cap per cycle is asked of begins outside of the cycle that the request gives.

    It is asked of one that a clock keeps time in and that the benefit is meant for; and of one that came to the cap.
    """
    subscriber = work.request.subscriber
    assert subscriber is not None
    cycle = subscriber.billing_cycle
    if cycle is None:
        return False
    capped = (each for each in work.worked if each.rule.at_most_per_cycle is not None and each.occasion.timeless_at is None)
    asked = (each.occasion for each in capped if (each.meant and each.kept()) or each.asked_the_cycle)
    return not all(cycle.started_at <= each.started_at < cycle.ended_at for each in asked)
