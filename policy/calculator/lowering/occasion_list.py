"""The list of occasions that the time of some clocks makes, and each clock's time cut where occasions are."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from policy.calculator import rules
from policy.calculator.lowering.almanac import CYCLE_START, Calendars
from policy.calculator.lowering.assembler import OCCASION_END, OCCASION_START, Assembler, Bank, Label, Reg
from policy.calculator.lowering.clock import DECIDED, Clauses, Clock
from policy.calculator.lowering.clock_time import ClockTime, LeftOut
from policy.calculator.lowering.only import SCOPES
from policy.calculator.lowering.recourse import Recourse
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.values import Lower, Missing, gathered
from policy.calculator.memory import Memory

KINDS: Final[Mapping[rules.ForEach, int]] = {
    "all together": SCOPES["total"],
    "interruption": SCOPES["interruption"],
    "month": SCOPES["month"],
    "billing cycle": SCOPES["billing cycle"],
    "outage": 5,
}
"""The kinds of occasions, as the evaluator knows them."""
_EVER: Final = 1 << 60
"""Later than any instant."""
_CUT: Final = ("month", "billing cycle")
"""Kinds that lie across what is unbroken."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all of a version's occasions are made with. ``kept``: what clocks keep that others leave out, by kind and clock."""

    clocks: Mapping[str, Clock]
    lower: Lower
    calendars: Calendars
    request: RequestRegs
    recourse: Recourse | None
    clauses: Clauses
    asm: Assembler
    reads_length: bool
    reads_availability: bool
    kept: MutableMapping[tuple[rules.ForEach, str], "KeptTime"] = field(default_factory=dict)

    def kept_by(self, kind: rules.ForEach, clock: rules.Clock) -> "KeptTime":
        """What a clock keeps in occasions of its own."""
        key = kind, clock.name
        if key not in self.kept:
            self.kept[key] = KeptTime(kind, self.clocks[clock.name], self)
        return self.kept[key]


class OccasionList:
    """The occasions of ``clocks``.

    ``list``, ``runs`` and ``met``, all time that is met, are lists; ``times`` the clocks in the occasions, by name.
    """

    def __init__(
        self, kind: rules.ForEach, clocks: Sequence[Clock], shared: Shared, asked: Mapping[str, Reg] | None = None
    ) -> None:
        """``asked``: by name, whether a clock is asked at all, where that hangs on the request."""
        self.kind, self.clocks, self._shared, self._asm = kind, clocks, shared, shared.asm
        self._asked = asked or {}
        asm = shared.asm
        self.list, self.runs, self.met = asm.new_list(), asm.new_list(), asm.new_list()
        self._without = {each.rule.name: [shared.kept_by(kind, other) for other in each.rule.without] for each in clocks}
        self._steps = {each.rule.name: self._steps_of(each) for each in clocks}
        self._sure = {each.rule.name: self._steps_of(each) for each in clocks if each.rule.without}
        self._all = {name: asm.new_list() if kind in _CUT else steps[0] for name, steps in self._sure.items()}
        self.times = {each.rule.name: self._time_of(each) for each in clocks}

    def _time_of(self, clock: Clock) -> ClockTime:
        shared, name = self._shared, clock.rule.name
        left_out = None
        if name in self._sure:
            left_out = LeftOut(self._all[name], self._sure[name][-1], partial(self._lacks_left_out, clock), self._asm)
        source, calendars = self._steps[name][-1], shared.calendars
        return ClockTime(clock, source, self.runs, shared.lower, calendars, shared.clauses, self._asm, left_out)

    def _steps_of(self, clock: Clock) -> list[Reg]:
        """The lists through which its time goes: all, less each of what it leaves out, cut."""
        steps = [clock.merged, *[self._asm.new_list() for _ in self._without[clock.rule.name]]]
        return [*steps, self._asm.new_list()] if self.kind in _CUT else steps

    def write(self, unknown: Label) -> None:
        """Writes it, after its clocks; to ``unknown`` where the cycle is and it is asked."""
        asm, shared = self._asm, self._shared
        for clock in self.clocks:
            for kept in self._without[clock.rule.name]:
                following = Label()
                self.skip_unless_there(clock, following)
                kept.write()
                asm.put(following)
        asm.op("NEW_LIST", self.met)
        for clock in self.clocks:
            following = Label()
            self.skip_unless_there(clock, following)
            clock.write_met(self.met)
            asm.put(following)
        if self.kind == "billing cycle":
            none = Label()
            asm.op("JUMP_IF_FALSE", none, count_of(self.met))
            asm.op("JUMP_IF_UNKNOWN", unknown, CYCLE_START)
            asm.put(none)
        asm.op("OCCASIONS", self.list, self.runs, self.met, KINDS[self.kind], asm.zone, shared.request.gaps)
        for clock in self.clocks:
            following = Label()
            self.skip_unless_there(clock, following)
            self._write_steps(clock)
            asm.put(following)

    def _write_steps(self, clock: Clock) -> None:
        name = clock.rule.name
        kept = self._without[name]
        self._write_less(self._steps[name], [each.list for each in kept])
        if name in self._sure:
            self._write_less(self._sure[name], [each.doubtful for each in kept])
            if self.kind in _CUT:
                self._write_cut(self._all[name], clock.merged)

    def _write_less(self, steps: Sequence[Reg], left_out: Sequence[Reg]) -> None:
        for number, each in enumerate(left_out):
            self._asm.op("WITHOUT", steps[number + 1], steps[number], each)
        if self.kind in _CUT:
            self._write_cut(steps[-1], steps[-2])

    def _write_cut(self, to: Reg, spans: Reg) -> None:
        self._asm.op("SPLIT", to, spans, SCOPES[self.kind], self._asm.zone)

    def skip_unless_there(self, clock: Clock, following: Label) -> None:
        """Writes that what follows is skipped where a clock was refused, or nothing here asks it: then it has no time."""
        asm = self._asm
        self.skip_unless_asked(clock, following)
        asm.op("JUMP_UNLESS", following, asm.binary("EQUAL", clock.stage, asm.const(DECIDED), Bank.ROW))

    def skip_unless_asked(self, clock: Clock, following: Label) -> None:
        """Writes that what follows is skipped where nothing here asks a clock."""
        if clock.rule.name in self._asked:
            self._asm.op("JUMP_UNLESS", following, self._asked[clock.rule.name])

    def lacks(self, memory: Memory) -> Missing:
        """What its clocks lack; else the cycle, where that is the occasion."""
        asked = {name: memory.known(reg) and memory.get(reg) for name, reg in self._asked.items()}
        clocks = [clock for clock in self.clocks if asked.get(clock.rule.name, True)]
        missing = gathered(clock.lacks(memory) for clock in clocks if memory.unknown(clock.stage))
        return missing or (self._shared.calendars.cycle_lacks(memory) if self.kind == "billing cycle" else {})

    def _lacks_left_out(self, clock: Clock, memory: Memory, spans: Sequence[Sequence[int]]) -> Missing:
        return gathered(kept.lacks(memory, spans) for kept in self._without[clock.rule.name])

    def meets(self, memory: Memory, spans: Sequence[Sequence[int]]) -> bool:
        """Whether anything of the occasion at hand, one of these, lies in any of some spans."""
        start, end = memory.get(OCCASION_START), memory.get(OCCASION_END)
        runs = memory.items(self.runs, 2)
        return any(max(start, run[0], span[0]) < min(end, run[1], span[1]) for run in runs for span in spans)


class KeptTime:
    """What a clock keeps after its ``only``, in occasions of its time alone: a list of intervals.

    ``doubtful``: those of which that is not known. ``stage``: unknown where it is not known what occasions there are.
    """

    def __init__(self, kind: rules.ForEach, clock: Clock, shared: Shared) -> None:
        self._clock, self._asm, self._gaps, self._kind = clock, shared.asm, shared.request.gaps, kind
        self._occasions = OccasionList(kind, [clock], shared)
        self._time = self._occasions.times[clock.rule.name]
        self.list, self.doubtful, self.stage = shared.asm.new_list(), shared.asm.new_list(), shared.asm.reg()
        self._opened, self._decided, self._left = (shared.asm.new_list() for _ in range(3))
        self._block: Label | None = None

    def write(self) -> None:
        """Writes that it is to be worked out, once."""
        asm, rule = self._asm, self._clock.rule
        if self._block is None:
            self._block = asm.block(f"clocks.{rule.name}", rule.clause.id, self._write)
        asm.op("CALL", self._block, self.stage)

    def _write(self) -> None:
        asm, unknown, end, lacking = self._asm, Label(), Label(), self._asm.reg()
        asm.op("NEW_LIST", self.list)
        self._clock.write()
        asm.op("JUMP_IF_UNKNOWN", unknown, self._clock.stage)
        asm.op("NEW_LIST", self._occasions.list)
        self._occasions.write(unknown)
        with asm.each("OCCASION", self._occasions.list):
            self._time.write()
            asm.op("TALLY_UNKNOWN", lacking, self._time.stage)
        asm.op("NEW_LIST", self.list)
        with asm.each("OCCASION", self._occasions.list):
            refused = Label()
            asm.op("JUMP_UNLESS", refused, asm.binary("EQUAL", self._time.stage, asm.const(DECIDED), Bank.OCCASION))
            asm.op("PAIR_UP", self.list, self._time.spans)
            asm.put(refused)
        asm.op("UNITE", self.list)
        asm.op("MOVE", self.stage, asm.const(DECIDED))
        asm.op("NEW_LIST", self.doubtful)
        asm.op("JUMP_UNLESS", end, lacking)
        self._write_doubtful()
        asm.op("JUMP", end)
        asm.put(unknown)
        asm.op("UNKNOWN", self.stage)
        asm.op("NEW_LIST", self._opened)
        self._write_opened(asm.const(0), asm.const(_EVER))
        asm.op("NEW_LIST", self.doubtful)
        asm.op("PAIR_UP", self.doubtful, self._opened)
        asm.put(end)

    def _write_doubtful(self) -> None:
        """The time of the occasions in which it is not known; occasions overlap only where each is of an outage."""
        asm, of_outages = self._asm, self._kind == "outage"
        asm.op("NEW_LIST", self._opened)
        with asm.each("OCCASION", self._occasions.list):
            lacks, following = Label(), Label()
            asm.op("JUMP_IF_UNKNOWN", lacks, self._time.stage)
            if not of_outages:
                self._write_opened(OCCASION_START, OCCASION_END)
            asm.op("JUMP", following)
            asm.put(lacks)
            if of_outages:
                self._write_opened(OCCASION_START, OCCASION_END)
            asm.put(following)
        left = self._opened
        if not of_outages:
            left = self._left
            asm.op("NEW_LIST", self._decided)
            asm.op("PAIR_UP", self._decided, self._opened)
            asm.op("UNITE", self._decided)
            asm.op("WITHOUT", left, self._occasions.met, self._decided)
        asm.op("NEW_LIST", self.doubtful)
        asm.op("PAIR_UP", self.doubtful, left)
        asm.op("UNITE", self.doubtful)

    def _write_opened(self, start: Reg, end: Reg) -> None:
        asm = self._asm
        asm.op("OPEN", self._opened, start, end, asm.const(1), self._gaps, asm.reg())

    def lacks(self, memory: Memory, spans: Sequence[Sequence[int]]) -> Missing:
        """What is lacking to know what it keeps of some spans of time."""
        if memory.unknown(self.stage):
            return self._occasions.lacks(memory) if spans else {}
        before, missing = memory.m[5], Missing()
        for address in memory.occasions(self._occasions.list):
            memory.enter(address)
            if memory.unknown(self._time.stage) and self._occasions.meets(memory, spans):
                missing |= self._time.lacks(memory)
        memory.enter(before)
        return missing


def count_of(first: Reg) -> Reg:
    """How many a list holds."""
    return Reg(first.bank, first.number + 1)
