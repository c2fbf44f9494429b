"""Local time, working days and measures, as the evaluator works them out from its tables."""

from collections.abc import Iterable
from functools import cache

from policy.calculator.local_time import LocalTime
from policy.calculator.lowering.almanac import FIRST_YEAR, LAST_YEAR, calendar_table, published_table, zone_table
from policy.calculator.lowering.assembler import Assembler, Bank, Reg
from policy.calculator.lowering.context import OUTAGE_PLACES
from policy.calculator.lowering.encoding import encoded, layout_of
from policy.calculator.lowering.version import as_numbers
from policy.calculator.measure import Density
from policy.calculator.memory import Memory
from policy.calculator.ops import WIDTH
from policy.calculator.program import Evaluator
from policy.calculator.verify import verify
from policy.calculator.working_days import MONDAY_TO_FRIDAY, WorkingDays
from tests.calculator.small_programs import EVALUATORS, Interval

A_YEAR_IS_WANTED = 2


class TimeOnMachine:
    """A zone, a calendar and perhaps a measure; each question is a program of a few operations."""

    def __init__(self, evaluator: Evaluator, local: LocalTime, days: WorkingDays, density: Density | None) -> None:
        self._evaluator, self._local, self._density = evaluator, local, density
        asm = self._asm = Assembler()
        asm.counts[Bank.OUTAGE] = OUTAGE_PLACES
        zone, self._measured = asm.table(zone_table(local)), 0
        calendar, published = asm.const(asm.table(calendar_table(days))), asm.const(asm.table(published_table(days, local)))
        if density is not None:
            starts = [local.year_starts_at(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)]
            self._measured = asm.table([len(starts) - 1, *starts, *[0] * (len(starts) - 1)])
        self._first, self._second, self._answer, self._pauses = asm.reg(), asm.reg(), asm.reg(), asm.new_list()
        opening, opened, no_pauses = asm.new_list(), asm.reg(), asm.new_list()
        level, measure = asm.const(1), asm.const(self._measured)
        self._asked = {
            "day of": self._written("DAY_OF", self._answer, self._first, zone),
            "day start": self._written("DAY_START", self._answer, self._first, zone),
            "outside": self._written("WITHIN", self._answer, self._first, self._second, published),
            "between": self._written("NEW_LIST", no_pauses, halt=False),
        }
        self._written("NEW_LIST", opening, halt=False)
        self._written("OPEN", opening, self._first, self._second, level, no_pauses, opened, halt=False)
        self._written("MEASURE", self._answer, opening, measure)
        self._asked["working day"] = self._written("UNITE", self._pauses, halt=False)
        self._written("WORKING_DAY_END", self._answer, self._first, self._second, calendar, self._pauses, zone)
        self._layout = layout_of(asm)
        self._code, self._tables = as_numbers(encoded(asm, self._layout)), as_numbers(asm.tables)
        verify(self._code, self._layout, len(self._tables))

    def _written(self, name: str, *operands: Reg | int, halt: bool = True) -> int:
        begins = len(self._asm.code) * WIDTH
        self._asm.op(name, *operands)
        if halt:
            self._asm.op("HALT")
        return begins

    def _ask(self, question: str, first: int, second: int = 0, pauses: Iterable[Interval] = ()) -> int:
        memory = Memory(self._layout, 200, compiled=self._evaluator is not EVALUATORS["as it stands"])
        told = tuple(pauses)
        while True:
            memory.clear(0)
            memory.set(self._first, first)
            memory.set(self._second, second)
            memory.put_pairs(self._pauses, told)
            wanted = self._evaluator.run(self._code, self._tables, memory.m, memory.k, self._asked[question])
            if not wanted:
                return memory.get(self._answer)
            if wanted == A_YEAR_IS_WANTED:
                self._lay_out_year(memory.m[16])
            else:
                memory.grow(memory.m[8])

    def _lay_out_year(self, year: int) -> None:
        assert self._density is not None
        table = self._density.table(FIRST_YEAR + year)
        self._tables[self._measured + 2 + self._tables[self._measured] + year] = len(self._tables)
        self._tables.extend([len(table.breakpoints), *table.breakpoints, *table.cumulative, *table.weights])

    def day_of(self, instant: int) -> int:
        """The local day that an instant falls in."""
        return self._ask("day of", instant)

    def day_start(self, day: int) -> int:
        """The first instant of a local day."""
        return self._ask("day start", day)

    def is_outside(self, start: int, end: int) -> bool:
        """Whether any of [start, end) lies in a year that is not published."""
        return bool(self._ask("outside", start, end))

    def between(self, start: int, end: int) -> int:
        """The weighted seconds of [start, end), scaled."""
        return self._ask("between", start, end)

    def end_of_nth_working_day(self, after: int, n: int, paused: Iterable[int] = ()) -> int:
        """The end of the ``n``-th working day after a local day, of those that are not paused."""
        starts = self._local.starts_at
        return self._ask("working day", after, n, [(starts(day), starts(day + 1)) for day in sorted(paused)])


def time_on(evaluator: Evaluator, local: LocalTime, days: WorkingDays = MONDAY_TO_FRIDAY) -> TimeOnMachine:
    """Local time and working days."""
    return _on(_name_of(evaluator), local, days, None)


def measured_on(evaluator: Evaluator, density: Density) -> TimeOnMachine:
    """Time by a measure, in the zone and by the calendar of its density."""
    return _on(_name_of(evaluator), density._local, density._days, density)


def _name_of(evaluator: Evaluator) -> str:
    return next(name for name, each in EVALUATORS.items() if each is evaluator)


@cache
def _on(evaluator: str, local: LocalTime, days: WorkingDays, density: Density | None) -> TimeOnMachine:
    return TimeOnMachine(EVALUATORS[evaluator], local, days, density)
