"""The time that a decision tells: counted and weighted, of the first clock of the policy."""

from collections.abc import Sequence

from policy.calculator import rules
from policy.calculator.lowering.assembler import Assembler, Bank, Label
from policy.calculator.lowering.clock import DECIDED
from policy.calculator.lowering.clock_time import ClockTime
from policy.calculator.lowering.occasions import Occasions


def measure_of_first_clock(version: rules.Version) -> rules.Measure | None:
    """The measure that the first clock's time is paid by; None: plain clock time."""
    for benefit in version.benefits:
        for component in benefit.components:
            if isinstance(component.count, rules.Units) and component.clock is version.clocks[0]:
                return component.count.measure
    return None


class TimeOfDecision:
    """The time of the first clock in all occasions together: in those of the first benefits that came to count by it.

    ``kept`` and ``weighed``: what ``only`` kept, and what it weighs; not worked out where it kept nothing. ``merged``: before
    ``only``. Unknown where it is so of any of the occasions.
    """

    def __init__(self, version: rules.Version, occasions: Sequence[Occasions], asm: Assembler) -> None:
        first = version.clocks[0].name if version.clocks else ""
        self._places = [(each, each.times[first]) for each in occasions if first in each.times]
        self.measure = measure_of_first_clock(version) if version.clocks else None
        self.level_denominator = self._places[0][1].level_denominator if self._places else 1
        self.kept, self.merged, self.weighed, self._asm = asm.reg(), asm.reg(), asm.reg(), asm

    def write(self) -> None:
        """Writes it."""
        asm, done = self._asm, Label()
        for occasions, time in self._places:
            asm.op("JUMP_IF_TRUE", done, self.merged)
            with asm.each("OCCASION", occasions.list):
                self._write_added(time)
        asm.put(done)

    def _write_added(self, time: ClockTime) -> None:
        asm, end, lacks = self._asm, Label(), Label()
        asm.op("JUMP_IF_UNKNOWN", lacks, time.stage)
        asm.op("JUMP_UNLESS", end, asm.binary("AT_LEAST", time.stage, asm.const(DECIDED), Bank.OCCASION))
        asm.op("SUM", self.merged, time.merged_seconds)
        asm.op("JUMP_UNLESS", end, asm.binary("EQUAL", time.stage, asm.const(DECIDED), Bank.OCCASION))
        asm.op("SUM", self.kept, time.seconds)
        asm.op("SUM", self.weighed, time.measured(self.measure))
        asm.op("JUMP", end)
        asm.put(lacks)
        asm.op("UNKNOWN", self.merged)
        asm.op("UNKNOWN", self.kept)
        asm.put(end)
