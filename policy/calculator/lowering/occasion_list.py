"""The list of occasions that the time of some clocks makes, and each clock's time cut where occasions are."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from policy.calculator import rules
from policy.calculator.lowering.almanac import CYCLE_START, Calendars
from policy.calculator.lowering.assembler import OCCASION_END, OCCASION_START, Assembler, Bank, Label, Reg
from policy.calculator.lowering.clock import DECIDED, Clauses, Clock
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.only import SCOPES
from policy.calculator.lowering.recourse import Recourse
from policy.calculator.lowering.request import RequestRegs
from policy.calculator.lowering.values import Lower, Missing, gathered
from policy.calculator.memory import At, Memory

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
        self.times = {each.rule.name: self._time_of(each) for each in clocks}

    def _steps_of(self, clock: Clock) -> list[Reg]:
        """The lists through which its time goes: all, cut where occasions are, less each of what it leaves out."""
        cut = self._asm.new_list() if self.kind in _CUT else clock.merged
        return [cut, *[self._asm.new_list() for _ in self._without[clock.rule.name]]]

    def _time_of(self, clock: Clock) -> ClockTime:
        steps, shared = self._steps[clock.rule.name], self._shared
        others = self._without[clock.rule.name]
        return ClockTime(
            clock, (steps[0], steps[-1]), self.runs, others, shared.lower, shared.calendars, shared.clauses, self._asm
        )

    def write(self, unknown: Label) -> None:
        """Writes it, after its clocks; to ``unknown`` where a clock is, or the cycle."""
        asm, shared = self._asm, self._shared
        for clock in self.clocks:
            for kept in self._without[clock.rule.name]:
                following = Label()
                self.skip_unless_there(clock, following)
                kept.write()
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
        if self.kind in _CUT:
            asm.op("SPLIT", steps[0], clock.merged, SCOPES[self.kind], asm.zone)
        for number, kept in enumerate(self._without[clock.rule.name]):
            asm.op("WITHOUT", steps[number + 1], steps[number], kept.list)

    def write_met(self, there: Reg, skip: Callable[[Label], None]) -> None:
        """Writes the list of what was met in each of them that is not skipped; of an outage all of it, be it another's too."""
        asm, whole = self._asm, self._asm.new_list()
        if self.kind != "outage":
            asm.op("OVERLAY", whole, self._met)
        if self.kind in _CUT:
            cut = asm.new_list()
            asm.op("SPLIT", cut, whole, SCOPES[self.kind], asm.zone)
            whole = cut
        with asm.each("OCCASION", self.list):
            skipped = Label()
            skip(skipped)
            if self.kind == "outage":
                asm.op("NEW_LIST", there)
                gaps, opened = self._shared.request.gaps, asm.reg(Bank.OCCASION)
                asm.op("OPEN", there, OCCASION_START, OCCASION_END, asm.const(1), gaps, opened)
            else:
                asm.op("TIME_OF", there, whole, self.runs)
            asm.put(skipped)

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


class KeptTime:
    """What a clock keeps after its ``only``, in occasions of its time alone: a list of intervals.

    ``stage``: unknown where nothing can be told of it, else DECIDED. ``doubt``: a list of intervals of time of which it is not
    known what is kept: that which is met in occasions in which a fact is missing.
    """

    def __init__(self, kind: rules.ForEach, clock: Clock, shared: Shared) -> None:
        self._clock, self._asm = clock, shared.asm
        self._occasions = OccasionList(kind, [clock], shared)
        self._time = self._occasions.times[clock.rule.name]
        self.list, self.doubt, self.stage = shared.asm.new_list(), shared.asm.new_list(), shared.asm.reg()
        self._met = shared.asm.new_list(Bank.OCCASION)
        self._block: Label | None = None

    def write(self) -> None:
        """Writes that it is to be worked out, once."""
        asm, rule = self._asm, self._clock.rule
        if self._block is None:
            self._block = asm.block(f"clocks.{rule.name}", rule.clause.id, self._write)
        asm.op("CALL", self._block, self.stage)

    def _write(self) -> None:
        asm, unknown, certain, end, lacking = self._asm, Label(), Label(), Label(), self._asm.reg()
        self._clock.write()
        asm.op("JUMP_IF_UNKNOWN", unknown, self._clock.stage)
        asm.op("NEW_LIST", self._occasions.list)
        self._occasions.write(unknown)
        with asm.each("OCCASION", self._occasions.list):
            self._time.write()
            asm.op("TALLY_UNKNOWN", lacking, self._time.stage)
        asm.op("NEW_LIST", self.doubt)
        asm.op("JUMP_UNLESS", certain, lacking)
        self._occasions.write_met(self._met, self._skip_unless_unknown)
        self._write_united(self.doubt, self._met, self._skip_unless_unknown)
        asm.put(certain)
        self._write_united(self.list, self._time.spans, self._skip_unless_kept)
        asm.op("MOVE", self.stage, asm.const(DECIDED))
        asm.op("JUMP", end)
        asm.put(unknown)
        asm.op("NEW_LIST", self.list)
        asm.op("UNKNOWN", self.stage)
        asm.put(end)

    def _write_united(self, to: Reg, there: Reg, skip: Callable[[Label], None]) -> None:
        """Writes a list of the intervals of a list of each occasion that is not skipped."""
        asm = self._asm
        asm.op("NEW_LIST", to)
        with asm.each("OCCASION", self._occasions.list):
            skipped = Label()
            skip(skipped)
            asm.op("PAIR_UP", to, there)
            asm.put(skipped)
        asm.op("UNITE", to)

    def _skip_unless_unknown(self, skipped: Label) -> None:
        asm, unknown = self._asm, Label()
        asm.op("JUMP_IF_UNKNOWN", unknown, self._time.stage)
        asm.op("JUMP", skipped)
        asm.put(unknown)

    def _skip_unless_kept(self, skipped: Label) -> None:
        asm = self._asm
        asm.op("JUMP_UNLESS", skipped, asm.binary("EQUAL", self._time.stage, asm.const(DECIDED), Bank.OCCASION))

    def write_doubt(self, time: Reg, lacking: Reg) -> None:
        """Writes to count in ``lacking`` whether of any of a list of time, of an occasion, it is not known if it is kept."""
        asm, none, end = self._asm, Label(), Label()
        rest, doubtful = asm.new_list(Bank.OCCASION), asm.reg(Bank.OCCASION)
        asm.op("LENGTH", doubtful, time)
        asm.op("JUMP_IF_UNKNOWN", none, self.stage)
        asm.op("JUMP_IF_FALSE", end, count_of(self.doubt))
        asm.op("WITHOUT", rest, time, self.doubt)
        certain = asm.reg(Bank.OCCASION)
        asm.op("LENGTH", certain, rest)
        asm.op("SUB", doubtful, doubtful, certain)
        asm.put(none)
        asm.op("TALLY", lacking, doubtful)
        asm.put(end)

    def lacks_of(self, memory: Memory, time: Sequence[At]) -> Missing:
        """What is lacking to know which of some spans of time it keeps."""
        if not time:
            return {}
        if memory.unknown(self.stage):
            return self._occasions.lacks(memory)
        missing, before, spans = Missing(), memory.m[5], _intervals(memory, time)
        for address in memory.occasions(self._occasions.list):
            memory.enter(address)
            if memory.unknown(self._time.stage) and _meet(spans, _intervals(memory, memory.spans(self._met))):
                missing |= self._time.lacks(memory)
        memory.enter(before)
        return missing


def _intervals(memory: Memory, spans: Sequence[At]) -> list[tuple[int, int]]:
    return [(memory.m[each.span], memory.m[each.span + 1]) for each in spans]


def _meet(some: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> bool:
    return any(start < until and since < end for start, end in some for since, until in others)


def count_of(first: Reg) -> Reg:
    """How many a list holds."""
    return Reg(first.bank, first.number + 1)
