"""The search for a counterexample: two requests that differ in the outages told alone, the wrong one of which is paid more.

Both are decided by the calculator itself. What is found is a fact about the policy; that nothing is found proves nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from policy.calculator import codes, rules
from policy.calculator.errors import CalculatorError
from policy.calculator.policies import PolicySet
from policy.calculator.request import Outage, Request
from policy.language import calendars
from policy.language.proofs.comparing import facts_of_outage
from policy.language.proofs.names import EXCLUDING, MORE
from policy.language.proofs.walk import clock_rules, inner_values
from policy.tools.proving.giving import Giver
from policy.tools.proving.lengths import DAY_SECONDS, lengths_of, origins_of
from policy.tools.proving.pairs import Facts, Pair, cut, left_out, longer
from policy.tools.proving.scenes import Scene, Told, made_up
from policy.tools.proving.scenes import left_out as excluded_by
from policy.tools.proving.ways import Assignment

MOST_SCENES: Final = 3
"""So many scenes of each component, and from cases; more differ in the amounts only."""
MOST_TRIED: Final = 200
MOST_PAIRS: Final = 12_000
"""So many pairs are decided of one property before the search is given up."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """What pays more than it should: ``less`` is paid ``paid_less`` of ``benefit``, and ``more`` only ``paid_more``."""

    scene: Scene
    benefit: rules.Benefit
    less: tuple[Told, ...]
    more: tuple[Told, ...]
    paid_less: int
    paid_more: int
    at_discretion: bool


class Search:
    """Looks for counterexamples in one version."""

    def __init__(self, version: rules.Version, policies: PolicySet, requests: Mapping[str, Request]) -> None:
        """``policies`` hold the version; ``requests`` are those of its cases, by id."""
        self.version = version
        self.tried = 0
        self._policies = policies
        self._giver = Giver(version)
        self._local = calendars.zone(version.zone)
        self._lengths = lengths_of(version)
        self._origins = origins_of(version, self._local)
        self._cases = tuple(scene_of_case(self._giver, name, each) for name, each in requests.items() if each.outages)

    def counterexample(self, proved: rules.Property) -> Counterexample | None:
        """Two tellings by which the property is broken, for one of the benefits that are in doubt."""
        self.tried = 0
        for benefit in self._in_doubt(proved.doubts):
            for scene in self._scenes(benefit):
                pairs = list(islice(self._pairs(proved.name, benefit), MOST_PAIRS))
                for origin in self._origins:
                    found = self._first(scene.at(origin), benefit, pairs)
                    if found is not None:
                        return found
        return None

    def _in_doubt(self, doubts: Iterable[rules.Doubt]) -> list[rules.Benefit]:
        return [benefit for benefit in self.version.benefits if any(concerns(doubt, benefit) for doubt in doubts)]

    def _scenes(self, benefit: rules.Benefit) -> Iterator[Scene]:
        """Scenes in which the benefit is paid: of cases, and made up for each component."""
        yield from islice((scene for scene in self._cases if self._pays(scene, benefit)), MOST_SCENES)
        for component in benefit.components:
            scenes = made_up(self._giver, component, benefit, MOST_TRIED)
            yield from islice((scene for scene in scenes if self._pays(scene, benefit)), MOST_SCENES)

    def _pays(self, scene: Scene, benefit: rules.Benefit) -> bool:
        """Whether any of a few lengths is paid for: a condition may be on too much time as well as on too little."""
        scene = scene.at(self._origins[0])
        lengths = (10 * DAY_SECONDS, DAY_SECONDS, *self._lengths[::4])
        return any(self._paid(scene, (Told(scene.origin, scene.origin + length),)).get(benefit.name) for length in lengths)

    def _pairs(self, name: str, benefit: rules.Benefit) -> Iterator[Pair]:
        clocks = [component.clock for component in benefit.components if component.clock is not None]
        kinds = [pair for clock in clocks for pair in self._kinds(clock)]
        if name == MORE:
            return longer(self._lengths, kinds)
        if name == EXCLUDING:
            return left_out(self._lengths, self._excluded(clocks), kinds)
        announced = {limit + by for clock in clocks for limit in _notice_limits(clock) for by in (-1, 0, 1)}
        return cut(self._lengths, sorted(announced), kinds)

    def _kinds(self, clock: rules.Clock) -> Iterator[tuple[Facts, Facts]]:
        """Two outages that differ in a fact under ``only``."""
        for fact in facts_of_outage(clock.only):
            values: tuple[Any, ...] = fact.codes or ((True, False) if fact.type == "yes or no" else ())
            yield from ((((fact.name, one),), ((fact.name, other),)) for one in values for other in values if one != other)

    def _excluded(self, clocks: Iterable[rules.Clock]) -> list[Facts]:
        """Kinds of outage that a clock leaves out, by facts of the outage alone; one for each fact is enough."""
        found: dict[tuple[str, ...], Assignment] = {}
        for clock in clocks:
            for known in excluded_by(clock):
                if known and all(name == "services" or self._giver.facts[name].of == "outage" for name in known):
                    found.setdefault(tuple(sorted(known)), known)
        return [tuple(known.items()) for known in found.values()]

    def _first(self, scene: Scene, benefit: rules.Benefit, pairs: Iterable[Pair]) -> Counterexample | None:
        paid: dict[tuple[tuple[Told, ...], int], Mapping[str, int]] = {}
        name = benefit.name

        def amount(told: tuple[Told, ...], until: int) -> int:
            key = (told, until)
            if key not in paid:
                paid[key] = self._paid(scene, told, until)
            return paid[key].get(name, 0)

        for pair in pairs:
            less, more = (tuple(each.moved(scene.origin) for each in side) for side in (pair.less, pair.more))
            until = max(each.end for each in (*less, *more))
            self.tried += 1
            paid_less = amount(less, until)
            if not paid_less or paid_less <= (paid_more := amount(more, until)):
                continue
            if pair.left_out is not None:
                counted = tuple(each for each in less if each != pair.left_out.moved(scene.origin))
                if amount(counted, until) != paid_less:
                    continue  # it counts for something, so nothing is excluded
            together = merged(more)
            more = together if amount(together, until) == paid_more else more
            decision = self._policies.decide(scene.request(more, until))
            at_discretion = any(reason.code == "AMOUNT_AT_DISCRETION" for reason in decision.reasons)
            return Counterexample(scene, benefit, less, more, paid_less, paid_more, at_discretion)
        return None

    def _paid(self, scene: Scene, told: tuple[Told, ...], until: int = 0) -> dict[str, int]:
        """What is granted, or owed on a claim, by benefit."""
        request = scene.request(told, until or max(each.end for each in told))
        try:
            decision = self._policies.decide(request)
        except CalculatorError:
            return {}
        return {grant.benefit: grant.quantity for grant in decision.grants}


def merged(told: tuple[Told, ...]) -> tuple[Told, ...]:
    """Outages of one kind that touch, told as one."""
    together: list[Told] = []
    for each in sorted(told):
        if together and together[-1].end == each.start and together[-1].facts == each.facts:
            together[-1] = together[-1]._replace(end=each.end)
        else:
            together.append(each)
    return tuple(together)


def concerns(doubt: rules.Doubt, benefit: rules.Benefit) -> bool:
    """Whether the word in doubt is one of the benefit, or of a clock that it counts by."""
    section, name = doubt.path[:2]
    if section == "benefits":
        return name == benefit.name
    return section == "clocks" and any(each.clock is not None and each.clock.name == name for each in benefit.components)


def scene_of_case(giver: Giver, name: str, request: Request) -> Scene:
    """The scene of a case: its subscriber, and the kind of its first outage."""
    first: Outage = request.outages[0]
    assert request.subscriber is not None and first.started_at is not None  # INVARIANT: the case was decided
    mode = codes.APPLICATION if request.mode == codes.APPLICATION else codes.AUTOMATIC
    subscriber = replace(request.subscriber, granted_this_cycle={})
    return Scene(giver, subscriber, first, mode, first.started_at, f"case {name}")


def _notice_limits(clock: rules.Clock) -> Iterator[int]:
    for rule in clock_rules(clock):
        if isinstance(rule.what, rules.Tiers):
            continue
        for each in inner_values(rule.what, through_names=True):
            bounds = [bound for bound, _ in each.steps] if isinstance(each, rules.Ladder) else []
            bounds += [each.bound] if isinstance(each, rules.Compare) else []
            subject = each.subject if isinstance(each, rules.Ladder | rules.Compare) else None
            if isinstance(subject, rules.Fact) and subject.name == "notice":
                yield from (int(bound.value.value) for bound in bounds if isinstance(bound.value, rules.Constant))
