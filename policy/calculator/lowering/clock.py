"""A clock, as far as it is of the request: the outages that count, and the time of each from where counting starts.

The order is fixed and the file cannot change it: services, cut to the claim, claim deadline, where, liable, starts and minus,
overlay; then, occasion by occasion, only (:mod:`policy.calculator.lowering.clock_time`). Whichever word leaves nothing refuses,
and owns the reason.
"""

from collections.abc import Iterator

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.context import (
    OUTAGE_END,
    OUTAGE_ONGOING,
    OUTAGE_SERVICES,
    OUTAGE_START,
)
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.starts import lower_starts
from policy.calculator.lowering.tests import lower_test
from policy.calculator.lowering.values import Lower, Missing, Named, Test, Value, cited, gathered
from policy.calculator.memory import HERE, At, Memory
from policy.calculator.stages import Stage

DECIDED: int = -1
"""The stage of what was not refused."""


class Clauses:
    """The clauses of a version by number, so that a register can hold one."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def number(self, clause: str) -> int:
        """The number of a clause."""
        if clause not in self.ids:
            self.ids.append(clause)
        return self.ids.index(clause)


class Clock:
    """A clock and where its working is. ``stage``: where it was refused, DECIDED, or unknown; ``refused_by``: the clause.

    Of each outage: ``counted``, ``met`` (with ``met_start`` and ``met_end``), ``kept`` by ``where``, its ``level`` and how many
    spans were ``opened``. ``merged`` is a list: all its time, before ``only``.
    """

    def __init__(
        self,
        rule: rules.Clock,
        claims: rules.Claims | None,
        lower: Lower,
        calendars: Calendars,
        request: RequestRegs,
        clauses: Clauses,
        asm: Assembler,
    ) -> None:
        self.rule, self._claims, self._calendars, self._request, self._clauses = rule, claims, calendars, request, clauses
        self.claims_clause = claims.clause.id if claims is not None else ""
        self.services: Value | None = None if rule.services is None else lower(rule.services)
        self.where: Test | None = None if rule.where is None else lower_test(rule.where, lower)
        self.factors = [lower(value) for value in rule.liable]
        self.level_denominator = 1
        for factor in self.factors:
            self.level_denominator *= factor.denominator
        self.minus = [lower(fact) for fact in rule.minus if isinstance(fact, rules.Fact)]
        windows = [window for window in rule.minus if isinstance(window, rules.Window)]
        self._windows = calendars.windows(asm, windows) if windows else None
        self.stage, self.refused_by, self.order = asm.reg(), asm.reg(), asm.reg()
        self.counted, self.met, self.kept, self.level, self.opened, self.zero = (asm.reg(Bank.OUTAGE) for _ in range(6))
        self.met_start, self.met_end = (
            (OUTAGE_START, OUTAGE_END) if self._widen is None else (asm.reg(Bank.OUTAGE), asm.reg(Bank.OUTAGE))
        )
        self.late, self.unknown_time = asm.reg(), asm.reg()
        self.recorded, self.claimed, self.exceeds_record = asm.reg(), asm.reg(), asm.reg()
        self.merged = asm.new_list()
        self._met_spans = asm.reg(Bank.OUTAGE)
        self._opening, self.counts_from, self._pauses = asm.new_list(), asm.reg(Bank.OUTAGE), asm.new_list(Bank.OUTAGE)
        self.left_out = asm.new_list(Bank.OUTAGE)
        self.starts = None
        if rule.starts is not None:
            self.starts = lower_starts(rule.starts, lower, calendars.codes, calendars, self._pauses, asm)
        self._block: Label | None = None
        self._asm = asm

    @property
    def _widen(self) -> int | None:
        return None if self._claims is None else self._claims.widen_seconds

    @property
    def knows_record(self) -> bool:
        """Whether it is asked how much of a claim is on record."""
        return self._claims is not None and self._claims.warn_below is not None

    @property
    def walks_on(self) -> bool:
        """Whether it counts working days before it starts."""
        return self.starts is not None and bool(self.starts.walks)

    def write_walked_outside(self, outside: Reg, published: Reg) -> None:
        """Writes whether any day that was walked over before it started lies in a year that is not published."""
        asm, end = self._asm, Label()
        known = asm.binary("AT_LEAST", self.stage, asm.const(DECIDED), Bank.ROW)
        asm.op("JUMP_UNLESS", end, known)
        assert self.starts is not None  # INVARIANT: it is asked of clocks that walk on
        with asm.each("OUTAGE"):
            skipped = Label()
            asm.op("JUMP_UNLESS", skipped, self.level)
            for walk in self.starts.walks:
                walk.write_outside(outside, published)
            asm.put(skipped)
        asm.put(end)

    def write(self) -> None:
        """Writes that it is to be worked out, once."""
        asm = self._asm
        if self._block is None:
            self._block = asm.block(f"clocks.{self.rule.name}", self.rule.clause.id, self._write)
        asm.op("CALL", self._block, self.order)

    def _write(self) -> None:
        asm, rule = self._asm, self.rule
        name, clause = f"clocks.{rule.name}", rule.clause.id
        end, undecided = Label(), Label()
        lacking, left = asm.reg(), asm.reg()
        asm.op("NUMBER", self.order)
        asm.op("MOVE", self.unknown_time, asm.const(0))
        asm.op("MOVE", self.stage, asm.const(DECIDED))
        asm.op("MOVE", lacking, asm.const(0))
        with asm.at(f"{name}.services", clause):
            self._write_services(left, undecided, end)
        with asm.at("claims", self.claims_clause):
            self._write_claim(end)
        with asm.at(f"{name}.where", clause):
            self._write_where(lacking, end)
        with asm.at(f"{name}.liable", clause):
            self._write_liable(lacking, end)
        with asm.at(f"{name}.starts", clause):
            self._write_open(lacking, undecided)
        asm.op("OVERLAY", self.merged, self._opening)
        asm.op("JUMP", end)
        asm.put(undecided)
        asm.op("UNKNOWN", self.stage)
        asm.put(end)

    def _refuse(self, stage: Stage, clause: str, end: Label) -> None:
        asm = self._asm
        asm.op("MOVE", self.stage, asm.const(stage))
        asm.op("MOVE", self.refused_by, asm.const(self._clauses.number(clause)))
        asm.op("JUMP", end)

    def _refuse_unless(self, left: Reg, stage: Stage, clause: str, end: Label) -> None:
        going_on = Label()
        self._asm.op("JUMP_IF_TRUE", going_on, left)
        self._refuse(stage, clause, end)
        self._asm.put(going_on)

    def _write_services(self, left: Reg, undecided: Label, end: Label) -> None:
        """An outage that names no service names all; else it has to name a covered one."""
        asm, clause = self._asm, self.rule.clause.id
        asm.op("MOVE", left, asm.const(0))
        if self.services is None:
            with asm.each("OUTAGE"):
                asm.op("MOVE", self.counted, asm.const(1))
            self._write_record()
            return
        covered = self.services.write(asm)
        asm.op("JUMP_IF_UNKNOWN", undecided, covered)
        any_at_all = asm.reg()
        asm.op("MOVE", any_at_all, asm.const(0))
        with asm.each("OUTAGE"):
            named = Label()
            asm.op("MOVE", any_at_all, asm.const(1))
            asm.op("MOVE", self.counted, asm.const(1))
            asm.op("JUMP_IF_FALSE", named, OUTAGE_SERVICES)
            asm.op("AMONG", self.counted, OUTAGE_SERVICES, covered)
            asm.put(named)
            asm.op("TALLY", left, self.counted)
        self._write_record()
        none = Label()
        asm.op("JUMP_IF_FALSE", none, any_at_all)
        services_clause = clause_of(self.services) or clause
        self._refuse_unless(left, Stage.SERVICES, services_clause, end)
        asm.put(none)

    def _write_claim(self, end: Label) -> None:
        """Cuts each counted outage to what is claimed, now and before; refuses a claim that meets nothing or comes late.

        Whether it meets anything, and comes late, is asked of the new claim alone.
        """
        asm, claims, request = self._asm, self._claims, self._request
        met, latest, ongoing = asm.reg(), asm.reg(), asm.reg()
        asm.op("MOVE", met, asm.const(0))
        has_deadline = claims is not None and (claims.within_seconds is not None or claims.within_local_days is not None)
        if has_deadline:
            asm.op("MOVE", latest, asm.const(0))
            asm.op("MOVE", ongoing, asm.const(0))
        first, last, meets = asm.reg(), asm.reg(), self.met
        if self._widen is not None:
            asm.op("SUB", first, request.claim_start, asm.const(self._widen))
            asm.op("ADD", last, request.claim_end, asm.const(self._widen))
            meets = asm.reg(Bank.OUTAGE)
        with asm.each("OUTAGE"):
            skipped = Label()
            asm.op("MOVE", self.met, asm.const(0))
            if self._widen is not None:
                self._write_cut()
            asm.op("JUMP_IF_FALSE", skipped, self.counted)
            if self._widen is None:
                asm.op("LESS", self.met, self.met_start, self.met_end)
            else:
                self._write_met(meets, first, last)
            asm.op("TALLY", met, meets)
            if has_deadline:
                asm.op("JUMP_IF_FALSE", skipped, meets)
                asm.op("GREATEST", latest, latest, OUTAGE_END)
                asm.op("GREATEST", ongoing, ongoing, OUTAGE_ONGOING)
            asm.put(skipped)
        self._refuse_unless(met, Stage.MATCH, self.claims_clause or self.rule.clause.id, end)
        if claims is not None and (has_deadline or claims.before is not None):
            self._write_deadline(claims, latest, ongoing, end)

    def _write_cut(self) -> None:
        """An outage's time from where the first claim begins to where the last ends."""
        asm, request, whole = self._asm, self._request, Label()
        asm.op("MOVE", self.met_start, OUTAGE_START)
        asm.op("MOVE", self.met_end, OUTAGE_END)
        asm.op("JUMP_IF_FALSE", whole, request.claim_given)
        asm.op("GREATEST", self.met_start, self.met_start, request.claimed_from)
        asm.op("LEAST", self.met_end, self.met_end, request.claimed_until)
        asm.put(whole)

    def _write_met(self, meets: Reg, first: Reg, last: Reg) -> None:
        """Whether a counted outage meets what was claimed, and the new claim, which is from ``first`` to ``last``."""
        asm, request, claimed, end = self._asm, self._request, Label(), Label()
        asm.op("JUMP_IF_TRUE", claimed, request.claim_given)
        asm.op("LESS", self.met, self.met_start, self.met_end)
        asm.op("MOVE", meets, self.met)
        asm.op("JUMP", end)
        asm.put(claimed)
        left, start, until = asm.reg(Bank.OUTAGE), asm.reg(Bank.OUTAGE), asm.reg(Bank.OUTAGE)
        asm.op("LEFT", left, self.met_start, self.met_end, request.gaps)
        asm.op("MORE", self.met, left, asm.const(0))
        asm.op("GREATEST", start, OUTAGE_START, first)
        asm.op("LEAST", until, OUTAGE_END, last)
        asm.op("LESS", meets, start, until)
        asm.put(end)

    def _write_deadline(self, claims: rules.Claims, latest: Reg, ongoing: Reg, end: Label) -> None:
        """Refuses a claim later than a fixed date, or than so long after the latest recorded end; what goes on has none yet."""
        asm, request, within, local_days = self._asm, self._request, claims.within_seconds, claims.within_local_days
        timely, late, open_ended = Label(), self.late, Label()
        asm.op("JUMP_IF_FALSE", timely, request.claim_given)
        asm.op("MOVE", late, asm.const(0))
        if claims.before is not None:
            ends = self._calendars.local.starts_at(claims.before.toordinal())
            asm.op("AT_LEAST", late, request.claimed_at, asm.const(ends))
        if within is not None or local_days is not None:
            too_late = asm.reg()
            asm.op("JUMP_IF_TRUE", open_ended, ongoing)
            if within is not None:
                asm.op("ADD", latest, latest, asm.const(within))
                asm.op("MORE", too_late, request.claimed_at, latest)
            else:
                last, claimed_on = asm.reg(), asm.reg()
                asm.op("DAY_OF", last, latest, asm.zone)
                asm.op("ADD", last, last, asm.const(local_days or 0))
                asm.op("DAY_OF", claimed_on, request.claimed_at, asm.zone)
                asm.op("MORE", too_late, claimed_on, last)
            asm.op("GREATEST", late, late, too_late)
            asm.put(open_ended)
        asm.op("JUMP_IF_FALSE", timely, late)
        self._refuse(Stage.WITHIN, self.claims_clause, end)
        asm.put(timely)

    def _write_record(self) -> None:
        """How much of the claimed interval itself the counted outages of any cause cover, and whether that is too little."""
        warn_below = None if self._claims is None else self._claims.warn_below
        if warn_below is None:
            return
        asm, request, unclaimed = self._asm, self._request, Label()
        asm.op("MOVE", self.exceeds_record, asm.const(0))
        asm.op("JUMP_IF_FALSE", unclaimed, request.claim_given)
        asm.op("COVER", self.recorded, request.claim_start, request.claim_end, self.counted)
        asm.op("SUB", self.claimed, request.claim_end, request.claim_start)
        covered = asm.binary("MUL", self.recorded, asm.const(warn_below.denominator), Bank.ROW)
        enough = asm.binary("MUL", self.claimed, asm.const(warn_below.numerator), Bank.ROW)
        asm.op("LESS", self.exceeds_record, covered, enough)
        asm.put(unclaimed)

    def _write_where(self, lacking: Reg, end: Label) -> None:
        asm = self._asm
        if self.where is None:
            return
        left = asm.reg()
        asm.op("MOVE", left, asm.const(0))
        with asm.each("OUTAGE"):
            skipped = Label()
            asm.op("JUMP_IF_FALSE", skipped, self.met)
            asm.op("MOVE", self.kept, self.where.write(asm, Bank.OUTAGE))
            asm.op("TALLY", left, self.kept)
            asm.op("TALLY_UNKNOWN", lacking, self.kept)
            asm.put(skipped)
        asm.op("ADD", left, left, lacking)
        self._refuse_unless(left, Stage.WHERE, self.rule.clause.id, end)

    def _write_liable(self, lacking: Reg, end: Label) -> None:
        """The level of each outage is the product of the factors; 0 drops it, whatever the other factors lack."""
        asm, left, any_kept, first_zero = self._asm, self._asm.reg(), self._asm.reg(), self._asm.reg()
        asm.op("MOVE", left, asm.const(0))
        asm.op("MOVE", any_kept, asm.const(0))
        kept = self.met if self.where is None else self.kept
        clauses = [self._clauses.number(clause_of(factor) or self.rule.clause.id) for factor in self.factors]
        with asm.each("OUTAGE"):
            skipped = Label()
            if self.where is not None:
                asm.op("JUMP_IF_FALSE", skipped, self.met)
                asm.op("JUMP_IF_UNKNOWN", skipped, kept)
            asm.op("JUMP_IF_FALSE", skipped, kept)
            asm.op("MOVE", self.level, asm.const(1))
            asm.op("MOVE", self.zero, asm.const(self._clauses.number(self.rule.clause.id)))
            for factor, clause in reversed(list(zip(self.factors, clauses, strict=True))):
                not_zero = Label()
                read = factor.write(asm)
                asm.op("TIMES", self.level, read)
                asm.op("JUMP_IF_UNKNOWN", not_zero, read)
                asm.op("JUMP_IF_TRUE", not_zero, read)
                asm.op("MOVE", self.zero, asm.const(clause))
                asm.put(not_zero)
            asm.op("TALLY", left, self.level)
            asm.op("TALLY_UNKNOWN", lacking, self.level)
            asm.op("JUMP_IF_TRUE", skipped, any_kept)
            asm.op("MOVE", any_kept, asm.const(1))
            asm.op("MOVE", first_zero, self.zero)
            asm.put(skipped)
        going_on, total = Label(), asm.reg()
        asm.op("ADD", total, left, lacking)
        asm.op("JUMP_IF_TRUE", going_on, total)
        asm.op("MOVE", self.stage, asm.const(Stage.LIABLE))
        asm.op("MOVE", self.refused_by, first_zero)
        asm.op("JUMP", end)
        asm.put(going_on)

    def _write_open(self, lacking: Reg, undecided: Label) -> None:
        """The time of each liable outage from where counting starts, less the pauses and what was not claimed.

        When the time of one starts is asked also where it is not known of another whether it is liable: it is lacking too.
        """
        asm, gaps = self._asm, self._request.gaps
        if self._opens_later:
            with asm.each("OUTAGE"):
                skipped = Label()
                self._skip_unless_liable(skipped)
                asm.op("NEW_LIST", self._pauses)
                for fact in self.minus:
                    asm.op("PAUSES", self._pauses, fact.write(asm))
                asm.op("UNITE", self._pauses)
                asm.op("TALLY_UNKNOWN", self.unknown_time, self._pauses)
                asm.op("MOVE", self.counts_from, self.met_start)
                if self.starts is not None:
                    self.starts.write()
                    asm.op("MOVE", self.counts_from, self.starts.reg)
                    asm.op("TALLY_UNKNOWN", self.unknown_time, self.counts_from)
                asm.put(skipped)
        asm.op("JUMP_IF_TRUE", undecided, lacking)
        if self._opens_later:
            with asm.each("OUTAGE"):
                skipped = Label()
                self._skip_unless_liable(skipped)
                self._write_left_out(skipped)
                asm.put(skipped)
        asm.op("NEW_LIST", self._opening)
        with asm.each("OUTAGE"):
            skipped = Label()
            self._skip_unless_liable(skipped)
            if self._opens_later:
                asm.op("JUMP_IF_UNKNOWN", skipped, self._pauses)
                asm.op("JUMP_IF_UNKNOWN", skipped, self.counts_from)
                asm.op("GREATEST", self.counts_from, self.counts_from, self.met_start)
                asm.op("OPEN", self._opening, self.counts_from, self.met_end, self.level, self.left_out, self.opened)
            else:
                asm.op("OPEN", self._opening, self.met_start, self.met_end, self.level, gaps, self.opened)
            asm.put(skipped)

    @property
    def _opens_later(self) -> bool:
        """Whether an outage's time counts from another instant than its own, or has pauses."""
        return self.starts is not None or bool(self.rule.minus)

    def _write_left_out(self, unknown: Label) -> None:
        """What does not count of an outage: pauses, and what is no pause for ``starts``: windows, and what was not claimed."""
        asm = self._asm
        asm.op("JUMP_IF_UNKNOWN", unknown, self._pauses)
        asm.op("NEW_LIST", self.left_out)
        asm.op("PAUSES", self.left_out, self._pauses)
        asm.op("PAUSES", self.left_out, self._request.gaps)
        if self._windows is not None:
            asm.op("WINDOWS", self.left_out, self.met_start, self.met_end, self._windows)
        asm.op("UNITE", self.left_out)

    def write_unknown_in(self, start: Reg, end: Reg, lacking: Reg) -> None:
        """Writes of how many outages that are met from ``start`` to ``end`` it is not known which of their time counts."""
        asm, none = self._asm, Label()
        if not self._opens_later:
            return
        asm.op("JUMP_IF_FALSE", none, self.unknown_time)
        with asm.each("OUTAGE"):
            apart = Label()
            asm.op("JUMP_IF_FALSE", apart, asm.binary("LESS", self.met_start, end, Bank.OUTAGE))
            asm.op("JUMP_IF_FALSE", apart, asm.binary("LESS", start, self.met_end, Bank.OUTAGE))
            asm.op("TALLY_UNKNOWN", lacking, self._pauses)
            asm.op("TALLY_UNKNOWN", lacking, self.counts_from)
            asm.put(apart)
        asm.put(none)

    def write_met(self, to: Reg) -> None:
        """Writes all time of the outages for which the operator answers, also before counting starts, and pauses."""
        asm = self._asm
        with asm.each("OUTAGE"):
            skipped = Label()
            self._skip_unless_liable(skipped)
            asm.op("OPEN", to, self.met_start, self.met_end, self.level, self._request.gaps, self._met_spans)
            asm.put(skipped)

    def _skip_unless_liable(self, skipped: Label) -> None:
        asm = self._asm
        kept = self.met if self.where is None else self.kept
        asm.op("JUMP_IF_FALSE", skipped, self.met)
        if self.where is not None:
            asm.op("JUMP_IF_UNKNOWN", skipped, kept)
            asm.op("JUMP_IF_FALSE", skipped, kept)
        asm.op("JUMP_UNLESS", skipped, self.level)

    def lacks(self, memory: Memory) -> Missing:
        """What it lacks where it cannot be decided."""
        return cited(self._lacks(memory), self.rule.clause.id)

    def _lacks(self, memory: Memory) -> Missing:
        if self.services is not None and (missing := self.services.lacks(memory, HERE)):
            return missing
        outages = memory.outages()
        missing = Missing()
        if self.where is not None:
            missing |= gathered(self.where.lacks(memory, at) for at in outages if memory.unknown(self.kept, at))
        missing |= gathered(
            factor.lacks(memory, at) for at in outages if memory.unknown(self.level, at) for factor in self.factors
        )
        return missing | gathered(self._lacks_time_of(memory, at) for at in self._of_unknown_time(memory))

    def lacks_time_in(self, memory: Memory, start: int, end: int) -> Missing:
        """What is lacking of the outages that are met from ``start`` to ``end`` to know which of their time counts."""
        missing = gathered(
            self._lacks_time_of(memory, at)
            for at in self._of_unknown_time(memory)
            if memory.get(self.met_start, at) < end and start < memory.get(self.met_end, at)
        )
        return cited(missing, self.rule.clause.id)

    def _of_unknown_time(self, memory: Memory) -> Iterator[At]:
        """The liable outages of which it is not known which of their time counts."""
        yield from memory.outages_without(self._pauses)
        yield from memory.outages_without(self.counts_from)

    def _lacks_time_of(self, memory: Memory, at: At) -> Missing:
        missing = gathered(fact.lacks(memory, at) for fact in self.minus)
        return missing if self.starts is None else missing | self.starts.lacks(memory, at)


def clause_of(value: Value) -> str:
    """The clause of a named figure; "" for a value that has none of its own."""
    return value.clause if isinstance(value, Named) else ""
