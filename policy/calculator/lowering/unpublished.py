"""Whether a decision rests on a year whose working days are not published, and by which clauses."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import Assembler, Label, Reg
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import Clock
from policy.calculator.lowering.component import Component
from policy.calculator.lowering.context import OUTAGE_END, OUTAGE_START
from policy.calculator.lowering.occasions import Occasions
from policy.calculator.lowering.request import RequestRegs

Outside = Callable[[Reg, Reg], None]
"""Writes whether something lies outside of the published years: adds to the first register; the second says which they are."""
Source = tuple[str, Outside]


class Unpublished:
    """What a decision of one version asks of working days."""

    def __init__(
        self,
        clocks: Mapping[str, Clock],
        occasions: Sequence[Occasions],
        calendars: Calendars,
        request: RequestRegs,
        asm: Assembler,
    ) -> None:
        self._clocks, self._occasions, self._calendars, self._request, self._asm = clocks, occasions, calendars, request, asm
        benefits = [(benefit, each) for each in occasions for benefit in each.benefits]
        self._benefits = sorted(benefits, key=lambda pair: pair[0].number)

    def write(self, reached: Reg, warn: Callable[[Reg, str], None]) -> None:
        """Writes it, where amounts were ``reached``; ``warn`` writes the warning of a clause where a register is not 0."""
        asm, calendars, end = self._asm, self._calendars, Label()
        sources = list(self._asks_calendar())
        if not calendars.may_lack_a_year or not sources:
            return
        asm.op("JUMP_IF_FALSE", end, reached)
        published = calendars.write_published(asm)
        asm.op("JUMP_IF_UNKNOWN", end, published)  # which calendar holds is not known, and it did not matter
        if not any(clock.walks_on for clock in self._clocks.values()):
            self._write_all_published(published, end)
        for clause, write in sources:
            outside = asm.reg()
            asm.op("MOVE", outside, asm.const(0))
            write(outside, published)
            warn(outside, clause)
        asm.put(end)

    def _write_all_published(self, published: Reg, end: Label) -> None:
        """All time of the outages, and so all that was counted of it, lies in published years: nearly always."""
        asm, first, last, outside, begun = self._asm, self._asm.reg(), self._asm.reg(), self._asm.reg(), Label()
        asm.op("MOVE", last, asm.const(0))
        with asm.each("OUTAGE"):
            later, further = Label(), Label()
            asm.op("JUMP_IF_TRUE", later, last)
            asm.op("MOVE", first, OUTAGE_START)
            asm.put(later)
            asm.op("LEAST", first, first, OUTAGE_START)
            asm.op("GREATEST", last, last, OUTAGE_END)
            asm.put(further)
        asm.op("JUMP_IF_FALSE", begun, last)
        asm.op("WITHIN", outside, first, last, published)
        asm.op("JUMP_IF_FALSE", end, outside)
        asm.put(begun)

    def _asks_calendar(self) -> Iterator["Source"]:
        """Where working days were counted, and then where time was measured by them: the clause, and what writes whether."""
        for clock in self._clocks.values():
            if clock.walks_on:
                yield clock.rule.clause.id, clock.write_walked_outside
        for benefit, occasions in self._benefits:
            for component in benefit.components:
                if component.units is not None and component.units.length == "working day":
                    yield component.rule.clause.id, self._in_each(occasions, component.write_outside)
        for measure, write in self._measured():
            if self._calendars.weighs_working_days(measure):
                yield measure.clause.id, write

    def _measured(self) -> Iterator[tuple[rules.Measure, "Outside"]]:
        """Where time was measured: by what, and what writes whether that time lies in a year that is not published."""
        for clock in self._clocks.values():
            for occasions in self._occasions:
                time = occasions.times.get(clock.rule.name)
                if time is not None and time.only is not None:
                    yield from ((measure, self._in_each(occasions, time.write_outside)) for measure in time.only.measures)
        for benefit, occasions in self._benefits:
            for component in benefit.components:
                if component.clock is None:
                    continue
                if component.units is not None and component.units.measure is not None:
                    yield component.units.measure, self._in_each(occasions, component.write_outside)
                for measure in benefit.automatic.measures:
                    yield measure, self._in_each(occasions, _automatic_outside(benefit, component, self._request))

    def _in_each(self, occasions: Occasions, write: "Outside") -> "Outside":
        def write_in_each(outside: Reg, published: Reg) -> None:
            with self._asm.each("OCCASION", occasions.list):
                write(outside, published)

        return write_in_each


def _automatic_outside(benefit: Benefit, component: Component, request: RequestRegs) -> Outside:
    return lambda outside, published: component.write_outside(
        outside, published, unless=request.is_application, only_if=benefit.bounds.quantity
    )
