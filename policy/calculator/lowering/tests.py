"""Conditions on facts, with "unknown" as a third value: a part that decides drops what the others do not know."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from policy.calculator import rules
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg, narrowest
from policy.calculator.lowering.taken import Branch, Compared, Taken
from policy.calculator.lowering.values import CodeSet, Constant, Lower, Missing, Period, Test, Value, gathered
from policy.calculator.memory import At, Memory

COMPARES: Final[dict[rules.Op, str]] = {"less than": "LESS", "at most": "AT_MOST", "more than": "MORE", "at least": "AT_LEAST"}


class Comparison(Test):
    """Whether a value keeps a bound: cross-multiplied, never divided. An instant goes against a date by its local date."""

    def __init__(self, left: Value, bound: rules.Bound, right: Value, *, by_date: bool) -> None:
        self.left, self.rule, self._op, self.right, self._by_date = left, bound, bound.op, right, by_date
        self.bank = narrowest(left.bank, right.bank)

    def _write(self, asm: Assembler) -> None:
        left = self.left.write(asm)
        if self._by_date:
            day = asm.reg(self.left.bank)
            asm.op("DAY_OF", day, left, asm.zone)
            left = day
        elif self.right.denominator != 1:
            left = asm.binary("MUL", left, asm.const(self.right.denominator), self.left.bank)
        if self.right.constant is not None:
            right = asm.const(self.right.constant * self.left.denominator)
        else:
            right = self.right.write(asm)
            if self.left.denominator != 1:
                right = asm.binary("MUL", right, asm.const(self.left.denominator), self.right.bank)
        asm.op(COMPARES[self._op], self.reg, left, right)

    def lacks(self, memory: Memory, at: At) -> Missing:
        return self.left.lacks(memory, at) | self.right.lacks(memory, at)

    def _taken(self, memory: Memory, at: At) -> Taken:
        yield from self.left.taken(memory, at)
        yield from self.right.taken(memory, at)
        value, limit = self.left.number(memory, at), self.right.number(memory, at)
        if value is not None and limit is not None:
            yield Compared(self.rule, self._op, value, limit, self.left.step, by_date=self._by_date)


class QuotientComparison(Test):
    """Whether a quotient of two values keeps a bound; over 0 it is above every bound."""

    def __init__(self, above: Value, below: Value, bound: rules.Bound, right: Value) -> None:
        self._above, self._below, self.rule, self._op, self._right = above, below, bound, bound.op, right
        self.bank = narrowest(above.bank, below.bank, right.bank)

    def _write(self, asm: Assembler) -> None:
        above, below, right = self._above.write(asm), self._below.write(asm), self._right.write(asm)
        scale = self._below.denominator * self._right.denominator
        if scale != 1:
            above = asm.binary("MUL", above, asm.const(scale), self._above.bank)
        limit = asm.binary("MUL", right, below, self.bank)
        if self._above.denominator != 1:
            limit = asm.binary("MUL", limit, asm.const(self._above.denominator), self.bank)
        end = Label()
        asm.op(COMPARES[self._op], self.reg, above, limit)
        asm.op("JUMP_IF_UNKNOWN", end, self.reg)
        asm.op("JUMP_IF_TRUE", end, below)
        asm.op("MOVE", self.reg, asm.const(int(self._op in ("more than", "at least"))))
        asm.put(end)

    def lacks(self, memory: Memory, at: At) -> Missing:
        return gathered(each.lacks(memory, at) for each in (self._above, self._below, self._right))

    def _taken(self, memory: Memory, at: At) -> Taken:
        for each in (self._above, self._below, self._right):
            yield from each.taken(memory, at)
        above, below, limit = (each.number(memory, at) for each in (self._above, self._below, self._right))
        if above is not None and below and limit is not None:  # over 0 it is above every bound, and not near to any
            yield Compared(self.rule, self._op, above / below, limit, self._above.step / below)


HOLDS: Final = "holds"
FAILS: Final = "fails"


class IsYes(Test):
    """``in_district: yes``."""

    def __init__(self, rule: rules.IsYes, subject: Value) -> None:
        self.rule, self.subject, self._yes, self.bank = rule, subject, rule.yes, subject.bank

    def _write(self, asm: Assembler) -> None:
        asm.op("EQUAL", self.reg, self.subject.write(asm), asm.const(int(self._yes)))

    def lacks(self, memory: Memory, at: At) -> Missing:
        return self.subject.lacks(memory, at)

    def _taken(self, memory: Memory, at: At) -> Taken:
        yield from self.subject.taken(memory, at)
        if memory.known(self.reg, at):
            yield Branch(self.rule, HOLDS if self.holds(memory, at) else FAILS)


class IsOneOf(Test):
    """``negligence: GROSS or INTENT``. Where the subject is unknown, the codes are not asked for."""

    def __init__(self, rule: rules.IsOneOf, subject: Value, codes: Value) -> None:
        self.rule, self.subject, self.codes = rule, subject, codes
        self.bank = narrowest(subject.bank, codes.bank)

    def _write(self, asm: Assembler) -> None:
        end, subject = Label(), self.subject.write(asm)
        if isinstance(self.codes, CodeSet):
            asm.op("AMONG", self.reg, subject, self.codes.write(asm))
            return
        asm.op("UNKNOWN", self.reg)
        asm.op("JUMP_IF_UNKNOWN", end, subject)
        asm.op("AMONG", self.reg, subject, self.codes.write(asm))
        asm.put(end)

    def lacks(self, memory: Memory, at: At) -> Missing:
        return self.subject.lacks(memory, at) or self.codes.lacks(memory, at)

    def _taken(self, memory: Memory, at: At) -> Taken:
        yield from self.subject.taken(memory, at)
        yield from self.codes.taken(memory, at)
        if memory.known(self.reg, at):
            yield Branch(self.rule, HOLDS if self.holds(memory, at) else FAILS)


class Joined(Test):
    """All of several tests, or any of them; the rest is not asked once one decides."""

    def __init__(self, tests: Sequence[Test], *, any_of: bool) -> None:
        self.tests, self._any_of = tests, any_of
        self.bank = narrowest(*(test.bank for test in tests))

    def _write(self, asm: Assembler) -> None:
        end = Label()
        asm.op("MOVE", self.reg, asm.const(int(not self._any_of)))
        for test in self.tests:
            asm.op("OR" if self._any_of else "AND", self.reg, test.write(asm, self.reg.bank))
            asm.op("JUMP_IF_TRUE" if self._any_of else "JUMP_IF_FALSE", end, self.reg)
        asm.put(end)

    def lacks(self, memory: Memory, at: At) -> Missing:
        return gathered(test.lacks(memory, at) for test in self.tests if memory.unknown(test.reg, at))

    def _taken(self, memory: Memory, at: At) -> Taken:
        for test in self.tests:
            yield from test.taken(memory, at)


class AmountIs(Test):
    """``amount: more than 1.00 EUR``: what the occasion is owed in all."""

    bank = Bank.OCCASION
    rule: rules.AmountIs

    def __init__(self, rule: rules.AmountIs, amount: Reg) -> None:
        self.rule, self._amount = rule, amount

    def _write(self, asm: Assembler) -> None:
        asm.op(COMPARES[self.rule.op], self.reg, self._amount, asm.const(self.rule.quantity))

    def lacks(self, memory: Memory, at: At) -> Missing:
        return {}

    def _taken(self, memory: Memory, at: At) -> Taken:
        amount, bound = Fraction(memory.get(self._amount, at)), Fraction(self.rule.quantity)
        yield Compared(self.rule, self.rule.op, amount, bound)


class OfOutages(Test):
    """``any outage: {…}`` or ``every outage: {…}``: of the outages of the occasion; the rest is not asked once one decides."""

    bank = Bank.OCCASION

    def __init__(self, test: Test, *, any_of: bool) -> None:
        self._test, self._any_of = test, any_of

    def _write(self, asm: Assembler) -> None:
        asm.op("MOVE", self.reg, asm.const(int(not self._any_of)))
        with asm.each("MEMBER"):
            decided = Label()
            asm.op("JUMP_IF_TRUE" if self._any_of else "JUMP_IF_FALSE", decided, self.reg)
            asm.op("OR" if self._any_of else "AND", self.reg, self._test.write(asm, narrowest(Bank.OUTAGE, self._test.bank)))
            asm.put(decided)

    def lacks(self, memory: Memory, at: At) -> Missing:
        members = memory.members_at_hand()
        return gathered(self._test.lacks(memory, each) for each in members if memory.unknown(self._test.reg, each))

    def _taken(self, memory: Memory, at: At) -> Taken:
        for each in memory.members_at_hand():
            yield from self._test.taken(memory, each)


def lower_test(condition: rules.Condition, lower: Lower, amount: Reg | None = None) -> Test:
    """A condition on facts; and on an ``amount``, where there is one."""
    match condition:
        case rules.AllOf(conditions=parts) | rules.AnyOf(conditions=parts):
            tests = [lower_test(part, lower, amount) for part in parts]
            return tests[0] if len(tests) == 1 else Joined(tests, any_of=isinstance(condition, rules.AnyOf))
        case rules.Compare(subject=subject, bound=bound):
            return lower_comparison(subject, bound, lower)
        case rules.IsYes(subject=subject):
            return IsYes(condition, lower(subject))
        case rules.IsOneOf(subject=subject, codes=held):
            return IsOneOf(condition, lower(subject), lower(held))
        case rules.OfOutages(which=which, condition=inner):
            return OfOutages(lower_test(inner, lower), any_of=which == "any")
        case rules.AmountIs():
            assert amount is not None  # INVARIANT: it stands only where there is an amount
            return AmountIs(condition, amount)
        case rules.TimeIn():
            raise AssertionError("a condition on time stands only under `only`")  # the language sees to it


def lower_comparison(subject: rules.Value, bound: rules.Bound, lower: Lower) -> Test:
    """Whether a value keeps a bound."""
    if isinstance(subject, rules.Quotient):
        return QuotientComparison(lower(subject.numerator), lower(subject.denominator), bound, lower(bound.value))
    if isinstance(subject, rules.Availability):
        return QuotientComparison(lower(subject), Period(), bound, lower(bound.value))
    return Comparison(lower(subject), bound, lower(bound.value), by_date=compares_dates(subject, bound))


def compares_dates(subject: rules.Value, bound: rules.Bound) -> bool:
    """Whether an instant stands against a date (a constant beside an instant is always a date)."""
    if not (isinstance(subject, rules.Fact) and subject.type == "instant"):
        return False
    return isinstance(bound.value, rules.Constant) or (isinstance(bound.value, rules.Fact) and bound.value.type == "date")


__all__ = [
    "Bank",
    "Comparison",
    "Constant",
    "IsOneOf",
    "IsYes",
    "Joined",
    "QuotientComparison",
    "lower_comparison",
    "lower_test",
]
