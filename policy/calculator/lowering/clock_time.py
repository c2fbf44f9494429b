"""The time of a clock in one occasion: what of it lies there, narrowed by ``only``."""

from collections.abc import Callable, Sequence

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import OCCASION_END, OCCASION_START, Assembler, Bank, Label, Reg
from policy.calculator.lowering.clock import DECIDED, Clauses, Clock
from policy.calculator.lowering.only import Only
from policy.calculator.lowering.values import Lower, Missing, cited
from policy.calculator.memory import Memory
from policy.calculator.stages import Stage


class LeftOut:
    """What a clock leaves out that others keep, as far as it is not known of all of its time.

    ``all_time`` and ``sure`` are lists of the request: its time with what it leaves out, and what of that is surely left out or
    counted. ``lacks``: what is lacking, of these intervals of its time.
    """

    def __init__(
        self, all_time: Reg, sure: Reg, lacks: Callable[[Memory, Sequence[Sequence[int]]], Missing], asm: Assembler
    ) -> None:
        self.all_time, self.sure, self.lacks = all_time, sure, lacks
        self.all_here, self.sure_here = asm.new_list(Bank.OCCASION), asm.new_list(Bank.OCCASION)


class ClockTime:
    """A clock in the occasions of some benefits.

    ``stage`` and ``refused_by`` as of a clock. ``merged`` and ``spans`` are lists, the time before and after ``only``, with
    ``merged_seconds`` and ``seconds``. Of the request: ``tested``, whether ``only`` was asked in any occasion.
    """

    def __init__(
        self,
        clock: Clock,
        source: Reg,
        runs: Reg,
        lower: Lower,
        calendars: Calendars,
        clauses: Clauses,
        asm: Assembler,
        left_out: LeftOut | None = None,
    ) -> None:
        """``source`` is the list of all its time, cut where occasions are, ``runs`` the list of unbroken runs."""
        self._left_out = left_out
        self.clock, self.rule, self.level_denominator = clock, clock.rule, clock.level_denominator
        self._source, self._runs, self._calendars, self._asm = source, runs, calendars, asm
        self._clause = clauses.number(clock.rule.clause.id)
        self.only = Only(clock.rule.only, lower, calendars, self.level_denominator) if clock.rule.only else None
        self.stage, self.refused_by = asm.reg(Bank.OCCASION), asm.reg(Bank.OCCASION)
        self.merged = asm.new_list(Bank.OCCASION)
        self.spans = self.merged if self.only is None else asm.new_list(Bank.OCCASION)
        self.merged_seconds, self.seconds = asm.reg(Bank.OCCASION), asm.reg(Bank.OCCASION)
        self.counts_owed = asm.reg(Bank.OCCASION)
        self.tested = asm.reg()
        self._measured: dict[str, tuple[Reg, Label]] = {}
        self._time_block: Label | None = None
        self._block: Label | None = None

    def write_uncounted(self, lacking: Reg) -> None:
        """Writes of how much it is not known which of its time counts: of outages, and of what it leaves out."""
        asm, left, end = self._asm, self._left_out, Label()
        self.clock.write_unknown_in(OCCASION_START, OCCASION_END, lacking)
        if left is None:
            return
        asm.op("JUMP_UNLESS", end, asm.binary("EQUAL", self.clock.stage, asm.const(DECIDED), Bank.OCCASION))
        lengths = []
        for of_all, here in ((left.all_time, left.all_here), (left.sure, left.sure_here)):
            asm.op("TIME_OF", here, of_all, self._runs)
            lengths.append(asm.reg(Bank.OCCASION))
            asm.op("LENGTH", lengths[-1], here)
        asm.op("TALLY", lacking, asm.binary("LESS", lengths[1], lengths[0], Bank.OCCASION))
        asm.put(end)

    def write_time(self) -> None:
        """Writes that its time is to be worked out, once for an occasion; none where the clock has none at all."""
        asm = self._asm
        if self._time_block is None:
            self._time_block = asm.block(f"clocks.{self.rule.name}", self.rule.clause.id, self._write_time)
        asm.op("CALL", self._time_block, self.merged_seconds)

    def _write_time(self) -> None:
        asm, there, end = self._asm, Label(), Label()
        asm.op("JUMP_IF_TRUE", there, asm.binary("EQUAL", self.clock.stage, asm.const(DECIDED), Bank.OCCASION))
        asm.op("NEW_LIST", self.merged)
        asm.op("JUMP", end)
        asm.put(there)
        asm.op("TIME_OF", self.merged, self._source, self._runs)
        asm.put(end)
        asm.op("LENGTH", self.merged_seconds, self.merged)

    def write(self) -> None:
        """Writes that it is to be worked out, once for an occasion."""
        asm = self._asm
        if self._block is None:
            self._block = asm.block(f"clocks.{self.rule.name}", self.rule.clause.id, self._write)
        asm.op("CALL", self._block, self.stage)

    def _write(self) -> None:
        asm, clock, end, undecided, there, some = self._asm, self.clock, Label(), Label(), Label(), Label()
        asm.op("MOVE", self.counts_owed, asm.const(0))
        asm.op("MOVE", self.stage, clock.stage)
        asm.op("JUMP_IF_TRUE", there, asm.binary("EQUAL", self.stage, asm.const(DECIDED), Bank.OCCASION))
        asm.op("MOVE", self.refused_by, clock.refused_by)
        asm.op("JUMP", end)
        asm.put(there)
        lacking = asm.reg(Bank.OCCASION)
        self.write_uncounted(lacking)
        asm.op("JUMP_IF_TRUE", undecided, lacking)
        self.write_time()
        asm.op("MOVE", self.seconds, self.merged_seconds)
        asm.op("JUMP_IF_TRUE", some, self.merged_seconds)
        self._refuse(Stage.STARTS, end)
        asm.put(some)
        if self.only is not None:
            with asm.at(f"clocks.{self.rule.name}.only", self.rule.clause.id):
                left = Label()
                asm.op("MOVE", self.tested, asm.const(1))
                self.only.write(asm, self.merged, self.spans, undecided)
                asm.op("LENGTH", self.seconds, self.spans)
                asm.op("JUMP_IF_TRUE", left, self.seconds)
                self._refuse(Stage.ONLY, end)
                asm.put(left)
        asm.op("JUMP", end)
        asm.put(undecided)
        asm.op("UNKNOWN", self.stage)
        asm.put(end)

    def _refuse(self, stage: Stage, end: Label) -> None:
        asm = self._asm
        asm.op("MOVE", self.stage, asm.const(stage))
        asm.op("MOVE", self.refused_by, asm.const(self._clause))
        asm.op("JUMP", end)

    def measured(self, measure: rules.Measure | None) -> Reg:
        """Writes all its time by a measure and by how far the operator answers for it; looked up once, however many ask."""
        asm = self._asm
        name, clause = ("", self.rule.clause.id) if measure is None else (measure.name, measure.clause.id)
        if name not in self._measured:
            reg = asm.reg(Bank.OCCASION)

            def write() -> None:
                asm.op("MEASURE", reg, self.spans, self._calendars.write_density(asm, measure))

            self._measured[name] = reg, asm.block(f"clocks.{self.rule.name}.{name}", clause, write)
        reg, block = self._measured[name]
        asm.op("CALL", block, reg)
        return reg

    def write_outside(self, outside: Reg, published: Reg) -> None:
        """Writes whether any time that ``only`` was asked about in the occasion lies in a year that is not published."""
        asm, end, reached, beyond = self._asm, Label(), Label(), self._asm.reg(Bank.OCCASION)
        asm.op("JUMP_IF_TRUE", reached, asm.binary("EQUAL", self.stage, asm.const(DECIDED), Bank.OCCASION))
        asm.op("JUMP_UNLESS", end, asm.binary("EQUAL", self.stage, asm.const(Stage.ONLY), Bank.OCCASION))
        asm.put(reached)
        asm.op("OUTSIDE", beyond, self.merged, published)
        asm.op("TALLY", outside, beyond)
        asm.put(end)

    def lacks(self, memory: Memory) -> Missing:
        """What it lacks where it cannot be decided."""
        if memory.unknown(self.clock.stage):
            return self.clock.lacks(memory)
        lacking = self.lacks_time(memory)
        if lacking:
            return lacking
        return {} if self.only is None else cited(self.only.lacks(memory), self.rule.clause.id)

    def lacks_time(self, memory: Memory) -> Missing:
        """What is lacking to know which of its time counts in the occasion at hand."""
        missing = self.clock.lacks_time_in(memory, memory.get(OCCASION_START), memory.get(OCCASION_END))
        left = self._left_out
        if left is None or not memory.known(left.all_here):
            return missing
        return missing | left.lacks(memory, memory.items(left.all_here, memory.m[12]))
