"""The answer: outcome, reasons and warnings, put out as operations from what each rule came to.

A reason or a warning is an item of a list: three numbers, of which the first says what the others are. ``stage, clause,
benefit``: what refused, the benefit -1 where its clock refused for all; SAID, number, -1: a piece that is the same in every
answer; OF_OUTAGE, number, index: one that names an outage.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from policy.calculator import codes, rules
from policy.calculator.decision import Reason, Warn
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import DECIDED, Clauses, Clock
from policy.calculator.lowering.component import Component
from policy.calculator.lowering.context import OUTAGE_END, OUTAGE_ONGOING, OUTAGE_START
from policy.calculator.lowering.recourse import Recourse
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.unsettled import Unsettled
from policy.calculator.lowering.values import Named
from policy.calculator.stages import REASON, Stage

SAID: Final = -1
OF_OUTAGE: Final = -2
ITEM_PLACES: Final = 3

Piece = Reason | Warn


class Answer:
    """Writes the answer. ``outcome``: its place in :data:`codes.OUTCOMES`; ``reasons`` and ``warnings`` are lists of items.

    Where a fact is missing (CANNOT_DECIDE) the reasons are not put out: they are read from the trace, field by field.
    ``goes_on``: an outage of it has no end; ``reached``: amounts were reached; ``bookable``: something is owed that need not
    be claimed first.
    """

    def __init__(
        self,
        version: rules.Version,
        clocks: Mapping[str, Clock],
        benefits: Sequence[Benefit],
        recourse: Recourse | None,
        figures: Mapping[str, Named],
        calendars: Calendars,
        request: RequestRegs,
        clauses: Clauses,
        asm: Assembler,
    ) -> None:
        self._version, self._clocks, self._benefits, self._recourse = version, clocks, benefits, recourse
        self._calendars, self._request, self._clauses, self._asm = calendars, request, clauses, asm
        self.outcome, self.reasons, self.warnings = asm.reg(), asm.new_list(), asm.new_list()
        self.owed, self.bookable, self.reached, self.goes_on = asm.reg(), asm.reg(), asm.reg(), asm.reg()
        self.pieces: list[Piece] = []
        self._unsettled = Unsettled(version, clocks, benefits, recourse, figures, request, asm)

    def piece_of(self, item: tuple[int, int, int]) -> Piece:
        """The reason or the warning that an item is."""
        kind, first, second = item
        if kind == SAID:
            return self.pieces[first]
        if kind == OF_OUTAGE:
            piece = self.pieces[first]
            return Warn(piece.code, piece.clause, piece.field.replace("[]", f"[{second}]", 1))
        name = "" if second < 0 else self._benefits[second].rule.name
        return Reason(REASON[Stage(kind)], self._clauses.ids[first], "", name)

    def write_going_on(self) -> None:
        """Writes whether an outage goes on that a benefit asked about: what is granted does not wait for a third party's."""
        asm = self._asm
        asm.op("MOVE", self.goes_on, asm.const(0))
        for clock in self._clocks.values():
            asm.op("TALLY", self.goes_on, clock.goes_on)

    def write(self) -> None:
        """Writes it, after all else."""
        asm = self._asm
        missing, warned = Label(), Label()
        with asm.at("answer", ""):
            for reg in (self.owed, self.bookable, self.reached):
                asm.op("MOVE", reg, asm.const(0))
            asm.op("NEW_LIST", self.reasons)
            for benefit in self._benefits:
                asm.op("JUMP_IF_UNKNOWN", missing, benefit.stage)
            if self._recourse is not None:
                asm.op("JUMP_IF_UNKNOWN", missing, self._recourse.asked)
            for benefit in self._benefits:
                self._write_owed(benefit)
            self._write_outcome()
            if self._recourse is not None:
                self._write_claims(self._recourse)
            asm.op("NEW_LIST", self.warnings)
            self._write_unpublished()
            self._write_ongoing()
            self._write_warnings()
            asm.op("JUMP", warned)
            asm.put(missing)
            asm.op("MOVE", self.outcome, asm.const(codes.OUTCOMES.index(codes.CANNOT_DECIDE)))
            asm.op("NEW_LIST", self.warnings)
            self._write_ongoing()
            asm.put(warned)

    def _say(self, to: Reg, piece: Piece) -> None:
        if piece not in self.pieces:
            self.pieces.append(piece)
        self._asm.op("SAY", to, self.pieces.index(piece))

    def _write_owed(self, benefit: Benefit) -> None:
        asm, end, waits, counted = self._asm, Label(), Label(), Label()
        asm.op("JUMP_IF_TRUE", counted, _at_least(asm, benefit.stage, Stage.COUNT))
        asm.op("JUMP_IF_FALSE", end, _is(asm, benefit.stage, DECIDED))
        asm.op("MOVE", self.owed, asm.const(1))
        asm.op("JUMP_IF_TRUE", waits, benefit.claim_required)
        asm.op("MOVE", self.bookable, asm.const(1))
        asm.put(waits)
        asm.put(counted)
        asm.op("MOVE", self.reached, asm.const(1))
        asm.put(end)

    def _write_outcome(self) -> None:
        asm, refused, end = self._asm, Label(), Label()
        asm.op("JUMP_IF_FALSE", refused, self.owed)
        granted, provisional = Label(), Label()
        asm.op("JUMP_IF_TRUE", provisional, self.goes_on)
        asm.op("JUMP_IF_TRUE", granted, self.bookable)
        asm.put(provisional)
        asm.op("MOVE", self.outcome, asm.const(codes.OUTCOMES.index(codes.PROVISIONAL)))
        beside = Label()
        asm.op("JUMP", beside)
        asm.put(granted)
        asm.op("MOVE", self.outcome, asm.const(codes.OUTCOMES.index(codes.GRANTED)))
        asm.put(beside)
        self._write_beside()
        asm.op("JUMP", end)
        asm.put(refused)
        self._write_refused()
        asm.put(end)

    def _write_refused(self) -> None:
        """The reasons of the benefits that came furthest; what a clock refuses it refuses for all that it counts for."""
        asm, furthest = self._asm, self._asm.reg()
        asm.op("MOVE", furthest, asm.const(Stage.WHEN))
        for benefit in self._benefits:
            asm.op("GREATEST", furthest, furthest, benefit.stage)
        by_itself, end = Label(), Label()
        asm.op("JUMP_IF_TRUE", by_itself, _at_least(asm, furthest, Stage.COUNT))
        for own in (False, True):
            for number, benefit in enumerate(self._benefits):
                following = Label()
                asm.op("JUMP_IF_FALSE", following, asm.binary("EQUAL", benefit.stage, furthest, Bank.ROW))
                asm.op("REFUSAL", self.reasons, benefit.stage, benefit.refused_by, number if own else -1)
                asm.put(following)
            if not own:
                asm.op("JUMP", end)
                asm.put(by_itself)
        asm.put(end)
        review, refused = Label(), Label()
        for stage in (Stage.MATCH, Stage.DISCRETION):
            asm.op("JUMP_IF_TRUE", review, _is(asm, furthest, stage))
        asm.op("MOVE", self.outcome, asm.const(codes.OUTCOMES.index(codes.NOT_ELIGIBLE)))
        asm.op("JUMP", refused)
        asm.put(review)
        asm.op("MOVE", self.outcome, asm.const(codes.OUTCOMES.index(codes.NEEDS_REVIEW)))
        asm.put(refused)

    def _write_beside(self) -> None:
        """Reasons that stand beside something owed."""
        asm = self._asm
        for clock in self._clocks.values():
            self._write_exceeds_record(clock)
        for benefit in self._benefits:
            name, clause = benefit.rule.name, benefit.clause
            for code, flag in (("CAPPED", benefit.capped), ("CLAIM_REQUIRED", benefit.claim_required)):
                following = Label()
                asm.op("JUMP_IF_FALSE", following, flag)
                self._say(self.reasons, Reason(code, clause, "", name))
                asm.put(following)
            for component in benefit.components:
                if isinstance(component.rule.pay, rules.Discretion):
                    following, said = Label(), Label()
                    asm.op("JUMP_IF_TRUE", said, _is(asm, component.stage, Stage.DISCRETION))
                    asm.op("JUMP", following)
                    asm.put(said)
                    self._say(self.reasons, Reason("AMOUNT_AT_DISCRETION", component.rule.clause.id, "", name))
                    asm.put(following)

    def _write_exceeds_record(self, clock: Clock) -> None:
        """Of a clock by which anything owed was counted: whether less of the claim is on record than the policy asks."""
        asm, end, counted = self._asm, Label(), Label()
        if not clock.knows_record:
            return
        of_it = [
            (benefit, component)
            for benefit in self._benefits
            for component in benefit.components
            if component.clock is not None and component.clock.rule.name == clock.rule.name
        ]
        for benefit, component in of_it:
            following = Label()
            asm.op("JUMP_IF_FALSE", following, _is(asm, benefit.stage, DECIDED))
            _jump_if_counted(asm, component, counted)
            asm.put(following)
        asm.op("JUMP", end)
        asm.put(counted)
        exceeds = Label()
        asm.op("JUMP_IF_TRUE", exceeds, clock.exceeds_record)
        asm.op("JUMP", end)
        asm.put(exceeds)
        self._say(self.reasons, Reason("CLAIM_EXCEEDS_RECORD", clock.claims_clause))
        asm.put(end)

    def _write_claims(self, recourse: Recourse) -> None:
        """What third parties owe for what can be booked."""
        asm, end, granted = self._asm, Label(), Label()
        asm.op("JUMP_IF_TRUE", granted, _is(asm, self.outcome, codes.OUTCOMES.index(codes.GRANTED)))
        asm.op("JUMP", end)
        asm.put(granted)
        recourse.write_claims({benefit.rule.name: benefit for benefit in self._benefits})
        asm.put(end)

    def _write_ongoing(self) -> None:
        """Outages without an end, of the services of a clock that was asked; clock by clock, as they were asked."""
        asm, clocks = self._asm, list(self._clocks.values())
        for order in range(1, len(clocks) + 1):
            for clock in clocks:
                following, asked = Label(), Label()
                asm.op("JUMP_IF_TRUE", asked, _is(asm, clock.order, order))
                asm.op("JUMP", following)
                asm.put(asked)
                with asm.each("OUTAGE"):
                    ended, counts = Label(), Label()
                    asm.op("JUMP_IF_FALSE", ended, OUTAGE_ONGOING)
                    asm.op("JUMP_IF_TRUE", counts, clock.counted)
                    asm.op("JUMP", ended)
                    asm.put(counts)
                    piece = Warn("OUTAGE_ONGOING", "", "outages[].ended_at")
                    if piece not in self.pieces:
                        self.pieces.append(piece)
                    asm.op("SAY_OUTAGE", self.warnings, self.pieces.index(piece))
                    asm.put(ended)
                asm.put(following)

    def _write_warnings(self) -> None:
        asm, recourse = self._asm, self._recourse
        told = Label()
        asm.op("JUMP_IF_FALSE", told, self.reached)
        asm.op("JUMP_IF_TRUE", told, self._request.cycle_told)
        for benefit in self._benefits:
            if benefit.per_cycle is None:
                continue
            following, asked, known = Label(), Label(), asm.reg()
            asm.op("KNOWN", known, benefit.cycle_left)
            asm.op("JUMP_IF_TRUE", asked, known)
            asm.op("JUMP", following)
            asm.put(asked)
            self._say(self.warnings, Warn("CYCLE_TOTAL_UNKNOWN", benefit.clause, "subscriber.granted_this_cycle"))
            asm.op("JUMP", told)
            asm.put(following)
        asm.put(told)
        if recourse is not None:
            named, unnamed = Label(), Label()
            asm.op("JUMP_IF_TRUE", unnamed, recourse.unnamed)
            asm.op("JUMP", named)
            asm.put(unnamed)
            self._say(self.warnings, Warn("RESPONSIBLE_PARTY_UNKNOWN", recourse.rule.clause.id, "outages[].responsible_party"))
            asm.put(named)
        for clause, applies in self._unsettled.write(_is(asm, self.outcome, codes.OUTCOMES.index(codes.GRANTED))):
            following = Label()
            asm.op("JUMP_IF_FALSE", following, applies)
            self._say(self.warnings, Warn("RULE_UNSETTLED", clause))
            asm.put(following)

    def _write_unpublished(self) -> None:
        """The clauses by which the decision rests on a year whose working days are not published."""
        asm, calendars, end = self._asm, self._calendars, Label()
        sources = list(self._asks_calendar())
        if not calendars.may_lack_a_year or not sources:
            return
        asm.op("JUMP_IF_FALSE", end, self.reached)
        published = calendars.write_published(asm)
        asm.op("JUMP_IF_UNKNOWN", end, published)  # which calendar holds is not known, and it did not matter
        if not any(clock.walks_on for clock in self._clocks.values()):
            self._write_all_published(published, end)
        for clause, write in sources:
            following, outside = Label(), Label()
            asm.op("JUMP_IF_TRUE", outside, write(published))
            asm.op("JUMP", following)
            asm.put(outside)
            self._say(self.warnings, Warn("CALENDAR_NOT_PUBLISHED", clause))
            asm.put(following)
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
        for benefit in self._benefits:
            for component in benefit.components:
                if component.units is not None and component.units.length == "working day":
                    yield component.rule.clause.id, component.write_outside
        for measure, write in self._measured():
            if self._calendars.weighs_working_days(measure):
                yield measure.clause.id, write

    def _measured(self) -> Iterator[tuple[rules.Measure, Callable[[Reg], Reg]]]:
        """Where time was measured: by what, and what writes whether that time lies in a year that is not published."""
        for clock in self._clocks.values():
            for measure in () if clock.only is None else clock.only.measures:
                yield measure, clock.write_merged_outside
        for benefit in self._benefits:
            for component in benefit.components:
                if component.clock is None:
                    continue
                if component.units is not None and component.units.measure is not None:
                    yield component.units.measure, component.write_outside
                for measure in benefit.automatic_measures:
                    yield measure, _automatic_outside(benefit, component, self._request)
        if self._recourse is not None and self._recourse.rule.measure is not None:
            yield self._recourse.rule.measure, self._recourse.write_outside


Source = tuple[str, Callable[[Reg], Reg]]


def _automatic_outside(benefit: Benefit, component: Component, request: RequestRegs) -> Callable[[Reg], Reg]:
    return lambda published: component.write_outside(published, unless=request.is_application, only_if=benefit.quantity)


def _is(asm: Assembler, reg: Reg, number: int) -> Reg:
    return asm.binary("EQUAL", reg, asm.const(number), Bank.ROW)


def _at_least(asm: Assembler, reg: Reg, number: int) -> Reg:
    return asm.binary("AT_LEAST", reg, asm.const(number), Bank.ROW)


def _jump_if_counted(asm: Assembler, component: Component, to: Label) -> None:
    """Where a component came to count: it has parts."""
    asm.op("JUMP_IF_TRUE", to, _at_least(asm, component.stage, Stage.COUNT))
    asm.op("JUMP_IF_TRUE", to, _is(asm, component.stage, DECIDED))
