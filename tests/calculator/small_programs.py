"""Programs of a few operations, and what runs them: the source as it stands, and its compiled twin where it was built."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from native.choice import from_environment
from policy.calculator import machine
from policy.calculator.lowering.assembler import Assembler, Bank, Reg
from policy.calculator.lowering.context import (
    OUTAGE_END,
    OUTAGE_INDEX,
    OUTAGE_PARTY,
    OUTAGE_PLACES,
    OUTAGE_RANK,
    OUTAGE_START,
)
from policy.calculator.lowering.encoding import encoded, layout_of
from policy.calculator.lowering.version import as_numbers
from policy.calculator.memory import HERE, At, Memory
from policy.calculator.program import Evaluator
from policy.calculator.verify import verify

Interval = tuple[int, int]


def evaluators() -> Iterator[tuple[str, Evaluator]]:
    """Each by its name."""
    yield "as it stands", machine
    if from_environment().compiled:
        yield "compiled", from_environment().module("policy.calculator.machine")


EVALUATORS: Final[dict[str, Evaluator]] = dict(evaluators())


@dataclass(frozen=True)
class TestOutage:
    """An outage as the evaluator sees it. ``pauses`` are taken out of it."""

    __test__ = False

    start: int
    end: int
    level: int = 1
    outage_id: str = "o"
    party: str = ""
    pauses: tuple[Interval, ...] = ()


@dataclass
class SmallProgram:
    """Operations under way, with the registers of an outage that tests fill."""

    asm: Assembler = field(default_factory=Assembler)

    def __post_init__(self) -> None:
        self.asm.counts[Bank.OUTAGE] = OUTAGE_PLACES
        self.level, self.pauses = self.asm.reg(Bank.OUTAGE), self.asm.new_list(Bank.OUTAGE)

    def run(self, evaluator: Evaluator, outages: list[TestOutage], facts: dict[Reg, int] | None = None) -> Memory:
        """The memory after a run."""
        asm = self.asm
        asm.op("HALT")
        asm.write_blocks()
        layout = layout_of(asm)
        code, tables = as_numbers(encoded(asm, layout)), as_numbers(asm.tables)
        verify(code, layout, len(tables))
        memory = Memory(layout, 0, compiled=evaluator is not machine)
        self._load(memory, outages, facts or {})
        while evaluator.run(code, tables, memory.m, memory.k, 0):
            memory.grow(memory.m[8])
            self._load(memory, outages, facts or {})
        return memory

    def _load(self, memory: Memory, outages: list[TestOutage], facts: dict[Reg, int]) -> None:
        memory.clear(len(outages))
        ids, parties = sorted(each.outage_id for each in outages), sorted({each.party for each in outages})
        for index, (at, each) in enumerate(zip(memory.outages(), outages, strict=True)):
            numbers = {
                OUTAGE_START: each.start,
                OUTAGE_END: each.end,
                OUTAGE_RANK: ids.index(each.outage_id),
                OUTAGE_PARTY: parties.index(each.party),
                OUTAGE_INDEX: index,
                self.level: each.level,
            }
            for reg, number in numbers.items():
                memory.set(reg, number, at)
            memory.put_pairs(self.pauses, each.pauses, at)
        for reg, number in facts.items():
            memory.set(reg, number)


@dataclass(frozen=True)
class Laid:
    """A span of time: whose it is, at which level, and the interruption that it is of."""

    start: int
    end: int
    outage: int
    level: int
    interruption: int


def laid(memory: Memory, reg: Reg) -> list[Laid]:
    """The spans of a list; an outage by its place."""
    m = memory.m
    return [
        Laid(m[at.span], m[at.span + 1], memory.get(OUTAGE_INDEX, At(outage=at.outage)), m[at.span + 3], m[at.span + 4])
        for at in memory.spans(reg, HERE)
    ]
