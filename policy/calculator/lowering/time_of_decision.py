"""The time that a decision tells: counted and weighted, of the first clock of the policy."""

from collections.abc import Sequence

from policy.calculator import rules
from policy.calculator.lowering.assembler import Assembler, Bank, Label
from policy.calculator.lowering.clock import DECIDED
from policy.calculator.lowering.occasions import Occasions


def measure_of_first_clock(version: rules.Version) -> rules.Measure | None:
    """The measure that the first clock's time is paid by; None: plain clock time."""
    for benefit in version.benefits:
        for component in benefit.components:
            if isinstance(component.count, rules.Units) and component.clock is version.clocks[0]:
                return component.count.measure
    return None


class TimeOfDecision:
    """The time of the first clock in all occasions together: in those of the first benefit that counts by it.

    ``kept`` and ``weighed``: what ``only`` kept, and what it weighs; unknown to the run where it kept nothing. ``merged``: before
    ``only``.
    """

    def __init__(self, version: rules.Version, occasions: Sequence[Occasions], asm: Assembler) -> None:
        first = version.clocks[0].name if version.clocks else ""
        self._occasions = next((each for each in occasions if first in each.times), None)
        self._clock = None if self._occasions is None else self._occasions.times[first]
        self.measure = measure_of_first_clock(version) if version.clocks else None
        self.level_denominator = 1 if self._clock is None else self._clock.level_denominator
        self.kept, self.merged, self.weighed, self._asm = asm.reg(), asm.reg(), asm.reg(), asm

    def write(self) -> None:
        """Writes it."""
        asm, time, occasions = self._asm, self._clock, self._occasions
        if time is None or occasions is None:
            return
        with asm.each("OCCASION", occasions.list):
            end, asked, kept = Label(), Label(), Label()
            asm.op("JUMP_IF_TRUE", asked, asm.binary("AT_LEAST", time.stage, asm.const(DECIDED), Bank.OCCASION))
            asm.op("JUMP", end)
            asm.put(asked)
            asm.op("SUM", self.merged, time.merged_seconds)
            asm.op("JUMP_IF_TRUE", kept, asm.binary("EQUAL", time.stage, asm.const(DECIDED), Bank.OCCASION))
            asm.op("JUMP", end)
            asm.put(kept)
            asm.op("SUM", self.kept, time.seconds)
            asm.op("SUM", self.weighed, time.measured(self.measure))
            asm.put(end)
