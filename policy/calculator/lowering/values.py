"""Values: what a figure, a rate or a factor comes to, as operations.

Each kind of value is a class that owns all that is to be known of it: the operations that work it out, its denominator, what it
lacks where it is unknown, and what it read on the path that was taken. Numbers are numerators over a denominator that is fixed
when the version is lowered; codes are bits.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import partial
from math import gcd, lcm
from typing import Final

from policy.calculator import rules
from policy.calculator.facts import RATIO_DENOMINATOR
from policy.calculator.lowering.assembler import (
    OCCASION_AVAILABLE,
    OCCASION_LENGTH,
    OCCASION_PERIOD,
    Assembler,
    Bank,
    Label,
    Reg,
    narrowest,
)
from policy.calculator.lowering.context import OUTAGE_INDEX, Codes, Facts
from policy.calculator.lowering.taken import Branch, Taken
from policy.calculator.memory import At, Memory
from policy.calculator.sentences import Sentences
from policy.calculator.told import Text, exact, instant, plain, whole, yes_or_no

Missing = dict[str, str]
"""Facts that are needed and were not given: field path to the clause that needs it ("" until one is known)."""

MONTH_LENGTHS: Final = range(28, 32)
"""Days that a month can have, and a billing cycle that a policy divides by."""
DAYS_IN_MONTH_DENOMINATOR: Final = lcm(*MONTH_LENGTHS)
"""1/days_in_month is an integer over this, whatever the month; and so is 1/days_in_cycle."""
DAYS_IN_MONTH: Final = Reg(Bank.MONTH, 0)


def cited(missing: Missing, clause: str) -> Missing:
    """The same, with ``clause`` for the fields that no inner rule has claimed."""
    return {field: known or clause for field, known in missing.items()}


def in_all(parts: Sequence[Missing]) -> Missing:
    """What every part lacks, under the clauses of the first."""
    return {field: clause for field, clause in parts[0].items() if all(field in other for other in parts[1:])}


class Value(ABC):
    """A value. ``common`` divides every numerator that it can have; 0 where that is always 0.

    ``parts`` are the values that it is worked out of, whatever the request says; ``step`` the least by which it can differ.
    """

    denominator = 1
    common = 1
    bank = Bank.ROW
    constant: int | None = None
    parts: Sequence["Value"] = ()
    step = Fraction(1)
    rule: object
    reg: Reg

    @abstractmethod
    def write(self, asm: Assembler) -> Reg:
        """Writes what works it out; the register that then holds it."""

    @abstractmethod
    def lacks(self, memory: Memory, at: At) -> Missing:
        """What it lacks where it is unknown; nothing where it is known."""

    @abstractmethod
    def write_inputs(self, to: Sentences) -> None:
        """Writes what it read on the path that was taken, as inputs of a line."""

    @property
    def text(self) -> Text:
        """The value itself, as exact text; nothing of what no rule works out, which is never told."""
        if self.constant is not None:
            return plain(str(Fraction(self.constant, self.denominator)))
        return exact(self.reg, self.denominator) if hasattr(self, "reg") else plain("")

    def number(self, memory: Memory, at: At) -> Fraction | None:
        """The value itself; None where it was not worked out, or is not known."""
        if self.constant is not None:
            return Fraction(self.constant, self.denominator)
        return Fraction(memory.get(self.reg, at), self.denominator) if memory.known(self.reg, at) else None

    def taken(self, memory: Memory, at: At) -> Taken:
        """The branches by which it came out."""
        for part in self.parts:
            yield from part.taken(memory, at)

    def scaled(self, asm: Assembler, denominator: int, divided: int = 1) -> Reg:
        """Writes it as a numerator over ``denominator``, a multiple of its own, divided by what divides all such numerators."""
        factor = denominator // self.denominator
        if self.constant is not None:
            return asm.const(self.constant * factor // divided)
        reg = self.write(asm)
        shared = gcd(factor, divided)
        if factor // shared != 1:
            reg = asm.binary("MUL", reg, asm.const(factor // shared), self.bank)
        if divided // shared != 1:
            reg = asm.binary("DIVIDE_DOWN", reg, asm.const(divided // shared), self.bank)
        return reg


class Constant(Value):
    """A fixed number."""

    def __init__(self, number: Fraction) -> None:
        self.constant, self.denominator, self.common = number.numerator, number.denominator, number.numerator

    def write(self, asm: Assembler) -> Reg:
        assert self.constant is not None
        self.reg = asm.const(self.constant)
        return self.reg

    def lacks(self, memory: Memory, at: At) -> Missing:
        return {}

    def write_inputs(self, to: Sentences) -> None:
        pass


class CodeSet(Constant):
    """A code, or a set of codes."""

    def __init__(self, held: tuple[str, ...], codes: Codes) -> None:
        self._mask = codes.mask(held)
        super().__init__(Fraction(self._mask))
        self._codes = codes

    @property
    def text(self) -> Text:
        return plain(self._codes.text(self._mask))


class Fact(Value):
    """Something that the request says."""

    rule: rules.Fact

    def __init__(self, rule: rules.Fact, facts: Facts, currency: str) -> None:
        self.rule, self._facts, self._currency = rule, facts, currency
        self.bank = Bank.OUTAGE if rule.of == "outage" else Bank.ROW
        self.denominator = RATIO_DENOMINATOR if rule.type == "ratio" else 1
        self.step = Fraction(1, self.denominator)
        self.reg = self.given = facts.reg(rule)
        self.is_code = rule.type == "codes"
        absent = rule.if_absent
        self._absent: int | None = None
        if isinstance(absent, str):
            self._absent = facts.codes.bit(absent)
        elif absent is not None and not isinstance(absent, tuple):
            self._absent = int(absent * self.denominator)
        if self._absent is not None:
            self.reg = facts.asm.reg(self.bank)

    def write(self, asm: Assembler) -> Reg:
        if self._absent is not None:
            asm.op("FACT", self.reg, self.given, asm.const(self._absent))
        return self.reg

    def field(self, memory: Memory, at: At) -> str:
        """Its path in the request."""
        field = self.rule.field
        return (
            field.replace("[]", f"[{memory.get(OUTAGE_INDEX, at)}]", 1)
            if self.bank == Bank.OUTAGE and memory.has_outage(at)
            else field
        )

    def lacks(self, memory: Memory, at: At) -> Missing:
        if self._absent is not None or self.rule.if_absent == () or memory.known(self.given, at):
            return {}
        return {self.field(memory, at): ""}

    def write_inputs(self, to: Sentences) -> None:
        unit = {"money": f"minor units of {self._currency}", "bytes": "B", "seconds": "s"}.get(self.rule.type, "")
        before, hole, after = self.rule.field.partition("[]")
        if not hole or self.bank != Bank.OUTAGE:
            to.input(self.rule.field, self.text, unit)
            return
        with to.named(self.text, unit):
            with to.when("AT_OUTAGE") as at_hand:
                to.text(plain(f"{before}["))
                to.text(whole(OUTAGE_INDEX))
            with to.otherwise(at_hand):
                to.text(plain(f"{before}["))
            to.text(plain(f"]{after}"))

    @property
    def text(self) -> Text:
        match self.rule.type:
            case "intervals":
                return Text("INTERVALS", self.given)
            case "instant":
                return instant(self.reg)
            case "date":
                return Text("DATE", self.reg)
            case "codes":
                return Text("CODES", self.reg)
            case "yes or no":
                return yes_or_no(self.reg)
        return super().text


class Length(Value):
    """The plain time of the occasion, seconds; worked out as soon as the occasion is at hand."""

    bank = Bank.OCCASION
    reg = OCCASION_LENGTH

    def __init__(self, lacks: Callable[[Memory], Missing]) -> None:
        """``lacks``: what the length of the occasion at hand lacks."""
        self._lacks = lacks

    def write(self, asm: Assembler) -> Reg:
        return self.reg

    def lacks(self, memory: Memory, at: At) -> Missing:
        return self._lacks(memory) if memory.unknown(self.reg, at) else {}

    def write_inputs(self, to: Sentences) -> None:
        to.input("length", self.text, "s")


class Available(Length):
    """The length of its month or billing cycle less that: availability is this over the :class:`Period`."""

    reg = OCCASION_AVAILABLE

    def write_inputs(self, to: Sentences) -> None:
        to.input("available", self.text, "s")


class Period(Value):
    """How long the month is in which the occasion begins, or the billing cycle, seconds; worked out as :class:`Length` is."""

    bank = Bank.OCCASION
    reg = OCCASION_PERIOD

    def write(self, asm: Assembler) -> Reg:
        return self.reg

    def lacks(self, memory: Memory, at: At) -> Missing:
        return {}

    def write_inputs(self, to: Sentences) -> None:
        to.input("period", self.text, "s")


class Share(Value):
    """``1/30 of`` a value."""

    def __init__(self, ratio: Fraction, of: Value) -> None:
        self._ratio, self._of, self.parts, self.step = ratio, of, (of,), ratio * of.step
        self.bank = of.bank
        self.denominator = of.denominator * ratio.denominator
        self.common = ratio.numerator * of.common
        self.constant = None if of.constant is None else of.constant * ratio.numerator

    def write(self, asm: Assembler) -> Reg:
        if self.constant is not None:
            self.reg = asm.const(self.constant)
            return self.reg
        inner = self._of.write(asm)
        if not hasattr(self, "reg"):
            self.reg = asm.reg(self.bank)
        asm.op("MUL", self.reg, inner, asm.const(self._ratio.numerator))
        return self.reg

    def lacks(self, memory: Memory, at: At) -> Missing:
        return self._of.lacks(memory, at)

    def write_inputs(self, to: Sentences) -> None:
        self._of.write_inputs(to)


class DaysShare(Value):
    """``5/days_in_month of`` a value, by the month in which the part begins; or by the days of the billing cycle."""

    def __init__(self, numerator: int, of: Value, days: Value) -> None:
        self._scale, self._of, self._days = numerator * DAYS_IN_MONTH_DENOMINATOR, of, days
        self.parts, self.step = (of,), Fraction(numerator, MONTH_LENGTHS[0]) * of.step
        self.bank = narrowest(of.bank, days.bank)
        self.denominator = of.denominator * DAYS_IN_MONTH_DENOMINATOR
        self.common = numerator * of.common  # the shares of a day, over all lengths of a month, have no factor in common

    def write(self, asm: Assembler) -> Reg:
        days, inner = self._days.write(asm), self._of.write(asm)
        if not hasattr(self, "reg"):
            self._share, self.reg = asm.reg(self._days.bank), asm.reg(self.bank)
        asm.op("DIVIDE_DOWN", self._share, asm.const(self._scale), days)
        asm.op("MUL", self.reg, self._share, inner)
        return self.reg

    def lacks(self, memory: Memory, at: At) -> Missing:
        return self._days.lacks(memory, at) | self._of.lacks(memory, at)

    def write_inputs(self, to: Sentences) -> None:
        self._of.write_inputs(to)
        self._days.write_inputs(to)


class DaysInMonth(Value):
    """How many days the month has in which a part begins."""

    bank = Bank.MONTH

    def write(self, asm: Assembler) -> Reg:
        self.reg = DAYS_IN_MONTH
        return self.reg

    def lacks(self, memory: Memory, at: At) -> Missing:
        return {}

    def write_inputs(self, to: Sentences) -> None:
        to.input("days_in_month", self.text, "days")


class DaysInCycle(Value):
    """How many local dates the billing cycle has, from the one on which it begins until before the one on which it ends."""

    def __init__(self, cycle: Fact, start: Reg, end: Reg) -> None:
        self._cycle, self._start, self._end = cycle, start, end

    def write(self, asm: Assembler) -> Reg:
        if not hasattr(self, "reg"):
            self._first, self._last, self.reg = asm.reg(), asm.reg(), asm.reg()
        asm.op("DAY_OF", self._first, self._start, asm.zone)
        asm.op("DAY_OF", self._last, self._end, asm.zone)
        asm.op("SUB", self.reg, self._last, self._first)
        return self.reg

    def lacks(self, memory: Memory, at: At) -> Missing:
        return {} if memory.known(self._start, at) else {self._cycle.rule.field: ""}

    def write_inputs(self, to: Sentences) -> None:
        self._cycle.write_inputs(to)
        to.input("days_in_cycle", self.text, "days")


class Larger(Value):
    """The largest of several values."""

    def __init__(self, values: Sequence[Value]) -> None:
        self._values = self.parts = values
        self.step = max(each.step for each in values)
        self.bank = narrowest(*(each.bank for each in values))
        self.denominator = lcm(*(each.denominator for each in values))
        self.common = common_factor(values, self.denominator)

    def write(self, asm: Assembler) -> Reg:
        if not hasattr(self, "reg"):
            self.reg = asm.reg(self.bank)
        first, *others = [each.scaled(asm, self.denominator) for each in self._values]
        asm.op("MOVE", self.reg, first)
        for other in others:
            asm.op("GREATEST", self.reg, self.reg, other)
        return self.reg

    def lacks(self, memory: Memory, at: At) -> Missing:
        return gathered(each.lacks(memory, at) for each in self._values)

    def write_inputs(self, to: Sentences) -> None:
        for each in self._values:
            each.write_inputs(to)

    def taken(self, memory: Memory, at: At) -> Taken:
        yield from super().taken(memory, at)
        for number, each in enumerate(self._values):
            if memory.known(self.reg, at) and each.number(memory, at) == self.number(memory, at):
                yield Branch(self.rule, str(number))


class Named(Value):
    """A figure: worked out once for a request, or for an outage."""

    def __init__(self, figure: rules.Figure, inner: Value, unit: str, asm: Assembler) -> None:
        self.figure, self.inner, self.unit = figure, inner, unit
        self.parts, self.step = (inner,), inner.step
        self.clause = figure.clause.id if figure.clause else ""
        self.bank, self.denominator, self.common = inner.bank, inner.denominator, inner.common
        self.reg = asm.reg(self.bank)  # also of a figure that is a factor of what is at discretion: nothing works it out
        self._block: Label | None = None

    @property
    def is_remembered(self) -> bool:
        """Whether it is one value of the request, an outage or an occasion: what goes by a month changes from part to part."""
        return self.bank not in (Bank.MONTH, Bank.PART)

    def write(self, asm: Assembler) -> Reg:
        if self._block is None:
            self._block = asm.block(f"figures.{self.figure.name}", self.clause, lambda: self._write_block(asm))
        asm.op("CALL", self._block, self.reg)
        return self.reg

    def _write_block(self, asm: Assembler) -> None:
        asm.op("MOVE", self.reg, self.inner.write(asm))

    def lacks(self, memory: Memory, at: At) -> Missing:
        return cited(self.inner.lacks(memory, at), self.clause)

    def write_inputs(self, to: Sentences) -> None:
        to.input(f"figures.{self.figure.name}", self.text, self.unit)

    def write_inner_inputs(self, to: Sentences) -> None:
        """What the figure itself read."""
        self.inner.write_inputs(to)

    @property
    def text(self) -> Text:
        return self.inner.text


def common_factor(values: Iterable[Value], denominator: int) -> int:
    """What divides every numerator of ``values`` over ``denominator``."""
    return gcd(*(value.common * (denominator // value.denominator) for value in values))


def gathered(parts: Iterable[Missing]) -> Missing:
    """All that any of ``parts`` lacks."""
    missing: Missing = {}
    for part in parts:
        missing |= part
    return missing


class Choice(Value):
    """The branches of a choice: the first test that holds picks one; where there is ``otherwise``, tests are fewer by one."""

    def __init__(self, subjects: Sequence[Value], branches: Sequence[Value], codes: Codes | None) -> None:
        """``subjects``: what the choice asks, for its inputs. ``codes``: where it yields codes."""
        self._subjects, self.branches, self._codes = subjects, branches, codes
        self.bank = narrowest(*(each.bank for each in (*subjects, *branches)))
        self.denominator = lcm(*(branch.denominator for branch in branches))
        self.common = common_factor(branches, self.denominator)
        self.step = max(each.step for each in branches)
        self._block: Label | None = None

    def write(self, asm: Assembler) -> Reg:
        if self._block is None:
            self.reg, self.taken_reg = asm.reg(self.bank), asm.reg(self.bank)
            place = asm.place
            self._block = asm.block(place.path, place.clause, lambda: self._write_block(asm))
        asm.op("CALL", self._block, self.reg)
        return self.reg

    def _write_block(self, asm: Assembler) -> None:
        unknown, end = Label(), Label()
        self._write_tests(asm, unknown, end)
        asm.put(unknown)
        for branch in self.branches:
            branch.scaled(asm, self.denominator)
        asm.op("UNKNOWN", self.taken_reg)
        asm.op("UNKNOWN", self.reg)
        asm.put(end)

    def _take(self, asm: Assembler, number: int, end: Label) -> None:
        asm.op("MOVE", self.reg, self.branches[number].scaled(asm, self.denominator))
        asm.op("MOVE", self.taken_reg, asm.const(number))
        asm.op("JUMP", end)

    @abstractmethod
    def _write_tests(self, asm: Assembler, unknown: Label, end: Label) -> None:
        """Writes the tests, each with its branch."""

    @abstractmethod
    def _undecided(self, memory: Memory, at: At) -> Missing:
        """What the tests lack where none could pick a branch."""

    def _branch(self, memory: Memory, at: At) -> Value | None:
        if not memory.known(self.taken_reg, at):
            return None
        return self.branches[memory.get(self.taken_reg, at)]

    def lacks(self, memory: Memory, at: At) -> Missing:
        branch = self._branch(memory, at)
        if branch is not None:
            return branch.lacks(memory, at)
        return self._undecided(memory, at) | in_all([each.lacks(memory, at) for each in self.branches])

    def asked(self, memory: Memory, at: At) -> Taken:
        """What was asked to pick a branch."""
        for subject in self._subjects:
            yield from subject.taken(memory, at)

    def taken(self, memory: Memory, at: At) -> Taken:
        yield from self.asked(memory, at)
        branch = self._branch(memory, at)
        if branch is not None:
            yield Branch(self.rule, str(memory.get(self.taken_reg, at)))
            yield from branch.taken(memory, at)

    def write_inputs(self, to: Sentences) -> None:
        for subject in self._subjects:
            subject.write_inputs(to)
        if self._block is not None:
            with to.when("KNOWN", self.taken_reg):
                to.branch(self.taken_reg, [partial(branch.write_inputs, to) for branch in self.branches])

    @property
    def text(self) -> Text:
        if self._codes is None or self._block is None:
            return super().text
        return Text("CODES", self.reg)


class CodeChoice(Choice):
    """``by`` a code: each code has one case, or there is ``otherwise``."""

    def __init__(self, subject: Value, masks: Sequence[int], branches: Sequence[Value], codes: Codes | None) -> None:
        super().__init__([subject], branches, codes)
        self._subject, self._masks = subject, masks

    def _write_tests(self, asm: Assembler, unknown: Label, end: Label) -> None:
        subject = self._subject.write(asm)
        asm.op("JUMP_IF_UNKNOWN", unknown, subject)
        for number, mask in enumerate(self._masks):
            following = Label()
            asm.op("JUMP_UNLESS_AMONG", following, subject, asm.const(mask))
            self._take(asm, number, end)
            asm.put(following)
        if len(self.branches) > len(self._masks):
            self._take(asm, len(self._masks), end)

    def _undecided(self, memory: Memory, at: At) -> Missing:
        return self._subject.lacks(memory, at)


class Ladder(Choice):
    """``by`` a number: a ladder of bounds, of which the first that holds counts; ``otherwise`` is the rest."""

    def __init__(
        self, subjects: Sequence[Value], tests: Sequence["Test"], branches: Sequence[Value], codes: Codes | None
    ) -> None:
        super().__init__(subjects, branches, codes)
        self.tests = tests
        self.bank = narrowest(self.bank, *(test.bank for test in tests))

    def _write_tests(self, asm: Assembler, unknown: Label, end: Label) -> None:
        for number, test in enumerate(self.tests):
            following = Label()
            holds = test.write(asm, test.bank)
            asm.op("JUMP_IF_UNKNOWN", unknown, holds)
            asm.op("JUMP_IF_FALSE", following, holds)
            self._take(asm, number, end)
            asm.put(following)
        self._take(asm, len(self.tests), end)

    def asked(self, memory: Memory, at: At) -> Taken:
        for test in self.tests:  # one after the test that holds is not asked
            yield from test.taken(memory, at)

    def _undecided(self, memory: Memory, at: At) -> Missing:
        return next((test.lacks(memory, at) for test in self.tests if memory.unknown(test.reg, at)), {})


class Test(ABC):
    """Whether something holds: yes, no, or unknown. ``bank`` is the narrowest that it can be told of."""

    bank = Bank.ROW
    rule: object
    reg: Reg

    @abstractmethod
    def _write(self, asm: Assembler) -> None: ...

    def write(self, asm: Assembler, bank: Bank) -> Reg:
        """Writes what works it out, in a register of ``bank``; always the same one."""
        if not hasattr(self, "reg"):
            self.reg = asm.reg(bank)
        self._write(asm)
        return self.reg

    @abstractmethod
    def lacks(self, memory: Memory, at: At) -> Missing:
        """What it lacks where it is unknown."""

    def holds(self, memory: Memory, at: At) -> bool | None:
        """Whether it holds; None where it was not asked, or is not known."""
        return bool(memory.get(self.reg, at)) if hasattr(self, "reg") and memory.known(self.reg, at) else None

    def was_asked(self, memory: Memory, at: At) -> bool:
        """Whether the run came to it."""
        return hasattr(self, "reg") and (memory.known(self.reg, at) or memory.unknown(self.reg, at))

    def taken(self, memory: Memory, at: At) -> Taken:
        """How it came out, and by which branches; nothing where it was not asked."""
        if self.was_asked(memory, at):
            yield from self._taken(memory, at)

    @abstractmethod
    def _taken(self, memory: Memory, at: At) -> Taken: ...


Lower = Callable[[rules.Value], Value]
