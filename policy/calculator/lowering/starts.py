"""``starts``: the instant from which the time of an outage counts: one, a choice among some, the earliest or the latest."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from policy.calculator import rules
from policy.calculator.lowering.almanac import Calendars
from policy.calculator.lowering.assembler import Assembler, Bank, Label, Reg
from policy.calculator.lowering.context import Codes
from policy.calculator.lowering.taken import Branch, Taken
from policy.calculator.lowering.tests import lower_comparison
from policy.calculator.lowering.values import Lower, Missing, Test, Value, cited, gathered, in_all
from policy.calculator.memory import At, Memory


class Starts(ABC):
    """An instant of each outage, in ``reg``.

    ``leaves``: the single starts that it may be; ``figures``: those it is made of. ``absent``: whether it is unknown because
    the request does not give its instant; None where that is not asked.
    """

    def __init__(self, asm: Assembler, parts: "Sequence[Starts]" = ()) -> None:
        self._asm, self.reg, self._parts = asm, asm.reg(Bank.OUTAGE), parts
        self.leaves: Sequence[StartAt] = [leaf for each in parts for leaf in each.leaves]
        self.figures: Sequence[NamedStart] = [figure for each in parts for figure in each.figures]
        self.absent: Reg | None = None

    def absence(self) -> Reg:
        """Where it is told whether it is absent; to be asked before anything is written."""
        if self.absent is None:
            self.absent = self._asm.reg(Bank.OUTAGE)
            for part in self._parts:
                part.absence()
        return self.absent

    @property
    def walks(self) -> "list[StartAt]":
        """Those of them that count working days."""
        return [each for each in self.leaves if each.rule.unit == "working days"]

    def is_absent(self, memory: Memory, at: At) -> bool:
        """Whether it is absent, where that was asked."""
        return self.absent is not None and bool(memory.get(self.absent, at))

    @abstractmethod
    def write(self) -> None:
        """Writes what works it out, for the outage at hand."""

    @abstractmethod
    def lacks(self, memory: Memory, at: At) -> Missing:
        """What it lacks where it is unknown."""

    @abstractmethod
    def taken(self, memory: Memory, at: At) -> Taken:
        """The branches by which it came out."""


class StartAt(Starts):
    """``12 h after known_at``, ``2 working days after reported_at``. ``after`` is the day of the instant."""

    def __init__(self, rule: rules.Start, lower: Lower, calendars: Calendars, pauses: Reg, asm: Assembler) -> None:
        """``pauses``: days that one of them touches are no working days."""
        super().__init__(asm)
        self.rule, self._instant, self._calendars, self._pauses = rule, lower(rule.after), calendars, pauses
        self.after = asm.reg(Bank.OUTAGE)
        self.leaves = (self,)

    def write(self) -> None:
        asm, rule = self._asm, self.rule
        instant = self._instant.write(asm)
        if self.absent is not None:
            asm.op("KNOWN", self.absent, instant)
            asm.op("EQUAL", self.absent, self.absent, asm.const(0))
        if rule.unit == "seconds":
            asm.op("ADD", self.reg, instant, asm.const(rule.amount))
            return
        asm.op("DAY_OF", self.after, instant, asm.zone)
        if rule.unit == "local days":
            following = asm.binary("ADD", self.after, asm.const(rule.amount + 1), Bank.OUTAGE)
            asm.op("DAY_START", self.reg, following, asm.zone)
            return
        calendar = self._calendars.write_calendar(asm)
        asm.op("WORKING_DAY_END", self.reg, self.after, asm.const(rule.amount), calendar, self._pauses, asm.zone)

    def write_outside(self, outside: Reg, published: Reg) -> None:
        """Writes whether any day that was walked over for the outage at hand lies in a year that is not published."""
        asm, end, known = self._asm, Label(), self._asm.reg(Bank.OUTAGE)
        asm.op("KNOWN", known, self.reg)
        asm.op("JUMP_UNLESS", end, known)
        following = asm.binary("ADD", self.after, asm.const(1), Bank.OUTAGE)
        first, beyond = asm.reg(Bank.OUTAGE), asm.reg(Bank.OUTAGE)
        asm.op("DAY_START", first, following, asm.zone)
        asm.op("WITHIN", beyond, first, self.reg, published)
        asm.op("TALLY", outside, beyond)
        asm.put(end)

    def lacks(self, memory: Memory, at: At) -> Missing:
        missing = self._instant.lacks(memory, at)
        return missing | (self._calendars.lacks(memory) if self.walks else {})

    def taken(self, memory: Memory, at: At) -> Taken:
        yield from self._instant.taken(memory, at)


class Extreme(Starts):
    """The earliest of the starts whose instants are given, or the latest of several, of which all are needed.

    The latest is absent where any of them is, the earliest where all are. One that is unknown otherwise, as where it is not
    known which start is meant, might be the earliest.
    """

    def __init__(self, rule: rules.Extreme, starts: Sequence[Starts], asm: Assembler) -> None:
        super().__init__(asm, starts)
        self._rule, self._starts = rule, starts
        if rule.which == "earliest":
            for each in starts:
                each.absence()

    def write(self) -> None:
        if self._rule.which == "latest":
            self._write_latest()
        else:
            self._write_earliest()
        if self.absent is not None:
            self._asm.op("MOVE", self.absent, self._starts[0].absence())
            for each in self._starts[1:]:
                self._asm.op("GREATEST" if self._rule.which == "latest" else "LEAST", self.absent, self.absent, each.absence())

    def _write_latest(self) -> None:
        asm, first = self._asm, self._starts[0]
        first.write()
        asm.op("MOVE", self.reg, first.reg)
        for each in self._starts[1:]:
            each.write()
            asm.op("GREATEST", self.reg, self.reg, each.reg)

    def _write_earliest(self) -> None:
        asm, unknown, end = self._asm, Label(), Label()
        for each in self._starts:
            each.write()
        asm.op("UNKNOWN", self.reg)
        for each in self._starts:
            first, following = Label(), Label()
            asm.op("JUMP_IF_TRUE", following, each.absence())
            asm.op("JUMP_IF_UNKNOWN", unknown, each.reg)
            asm.op("JUMP_IF_UNKNOWN", first, self.reg)
            asm.op("LEAST", self.reg, self.reg, each.reg)
            asm.op("JUMP", following)
            asm.put(first)
            asm.op("MOVE", self.reg, each.reg)
            asm.put(following)
        asm.op("JUMP", end)
        asm.put(unknown)
        asm.op("UNKNOWN", self.reg)
        asm.put(end)

    def lacks(self, memory: Memory, at: At) -> Missing:
        needed = self._starts
        if self._rule.which == "earliest":
            needed = [each for each in needed if not each.is_absent(memory, at)] or needed
        return gathered(each.lacks(memory, at) for each in needed if memory.unknown(each.reg, at))

    def taken(self, memory: Memory, at: At) -> Taken:
        for number, each in enumerate(self._starts):
            yield from each.taken(memory, at)
            if (
                memory.known(self.reg, at)
                and memory.known(each.reg, at)
                and memory.get(each.reg, at) == memory.get(self.reg, at)
            ):
                yield Branch(self._rule, str(number))


class ChosenStart(Starts):
    """A choice among starts, by a code or a ladder. ``branch`` holds which was taken.

    Where that is not known, all are worked out, so that what every one of them lacks is known.
    """

    def __init__(
        self,
        rule: rules.CodeChoice | rules.Ladder,
        subjects: Sequence[Value],
        tests: Sequence[Test],
        masks: Sequence[int],
        starts: Sequence[Starts],
        asm: Assembler,
    ) -> None:
        """``tests`` of a ladder, or ``masks`` of the codes of the only subject; a start more than these is for all else."""
        super().__init__(asm, starts)
        self._rule, self._subjects, self._tests, self._masks, self._starts = rule, subjects, tests, masks, starts
        self.branch = asm.reg(Bank.OUTAGE)
        self._block: Label | None = None

    def write(self) -> None:
        asm = self._asm
        if self._block is None:
            self._block = asm.block(asm.place.path, asm.place.clause, self._write_block)
        asm.op("CALL", self._block, self.reg)

    def _write_block(self) -> None:
        asm, unknown, end = self._asm, Label(), Label()
        last = len(self._starts) - 1
        subject = self._subjects[0].write(asm) if self._masks else None
        if subject is not None:
            asm.op("JUMP_IF_UNKNOWN", unknown, subject)
        for number, start in enumerate(self._starts):
            following = Label()
            if subject is not None and number < len(self._masks):
                asm.op("JUMP_UNLESS_AMONG", following, subject, asm.const(self._masks[number]))
            elif number < len(self._tests):
                holds = self._tests[number].write(asm, Bank.OUTAGE)
                asm.op("JUMP_IF_UNKNOWN", unknown, holds)
                asm.op("JUMP_IF_FALSE", following, holds)
            start.write()
            asm.op("MOVE", self.reg, start.reg)
            asm.op("MOVE", self.branch, asm.const(number))
            if self.absent is not None:
                asm.op("MOVE", self.absent, start.absence())
            asm.op("JUMP", end)
            asm.put(following)
            if number == last:
                break
        asm.put(unknown)
        for start in self._starts:
            start.write()
        asm.op("UNKNOWN", self.branch)
        asm.op("UNKNOWN", self.reg)
        if self.absent is not None:
            asm.op("MOVE", self.absent, asm.const(0))
        asm.put(end)

    def lacks(self, memory: Memory, at: At) -> Missing:
        if memory.known(self.branch, at):
            return self._starts[memory.get(self.branch, at)].lacks(memory, at)
        if self._masks:
            return self._subjects[0].lacks(memory, at) | in_all([each.lacks(memory, at) for each in self._starts])
        number = next(number for number, test in enumerate(self._tests) if memory.unknown(test.reg, at))
        left = in_all([each.lacks(memory, at) for each in self._starts[number:]])
        return self._tests[number].lacks(memory, at) | left

    def taken(self, memory: Memory, at: At) -> Taken:
        for subject in self._subjects if self._masks else ():
            yield from subject.taken(memory, at)
        for test in self._tests:
            yield from test.taken(memory, at)
        if memory.known(self.branch, at):
            number = memory.get(self.branch, at)
            yield Branch(self._rule, str(number))
            yield from self._starts[number].taken(memory, at)


class NamedStart(Starts):
    """A figure that is a start: its clause is that of what it lacks."""

    def __init__(self, figure: rules.Figure, inner: Starts, asm: Assembler) -> None:
        super().__init__(asm, (inner,))
        self._inner, self.figures = inner, (self, *inner.figures)
        self.clause = figure.clause.id if figure.clause else ""

    def write(self) -> None:
        self._inner.write()
        self._asm.op("MOVE", self.reg, self._inner.reg)
        if self.absent is not None:
            self._asm.op("MOVE", self.absent, self._inner.absence())

    def lacks(self, memory: Memory, at: At) -> Missing:
        return cited(self._inner.lacks(memory, at), self.clause)

    def taken(self, memory: Memory, at: At) -> Taken:
        yield from self._inner.taken(memory, at)


def lower_starts(rule: rules.Value, lower: Lower, codes: Codes, calendars: Calendars, pauses: Reg, asm: Assembler) -> Starts:
    """The start of a clock whose own ``pauses`` are a list of each outage."""

    def lowered(value: rules.Value) -> Starts:
        match value:
            case rules.Start():
                return StartAt(value, lower, calendars, pauses, asm)
            case rules.Extreme(starts=starts):
                return Extreme(value, [lowered(each) for each in starts], asm)
            case rules.Named(figure=figure):
                return NamedStart(figure, lowered(figure.value), asm)
            case rules.CodeChoice(subject=subject, cases=cases, otherwise=otherwise):
                branches = [lowered(each) for _, each in cases] + ([] if otherwise is None else [lowered(otherwise)])
                masks = [codes.mask(held) for held, _ in cases]
                return ChosenStart(value, [lower(subject)], [], masks, branches, asm)
            case rules.Ladder(subject=subject, steps=steps, otherwise=otherwise):
                tests = [lower_comparison(subject, bound, lower) for bound, _ in steps]
                branches = [lowered(each) for each in (*(each for _, each in steps), otherwise)]
                return ChosenStart(value, [], tests, [], branches, asm)
        raise AssertionError("no start")  # the language sees to it

    return lowered(rule)
