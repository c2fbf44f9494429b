"""How a benefit becomes the customer's: unasked, on a claim, or unasked where a condition holds."""

from collections.abc import Sequence

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.component import Component
from policy.calculator.lowering.only import Step, time_tests, write_split
from policy.calculator.lowering.tests import lower_test
from policy.calculator.lowering.values import Lower, Missing, Test, gathered
from policy.calculator.memory import HERE, Memory


class Automatic:
    """Whether what is owed waits for a claim.

    ``claim_required``: it does. ``asked``: a condition on time was, in any occasion, with ``measures``. ``when``: a condition
    on nothing but facts and the amount; ``steps``: one on time, by the component whose time it looks at.
    """

    def __init__(self, rule: rules.Granted, amount: Reg, lower: Lower, calendars: Calendars, asm: Assembler) -> None:
        """``amount`` is what a condition on the amount is about."""
        self._rule, self._amount, self._lower, self._calendars, self._asm = rule, amount, lower, calendars, asm
        tests = [] if rule.when is None else time_tests(rule.when)
        self.measures = tuple({test.measure.name: test.measure for test in tests if test.measure is not None}.values())
        self.claim_required, self._holds = asm.reg(Bank.OCCASION), asm.reg(Bank.OCCASION)
        self.asked = asm.reg()
        self.when: Test | None = None
        if rule.when is not None and not tests:
            self.when = lower_test(rule.when, lower, amount)
        self.steps: dict[str, Step] = {}

    def write(self, quantity: Reg, is_application: Reg, components: Sequence[Component], undecided: Label) -> None:
        """Writes it for ``quantity``, what is left to be granted; to ``undecided`` where it cannot be told."""
        asm = self._asm
        if self._rule.how == "automatically":
            return
        end = Label()
        asm.op("JUMP_IF_FALSE", end, quantity)
        asm.op("JUMP_IF_TRUE", end, is_application)
        if self._rule.how == "on claim":
            asm.op("MOVE", self._holds, asm.const(0))
        elif self.when is not None:
            asm.op("MOVE", self._holds, self.when.write(asm, self.when.bank))
            asm.op("JUMP_IF_UNKNOWN", undecided, self._holds)
        else:
            self._write_by_time(components)
            asm.op("JUMP_IF_UNKNOWN", undecided, self._holds)
        asm.op("EQUAL", self.claim_required, self._holds, asm.const(0))
        asm.put(end)

    def _write_by_time(self, components: Sequence[Component]) -> None:
        """Whether the condition holds of any time that was counted; where it does, it matters not what the rest lacks."""
        asm, time = self._asm, self._rule.when
        assert time is not None
        asm.op("MOVE", self._holds, asm.const(0))
        asm.op("MOVE", self.asked, asm.const(1))
        for component in components:
            clock = component.clock
            if clock is None:
                continue
            following, counted = Label(), Label()
            component.jump_if_counted(counted)
            asm.op("JUMP", following)
            asm.put(counted)
            step = Step(time, self._lower, self._calendars, clock.level_denominator, self._amount)
            self.steps[component.rule.name] = step
            spans = write_split(asm, {test.scope for test in time_tests(time)}, clock.spans)
            step.write(asm, spans)
            with asm.each("SPAN", spans):
                asm.op("OR", self._holds, step.verdict)
            asm.put(following)

    def lacks(self, memory: Memory) -> Missing:
        """What its condition on facts lacks."""
        if self.when is None or not memory.unknown(self.when.reg):
            return {}
        return self.when.lacks(memory, HERE)

    def lacks_of_time(self, memory: Memory) -> Missing:
        """What its condition on time lacks, of the components whose time it looked at."""
        return gathered(step.lacks(memory) for step in self.steps.values() if memory.known(step.spans))
