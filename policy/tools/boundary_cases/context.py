"""Three requests about a boundary, and what tells them apart."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from policy.calculator import rules
from policy.calculator.errors import CalculatorError, InvalidRequest
from policy.calculator.local_time import LocalTime
from policy.calculator.notice_facts import length_of
from policy.calculator.program import Program
from policy.calculator.request import Request
from policy.calculator.trace import Run
from policy.calculator.validate import violations_of
from policy.language import calendars
from policy.tools.boundaries import Boundary
from policy.tools.describing.values import Wording
from policy.tools.proving.fact_builder import FactBuilder
from policy.tools.proving.scenes import OutageSpan, Scene

STAMP = "%Y-%m-%d %H:%M:%S"


class Row(NamedTuple):
    """One request, and the value by which it differs from the others."""

    said: str
    request: Request


Rows = tuple[Row, ...]
"""One unit below, where there is one; at; one unit above."""


@dataclass(frozen=True, slots=True)
class Base:
    """A request to start from, the scene that it shows, and where its facts come from. ``until``: when its last outage ends."""

    scene: Scene
    request: Request

    @property
    def until(self) -> int:
        """When the last outage ends, or a claim is about the last time."""
        return max(each.ended_at or each.started_at or 0 for each in self.request.outages)

    def told(self, *told: OutageSpan) -> Request:
        """The same facts about other outages."""
        return self.scene.request(told, max(each.end for each in told))


@dataclass(frozen=True, slots=True)
class Context:
    """What moving a request needs to know of its version."""

    version: rules.Version
    program: Program
    builder: FactBuilder
    local: LocalTime
    say: Wording

    def work(self, request: Request) -> Run:
        """The working of a request by this version. Raises CalculatorError where it is malformed."""
        violations = [*violations_of(request, calendars.zone_names()), *self.program.violations_of(request)]
        if violations:
            raise InvalidRequest(violations)
        return self.program.work(request)

    def units(self, component: rules.Component, request: Request) -> int:
        """How many whole units of a component are counted; 0 where it was not decided."""
        try:
            benefits = self.work(request).benefits
        except CalculatorError:
            return 0
        runs = (run for benefit in benefits for run in benefit.components if run.component.rule is component)
        return next((sum(part.units for part in run.parts) for run in runs), 0)

    def length(self, benefit: rules.Benefit, request: Request) -> int:
        """How long the first occasion of a benefit is, in seconds; 0 where it has none."""
        try:
            occasions = self.work(request).occasions
        except CalculatorError:
            return 0
        of = (each for each in occasions if any(own.rule is benefit for own in each.of.benefits))
        times = next((each.clocks.values() for each in of), ())
        spans = sorted((span.start, span.end, 0) for time in times if not time.is_missing for span in time.merged)
        return length_of(spans)

    def begins(self, clock: rules.Clock | None, request: Request) -> bool:
        """Whether a clock begins to count, whatever it keeps of it."""
        try:
            runs = self.work(request).clocks.values()
        except CalculatorError:
            return False
        return any(known.clock.rule is clock and known.merged for known in runs)


Maker = Callable[[Context, Boundary, Base], "list[Rows]"]
"""Ways to bring a request to a boundary."""


def beside(make: Callable[[int], Row | None]) -> list[Rows]:
    """The rows for one unit less, none, one more; what is less than nothing is left out."""
    below, at, above = make(-1), make(0), make(1)
    if at is None or above is None:
        return []
    return [(at, above) if below is None else (below, at, above)]


def lasting(context: Context, base: Base, start: int, length: int, by: int = 0) -> Row | None:
    """One outage from ``start`` that lasts so long, and ``by`` seconds more."""
    length += by
    if length <= 0:
        return None
    moved = replace(base, scene=base.scene.at(start))
    said = f"{context.local.format(start, STAMP)} to {context.local.format(start + length, STAMP)}"
    return Row(said, moved.told(OutageSpan(start, start + length)))
