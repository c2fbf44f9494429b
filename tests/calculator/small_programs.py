"""Programs of a few operations, and what runs them: the source as it stands, and its compiled twin where it was built."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from native.choice import from_environment
from policy.calculator import machine
from policy.calculator.lowering.assembler import Assembler, Bank, Reg
from policy.calculator.lowering.context import (
    OUTAGE_END,
    OUTAGE_INDEX,
    OUTAGE_ONGOING,
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
Items = Callable[[Memory], Mapping[Reg, Sequence[tuple[int, ...]]]]
"""Lists of items, which may name an outage by its address."""


def evaluators() -> Iterator[tuple[str, Evaluator]]:
    """Each by its name."""
    yield "as it stands", machine
    if from_environment().compiled:
        yield "compiled", from_environment().module("policy.calculator.machine")


A_YEAR_IS_WANTED: Final = 2
RUBBISH: Final = 7_000_000_007
"""Beyond all places, so that what takes it for an address does not go unseen."""
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
    goes_on: bool = False


@dataclass
class SmallProgram:
    """Operations under way, with the registers of an outage that tests fill."""

    asm: Assembler = field(default_factory=Assembler)

    def __post_init__(self) -> None:
        self.asm.counts[Bank.OUTAGE] = OUTAGE_PLACES
        self.level, self.pauses = self.asm.reg(Bank.OUTAGE), self.asm.new_list(Bank.OUTAGE)

    def run(
        self,
        evaluator: Evaluator,
        outages: Sequence[TestOutage],
        facts: Mapping[Reg, int] | None = None,
        items: Items = lambda _: {},
        year_of: Callable[[int, int], list[int]] | None = None,
    ) -> Memory:
        """The memory after a run. ``year_of``: lays out a year of the density whose table begins at a place."""
        asm = self.asm
        asm.op("HALT")
        asm.write_blocks()
        layout = layout_of(asm)
        code, tables = as_numbers(encoded(asm, layout)), as_numbers(asm.tables)
        verify(code, layout, len(tables))
        memory = Memory(layout, 0, compiled=evaluator is not machine)
        self._load(memory, outages, facts or {}, items)
        while wanted := evaluator.run(code, tables, memory.m, memory.k, 0):
            if wanted == A_YEAR_IS_WANTED:
                assert year_of is not None
                at, year = memory.m[9], memory.m[16]
                tables[at + 2 + tables[at] + year] = len(tables)
                tables.extend(year_of(at, year))
            else:
                memory.grow(memory.m[8])
            self._load(memory, outages, facts or {}, items)
        return memory

    def _load(self, memory: Memory, outages: Sequence[TestOutage], facts: Mapping[Reg, int], items: Items) -> None:
        fill_with_rubbish(memory)
        memory.clear(len(outages))
        ids, parties = sorted(each.outage_id for each in outages), sorted({each.party for each in outages})
        for index, (at, each) in enumerate(zip(memory.outages(), outages, strict=True)):
            numbers = {
                OUTAGE_START: each.start,
                OUTAGE_END: each.end,
                OUTAGE_RANK: ids.index(each.outage_id),
                OUTAGE_PARTY: parties.index(each.party),
                OUTAGE_INDEX: index,
                OUTAGE_ONGOING: int(each.goes_on),
                self.level: each.level,
            }
            for reg, number in numbers.items():
                memory.set(reg, number, at)
            memory.put_pairs(self.pauses, each.pauses, at)
        for reg, number in facts.items():
            memory.set(reg, number)
        for reg, rows in items(memory).items():
            memory.put_items(reg, rows)


def fill_with_rubbish(memory: Memory) -> None:
    """What a run before could have left: numbers and knowledge where the evaluator has to work something out first.

    What the memory is made with stays: its header, constants, and how long each month is.
    """
    layout, m, k = memory.layout, memory.m, memory.k
    lengths = {layout.first_month + month * layout.month_places for month in range(4) if layout.month_places}
    for place in (1, 2, 3, 4, 5, 7, 9, 10, 16, 17, 18, 21, 22, 57, 58, 59, *range(layout.first_row, len(k))):
        if place not in lengths:
            m[place] = RUBBISH + place
            k[place] = place % 3


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
