"""The list of occasions that the time of some clocks makes, and each clock's time cut where occasions are."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from policy.calculator import rules
from policy.calculator.lowering.almanac import CYCLE_START, Calendars
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.clock import DECIDED, Clauses, Clock
from policy.calculator.lowering.clock_time import ClockTime
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
    """The occasions of ``clocks``. ``list`` and ``runs`` are lists; ``times`` the clocks in the occasions, by name."""

    def __init__(
        self, kind: rules.ForEach, clocks: Sequence[Clock], shared: Shared, asked: Mapping[str, Reg] | None = None
    ) -> None:
        """``asked``: by name, whether a clock is asked at all, where that hangs on the request."""
        self.kind, self.clocks, self._shared, self._asm = kind, clocks, shared, shared.asm
        self._asked = asked or {}
        asm = shared.asm
        self.list, self.runs, self._met = asm.new_list(), asm.new_list(), asm.new_list()
        self._without = {each.rule.name: [shared.kept_by(kind, other) for other in each.rule.without] for each in clocks}
        self._steps = {each.rule.name: self._steps_of(each) for each in clocks}
        self.times = {
            name: ClockTime(each, self._steps[name][-1], self.runs, shared.lower, shared.calendars, shared.clauses, asm)
            for name, each in ((clock.rule.name, clock) for clock in clocks)
        }

    def _steps_of(self, clock: Clock) -> list[Reg]:
        """The lists through which its time goes: all, less each of what it leaves out, cut."""
        steps = [clock.merged, *[self._asm.new_list() for _ in self._without[clock.rule.name]]]
        return [*steps, self._asm.new_list()] if self.kind in _CUT else steps

    def write(self, unknown: Label) -> None:
        """Writes it, after its clocks; to ``unknown`` where a clock is, or the cycle."""
        asm, shared = self._asm, self._shared
        for clock in self.clocks:
            for kept in self._without[clock.rule.name]:
                following = Label()
                self.skip_unless_there(clock, following)
                kept.write()
                asm.op("JUMP_IF_UNKNOWN", unknown, kept.stage)
                asm.put(following)
        asm.op("NEW_LIST", self._met)
        for clock in self.clocks:
            following = Label()
            self.skip_unless_there(clock, following)
            clock.write_met(self._met)
            asm.put(following)
        if self.kind == "billing cycle":
            none = Label()
            asm.op("JUMP_IF_FALSE", none, count_of(self._met))
            asm.op("JUMP_IF_UNKNOWN", unknown, CYCLE_START)
            asm.put(none)
        asm.op("OCCASIONS", self.list, self.runs, self._met, KINDS[self.kind], asm.zone, shared.request.gaps)
        for clock in self.clocks:
            following = Label()
            self.skip_unless_there(clock, following)
            self._write_steps(clock)
            asm.put(following)

    def _write_steps(self, clock: Clock) -> None:
        asm, steps = self._asm, self._steps[clock.rule.name]
        for number, kept in enumerate(self._without[clock.rule.name]):
            asm.op("WITHOUT", steps[number + 1], steps[number], kept.list)
        if self.kind in _CUT:
            asm.op("SPLIT", steps[-1], steps[-2], SCOPES[self.kind], asm.zone)

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
        """What its clocks lack, and those that they leave out; else the cycle, where that is the occasion."""
        asked = {name: memory.known(reg) and memory.get(reg) for name, reg in self._asked.items()}
        clocks = [clock for clock in self.clocks if asked.get(clock.rule.name, True)]
        missing = gathered(clock.lacks(memory) for clock in clocks if memory.unknown(clock.stage))
        without = (kept for clock in clocks for kept in self._without[clock.rule.name])
        left_out = [kept for kept in without if memory.unknown(kept.stage)]
        missing |= gathered(kept.lacks(memory) for kept in left_out)
        return missing or (self._shared.calendars.cycle_lacks(memory) if self.kind == "billing cycle" else {})


class KeptTime:
    """What a clock keeps after its ``only``, in occasions of its time alone: a list of intervals.

    ``stage``: unknown where that cannot be told, else DECIDED.
    """

    def __init__(self, kind: rules.ForEach, clock: Clock, shared: Shared) -> None:
        self._clock, self._asm = clock, shared.asm
        self._occasions = OccasionList(kind, [clock], shared)
        self._time = self._occasions.times[clock.rule.name]
        self.list, self.stage = shared.asm.new_list(), shared.asm.reg()
        self._block: Label | None = None

    def write(self) -> None:
        """Writes that it is to be worked out, once."""
        asm, rule = self._asm, self._clock.rule
        if self._block is None:
            self._block = asm.block(f"clocks.{rule.name}", rule.clause.id, self._write)
        asm.op("CALL", self._block, self.stage)

    def _write(self) -> None:
        asm, unknown, end, lacking = self._asm, Label(), Label(), self._asm.reg()
        self._clock.write()
        asm.op("JUMP_IF_UNKNOWN", unknown, self._clock.stage)
        asm.op("NEW_LIST", self._occasions.list)
        self._occasions.write(unknown)
        with asm.each("OCCASION", self._occasions.list):
            self._time.write()
            asm.op("TALLY_UNKNOWN", lacking, self._time.stage)
        asm.op("JUMP_IF_TRUE", unknown, lacking)
        asm.op("NEW_LIST", self.list)
        with asm.each("OCCASION", self._occasions.list):
            refused = Label()
            asm.op("JUMP_UNLESS", refused, asm.binary("EQUAL", self._time.stage, asm.const(DECIDED), Bank.OCCASION))
            asm.op("PAIR_UP", self.list, self._time.spans)
            asm.put(refused)
        asm.op("UNITE", self.list)
        asm.op("MOVE", self.stage, asm.const(DECIDED))
        asm.op("JUMP", end)
        asm.put(unknown)
        asm.op("UNKNOWN", self.stage)
        asm.put(end)

    def lacks(self, memory: Memory) -> Missing:
        """What it lacks where it is unknown."""
        missing = self._occasions.lacks(memory)
        before = memory.m[5]
        for address in memory.occasions(self._occasions.list) if memory.known(self._occasions.list) else ():
            memory.enter(address)
            if memory.unknown(self._time.stage):
                missing |= self._time.lacks(memory)
        memory.enter(before)
        return missing


def count_of(first: Reg) -> Reg:
    """How many a list holds."""
    return Reg(first.bank, first.number + 1)
