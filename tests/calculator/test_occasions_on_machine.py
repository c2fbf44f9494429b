"""What benefits are worked out for: occasions of every kind, against sets of hours."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calculator.lowering.almanac import CYCLE_END, CYCLE_START, zone_table
from policy.calculator.lowering.assembler import OCCASION_RANK, Bank, Reg
from policy.calculator.lowering.context import OUTAGE_END, OUTAGE_START
from policy.calculator.memory import HERE, Memory
from policy.calculator.program import Evaluator
from policy.language import calendars
from tests.calculator.small_programs import Interval, Items, Laid, SmallProgram, TestOutage, laid

HOUR: Final = 3600
ZONE: Final = calendars.zone("Asia/Shanghai")
MONTH_EDGE: Final = 20
"""The hour, of those that are drawn, in which March begins in the zone."""
FIRST_HOUR: Final = int(datetime.fromisoformat("2026-03-01T00:00+08:00").timestamp()) - MONTH_EDGE * HOUR
TOGETHER, INTERRUPTION, MONTH, CYCLE, OUTAGE = 0, 1, 3, 4, 5
KINDS: Final = (TOGETHER, INTERRUPTION, MONTH, CYCLE, OUTAGE)
FEBRUARY, MARCH = 2026 * 12 + 1, 2026 * 12 + 2
GIVEN: Final = (15, 25)
"""The hours of the billing cycle."""


@dataclass(frozen=True)
class Occasion:
    """One occasion: its hours, its outages, each with the hour in which its record ends there, and what is said of it."""

    start: int
    end: int
    outages: tuple[tuple[str, int], ...]
    label: int = 0
    goes_on: bool = False
    rank: int = 1
    month: int = FEBRUARY


@dataclass
class Occasions:
    """A program that makes occasions of the time of outages, which overlays it, and what it says in each occasion."""

    kind: int
    small: SmallProgram = field(default_factory=SmallProgram)

    def __post_init__(self) -> None:
        asm = self.small.asm
        asm.zone = asm.table(zone_table(ZONE))
        self.gaps, self.list, self.runs = asm.new_list(), asm.new_list(), asm.new_list()
        self.merged, met, spans = asm.new_list(), asm.new_list(), asm.reg()
        self.own = asm.new_list(Bank.OCCASION)
        asm.op("NEW_LIST", met)
        with asm.each("OUTAGE"):
            asm.op("OPEN", met, OUTAGE_START, OUTAGE_END, self.small.level, self.gaps, spans)
        asm.op("OCCASIONS", self.list, self.runs, met, self.kind, asm.zone, self.gaps)
        asm.op("OVERLAY", self.merged, met)

    def run(
        self,
        evaluator: Evaluator,
        outages: list[TestOutage],
        gaps: tuple[Interval, ...] = (),
        facts: dict[Reg, int] | None = None,
        items: Items = lambda _: {},
    ) -> Memory:
        """The memory after a run; ``gaps``: hours that were not claimed."""
        start, end = GIVEN
        cycle = {CYCLE_START: FIRST_HOUR + start * HOUR, CYCLE_END: FIRST_HOUR + end * HOUR}
        by_hour = [(FIRST_HOUR + opens * HOUR, FIRST_HOUR + closes * HOUR) for opens, closes in gaps]
        return self.small.run(
            evaluator, outages, cycle | (facts or {}), lambda memory: {self.gaps: by_hour} | dict(items(memory))
        )

    def made(self, memory: Memory, outages: list[TestOutage]) -> list[Occasion]:
        """The occasions."""
        m, ids = memory.m, sorted(each.outage_id for each in outages)
        found = []
        for x in memory.occasions(self.list):
            members = [list(m[y : y + 3]) for y in range(m[x + 2], m[x + 2] + 3 * m[x + 3], 3)]
            assert [each[0] for each in members] == [m[each[1] + 4] for each in members]
            told = tuple((ids[rank], hour(end)) for rank, _, end in members)
            found.append(Occasion(hour(m[x]), hour(m[x + 1]), told, m[x + 5], bool(m[x + 6]), m[x + 7], m[x + 8]))
            assert m[x + 4] == (members[0][1] if self.kind == OUTAGE else 0)
        return found


def hour(instant: int) -> int:
    return (instant - FIRST_HOUR) // HOUR


def outage(start: int, end: int, name: str, level: int = 1, *, goes_on: bool = False) -> TestOutage:
    return TestOutage(FIRST_HOUR + start * HOUR, FIRST_HOUR + end * HOUR, level, name, goes_on=goes_on)


def made(evaluator: Evaluator, kind: int, outages: list[TestOutage], gaps: tuple[Interval, ...] = ()) -> list[Occasion]:
    program = Occasions(kind)
    return program.made(program.run(evaluator, outages, gaps), outages)


Hours = dict[str, set[int]]


def met_hours(outages: list[TestOutage], gaps: tuple[Interval, ...]) -> Hours:
    """Of each outage the hours that were recorded and claimed."""
    unclaimed = {at for start, end in gaps for at in range(start, end)}
    return {each.outage_id: set(range(hour(each.start), hour(each.end))) - unclaimed for each in outages}


def runs_of(hours: set[int]) -> list[set[int]]:
    """Unbroken runs."""
    runs: list[set[int]] = []
    for at in sorted(hours):
        if runs and at - 1 in runs[-1]:
            runs[-1].add(at)
        else:
            runs.append({at})
    return runs


def expected(kind: int, outages: list[TestOutage], gaps: tuple[Interval, ...]) -> list[Occasion]:
    """Section by section, out of sets of hours."""
    met = met_hours(outages, gaps)
    going_on = {each.outage_id for each in outages if each.goes_on}
    together = set().union(*met.values())
    month = {at: FEBRUARY if at < MONTH_EDGE else MARCH for at in together}
    cycle = {at: (at >= GIVEN[0]) + (at >= GIVEN[1]) for at in together}
    labels = {MONTH: month, CYCLE: cycle}.get(kind, dict.fromkeys(together, 0))
    if kind == OUTAGE:
        sets = [({name: hours}, hours) for name, hours in met.items() if hours]
    else:
        of_kind = runs_of(together) if kind == INTERRUPTION else [
            {at for at in together if labels[at] == label} for label in sorted(set(labels.values()))
        ]  # fmt: skip
        sets = [({name: hours & of for name, hours in met.items() if hours & of}, of) for of in of_kind]
    found: list[Occasion] = []
    for parts, hours in sorted(sets, key=lambda each: (min(each[1]), max(each[1]), min(each[0]))):
        told = tuple((name, max(of) + 1) for name, of in sorted(parts.items()))
        names = [name for name, _ in told]
        rank = 1 + sum([name for name, _ in each.outages] == names for each in found)
        start = min(hours)
        found.append(
            Occasion(
                start, max(hours) + 1, told, labels[start], not going_on.isdisjoint(names),
                rank if kind == INTERRUPTION else 1, month[start],
            )
        )  # fmt: skip
    return found


@st.composite
def drawn(draw: st.DrawFn) -> list[TestOutage]:
    count = draw(st.integers(1, 6))
    found = []
    for number in range(count):
        start = draw(st.integers(0, 30))
        end = start + draw(st.integers(1, 8))
        found.append(outage(start, end, f"o{number}", draw(st.integers(1, 3)), goes_on=draw(st.booleans())))
    return draw(st.permutations(found))


@st.composite
def drawn_gaps(draw: st.DrawFn) -> tuple[Interval, ...]:
    """In order and apart."""
    edges = sorted(draw(st.sets(st.integers(0, 40), max_size=6)))
    return tuple((start, end) for start, end in zip(edges[::2], edges[1::2], strict=False))


@pytest.mark.parametrize("kind", KINDS)
@given(outages=drawn(), gaps=drawn_gaps())
def test_occasions_are_what_their_kind_says(
    evaluator: Evaluator, kind: int, outages: list[TestOutage], gaps: tuple[Interval, ...]
) -> None:
    assert made(evaluator, kind, outages, gaps) == expected(kind, outages, gaps)


def test_interruptions_that_touch_are_one_and_an_hour_between_makes_two(evaluator: Evaluator) -> None:
    touching, apart = ([outage(0, 2, "a"), outage(start, 5, "b")] for start in (2, 3))
    assert made(evaluator, INTERRUPTION, touching) == [Occasion(0, 5, (("a", 2), ("b", 5)))]
    assert made(evaluator, INTERRUPTION, apart) == [Occasion(0, 2, (("a", 2),)), Occasion(3, 5, (("b", 5),))]


def test_an_outage_that_ends_with_the_month_is_in_one_and_an_hour_more_makes_two(evaluator: Evaluator) -> None:
    first = Occasion(18, 20, (("a", 20),), FEBRUARY)
    assert made(evaluator, MONTH, [outage(18, 20, "a")]) == [first]
    later = Occasion(20, 21, (("a", 21),), MARCH, month=MARCH)
    assert made(evaluator, MONTH, [outage(18, 21, "a")]) == [first, later]


def test_an_outage_over_the_whole_cycle_has_time_before_it_in_it_and_after_it(evaluator: Evaluator) -> None:
    assert made(evaluator, CYCLE, [outage(14, 26, "a")]) == [
        Occasion(14, 15, (("a", 15),), 0),
        Occasion(15, 25, (("a", 25),), 1),
        Occasion(25, 26, (("a", 26),), 2, month=MARCH),
    ]


def test_what_was_not_claimed_parts_an_outage_and_its_parts_are_numbered(evaluator: Evaluator) -> None:
    """A part that another outage joins is the first of both, for the outages of an occasion are counted together."""
    outages = [outage(0, 12, "a"), outage(5, 6, "b")]
    assert [(each.start, each.end, each.rank) for each in made(evaluator, INTERRUPTION, outages, ((2, 4), (7, 9)))] == [
        (0, 2, 1),
        (4, 7, 1),
        (9, 12, 2),
    ]


def test_outages_that_begin_together_are_in_order_of_their_ends_and_then_of_ids(evaluator: Evaluator) -> None:
    outages = [outage(0, 3, "c"), outage(0, 2, "b"), outage(0, 3, "a")]
    assert [each.outages for each in made(evaluator, OUTAGE, outages)] == [(("b", 2),), (("a", 3),), (("c", 3),)]


@pytest.mark.parametrize("kind", KINDS)
@given(outages=drawn(), gaps=drawn_gaps())
def test_the_time_of_all_occasions_is_all_time_once(
    evaluator: Evaluator, kind: int, outages: list[TestOutage], gaps: tuple[Interval, ...]
) -> None:
    """Each instant is in the occasion of its outage (or run, month, cycle), and says which run it is of.

    Where occasions are months or cycles a span may lie over their edge: what counts by a month is cut first, so it is here.
    """
    program = Occasions(kind)
    asm, source = program.small.asm, program.merged
    if kind in (MONTH, CYCLE):
        source = asm.new_list()
        asm.op("SPLIT", source, program.merged, kind, asm.zone)
    with asm.each("OCCASION", program.list):
        asm.op("TIME_OF", program.own, source, program.runs)
    memory = program.run(evaluator, outages, gaps)
    runs = runs_of(set().union(*met_hours(outages, gaps).values()))
    all_time = [laid_by_hours(each) for each in laid(memory, program.merged)]
    told: dict[int, int] = {}
    for occasion, x in zip(program.made(memory, outages), memory.occasions(program.list), strict=True):
        memory.enter(x)
        names = [name for name, _ in occasion.outages]
        for span in laid(memory, program.own):
            assert outages[span.outage].outage_id in names
            for at in range(hour(span.start), hour(span.end)):
                assert occasion.start <= at < occasion.end
                assert at in runs[span.interruption]
                assert at not in told
                told[at] = span.outage
    assert told == {at: owner for hours, owner in all_time for at in hours}


def laid_by_hours(span: Laid) -> tuple[range, int]:
    return range(hour(span.start), hour(span.end)), span.outage


def test_without_any_time_there_is_one_occasion_of_all_outages_or_of_none(evaluator: Evaluator) -> None:
    """It begins with the first record, or now; and its outages are in order of ids."""
    small = SmallProgram()
    asm = small.asm
    asm.zone, occasions, now = asm.table(zone_table(ZONE)), asm.new_list(), asm.reg()
    asm.op("NEW_LIST", occasions)
    asm.op("EVERY_OUTAGE", occasions, now, asm.zone)
    program = Occasions(TOGETHER, small)
    program.list = occasions
    as_of = {now: FIRST_HOUR + 30 * HOUR}
    outages = [outage(4, 6, "b"), outage(2, 5, "a", goes_on=True)]
    told = Occasion(2, 6, (("a", 5), ("b", 6)), 1, goes_on=True)
    assert program.made(program.run(evaluator, outages, (), as_of), outages) == [told]


def test_loops_over_occasions_and_their_outages_go_over_each_once(evaluator: Evaluator) -> None:
    program = Occasions(INTERRUPTION)
    asm, members, occasions = program.small.asm, program.small.asm.reg(), program.small.asm.reg()
    asm.op("MOVE", members, asm.const(0))
    asm.op("MOVE", occasions, asm.const(0))
    with asm.each("OCCASION", program.list):
        asm.op("ADD", occasions, occasions, OCCASION_RANK)
        with asm.each("MEMBER"):
            asm.op("ADD", members, members, program.small.level)
    memory = program.run(evaluator, [outage(0, 2, "a", 10), outage(1, 3, "b", 100), outage(4, 5, "c", 1000)])
    assert (memory.get(occasions, HERE), memory.get(members, HERE)) == (2, 1110)


@given(drawn(), drawn_gaps())
def test_occasions_are_in_order_of_time_and_runs_are_apart(
    evaluator: Evaluator, outages: list[TestOutage], gaps: tuple[Interval, ...]
) -> None:
    program = Occasions(MONTH)
    memory = program.run(evaluator, outages, gaps)
    assert all(before[1] < after[0] for before, after in pairwise(memory.pairs(program.runs)))
    assert all(one.start < other.start for one, other in pairwise(program.made(memory, outages)))
