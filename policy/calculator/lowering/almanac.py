"""Where a policy's time passes, as tables: its zone, its working days, and its measures over both."""

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from policy.calculator import rules
from policy.calculator.cycle import BILLING_CYCLE
from policy.calculator.local_time import LocalTime
from policy.calculator.lowering.assembler import FIRST_CONSTANT, Assembler, Bank, Label, Reg
from policy.calculator.lowering.context import Codes
from policy.calculator.lowering.taken import Taken
from policy.calculator.lowering.values import Missing, Value
from policy.calculator.measure import Density
from policy.calculator.memory import HERE, Memory
from policy.calculator.wall_clock import DAY_SECONDS
from policy.calculator.working_days import MONDAY_TO_FRIDAY, WorkingDays

FIRST_YEAR: Final = 1969
LAST_YEAR: Final = 2102
CYCLE_START: Final = Reg(Bank.CONSTANT, 14 - FIRST_CONSTANT)
CYCLE_END: Final = Reg(Bank.CONSTANT, 15 - FIRST_CONSTANT)
"""The billing cycle stands where the evaluator finds it, among what it keeps for itself."""
_WORD: Final = 32


def zone_table(local: LocalTime) -> list[int]:
    """A zone: how many spans of constant offset, when each begins, its offset, the wall by its end, when all is settled."""
    edges, offsets, walls = local.spans()
    return [len(edges), *edges, *offsets, *walls, local.settled]


def calendar_table(days: WorkingDays) -> list[int]:
    """Working days: the first day listed, how many, and the exceptions from Monday to Friday as bits."""
    if not days.exceptions:
        return [0, 0]
    first, last = min(days.exceptions), max(days.exceptions)
    words = [0] * ((last - first) // _WORD + 1)
    for day in days.exceptions:
        words[(day - first) // _WORD] |= 1 << (day - first) % _WORD
    return [first, len(words) * _WORD, *words]


def published_table(days: WorkingDays, local: LocalTime) -> list[int]:
    """Published years: how many edges, and the instants at which such years begin and end, in turn."""
    edges = days.published_edges(local)
    return [len(edges), *edges]


def _bands_of(windows: Sequence[rules.Window]) -> tuple[rules.Band, ...]:
    """The bands of each weekday: 1 where any window is, else 0."""
    bands = []
    for weekday in rules.EVERY_DAY:
        there = [(each.from_second, each.until_second) for each in windows if weekday in each.weekdays]
        edges = sorted({0, DAY_SECONDS, *(edge for span in there for edge in span)})
        for first, end in itertools.pairwise(edges):
            weight = Fraction(int(any(start <= first < until for start, until in there)))
            bands.append(rules.Band(first, end, weight, weight, (weekday,)))
    return tuple(bands)


class Calendars:
    """The calendars of a version and its measures over each, with the registers that say which holds for a request."""

    cycle_start, cycle_end = CYCLE_START, CYCLE_END

    def __init__(
        self,
        asm: Assembler,
        version: rules.Version,
        local: LocalTime,
        calendars: Mapping[str, WorkingDays],
        chosen_by: Value | None,
        codes: Codes,
    ) -> None:
        """``calendars``: the working days that the version names; Monday to Friday stand in where it names none."""
        days = dict(calendars) or {MONDAY_TO_FRIDAY.name: MONDAY_TO_FRIDAY}
        self.local, self._days, self.codes = local, days, codes
        self._chosen_by = chosen_by if len(days) > 1 else None
        self.may_lack_a_year = any(each.published_years is not None for each in days.values())
        asm.zone = asm.table(zone_table(local))
        self.tables = {name: asm.table(calendar_table(each)) for name, each in days.items()}
        self.published = {name: asm.table(published_table(each, local)) for name, each in days.items()}
        self._year_starts = starts = [local.year_starts_at(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)]
        self.densities: dict[int, Density] = {}
        self._by_measure: dict[str, dict[str, int]] = {}
        for measure in version.measures:
            for name, each in days.items():
                density = Density(measure.bands, local, each)
                known = self._by_measure.setdefault(measure.name, {})
                if known and not density.reads_working_days:
                    known[name] = next(iter(known.values()))
                    continue
                at = known[name] = asm.table([len(starts) - 1, *starts, *[0] * (len(starts) - 1)])
                self.densities[at] = density
        self._chosen: dict[tuple[int, ...], tuple[Reg, Label]] = {}

    def windows(self, asm: Assembler, windows: Sequence[rules.Window]) -> Reg:
        """The register that holds where windows that repeat are laid out: as a density, 1 inside of them and 0 around."""
        starts, any_days = self._year_starts, next(iter(self._days.values()))
        at = asm.table([len(starts) - 1, *starts, *[0] * (len(starts) - 1)])
        self.densities[at] = Density(_bands_of(windows), self.local, any_days)
        return asm.const(at)

    def density_of(self, measure: rules.Measure) -> Density:
        """The density over any of the calendars."""
        return self.densities[next(iter(self._by_measure[measure.name].values()))]

    @property
    def density_names(self) -> dict[int, str]:
        """Each table of a measure by the name of the measure, and of the calendar where it goes by one."""
        return {
            place: measure if len(set(places.values())) == 1 else f"{measure} by {calendar}"
            for measure, places in self._by_measure.items()
            for calendar, place in places.items()
        }

    def scale(self, measure: rules.Measure) -> int:
        """The denominator of the measure's weights, the same over every calendar."""
        return self.density_of(measure).scale

    def weighs_working_days(self, measure: rules.Measure) -> bool:
        """Whether working days weigh otherwise than others by ``measure``, so that it reads the calendar."""
        return self.density_of(measure).reads_working_days

    def year_table(self, at: int, year: int) -> list[int]:
        """A local year of the density whose table begins at ``at``; years count from the first."""
        table = self.densities[at].table(FIRST_YEAR + year)
        return [len(table.breakpoints), *table.breakpoints, *table.cumulative, *table.weights]

    def write_choice(self, asm: Assembler) -> None:
        """Writes which calendar holds, where a fact of the request says it."""
        if self._chosen_by is not None:
            self._chosen_by.write(asm)

    def write_density(self, asm: Assembler, measure: rules.Measure | None) -> Reg:
        """The register that holds where the density is laid out; 0 for plain clock time."""
        if measure is None:
            return asm.const(0)
        return self._write_chosen(asm, self._by_measure[measure.name])

    def write_calendar(self, asm: Assembler) -> Reg:
        """The register that holds where the calendar is laid out."""
        return self._write_chosen(asm, self.tables)

    def write_published(self, asm: Assembler) -> Reg:
        """The register that holds where the edges of the published years are."""
        return self._write_chosen(asm, self.published)

    def _write_chosen(self, asm: Assembler, tables: Mapping[str, int]) -> Reg:
        if self._chosen_by is None or len(set(tables.values())) == 1:
            return asm.const(next(iter(tables.values())))
        key, chosen_by = tuple(tables.values()), self._chosen_by
        if key not in self._chosen:
            reg = asm.reg()

            def write() -> None:
                end, unknown = Label(), Label()
                by = chosen_by.write(asm)
                asm.op("JUMP_IF_UNKNOWN", unknown, by)
                for name, table in tables.items():
                    following = Label()
                    asm.op("JUMP_UNLESS_AMONG", following, by, asm.const(self.codes.bit(name)))
                    asm.op("MOVE", reg, asm.const(table))
                    asm.op("JUMP", end)
                    asm.put(following)
                asm.put(unknown)
                asm.op("UNKNOWN", reg)
                asm.put(end)

            self._chosen[key] = reg, asm.block("calendar", "", write)
        reg, block = self._chosen[key]
        asm.op("CALL", block, reg)
        return reg

    @property
    def is_chosen(self) -> bool:
        """Whether a fact of the request says which calendar holds."""
        return self._chosen_by is not None

    def densities_by_calendar(self, measure: rules.Measure) -> tuple[Reg | None, list[tuple[int, int]]]:
        """The register that says which calendar holds, and of each its bit with where the density over it is laid out.

        None, and one density, where it is the same over every calendar.
        """
        by_name = self._by_measure[measure.name]
        if self._chosen_by is None or not self.weighs_working_days(measure):
            return None, [(0, next(iter(by_name.values())))]
        return self._chosen_by.reg, [(self.codes.bit(name), table) for name, table in by_name.items()]

    def _is_chosen(self, memory: Memory) -> bool:
        """Whether it is known which calendar holds; where no rule counts by one, nothing asks."""
        return self._chosen_by is not None and memory.known(self._chosen_by.reg)

    def days_at_hand(self, memory: Memory) -> WorkingDays | None:
        """The working days of this request; None where it is not known which calendar holds."""
        name = next(iter(self._days))
        if self._chosen_by is not None:
            if not self._is_chosen(memory):
                return None
            name = self.codes.text(memory.get(self._chosen_by.reg))
        return self._days[name]

    def taken(self, memory: Memory) -> Taken:
        """How the calendar of this request was chosen, where it was."""
        if self._chosen_by is not None and self._is_chosen(memory):
            yield from self._chosen_by.taken(memory, HERE)

    def lacks(self, memory: Memory) -> Missing:
        """What is not known of which calendar holds."""
        return {} if self._chosen_by is None else self._chosen_by.lacks(memory, HERE)

    def density_lacks(self, memory: Memory, measure: rules.Measure | None) -> Missing:
        """What is not known of the density of a measure."""
        return self.lacks(memory) if measure is not None and self.weighs_working_days(measure) else {}

    def cycle_lacks(self, memory: Memory) -> Missing:
        """The billing cycle, where the request gives none."""
        return {} if memory.known(CYCLE_START) else {BILLING_CYCLE.field: ""}
