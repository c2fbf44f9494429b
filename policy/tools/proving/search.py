"""The search for a counterexample: two requests that differ in the outages told alone, the wrong one of which is paid more.

Both are decided by the calculator itself. What is found is a fact about the policy; that nothing is found proves nothing. Two
requests are compared only where no two occasions of the one lie in the same of the other: what becomes one is one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Final, NamedTuple

from policy.calculator import codes, rules
from policy.calculator.decision import Reason
from policy.calculator.errors import CalculatorError
from policy.calculator.policies import PolicySet
from policy.calculator.request import Outage, Request
from policy.language import calendars
from policy.language.proofs.names import EXCLUDING, MORE, SPLITTING
from policy.language.proofs.walk import benefit_rules, component_path, inner_values
from policy.tools.proving.fact_builder import FactBuilder
from policy.tools.proving.lengths import DAY_SECONDS, origins_of, turns_of, wait_of
from policy.tools.proving.pairs import Facts, Pair, Pairs
from policy.tools.proving.scenes import OutageSpan, Scene, counted, left_out, made_up
from policy.tools.proving.witnesses import Assignment, to_hold, witnesses
from policy.tools.proving.witnesses import product as product_of

MOST_SCENES: Final = 2
"""So many scenes of each component, and from cases; more differ in the amounts only."""
MOST_TRIED: Final = 200
MOST_KINDS: Final = 16
SHORT: Final = 100
LONG: Final = 5_000
"""First the shortest pairs are tried in every scene and at every origin; then many more in the plainest; then everywhere."""
MOST_PAIRS: Final = 12_000
"""So many pairs are decided of one property before the search is given up."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """What pays more than it should: ``less`` is paid ``paid_less`` of ``benefit``, and ``more`` only ``paid_more``."""

    scene: Scene
    benefit: rules.Benefit
    less: tuple[OutageSpan, ...]
    more: tuple[OutageSpan, ...]
    paid_less: int
    paid_more: int
    at_discretion: bool


Counting = tuple[rules.Benefit, rules.Component]
"""A component that counts time, with its benefit."""


class Setting(NamedTuple):
    """Whose outages, where; and which pairs are tried there."""

    benefit: rules.Benefit
    component: str
    scene: Scene
    pairs: list[Pair]


class Paid(NamedTuple):
    """What one telling comes to: granted or quoted, by benefit; and the occasions of each benefit, [start, end)."""

    amounts: Mapping[str, int]
    occasions: Mapping[str, tuple[tuple[int, int], ...]]


NOTHING: Final = Paid({}, {})


class Search:
    """Looks for counterexamples in one version."""

    def __init__(
        self, version: rules.Version, policies: PolicySet, requests: Mapping[str, Request], most_pairs: int = MOST_PAIRS
    ) -> None:
        """``policies`` hold the version; ``requests`` are those of its cases, by id."""
        self.version = version
        self.tried = 0
        self._most_pairs = most_pairs
        self._policies = policies
        self._builder = FactBuilder(version)
        self._local = calendars.zone(version.zone)
        self._origins = origins_of(version, self._local)
        self._cases = tuple(scene_of_case(self._builder, name, each) for name, each in requests.items() if each.outages)

    def counterexample(self, name: str, doubts: Iterable[rules.Doubt] | None = None) -> Counterexample | None:
        """Two tellings by which the property is broken, by one of the components in doubt; None: by any that counts time."""
        return self.counterexample_of(name, self.in_doubt(name, doubts))

    def counterexample_of(self, name: str, components: Iterable[Counting]) -> Counterexample | None:
        """Two tellings by which the property is broken, by one of these components."""
        self.tried = 0
        settings = [
            Setting(benefit, component.name, scene.at(origin), pairs)
            for benefit, component in components
            for pairs in [list(islice(self._pairs(name, benefit, component), LONG))]
            for scene in self._scenes(benefit, component)
            for origin in self._origins
        ]
        plain: dict[tuple[str, str], Setting] = {}
        for setting in settings:
            plain.setdefault((setting.benefit.name, setting.component), setting)
        for first, end, where in ((0, SHORT, settings), (SHORT, LONG, list(plain.values())), (SHORT, LONG, settings)):
            for setting in where:
                found = self._first(setting, first, end)
                if found is not None or self.tried >= self._most_pairs:
                    return found
        return None

    def in_doubt(self, name: str, doubts: Iterable[rules.Doubt] | None) -> list[Counting]:
        """The components that count time and are in doubt. Where an outage told as two is two, splitting it says nothing."""
        benefits = (each for each in self.version.benefits if name != SPLITTING or each.for_each != "outage")
        counting = [(benefit, each) for benefit in benefits for each in benefit.components if each.clock is not None]
        if doubts is None:
            return counting
        doubts = list(doubts)
        return [pair for pair in counting if any(concerns(doubt, *pair) for doubt in doubts)]

    def _scenes(self, benefit: rules.Benefit, component: rules.Component) -> Iterator[Scene]:
        """Scenes in which the benefit is paid: of cases, and made up for the component."""
        turns = [10 * DAY_SECONDS, DAY_SECONDS, *(turn + by for turn in turns_of(component) for by in (-1, 0, 1))]
        lengths = [wait_of(component.clock) + turn for turn in turns if turn]

        def pays(scene: Scene) -> bool:
            """Whether one of a few lengths is paid: a condition may be on too much time as well as on too little."""
            told = (OutageSpan(scene.origin, scene.origin + length) for length in lengths)
            return any((self._paid(scene, (each,)) or NOTHING).amounts.get(benefit.name) for each in told)

        for scenes in (self._cases, made_up(self._builder, component, benefit, MOST_TRIED)):
            paid = (scene for scene in scenes if any(pays(scene.at(origin)) for origin in self._origins))
            yield from islice(paid, MOST_SCENES)

    def _pairs(self, name: str, benefit: rules.Benefit, component: rules.Component) -> Iterator[Pair]:
        clock = component.clock
        assert clock is not None  # INVARIANT: what counts no time is not in doubt
        kinds, told, excluded = list(self._kinds(benefit, clock)), list(self._told(clock)), self._excluded(clock)
        in_months = benefit.at_most_per_month is not None
        pairs = Pairs(turns_of(component), wait_of(component.clock), kinds, excluded, told, in_months=in_months)
        return {MORE: pairs.longer, EXCLUDING: pairs.left_out, SPLITTING: pairs.cut}[name]()

    def _kinds(self, benefit: rules.Benefit, clock: rules.Clock) -> Iterator[tuple[Facts, Facts]]:
        """Two outages of which a step under ``only``, or a condition on outages, is for the one; or another clock is."""
        asked = [each for rule in benefit_rules(benefit) for each in inner_values(rule.what)]
        for step in (*clock.only, *(each for each in asked if isinstance(each, rules.OfOutages))):
            kept, lost = (
                [facts for known in islice(to_hold(step, wanted=wanted), MOST_KINDS) if (facts := self._of_outage(known))]
                for wanted in (True, False)
            )
            for one, other in product(kept, lost):
                yield one, other
                yield other, one
        for clock_of_others in clock.without:
            for known in islice(product_of(counted(clock_of_others)), MOST_KINDS):
                yield (), self._of_outage(known)

    def _of_outage(self, known: Assignment) -> Facts:
        """The facts of an outage among those that are known."""
        return tuple(
            (name, value) for name, value in known.items() if name == "services" or self._builder.facts[name].of == "outage"
        )

    def _told(self, clock: rules.Clock) -> Iterator[Facts]:
        """Kinds that count, or do not, because they were announced just so long before."""
        found = [known for value in clock.liable for known, _ in witnesses(value)]
        if clock.where is not None:
            found += [*to_hold(clock.where), *to_hold(clock.where, wanted=False)]
        for known in found:
            if "notice" in known:
                facts = {name: value for name, value in known.items() if self._builder.facts[name].of == "outage"}
                yield (
                    *((name, value) for name, value in facts.items() if name != "notice"),
                    ("announced_at", -known["notice"]),
                )

    def _excluded(self, clock: rules.Clock) -> list[Facts]:
        """Kinds of outage that a clock leaves out, by facts of the outage alone; one for each fact is enough."""
        found: dict[tuple[str, ...], Assignment] = {}
        for known in left_out(clock):
            if known and all(name == "services" or self._builder.facts[name].of == "outage" for name in known):
                found.setdefault(tuple(sorted(known)), known)
        return [tuple(known.items()) for known in found.values()]

    def _first(self, setting: "Setting", first: int, end: int) -> Counterexample | None:
        scene, benefit = setting.scene, setting.benefit
        known: dict[tuple[tuple[OutageSpan, ...], int], Paid | None] = {}
        name = benefit.name

        def paid(told: tuple[OutageSpan, ...], until: int) -> Paid | None:
            key = (told, until)
            if key not in known:
                known[key] = self._paid(scene, told, until)
            return known[key]

        def amount(told: tuple[OutageSpan, ...], until: int) -> int:
            return (paid(told, until) or NOTHING).amounts.get(name, 0)

        for pair in setting.pairs[first:end]:
            less, more = (tuple(each.moved(scene.origin) for each in side) for side in (pair.less, pair.more))
            if benefit.for_each == "outage":
                more = merged(more)  # one outage that grows
            until = max(each.end for each in (*less, *more))
            self.tried += 1
            paid_less = amount(less, until)
            if not paid_less or paid_less <= (paid_more := amount(more, until)):
                continue
            if not _lie_in(paid(less, until), paid(more, until), name):
                continue
            if pair.left_out is not None:
                kept = tuple(each for each in less if each != pair.left_out.moved(scene.origin))
                if amount(kept, until) != paid_less:
                    continue  # it counts for something, so nothing is excluded
            together = merged(more)
            more = together if amount(together, until) == paid_more else more
            decision = self._policies.decide(scene.request(more, until))
            discretion = Reason("AMOUNT_AT_DISCRETION", benefit=name)
            at_discretion = any(replace(reason, clause="") == discretion for reason in decision.reasons)
            return Counterexample(scene, benefit, less, more, paid_less, paid_more, at_discretion)
        return None

    def _paid(self, scene: Scene, told: tuple[OutageSpan, ...], until: int = 0) -> Paid | None:
        """What is granted or quoted; None where the request is refused, which is no answer about an amount."""
        request = scene.request(told, until or max(each.end for each in told))
        try:
            decision = self._policies.decide(request)
        except CalculatorError:
            return None
        amounts: dict[str, int] = {}
        for owed in decision.owed:
            amounts[owed.benefit] = amounts.get(owed.benefit, 0) + owed.quantity
        occasions: dict[str, tuple[tuple[int, int], ...]] = {}
        for each in decision.occasions:
            for benefit in each.benefits:
                occasions[benefit] = (*occasions.get(benefit, ()), (each.started_at, each.ended_at))
        return Paid(amounts, occasions)


def _lie_in(less: Paid | None, more: Paid | None, benefit: str) -> bool:
    """Whether each occasion of ``less`` lies in one of ``more``, or meets none of them, and no two lie in the same."""
    if less is None or more is None:
        return False
    wider = more.occasions.get(benefit, ())
    taken: set[int] = set()
    for first, last in less.occasions.get(benefit, ()):
        met = [number for number, (start, end) in enumerate(wider) if start < last and first < end]
        if not met:
            continue
        start, end = wider[met[0]]
        if len(met) > 1 or met[0] in taken or first < start or end < last:
            return False
        taken.add(met[0])
    return True


def merged(told: tuple[OutageSpan, ...]) -> tuple[OutageSpan, ...]:
    """Outages of one kind that touch, told as one."""
    together: list[OutageSpan] = []
    for each in sorted(told):
        if together and together[-1].end == each.start and together[-1].facts == each.facts:
            together[-1] = together[-1]._replace(end=each.end)
        else:
            together.append(each)
    return tuple(together)


def concerns(doubt: rules.Doubt, benefit: rules.Benefit, component: rules.Component) -> bool:
    """Whether the word in doubt is one of the component, of its benefit, or of the clock that it counts by."""
    if doubt.path[0] == "clocks":
        return component.clock is not None and doubt.path[1] == component.clock.name
    path = component_path(benefit, component)
    return doubt.path[: len(path)] == path or doubt.path == path[:2]


def scene_of_case(builder: FactBuilder, name: str, request: Request) -> Scene:
    """The scene of a case: its subscriber, and the kind of its first outage."""
    first: Outage = request.outages[0]
    assert request.subscriber is not None and first.started_at is not None  # INVARIANT: the case was decided
    mode = codes.APPLICATION if request.mode == codes.APPLICATION else codes.AUTOMATIC
    subscriber = replace(request.subscriber, granted_this_cycle={})
    return Scene(builder, subscriber, first, mode, first.started_at, f"case {name}")
