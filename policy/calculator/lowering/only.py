"""``only``: what time of an occasion is kept, step by step, by how much falls in an interruption, a day, a month, a cycle."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg, narrowest
from policy.calculator.lowering.taken import Compared, Taken
from policy.calculator.lowering.tests import COMPARES, lower_test
from policy.calculator.lowering.values import Lower, Missing, Test, gathered
from policy.calculator.memory import At, Memory
from policy.calculator.ops import BY_NAME

SCOPES: Final[dict[str, int]] = {"total": 0, "interruption": 1, "local day": 2, "month": 3, "billing cycle": 4}
"""The numbers of scopes, as the evaluator knows them."""


def time_tests(condition: rules.Condition) -> list[rules.TimeIn]:
    """Every condition on time inside ``condition``."""
    match condition:
        case rules.TimeIn():
            return [condition]
        case rules.AllOf(conditions=parts) | rules.AnyOf(conditions=parts):
            return [test for part in parts for test in time_tests(part)]
        case _:
            return []


def write_split(asm: Assembler, scopes: set[str], spans: Reg) -> Reg:
    """Cuts a list so that each span lies in one of each scope; the list that then holds it. Day edges are month edges too."""
    wanted = [scope for scope in ("local day", "month", "billing cycle") if scope in scopes]
    if wanted[:2] == ["local day", "month"]:
        wanted.remove("month")
    for scope in wanted:
        cut = asm.new_list(Bank.OCCASION)
        asm.op("SPLIT", cut, spans, SCOPES[scope], asm.zone)
        spans = cut
    return spans


class TimeTest(Test):
    """How much of a list's time falls in each scope, against a bound: a verdict for each span."""

    bank = Bank.SPAN
    rule: rules.TimeIn

    def __init__(self, rule: rules.TimeIn, calendars: Calendars, level_denominator: int) -> None:
        self.rule, self._calendars = rule, calendars
        self.scale = 1 if rule.measure is None else calendars.scale(rule.measure) * level_denominator
        self.spans: Reg

    def write(self, asm: Assembler, bank: Bank) -> Reg:
        if not hasattr(self, "reg"):
            self.reg, self._total = asm.reg(bank), asm.reg(bank)  # in a row, as the evaluator takes them
        return super().write(asm, bank)

    def _write(self, asm: Assembler) -> None:
        doubt, end = Label(), Label()
        density = self._calendars.write_density(asm, self.rule.measure)
        asm.op("JUMP_IF_UNKNOWN", doubt, density)
        if self.rule.scope == "billing cycle":
            asm.op("JUMP_IF_UNKNOWN", doubt, self._calendars.cycle_start)
        asm.op("WEIGH", self.spans, density)
        asm.op("LABEL", self.spans, SCOPES[self.rule.scope], asm.zone)
        numerator, denominator = self.rule.seconds.numerator * self.scale, self.rule.seconds.denominator
        compare = BY_NAME[COMPARES[self.rule.op]].number
        asm.op("JUDGE", self.reg, self.spans, compare, asm.const(denominator), asm.const(numerator))
        asm.op("JUMP", end)
        asm.put(doubt)
        asm.op("DOUBT", self.reg, self.spans)
        asm.put(end)

    def lacks(self, memory: Memory, at: At) -> Missing:
        missing = self._calendars.density_lacks(memory, self.rule.measure)
        return missing or (self._calendars.cycle_lacks(memory) if self.rule.scope == "billing cycle" else {})

    def _taken(self, memory: Memory, at: At) -> Taken:
        if memory.known(self.reg, at):
            rule = self.rule
            total = Fraction(memory.get(self._total, at), rule.seconds.denominator * self.scale)
            yield Compared(rule, rule.op, total, rule.seconds, heaviest(rule.measure))


def heaviest(measure: rules.Measure | None) -> Fraction:
    """What one second comes to at most."""
    return Fraction(1) if measure is None else max(max(band.working, band.other) for band in measure.bands)


class Verdicts(Test):
    """A condition on time and facts together: one part that decides a span decides it, whatever the others lack."""

    bank = Bank.SPAN

    def __init__(self, tests: Sequence[Test], *, any_of: bool) -> None:
        self._tests, self._any_of = tests, any_of

    def write_times(self, asm: Assembler, spans: Reg) -> None:
        """Writes what is worked out of all spans together."""
        for test in self._tests:
            write_times(asm, test, spans)

    def _write(self, asm: Assembler) -> None:
        asm.op("MOVE", self.reg, asm.const(int(not self._any_of)))
        for test in self._tests:
            holds = test.reg if isinstance(test, TimeTest) else test.write(asm, _bank(test))
            asm.op("OR" if self._any_of else "AND", self.reg, holds)

    def lacks(self, memory: Memory, at: At) -> Missing:
        return gathered(test.lacks(memory, at) for test in self._tests if memory.unknown(test.reg, at))

    def _taken(self, memory: Memory, at: At) -> Taken:
        for test in self._tests:
            yield from test.taken(memory, at)


def _bank(test: Test) -> Bank:
    return Bank.SPAN if isinstance(test, Verdicts) else narrowest(Bank.OUTAGE, test.bank)


def write_times(asm: Assembler, test: Test, spans: Reg) -> None:
    """Writes the tests of time inside ``test``."""
    if isinstance(test, TimeTest):
        test.spans = spans
        test.write(asm, Bank.SPAN)
    elif isinstance(test, Verdicts):
        test.write_times(asm, spans)


class Step:
    """One step: the spans that it was asked about, and its verdict on each. ``split``: the list, ``verdict``: its register."""

    def __init__(
        self,
        rule: rules.Condition,
        lower: Lower,
        calendars: Calendars,
        level_denominator: int,
        amount: Reg | None = None,
    ) -> None:
        """``amount``: what a condition on the amount is about, where there is one."""
        self._test = _lowered(rule, lower, calendars, level_denominator, amount)
        self.measures = tuple(test.measure for test in time_tests(rule) if test.measure is not None)

    def write(self, asm: Assembler, spans: Reg) -> None:
        """Writes the verdict on each span of a list."""
        self.spans, test = spans, self._test
        write_times(asm, test, spans)
        if isinstance(test, TimeTest):
            self.verdict = test.reg
            return
        self.verdict = asm.reg(Bank.SPAN)
        with asm.each("SPAN", spans):
            asm.op("MOVE", self.verdict, test.write(asm, _bank(test)))

    def lacks(self, memory: Memory) -> Missing:
        """What its verdicts lack."""
        return gathered(self._test.lacks(memory, at) for at in memory.spans(self.spans) if memory.unknown(self.verdict, at))

    def was_asked(self, memory: Memory) -> bool:
        """Whether the run came to it."""
        return hasattr(self, "spans") and memory.known(self.spans)

    def taken(self, memory: Memory) -> Taken:
        """How its verdicts came about, span by span."""
        for at in memory.spans(self.spans) if self.was_asked(memory) else ():
            yield from self._test.taken(memory, at)


def _lowered(rule: rules.Condition, lower: Lower, calendars: Calendars, level_denominator: int, amount: Reg | None) -> Test:
    match rule:
        case rules.TimeIn():
            return TimeTest(rule, calendars, level_denominator)
        case rules.AllOf(conditions=parts) | rules.AnyOf(conditions=parts):
            tests = [_lowered(part, lower, calendars, level_denominator, amount) for part in parts]
            return Verdicts(tests, any_of=isinstance(rule, rules.AnyOf))
    return lower_test(rule, lower, amount)


class Only:
    """The steps of a clock in turn. ``kept``: the list of what passes all."""

    def __init__(self, steps: Sequence[rules.Condition], lower: Lower, calendars: Calendars, level_denominator: int) -> None:
        self.scopes = {test.scope for step in steps for test in time_tests(step)}
        tests = [test for step in steps for test in time_tests(step)]
        self.measures = tuple({test.measure.name: test.measure for test in tests if test.measure is not None}.values())
        self.steps = [Step(step, lower, calendars, level_denominator) for step in steps]

    def write(self, asm: Assembler, merged: Reg, left: Reg, undecided: Label) -> None:
        """Writes the steps: what of ``merged`` passes all is in ``left``; to ``undecided`` where one cannot be decided."""
        spans = write_split(asm, {*self.scopes}, merged)
        for step in self.steps:
            step.write(asm, spans)
            kept, unknown = left if step is self.steps[-1] else asm.new_list(Bank.OCCASION), asm.reg(Bank.OCCASION)
            asm.op("MOVE", unknown, asm.const(0))
            asm.op("KEEP", kept, spans, step.verdict, unknown)
            asm.op("JUMP_IF_TRUE", undecided, unknown)
            spans = kept

    def lacks(self, memory: Memory) -> Missing:
        """What the first step lacks that cannot be decided."""
        return next((missing for step in self.steps if memory.known(step.spans) and (missing := step.lacks(memory))), {})
