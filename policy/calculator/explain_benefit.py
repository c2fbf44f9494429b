"""The lines of the benefits: counted, paid, multiplied, joined, rounded, bounded."""

from policy.calculator import rules
from policy.calculator.explain_clock import cycle_inputs
from policy.calculator.lowering.assembler import PART_START, Bank, Reg
from policy.calculator.lowering.benefit import Benefit
from policy.calculator.lowering.component import Component
from policy.calculator.lowering.occasions import Occasions
from policy.calculator.lowering.version import Lowered
from policy.calculator.sentences import Sentences, Spot
from policy.calculator.stages import REASON, Stage
from policy.calculator.texts import instant_text, unit_of
from policy.calculator.told import OUTAGE_ID, WORKED_OUT_LAST, Text, exact, plain, whole
from policy.calculator.trace_occasion import SHARE_PLACES

_OF_SHARE = Reg(Bank.SPAN, 2)
_BEFORE = 0
"""Where what is left before a bound is kept while the bound is told."""


class BenefitLines:
    """Writes how the benefits of one version are told."""

    def __init__(self, lowered: Lowered, to: Sentences) -> None:
        self._lowered, self._to = lowered, to

    def of_occasion(self, group: Occasions) -> None:
        """Every step of every benefit of an occasion, in the order of the policy; one that could not be decided says so."""
        for benefit in group.benefits:
            with self._to.when("UNKNOWN", benefit.stage) as undecided:
                self._undecided(benefit)
            with self._to.otherwise(undecided):
                self._benefit(benefit)

    def summary(self, group: Occasions) -> None:
        """The last line of every benefit of an occasion."""
        for benefit in group.benefits:
            with self._to.when("UNKNOWN", benefit.stage) as undecided:
                self._undecided(benefit)
            with self._to.otherwise(undecided):
                self._result(benefit)

    def refused(self) -> None:
        """The benefits that there was no occasion for."""
        to = self._to
        group_of = {id(benefit): group for group in self._lowered.occasions for benefit in group.benefits}
        for benefit in self._lowered.benefits:
            there = Spot()
            with to.when("MORE_ITEMS", group_of[id(benefit)].list, 0):
                to.go(there)
            with to.when("UNKNOWN", benefit.row_stage) as undecided:
                self._undecided(benefit)
            with to.otherwise(undecided):
                with to.when("LESS", benefit.row_stage, 0) as decided:
                    self._undecided(benefit)
                with to.otherwise(decided):
                    self._nothing(benefit, benefit.row_stage, benefit.row_refused_by)
            to.put(there)

    def _benefit(self, benefit: Benefit) -> None:
        to, rule, stage, clause = self._to, benefit.rule, benefit.stage, benefit.clause
        name, unit = f"benefits.{rule.name}", unit_of(rule.kind, rule.currency_code)
        with to.when("WORKED_OUT", benefit.components[0].stage):
            for component in benefit.components:
                inner = name if len(rule.components) == 1 else f"{name}.{component.rule.name}"
                self._component(inner, component, unit)
        settled = Spot()
        with to.when("LESS", stage, Stage.ROUND):  # refused before, unless it was not refused at all
            to.unless(settled, "LESS", stage, 0)
        to.unless(settled, "LESS", stage, Stage.CAP + 1)
        self._settling(name, benefit, unit)
        to.put(settled)
        if benefit.window is not None:
            window = benefit.window
            with to.when("LESS", stage, 0), to.line(f"{name}.usable", clause):
                to.input("from", plain(instant_text(window.started_at)))
                to.input("until", plain(instant_text(window.ended_at)))
                to.value(plain(str(window.ended_at - window.started_at)), "s")
        self._result(benefit)
        with (
            to.when("TRUE", benefit.granted),
            to.when("MORE_ITEMS", benefit.shares, 1),
            to.each_item(benefit.shares, SHARE_PLACES, 0),
            to.line(f"{name}.parts", clause),
        ):
            to.input("outage", OUTAGE_ID)
            to.value(whole(_OF_SHARE), unit)

    def _result(self, benefit: Benefit) -> None:
        """What the benefit came to, or why to nothing."""
        to, rule = self._to, benefit.rule
        with to.when("LESS", benefit.stage, 0) as left, to.line(f"benefits.{rule.name}", benefit.clause):
            to.value(whole(benefit.bounds.quantity), unit_of(rule.kind, rule.currency_code))
            with to.when("TRUE", benefit.automatic.claim_required) as waits:
                to.note("owed on a claim only")
            with to.otherwise(waits), to.when("EQUAL", benefit.granted, 0):
                to.note("a quote: nothing can be booked on it")
        with to.otherwise(left):
            self._nothing(benefit, benefit.stage, benefit.refused_by)

    def _nothing(self, benefit: Benefit, stage: Reg, refused_by: Reg) -> None:
        to, rule = self._to, benefit.rule
        with to.line(f"benefits.{rule.name}", refused_by, applied=False):
            to.value(plain("0"), unit_of(rule.kind, rule.currency_code))
            with to.noted():
                to.text(Text("STAGE", stage))

    def _undecided(self, benefit: Benefit) -> None:
        with self._to.line(f"benefits.{benefit.rule.name}", benefit.clause, applied=False):
            self._to.note("not decided: a fact is missing")

    def _component(self, name: str, component: Component, unit: str) -> None:
        to, rule, clause, stage = self._to, component.rule, component.rule.clause.id, component.stage
        if isinstance(rule.pay, rules.Discretion):
            with to.when("EQUAL", stage, Stage.DISCRETION) as left, to.line(f"{name}.pay", clause, applied=False):
                to.note(REASON[Stage.DISCRETION])
        else:
            with to.when("LESS", stage, 0) as left:
                self._paid(name, component, unit)
        with to.otherwise(left), to.line(f"{name}.count", clause, applied=False), to.noted():
            to.text(Text("STAGE", stage))

    def _paid(self, name: str, component: Component, unit: str) -> None:
        to, rule, clause, denominator = self._to, component.rule, component.rule.clause.id, component.units_denominator
        with to.each_item(component.parts, self._lowered.layout.part_places, bank=Bank.PART):
            with to.line(f"{name}.count", clause):
                to.input("part from", Text("INSTANT", PART_START))
                if of_each_cycle(rule.count):
                    cycle_inputs(self._lowered, to)
                to.value(exact(component.part_units, denominator), "units")
                to.note(_counted(rule.count))
            with to.line(f"{name}.pay", clause):
                to.input("units", exact(component.part_units, denominator))
                component.pay.write_rates(to, component.part_units, denominator, unit)
                to.value(exact(component.paid, component.pay.denominator), unit)
        for number, (named, read, factor) in enumerate(zip(rule.times, component.times_regs, component.times, strict=True)):
            which = named.figure.name if isinstance(named, rules.Named) else str(number)
            with to.line(f"{name}.times.{which}", clause):
                with to.once_each():
                    factor.write_inputs(to)
                to.value(exact(read, factor.denominator))
        with to.line(f"{name}.amount", clause):
            to.value(exact(component.amount, component.denominator), unit)

    def _settling(self, name: str, benefit: Benefit, unit: str) -> None:
        to, rule, clause, bounds, denominator = self._to, benefit.rule, benefit.clause, benefit.bounds, benefit.denominator
        owed = exact(WORKED_OUT_LAST, denominator)
        if len(rule.components) > 1:
            to.work_out("LOAD_KNOWN", benefit.joined)
            with to.line(f"{name}.{'sum of' if rule.join == 'sum' else 'larger of'}", clause):
                to.value(owed, unit)
        if rule.minus is not None:
            with to.line(f"{name}.minus", clause):
                to.work_out("LOAD_KNOWN", benefit.joined)
                to.input("amount", owed, unit)
                to.work_out("LOAD_KNOWN", benefit.set_off)
                to.input("set off", owed, unit)
                self._work_out_owed(benefit)
                to.value(owed, unit)
        nothing = Spot()
        with to.line(f"{name}.round", clause):
            self._work_out_owed(benefit)
            to.input("amount", owed, unit)
            to.input("to", plain(str(rule.unit)), unit)
            to.work_out("LOAD_KNOWN", benefit.rounded)
            to.value(whole(), unit)
            to.note(rule.rounding)
        to.unless(nothing, "TRUE", benefit.rounded)
        if rule.at_least is not None:
            self._bound(f"{name}.at least", clause, benefit.rounded, bounds.after_minimum, unit)
        if rule.at_most is not None:
            self._bound(f"{name}.at most", clause, bounds.after_minimum, bounds.after_cap, unit)
        self._already_granted(name, benefit, unit)
        self._running(name, benefit, unit)
        to.put(nothing)

    def _work_out_owed(self, benefit: Benefit) -> None:
        to = self._to
        to.work_out("LOAD_KNOWN", benefit.joined)
        if benefit.rule.minus is not None:
            to.work_out("SUB_KNOWN", benefit.set_off)
            to.work_out("AT_LEAST_CONSTANT", 0)

    def _bound(self, name: str, clause: str, before: Reg, after: Reg, unit: str) -> None:
        to = self._to
        self._flag_unless_same(before, after)
        with to.line(name, clause, applied=None):
            to.work_out("LOAD_KNOWN", before)
            to.input("before", whole(), unit)
            to.work_out("LOAD_KNOWN", after)
            to.value(whole(), unit)
            self._note_unless_flagged("not reached")

    def _flag_unless_same(self, before: Reg, after: Reg) -> None:
        to = self._to
        to.work_out("LOAD_KNOWN", before)
        to.work_out("STORE", _BEFORE)
        to.work_out("LOAD_KNOWN", after)
        with to.when("IS_STORED", 0, _BEFORE) as same:
            to.work_out("FLAG", 0)
        with to.otherwise(same):
            to.work_out("FLAG", 1)

    def _note_unless_flagged(self, note: str) -> None:
        to, applied = self._to, Spot()
        with to.when("FLAG"):
            to.go(applied)
        to.note(note)
        to.put(applied)

    def _already_granted(self, name: str, benefit: Benefit, unit: str) -> None:
        to, bounds = self._to, benefit.bounds
        with to.when("TRUE", bounds.before) as some:
            to.work_out("FLAG", 1)
        with to.otherwise(some):
            to.work_out("FLAG", 0)
        with to.line(f"{name}.already granted", benefit.clause, applied=None):
            to.work_out("LOAD_KNOWN", bounds.after_cap)
            to.input("before", whole(), unit)
            to.work_out("LOAD_KNOWN", bounds.before)
            to.input("already granted", whole(), unit)
            to.work_out("LOAD_KNOWN", bounds.after_granted)
            to.value(whole(), unit)
            self._note_unless_flagged("nothing")

    def _running(self, name: str, benefit: Benefit, unit: str) -> None:
        """What caps over several occasions left."""
        to, bounds = self._to, benefit.bounds
        before: list[Reg] = []
        for word, cap in (("cycle", bounds.cycle_left), ("month", bounds.month_left)):
            with to.when("KNOWN", cap):
                self._work_out_left(benefit, before)
                to.work_out("STORE", _BEFORE)
                to.work_out("LEAST_KNOWN", cap)
                with to.when("IS_STORED", 0, _BEFORE) as same:
                    to.work_out("FLAG", 0)
                with to.otherwise(same):
                    to.work_out("FLAG", 1)
                with to.line(f"{name}.at most per {word}", benefit.clause, applied=None):
                    to.work_out("LOAD_STORED", _BEFORE)
                    to.input("before", whole(), unit)
                    to.input(f"left in this {word}", whole(cap), unit)
                    to.work_out("LEAST_KNOWN", cap)
                    to.value(whole(), unit)
                    self._note_unless_flagged("not reached")
            before.append(cap)

    def _work_out_left(self, benefit: Benefit, caps: list[Reg]) -> None:
        self._to.work_out("LOAD_KNOWN", benefit.bounds.after_granted)
        for cap in caps:
            self._to.work_out("LEAST_KNOWN", cap)


def of_each_cycle(count: rules.Count) -> bool:
    """Whether time is counted cycle by cycle."""
    return isinstance(count, rules.Units) and count.of_each == "billing cycle"


def _counted(count: rules.Count) -> str:
    match count:
        case rules.Once():
            return "once"
        case rules.Number(fact=fact):
            return f"as many as {fact.field} says"
    length = count.length if isinstance(count.length, str) else f"{count.length} s"
    measure = f" of {count.measure.name} time" if count.measure else ""
    each = f", of each {count.of_each}" if count.of_each else ""
    return f"{count.rounding} {length}{measure}{each}"
