"""Finding three requests about each boundary: from the cases of the policy where they can be brought to it, else made up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Final

from policy.calculator import codes, rules
from policy.calculator.decision import Decision
from policy.calculator.errors import CalculatorError
from policy.calculator.policies import PolicySet
from policy.calculator.request import Request
from policy.language import calendars
from policy.language.proofs.walk import figure_value
from policy.tools.boundaries import Boundary, boundaries
from policy.tools.boundary_cases.amounts import rows_of_amount
from policy.tools.boundary_cases.claims import rows_of_claim
from policy.tools.boundary_cases.context import Base, Context, Maker, Rows
from policy.tools.boundary_cases.facts import limit_of, rows_of_fact
from policy.tools.boundary_cases.lengths import rows_of_length, rows_of_scope, rows_of_start, rows_of_tier, rows_of_units
from policy.tools.coverage.items import Seen
from policy.tools.coverage.version import see_decision
from policy.tools.describing.values import Wording
from policy.tools.proving.fact_builder import FactBuilder
from policy.tools.proving.lengths import DAY_SECONDS, origins_of, wait_of
from policy.tools.proving.scenes import OutageSpan, Scene, made_up
from policy.tools.proving.search import scene_of_case

MOST_CASES: Final = 12
MOST_MADE_UP: Final = 24
MOST_BASES: Final = 16
"""So many are tried where it is the length that is brought to the boundary: the facts matter little."""
MOST_FOUND: Final = 12
"""So many are looked at for one that makes a difference."""
USUAL_LENGTHS: Final = (4 * 3600, DAY_SECONDS + 3600, 10 * DAY_SECONDS)
"""What an outage lasts where the boundary is one of a fact: short, more than a day, long."""


def rows_of_bound(context: Context, boundary: Boundary, base: Base) -> list[Rows]:
    """What a choice or a comparison is by: how long the occasion is, or a fact."""
    choice, bound = boundary.parents[-1], boundary.holder
    assert isinstance(bound, rules.Bound) and isinstance(choice, rules.Ladder | rules.Compare)
    if not isinstance(figure_value(choice.subject), rules.Length):
        return rows_of_fact(context, boundary, base)
    limit = limit_of(bound.value, base.request)
    return [] if limit is None else rows_of_length(context, boundary, base, limit)


MAKERS: Final[Mapping[type, Maker]] = {
    rules.Bound: rows_of_bound,
    rules.TimeIn: rows_of_scope,
    rules.Units: rows_of_units,
    rules.Tiers: rows_of_tier,
    rules.Start: rows_of_start,
    rules.Benefit: rows_of_amount,
    rules.AmountIs: rows_of_amount,
    rules.Claims: rows_of_claim,
}


@dataclass(frozen=True, slots=True)
class BoundaryCase:
    """A boundary with three requests about it, decided; no rows where none was found. ``source``: whose facts they are."""

    boundary: Boundary
    rows: Rows | None
    decisions: tuple[Decision, ...]
    source: str

    @property
    def differs(self) -> bool:
        """Whether the boundary makes a difference between the three."""
        return any(_answer(one) != _answer(other) for one, other in pairwise(self.decisions))


class Finder:
    """Finds the requests for the boundaries of one version."""

    def __init__(self, version: rules.Version, policies: PolicySet, requests: Mapping[str, Request]) -> None:
        """``policies`` hold the version; ``requests`` are those of its cases, by id."""
        local, builder = calendars.zone(version.zone), FactBuilder(version)
        program = policies.named(version.policy_id, version.version)
        self._context = Context(version, program, builder, local, Wording(version))
        self._policies = policies
        self._origins = origins_of(version, local)
        self._cases = [
            Base(scene_of_case(builder, name, each), replace(each, version=version.version, explain=codes.NONE))
            for name, each in requests.items()
            if _is_plain(each)
        ]

    @property
    def facts(self) -> Mapping[str, rules.Fact]:
        """The facts that the version reads, by name."""
        return self._context.builder.facts

    def boundary_cases(self) -> Iterator[BoundaryCase]:
        """Every boundary of the version, in the order of a file."""
        for boundary in boundaries(self._context.version):
            yield self._boundary_case(boundary)

    def _boundary_case(self, boundary: Boundary) -> BoundaryCase:
        """The first that is found and makes a difference; else the first that is found."""
        found = list(islice(self._found(boundary), MOST_FOUND))
        return next((each for each in found if each.differs), found[0] if found else BoundaryCase(boundary, None, (), ""))

    def _found(self, boundary: Boundary) -> Iterator[BoundaryCase]:
        make = MAKERS[type(boundary.holder)]
        for base in islice(self._bases(boundary), MOST_BASES if _is_of_length(boundary) else None):
            for rows in make(self._context, boundary, base):
                if self._is_about(boundary, rows):
                    decisions = tuple(self._policies.decide(row.request) for row in rows)
                    yield BoundaryCase(boundary, rows, decisions, base.scene.source)

    def _bases(self, boundary: Boundary) -> Iterator[Base]:
        yield from self._cases[:MOST_CASES]
        for benefit, component in self._concerned(boundary):
            for scene in islice(made_up(self._context.builder, component, benefit, MOST_MADE_UP), MOST_MADE_UP):
                yield from self._told(scene.at(self._origins[0]), wait_of(component.clock), boundary)

    @staticmethod
    def _told(scene: Scene, wait: int, boundary: Boundary) -> Iterator[Base]:
        """Outages of a few lengths, where it is not the length that is brought to the boundary."""
        for length in USUAL_LENGTHS[:1] if _is_of_length(boundary) else USUAL_LENGTHS:
            until = scene.origin + wait + length
            yield Base(scene, scene.request((OutageSpan(scene.origin, until),), until))

    def _concerned(self, boundary: Boundary) -> Sequence[tuple[rules.Benefit, rules.Component]]:
        """The components that the boundary is one of, or that count by its clock; else all of them."""
        every = [(benefit, component) for benefit in self._context.version.benefits for component in benefit.components]
        around = (*boundary.parents, boundary.holder)
        own = [pair for pair in every if any(part is pair[1] or part is pair[0] for part in around)]
        clocks = {part.name for part in around if isinstance(part, rules.Clock)}
        return own or [pair for pair in every if pair[1].clock is not None and pair[1].clock.name in clocks] or every

    def _is_about(self, boundary: Boundary, rows: Rows) -> bool:
        """Whether the boundary was asked, from both of its sides, by one or the other of the requests."""
        seen = Seen(self._context.local)
        for row in rows:
            try:
                decision = self._policies.decide(row.request)
            except CalculatorError:
                return False
            see_decision(seen, self._context.work(row.request), decision)
        return {boundary.below.mark, boundary.above.mark} <= seen.marks


def _is_of_length(boundary: Boundary) -> bool:
    return isinstance(boundary.holder, rules.TimeIn | rules.Units | rules.Tiers | rules.Start)


def _answer(decision: Decision) -> tuple[object, ...]:
    owed = tuple((each.benefit, each.quantity, each.occasion) for each in decision.owed)
    return decision.outcome, owed, tuple(reason.code for reason in decision.reasons)


def _is_plain(request: Request) -> bool:
    """Whether a case can be moved: it tells of outages that have ended, and nothing was granted for them before."""
    ended = all(each.ended_at is not None for each in request.outages)
    before = request.already_granted or request.granted_before
    return bool(request.outages) and ended and not before and request.mode != codes.PROACTIVE_NOTICE
