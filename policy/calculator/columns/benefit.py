"""A benefit over columns: components joined, set off, rounded once, bounded."""

from math import lcm

import numpy as np

from policy.calculator import rules
from policy.calculator.benefit import round_to
from policy.calculator.codes import APPLICATION, MODES
from policy.calculator.columns.almanac import ColumnAlmanac
from policy.calculator.columns.clock import ColumnClock, ColumnClockRun, Runs
from policy.calculator.columns.column import Column, Read, compared, fits
from policy.calculator.columns.conditions import condition
from policy.calculator.columns.counting import ColumnCounter, Parts, compile_units, total_units
from policy.calculator.columns.frame import Frame
from policy.calculator.columns.only import ColumnOnly
from policy.calculator.columns.paying import ColumnPayer
from policy.calculator.columns.questions import Ints, Mask
from policy.calculator.columns.spans import Spans
from policy.calculator.columns.unknown import UNKNOWN, Unknown, kept, somewhere
from policy.calculator.columns.values import ColumnValues
from policy.calculator.stages import Stage
from policy.calculator.values import Values

NONE = -1
"""The stage of a row that was not refused."""
_LARGEST_QUANTITY = 2**60


class ColumnComponent:
    """A compiled component."""

    def __init__(
        self, rule: rules.Component, clock: ColumnClock | None, values: ColumnValues, scalar: Values, almanac: ColumnAlmanac
    ) -> None:
        self.rule, self.clock = rule, clock
        self._when = None if rule.when is None else condition(rule.when, values, "row")
        self._counter: ColumnCounter | None = None
        self._number: Column | None = None
        denominator, bound = 1, 1
        if isinstance(rule.count, rules.Units):
            assert clock is not None
            self._counter = compile_units(rule.count, clock, almanac)
            denominator, bound = self._counter.denominator, self._counter.bound
        elif isinstance(rule.count, rules.Number):
            self._number = values.column(rule.count.fact)
            bound = self._number.bound
            assert self._number.axis == "row"  # the language sees to it, as below
        self.denominator = 1
        self._payer: ColumnPayer | None = None
        if not isinstance(rule.pay, rules.Discretion):
            self._payer = ColumnPayer(rule.pay, denominator, bound, values, scalar, almanac)
            self.denominator, bound = self._payer.denominator, self._payer.bound
        factors = [values.column(factor) for factor in rule.times]
        for factor in factors:
            assert factor.axis == "row"
            self.denominator *= factor.denominator
            bound = fits(bound * factor.bound)
        self._factors: list[Read] = [factor.read for factor in factors]
        self.bound = bound

    def run(self, frame: Frame, rows: Mask, runs: Runs) -> tuple[Ints, Ints, ColumnClockRun | None]:
        """For the rows that need it: the stage at which it was refused, the amount over ``denominator``, and the clock."""
        stage, amount = np.full(frame.count, NONE, np.int64), np.zeros(frame.count, np.int64)
        if self._when is not None:
            holds, rows = frame.needed(self._when, rows, stage)
            stage[rows & ~holds] = Stage.WHEN
            rows = rows & holds
        if not rows.any():
            return stage, amount, None
        clock = None if self.clock is None else runs(self.clock, rows)
        if clock is not None:
            refused = rows & (clock.refusal != NONE)
            stage[refused] = clock.refusal[refused]
            rows = rows & ~refused
        if self._counter is not None:
            assert clock is not None
            _, rows = frame.needed(self._counter.ask, rows, stage)
            parts = self._counter.parts(clock)
            kept = rows[parts.row]
            parts = Parts(parts.row[kept], parts.start[kept], parts.units[kept])
        else:
            number = None
            if self._number is not None:
                number, rows = frame.needed(self._number.read, rows, stage)
            of = np.flatnonzero(rows)
            start = frame.questions.as_of[of]
            if clock is not None:
                assert clock.spans is not None
                first = np.searchsorted(clock.spans.row, of)
                start = clock.spans.start[np.minimum(first, len(clock.spans) - 1)] if len(clock.spans) else start
            units = np.ones(len(of), np.int64) if number is None else number[of]
            parts = Parts(of, start, units)
        units = total_units(frame.count, parts)
        if self._counter is not None:
            frame.mark_hard(units > self._counter.bound, "row")
        nothing = rows & (units == 0)
        stage[nothing] = Stage.COUNT
        rows = rows & ~nothing
        if self._payer is None:
            stage[rows] = Stage.DISCRETION
            return stage, amount, clock
        amount, rows = frame.needed(lambda frame, live: self._amount(frame, live, parts), rows, stage)
        return stage, np.where(rows, amount, 0), clock

    def _amount(self, frame: Frame, live: Mask, parts: Parts) -> Ints:
        assert self._payer is not None
        amount = self._payer.paid(frame, live, parts)
        for factor in self._factors:
            amount = amount * factor(frame, live)
        return amount


class ColumnBenefitRun:
    """What a benefit came to: ``stage`` of refusal (NONE where owed, UNKNOWN where a fact is missing), and what steps left."""

    def __init__(self, frame: Frame) -> None:
        self.stage: Ints = np.full(frame.count, NONE, np.int64)
        self.components: list[Ints] = []
        self.quantity: Ints = np.zeros(frame.count, np.int64)
        self.capped: Mask = np.zeros(frame.count, np.bool_)
        self.claim_required: Mask = self.capped
        self.reached_cycle: Mask = self.capped


class ColumnBenefit:
    """A compiled benefit."""

    def __init__(
        self,
        rule: rules.Benefit,
        clocks: dict[str, ColumnClock],
        values: ColumnValues,
        scalar: Values,
        almanac: ColumnAlmanac,
    ) -> None:
        self.rule = rule
        self._when = None if rule.when is None else condition(rule.when, values, "row")
        self.components = [
            ColumnComponent(each, None if each.clock is None else clocks[each.clock.name], values, scalar, almanac)
            for each in rule.components
        ]
        minus = None if rule.minus is None else values.column(rule.minus)
        self._denominator = lcm(*(each.denominator for each in self.components), minus.denominator if minus else 1)
        bounds = [each.bound * (self._denominator // each.denominator) for each in self.components]
        fits(2 * (sum(bounds) + self._denominator * rule.unit))
        self._minus = None if minus is None else minus.over(self._denominator)
        self._at_least, self._at_most, self._cycle = (
            None if value is None else values.column(value) for value in (rule.at_least, rule.at_most, rule.at_most_per_cycle)
        )
        for column in (self._at_least, self._at_most, self._cycle):
            if column is not None:
                assert column.axis == "row"
                fits(column.denominator * max(rule.unit, _LARGEST_QUANTITY))
                fits(column.bound // column.denominator + rule.unit)  # a minimum is rounded up
        self._automatically_when: dict[str, ColumnOnly] = {}
        if rule.granted.time is not None:
            self._automatically_when = {
                clock.rule.name: ColumnOnly((rule.granted.time,), values, almanac, clock.level_denominator, clock.level_bound)
                for clock in (each.clock for each in self.components)
                if clock is not None
            }

    def run(self, frame: Frame, runs: Runs) -> ColumnBenefitRun:
        """Works it out for every row."""
        run = ColumnBenefitRun(frame)
        rows = ~frame.hard
        if self._when is not None:
            holds, rows = frame.needed(self._when, rows, run.stage)
            run.stage[rows & ~holds] = Stage.WHEN
            rows = rows & holds
        if rows.any():
            self._settle(frame, rows, run, runs)
        return run

    def _settle(self, frame: Frame, rows: Mask, run: ColumnBenefitRun, runs: Runs) -> None:
        worked = [component.run(frame, rows, runs) for component in self.components]
        run.components = [stage for stage, _, _ in worked]
        if frame.lacks:
            unknown = np.logical_or.reduce([stage == UNKNOWN for stage in run.components]) & rows
            run.stage[unknown] = UNKNOWN
            rows = rows & ~unknown
        refused = np.logical_and.reduce([stage != NONE for stage in run.components]) & rows
        run.stage[refused] = np.maximum.reduce(run.components)[refused]
        rows = rows & ~refused
        amounts = [
            amount * (self._denominator // component.denominator)
            for (_, amount, _), component in zip(worked, self.components, strict=True)
        ]
        owed = np.add.reduce(amounts) if self.rule.join == "sum" else np.maximum.reduce(amounts)
        if self._minus is not None:
            minus, rows = frame.needed(self._minus, rows, run.stage)
            owed = np.maximum(owed - minus, 0)
        unit, name = self.rule.unit, self.rule.name
        quantity = round_to(owed, self._denominator * unit, self.rule.rounding) * unit
        rows = self._left(run, rows, quantity, Stage.ROUND)
        (at_least, at_most, cycle), rows = frame.needed(self._read_bounds, rows, run.stage)
        if self._at_least is not None:
            least = -(-at_least // (self._at_least.denominator * unit)) * unit
            quantity = np.maximum(quantity, least)
        if self._at_most is not None:
            most = at_most // (self._at_most.denominator * unit) * unit
            run.capped = rows & (most < quantity)
            quantity = np.minimum(quantity, most)
        self._left(run, rows, quantity, Stage.CAP)
        quantity = np.maximum(quantity - frame.questions.before.get(name, np.int64(0)), 0)
        self._left(run, rows, quantity, Stage.GRANTED_BEFORE)
        if self._cycle is not None:
            used = frame.questions.cycle.get(name, np.int64(0))
            left = cycle - used * self._cycle.denominator
            left = np.maximum(left // (self._cycle.denominator * unit) * unit, 0)
            run.reached_cycle = rows
            run.capped = run.capped | (rows & (left < quantity))
            quantity = np.minimum(quantity, left)
            self._left(run, rows, quantity, Stage.CAP)
        run.quantity = np.where(rows, quantity, 0)
        run.claim_required = self._needs_claim(frame, run, [clock for _, _, clock in worked])

    def _read_bounds(self, frame: Frame, live: Mask) -> list[Ints]:
        """The minimum, the cap and the cap per cycle; an empty column for one that there is not."""
        bounds = (self._at_least, self._at_most, self._cycle)
        return [np.zeros(0, np.int64) if bound is None else bound.read(frame, live) for bound in bounds]

    @staticmethod
    def _left(run: ColumnBenefitRun, rows: Mask, quantity: Ints, stage: Stage) -> Mask:
        """The rows of which something is left; of the others, those that no earlier step refused are refused here."""
        run.stage[rows & (quantity == 0) & (run.stage == NONE)] = stage
        return rows & (quantity > 0)

    def _needs_claim(self, frame: Frame, run: ColumnBenefitRun, clocks: list[ColumnClockRun | None]) -> Mask:
        """The rows of which something is owed that is not granted without a claim."""
        granted = self.rule.granted
        owed: Mask = (run.quantity > 0) & (frame.questions.mode != MODES.index(APPLICATION))
        if granted.time is not None:
            return owed & ~self._automatic_by_time(frame, owed, run, clocks)
        if granted.amount is not None:
            return owed & ~compared(granted.amount[0], run.quantity, granted.amount[1])
        return owed if granted.how != "automatically" else np.zeros(frame.count, np.bool_)

    def _automatic_by_time(self, frame: Frame, owed: Mask, run: ColumnBenefitRun, clocks: list[ColumnClockRun | None]) -> Mask:
        """Whether the condition holds of any time that was counted; where it does, it matters not what the rest misses."""
        holds, unknowns = np.zeros(frame.count, np.bool_), list[tuple[Spans, Unknown]]()
        for stage, clock in zip(run.components, clocks, strict=True):
            if clock is None or clock.spans is None:
                continue
            counted = owed & ((stage == NONE) | (stage >= Stage.COUNT))
            spans = clock.spans.where(counted[clock.spans.row])
            spans, passes, unknown = self._automatically_when[clock.name].of_time(frame, spans)
            if unknown:
                passes = passes & ~somewhere(unknown)
                unknowns.append((spans, unknown))
            holds[spans.row[passes]] = True
        for spans, unknown in unknowns:
            undecided = {field: clause for field, clause in kept(unknown, ~holds[spans.row]).items() if clause.any()}
            if undecided:
                run.stage[frame.lack(undecided, spans.row, spans.view)] = UNKNOWN
        return holds
