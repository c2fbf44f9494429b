"""How a benefit becomes the customer's: unasked, on a claim, or unasked where a condition holds."""

from collections.abc import Sequence

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.component import Component
from policy.calculator.lowering.only import Step, time_tests, write_split
from policy.calculator.lowering.tests import lower_test
from policy.calculator.lowering.values import Lower, Missing, gathered
from policy.calculator.memory import HERE, Memory


class Automatic:
    """Whether what is owed waits for a claim.

    ``claim_required``: it does. ``asked``: a condition on time was, in any occasion, with ``measures``. ``when``: what of the
    condition suffices whatever the time, by facts and the amount; None where nothing does. ``steps``: the condition where
    it looks at time, by the component whose time that is.
    """

    def __init__(self, rule: rules.Granted, amount: Reg, lower: Lower, calendars: Calendars, asm: Assembler) -> None:
        """``amount`` is what a condition on the amount is about."""
        self._rule, self._amount, self._lower, self._calendars, self._asm = rule, amount, lower, calendars, asm
        tests = [] if rule.when is None else time_tests(rule.when)
        self.measures = tuple({test.measure.name: test.measure for test in tests if test.measure is not None}.values())
        self.claim_required, self._holds = asm.reg(Bank.OCCASION), asm.reg(Bank.OCCASION)
        self.asked = asm.reg()
        without_time = None if rule.when is None else _without_time(rule.when)
        self.when = None if without_time is None else lower_test(without_time, lower, amount)
        self._looks_at_time = bool(tests)
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
        else:
            when = asm.const(0) if self.when is None else self.when.write(asm, self.when.bank)
            asm.op("MOVE", self._holds, when)
            if self._looks_at_time:
                self._write_by_time(components)
            asm.op("JUMP_IF_UNKNOWN", undecided, self._holds)
        asm.op("EQUAL", self.claim_required, self._holds, asm.const(0))
        asm.put(end)

    def _write_by_time(self, components: Sequence[Component]) -> None:
        """Or whether it holds of any time that was counted; where it does, it matters not what the rest lacks."""
        asm, time = self._asm, self._rule.when
        assert time is not None
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
        """What its condition lacks: whatever the time, and of the components whose time it looked at."""
        if not memory.unknown(self._holds):
            return {}
        of_facts = {} if self.when is None or not memory.unknown(self.when.reg) else self.when.lacks(memory, HERE)
        return gathered((of_facts, *(step.lacks(memory) for step in self.steps.values() if memory.known(step.spans))))


def _without_time(condition: rules.Condition) -> rules.Condition | None:
    """What of a condition suffices whatever the time; None: nothing does."""
    match condition:
        case rules.TimeIn():
            return None
        case rules.AllOf(conditions=parts):
            left = [_without_time(part) for part in parts]
            every = tuple([part for part in left if part is not None])
            return rules.AllOf(every) if len(every) == len(parts) else None
        case rules.AnyOf(conditions=parts):
            any_of = tuple([part for part in map(_without_time, parts) if part is not None])
            return rules.AnyOf(any_of) if any_of else None
    return condition
