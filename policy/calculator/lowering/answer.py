"""The answer: outcome, reasons and warnings, put out as operations from what each rule came to.

A reason or a warning is an item of a list: three numbers, of which the first says what the others are. ``stage, clause,
benefit``: what refused, the benefit -1 where its clock refused for all; SAID, number, -1: a piece that is the same in every
answer; OF_OUTAGE, number, index: one that names an outage.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from policy.calculator import codes, rules
from policy.calculator.decision import Reason, Warn
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import OCCASION_START, Assembler, Bank, Label, Reg, narrowest
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.clock import Clauses, Clock
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.context import OUTAGE_ONGOING
from policy.calculator.lowering.occasions import Occasions
from policy.calculator.lowering.recourse import Recourse
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.unpublished import Unpublished
from policy.calculator.lowering.unsettled import Unsettled
from policy.calculator.lowering.values import Named
from policy.calculator.stages import REASON, Stage

SAID: Final = -1
OF_OUTAGE: Final = -2
ITEM_PLACES: Final = 3

Piece = Reason | Warn


class Answer:
    """Writes the answer. ``outcome``: its place in :data:`codes.OUTCOMES`; ``reasons`` and ``warnings`` are lists of items.

    Where a fact is missing (CANNOT_DECIDE) the reasons are not put out: they are read from the trace, field by field. Else
    ``occasion_outcome`` and ``occasion_reasons`` say the same of each occasion by itself. ``missing``: a fact is missing;
    ``outside``: a list of where occasions begin that are of another cycle than the one whose cap they ask.
    """

    def __init__(
        self,
        version: rules.Version,
        clocks: Mapping[str, Clock],
        occasions: Sequence[Occasions],
        recourse: Recourse | None,
        figures: Mapping[str, Named],
        calendars: Calendars,
        request: RequestRegs,
        clauses: Clauses,
        asm: Assembler,
    ) -> None:
        self._version, self._clocks, self._occasions, self._recourse = version, clocks, occasions, recourse
        self._request, self._clauses, self._asm = request, clauses, asm
        by_place = {benefit.number: (benefit, each) for each in occasions for benefit in each.benefits}
        self._benefits = [by_place[number] for number in range(len(by_place))]
        self.outcome, self.reasons, self.warnings = asm.reg(), asm.new_list(), asm.new_list()
        self.missing, self.outside = asm.reg(), asm.new_list()
        self.occasion_outcome, self.occasion_reasons = asm.reg(Bank.OCCASION), asm.new_list(Bank.OCCASION)
        self._reached = asm.reg()
        self.pieces: list[Piece] = []
        self._unpublished = Unpublished(clocks, occasions, calendars, request, asm)
        self._unsettled = Unsettled(version, clocks, occasions, recourse, figures, request, asm)

    def piece_of(self, item: tuple[int, int, int]) -> Piece:
        """The reason or the warning that an item is."""
        kind, first, second = item
        if kind == SAID:
            return self.pieces[first]
        if kind == OF_OUTAGE:
            piece = self.pieces[first]
            return Warn(piece.code, piece.clause, piece.field.replace("[]", f"[{second}]", 1))
        name = "" if second < 0 else self._version.benefits[second].name
        return Reason(REASON[Stage(kind)], self._clauses.ids[first], "", name)

    def write(self) -> None:
        """Writes it, after all else."""
        asm = self._asm
        missing, warned = Label(), Label()
        with asm.at("answer", ""):
            self._write_outside()
            self._write_missing()
            asm.op("JUMP_IF_TRUE", missing, self.missing)
            self._write_reached()
            for each in self._occasions:
                with asm.each("OCCASION", each.list):
                    self._write_occasion(each)
            self._write_whole()
            asm.op("NEW_LIST", self.warnings)
            self._unpublished.write(
                self._reached, lambda applies, clause: self._write_warning(applies, "CALENDAR_NOT_PUBLISHED", clause, "")
            )
            self._write_ongoing()
            self._write_warnings()
            asm.op("JUMP", warned)
            asm.put(missing)
            asm.op("MOVE", self.outcome, asm.const(codes.OUTCOMES.index(codes.CANNOT_DECIDE)))
            asm.op("NEW_LIST", self.reasons)
            asm.op("NEW_LIST", self.warnings)
            self._write_ongoing()
            asm.put(warned)

    def _write_outside(self) -> None:
        """Occasions that begin in another cycle than the one whose cap they ask; that goes before what is missing."""
        asm = self._asm
        asm.op("NEW_LIST", self.outside)
        for benefit, occasions in self._benefits:
            if benefit.bounds.per_cycle is None:
                continue
            with asm.each("OCCASION", occasions.list):
                inside = Label()
                asm.op("JUMP_IF_FALSE", inside, benefit.out_of_cycle)
                asm.op("SAY_NUMBER", self.outside, OCCASION_START)
                asm.put(inside)

    def _write_missing(self) -> None:
        asm = self._asm
        asm.op("MOVE", self.missing, asm.const(0))
        for benefit, _ in self._benefits:
            asm.op("TALLY_UNKNOWN", self.missing, benefit.row_stage)
        for each in self._occasions:
            with asm.each("OCCASION", each.list):
                for benefit in each.benefits:
                    asm.op("TALLY_UNKNOWN", self.missing, benefit.stage)
        if self._recourse is not None:
            asm.op("TALLY_UNKNOWN", self.missing, self._recourse.asked)

    def _write_reached(self) -> None:
        """Whether any component came to count, in any occasion."""
        asm = self._asm
        asm.op("MOVE", self._reached, asm.const(0))
        for benefit, _ in self._benefits:
            for component in benefit.components:
                asm.op("TALLY", self._reached, component.reached)

    def _say(self, to: Reg, piece: Piece) -> None:
        if piece not in self.pieces:
            self.pieces.append(piece)
        self._asm.op("SAY", to, self.pieces.index(piece))

    def _write_occasion(self, occasions: Occasions) -> None:
        """What becomes of the occasion at hand by itself."""
        asm, reasons = self._asm, self.occasion_reasons
        owed, granted, refused, said = asm.reg(Bank.OCCASION), asm.reg(Bank.OCCASION), Label(), Label()
        asm.op("NEW_LIST", reasons)
        for benefit in occasions.benefits:
            asm.op("TALLY", owed, benefit.bounds.quantity)
            asm.op("TALLY", granted, benefit.granted)
        self._write_counts_owed(occasions)
        asm.op("JUMP_IF_FALSE", refused, owed)
        self._write_granted_or_quoted(self.occasion_outcome, granted)
        for time in occasions.times.values():
            self._write_exceeds_record(reasons, time)
        for benefit in occasions.benefits:
            self._write_beside(reasons, benefit)
        asm.op("JUMP", said)
        asm.put(refused)
        furthest = asm.reg(Bank.OCCASION)
        asm.op("MOVE", furthest, asm.const(Stage.WHEN))
        for benefit in occasions.benefits:
            asm.op("GREATEST", furthest, furthest, benefit.stage)
        self._write_refused_outcome(self.occasion_outcome, furthest)
        for own in (False, True):
            following = self._label_unless(furthest, own=own)
            for benefit in occasions.benefits:
                self._write_refusal(reasons, furthest, benefit.stage, benefit.refused_by, benefit.number if own else -1)
            asm.put(following)
        asm.put(said)

    def _write_whole(self) -> None:
        """What becomes of all occasions together."""
        asm = self._asm
        owed, granted, furthest, refused, said = asm.reg(), asm.reg(), asm.reg(), Label(), Label()
        for reg, number in ((owed, 0), (granted, 0), (furthest, Stage.WHEN)):
            asm.op("MOVE", reg, asm.const(number))
        for benefit, _ in self._benefits:
            asm.op("GREATEST", furthest, furthest, benefit.row_stage)
        for each in self._occasions:
            with asm.each("OCCASION", each.list):
                for benefit in each.benefits:
                    asm.op("TALLY", owed, benefit.bounds.quantity)
                    asm.op("TALLY", granted, benefit.granted)
                    asm.op("GREATEST", furthest, furthest, benefit.stage)
        asm.op("NEW_LIST", self.reasons)
        asm.op("JUMP_IF_FALSE", refused, owed)
        self._write_granted_or_quoted(self.outcome, granted)
        for clock in self._clocks.values():
            for each in self._occasions:
                if clock.rule.name in each.times:
                    with asm.each("OCCASION", each.list):
                        self._write_exceeds_record(self.reasons, each.times[clock.rule.name])
        for benefit, each in self._benefits:
            with asm.each("OCCASION", each.list):
                self._write_beside(self.reasons, benefit)
        asm.op("JUMP", said)
        asm.put(refused)
        self._write_refused_outcome(self.outcome, furthest)
        for own in (False, True):
            following = self._label_unless(furthest, own=own)
            for benefit, each in self._benefits:
                number = benefit.number if own else -1
                self._write_refusal(self.reasons, furthest, benefit.row_stage, benefit.row_refused_by, number)
                with asm.each("OCCASION", each.list):
                    self._write_refusal(self.reasons, furthest, benefit.stage, benefit.refused_by, number)
            asm.put(following)
        asm.put(said)

    def _write_granted_or_quoted(self, outcome: Reg, granted: Reg) -> None:
        asm, quoted = self._asm, Label()
        asm.op("MOVE", outcome, asm.const(codes.OUTCOMES.index(codes.PROVISIONAL)))
        asm.op("JUMP_IF_FALSE", quoted, granted)
        asm.op("MOVE", outcome, asm.const(codes.OUTCOMES.index(codes.GRANTED)))
        asm.put(quoted)

    def _write_refused_outcome(self, outcome: Reg, furthest: Reg) -> None:
        asm, review, refused = self._asm, Label(), Label()
        for stage in (Stage.MATCH, Stage.DISCRETION):
            asm.op("JUMP_IF_TRUE", review, asm.binary("EQUAL", furthest, asm.const(stage), furthest.bank))
        asm.op("MOVE", outcome, asm.const(codes.OUTCOMES.index(codes.NOT_ELIGIBLE)))
        asm.op("JUMP", refused)
        asm.put(review)
        asm.op("MOVE", outcome, asm.const(codes.OUTCOMES.index(codes.NEEDS_REVIEW)))
        asm.put(refused)

    def _label_unless(self, furthest: Reg, *, own: bool) -> Label:
        """Jumps on unless it is for each benefit to say (``own``), or for none: what a clock refuses it refuses for all."""
        asm, following = self._asm, Label()
        by_itself = asm.binary("AT_LEAST", furthest, asm.const(Stage.COUNT), furthest.bank)
        asm.op("JUMP_IF_FALSE" if own else "JUMP_IF_TRUE", following, by_itself)
        return following

    def _write_refusal(self, reasons: Reg, furthest: Reg, stage: Reg, refused_by: Reg, number: int) -> None:
        asm, following = self._asm, Label()
        asm.op("JUMP_IF_FALSE", following, asm.binary("EQUAL", stage, furthest, narrowest(stage.bank, furthest.bank)))
        asm.op("REFUSAL", reasons, stage, refused_by, number)
        asm.put(following)

    def _write_beside(self, reasons: Reg, benefit: Benefit) -> None:
        """Reasons that stand beside something owed in the occasion at hand."""
        asm, name, clause = self._asm, benefit.rule.name, benefit.clause
        for code, flag in (("CAPPED", benefit.bounds.capped), ("CLAIM_REQUIRED", benefit.automatic.claim_required)):
            following = Label()
            asm.op("JUMP_IF_FALSE", following, flag)
            self._say(reasons, Reason(code, clause, "", name))
            asm.put(following)
        for component in benefit.components:
            if isinstance(component.rule.pay, rules.Discretion):
                following = Label()
                asm.op("JUMP_UNLESS", following, _is(asm, component.stage, Stage.DISCRETION))
                self._say(reasons, Reason("AMOUNT_AT_DISCRETION", component.rule.clause.id, "", name))
                asm.put(following)

    def _write_counts_owed(self, occasions: Occasions) -> None:
        """By which clocks anything that is owed in the occasion at hand was counted."""
        asm = self._asm
        for time in occasions.times.values():
            if not time.clock.knows_record:
                continue
            counted, end = Label(), Label()
            for benefit in occasions.benefits:
                following = Label()
                asm.op("JUMP_IF_FALSE", following, benefit.bounds.quantity)
                for component in benefit.components:
                    if component.clock is time:
                        component.jump_if_counted(counted)
                asm.put(following)
            asm.op("MOVE", time.counts_owed, asm.const(0))
            asm.op("JUMP", end)
            asm.put(counted)
            asm.op("MOVE", time.counts_owed, asm.const(1))
            asm.put(end)

    def _write_exceeds_record(self, reasons: Reg, time: ClockTime) -> None:
        """Of a clock by which anything owed was counted: whether less of the claim is on record than the policy asks."""
        asm, end = self._asm, Label()
        if not time.clock.knows_record:
            return
        asm.op("JUMP_IF_FALSE", end, time.counts_owed)
        asm.op("JUMP_UNLESS", end, time.clock.exceeds_record)
        self._say(reasons, Reason("CLAIM_EXCEEDS_RECORD", time.clock.claims_clause))
        asm.put(end)

    def _write_ongoing(self) -> None:
        """Outages without an end, of the services of a clock that was asked; clock by clock, as they were asked."""
        asm, clocks = self._asm, list(self._clocks.values())
        for order in range(1, len(clocks) + 1):
            for clock in clocks:
                following = Label()
                asm.op("JUMP_UNLESS", following, _is_of_row(asm, clock.order, order))
                with asm.each("OUTAGE"):
                    ended = Label()
                    asm.op("JUMP_IF_FALSE", ended, OUTAGE_ONGOING)
                    asm.op("JUMP_UNLESS", ended, clock.counted)
                    piece = Warn("OUTAGE_ONGOING", "", "outages[].ended_at")
                    if piece not in self.pieces:
                        self.pieces.append(piece)
                    asm.op("SAY_OUTAGE", self.warnings, self.pieces.index(piece))
                    asm.put(ended)
                asm.put(following)

    def _write_warnings(self) -> None:
        recourse = self._recourse
        bounds = [(each.bounds, each.clause) for each, _ in self._benefits]
        self._write_total_unknown("subscriber.granted_this_cycle", [(each.cycle_untold, clause) for each, clause in bounds])
        self._write_total_unknown("subscriber.granted_by_month", [(each.month_untold, clause) for each, clause in bounds])
        if recourse is not None:
            self._write_warning(
                recourse.unnamed, "RESPONSIBLE_PARTY_UNKNOWN", recourse.rule.clause.id, "outages[].responsible_party"
            )
        granted = _is_of_row(self._asm, self.outcome, codes.OUTCOMES.index(codes.GRANTED))
        for clause, applies in self._unsettled.write(granted):
            self._write_warning(applies, "RULE_UNSETTLED", clause, "")

    def _write_warning(self, applies: Reg, code: str, clause: str, field: str) -> None:
        asm, end = self._asm, Label()
        asm.op("JUMP_UNLESS", end, applies)
        self._say(self.warnings, Warn(code, clause, field))
        asm.put(end)

    def _write_total_unknown(self, field: str, untold: Sequence[tuple[Reg, str]]) -> None:
        """Says once that what was granted in all is not told, where a cap over several occasions was asked."""
        asm, end = self._asm, Label()
        for flag, clause in untold:
            following = Label()
            asm.op("JUMP_UNLESS", following, flag)
            self._say(self.warnings, Warn("CYCLE_TOTAL_UNKNOWN", clause, field))
            asm.op("JUMP", end)
            asm.put(following)
        asm.put(end)


def _is(asm: Assembler, reg: Reg, number: int) -> Reg:
    return asm.binary("EQUAL", reg, asm.const(number), Bank.OCCASION)


def _is_of_row(asm: Assembler, reg: Reg, number: int) -> Reg:
    return asm.binary("EQUAL", reg, asm.const(number), Bank.ROW)
