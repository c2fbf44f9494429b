"""What can never be, or never matters: words that change no answer, whatever a request says.

Such a word is a slip more often than not: two conditions that exclude each other, a bound that nothing passes, an amount that
is always 0. What is said is proved from the words of the file, fact by fact; what is not said may be idle all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import ceil, floor

from policy.calculator import rules
from policy.language.proofs.comparing import branches
from policy.language.proofs.holding import always_holds, can_hold
from policy.language.proofs.partitions import tables_unreached
from policy.language.proofs.walk import Rule, component_path, figure_value, inner_values, rules_of
from policy.language.proofs.widths import Widths, largest, largest_rate


@dataclass(frozen=True, slots=True)
class Idle:
    """A word that changes no answer. ``path``: the words of the file under which it stands."""

    path: tuple[str, ...]
    why: str
    hint: str


def idle_words(version: rules.Version) -> Iterator[Idle]:
    """Every such word of a version, in the order of its file as far as there is one."""
    for rule in rules_of(version):
        yield from _of_rule(rule)
    for clock in version.clocks:
        yield from _of_clock(clock)
    widths = Widths(version)
    for benefit in version.benefits:
        yield from _met_by_nothing(benefit)
        yield from _Amounts(widths, benefit).idle()
    if version.recourse is not None:
        yield from _of_recourse(version.recourse)


def twice_paid(version: rules.Version) -> Iterator[str]:
    """Where an outage that names no service falls under several clocks of services of their own, each of which pays."""
    paid: dict[str, set[str]] = {}
    services: dict[str, frozenset[str]] = {}
    for benefit in version.benefits:
        for clock in (each.clock for each in benefit.components if each.clock is not None):
            named = None if clock.services is None else figure_value(clock.services)
            if isinstance(named, rules.Code):
                services[clock.name] = frozenset(named.codes)
                paid.setdefault(clock.name, set()).add(benefit.name)
    for one, other in combinations(services, 2):
        if not services[one] & services[other] and paid[one].isdisjoint(paid[other]):
            each = " and ".join(sorted(paid[one] | paid[other]))
            yield f"an outage that names no service falls under the clocks {one} and {other}: {each} may each pay for it"


# ------------------------------------------------------------------------------------------------------------ conditions


def _of_rule(rule: Rule) -> Iterator[Idle]:
    """Conditions that nothing meets, or everything; choices that nothing reaches; factors that are 0."""
    for each in inner_values(rule.what) if not isinstance(rule.what, rules.Tiers) else ():
        if isinstance(each, rules.AnyOf):
            for number, part in enumerate(each.conditions, 1):
                if not can_hold((part,)):
                    yield Idle(rule.path, f"no request meets alternative {number}", "remove it, or mend what it asks for")
    if isinstance(rule.what, rules.Condition):
        if not can_hold((rule.what,)):
            yield Idle(rule.path, "no request meets this: what it asks for excludes itself", "mend what it asks for")
        elif always_holds(rule.what):
            yield Idle(rule.path, "every request meets this that gives what it asks for", "remove it, or mend its limits")
    for step in tables_unreached(rule.what):
        yield Idle(rule.path, f"a step is never reached: {step}", "remove it, or mend its limit")
    if isinstance(rule.what, rules.Tiers | rules.Condition) or rule.path[-2:-1] not in (("times",), ("liable",)):
        return
    if largest(rule.what) == 0:
        yield Idle(rule.path, "this factor is always 0, so nothing is counted", "write the factor, or remove it")


def _of_clock(clock: rules.Clock) -> Iterator[Idle]:
    """Steps that ask together what no time meets."""
    if clock.only and all(can_hold((step,)) for step in clock.only) and not can_hold(clock.only):
        yield Idle(("clocks", clock.name, "only"), "its conditions exclude each other, so no time is kept", "mend their limits")


def _met_by_nothing(benefit: rules.Benefit) -> Iterator[Idle]:
    """``when`` of a benefit, of a component, and ``where`` of its clock ask for what excludes each other."""
    for component in benefit.components:
        asked = [each for each in (benefit.when, component.when) if each is not None]
        where = component.clock.where if component.clock is not None else None
        if where is not None and len(_clocks(benefit)) == 1:
            asked.append(where if benefit.for_each == "outage" else rules.OfOutages("every", where))
        if len(asked) > 1 and all(can_hold((each,)) for each in asked) and not can_hold(asked):
            path = component_path(benefit, component)
            why = "is never paid: the conditions of the benefit, of the component and where: of its clock exclude each other"
            yield Idle(path, f"{component.name} {why}", "mend what they ask for")


def _clocks(benefit: rules.Benefit) -> set[str]:
    return {each.clock.name for each in benefit.components if each.clock is not None}


# --------------------------------------------------------------------------------------------------------------- amounts


class _Amounts:
    """The least and the most that an occasion can be owed of one benefit, and what its bounds make of that."""

    def __init__(self, widths: Widths, benefit: rules.Benefit) -> None:
        self.benefit, self.widths = benefit, widths
        self.path = ("benefits", benefit.name)
        self.discretion = any(isinstance(each.pay, rules.Discretion) for each in benefit.components)

    def idle(self) -> Iterator[Idle]:
        if self.discretion:
            return
        most = self._most()
        zero = [each for each in self.benefit.components if self._most_of(each) == 0]
        for component in zero:
            if not any(largest(factor) == 0 for factor in component.times):  # which is said where it stands
                where = component_path(self.benefit, component)
                yield Idle((*where, "pay"), "what is paid is always 0", "write the amount, or remove the benefit or component")
        if zero and len(zero) == len(self.benefit.components):
            return
        if self._rounded(most) == 0:
            yield Idle((*self.path, "round"), f"nothing comes to {self._unit}: every amount rounds to 0", "round to less")
            return
        yield from self._bounds(self._rounded(most))

    @property
    def _unit(self) -> str:
        return "its unit" if self.benefit.unit != 1 else "one base unit"

    def _bounds(self, most: int) -> Iterator[Idle]:
        benefit, unit = self.benefit, self.benefit.unit
        least = max(self._least(), unit)
        floor_, cap = benefit.at_least, benefit.at_most
        if floor_ is not None and largest(floor_) <= least:
            yield self._idle("at least", "is never more than what is owed anyway")
        if floor_ is not None:
            most = max(most, ceil(largest(floor_) / unit) * unit)
        caps = {"at most": cap, "at most per cycle": benefit.at_most_per_cycle, "at most per month": benefit.at_most_per_month}
        for word, value in caps.items():
            if value is not None and largest(value) < unit:
                yield self._idle(word, f"leaves nothing: it is below {self._unit}, to which amounts are rounded")
        if cap is not None and smallest(cap) >= most:
            yield self._idle("at most", "is never less than what is owed anyway")
        for word in ("at most per cycle", "at most per month"):
            running = caps[word]
            if cap is not None and running is not None and smallest(cap) >= largest(running) > 0:
                yield self._idle("at most", f"is never less than {word}:, which binds first")
        if floor_ is not None and cap is not None and smallest(floor_) >= largest(cap):
            yield self._idle("at least", "is never less than at most:, so that every amount is the same")
        if benefit.minus is not None and smallest(benefit.minus) >= self._most() > 0:
            yield self._idle("minus", "is never less than what is owed, so that nothing is left")

    def _idle(self, word: str, why: str) -> Idle:
        return Idle((*self.path, word), f"{word}: {why}", "mend the limit, or remove it")

    def _most(self) -> Fraction:
        each = [self._most_of(component) for component in self.benefit.components]
        return sum(each, Fraction(0)) if self.benefit.join == "sum" else max(each)

    def _most_of(self, component: rules.Component) -> Fraction:
        assert not isinstance(component.pay, rules.Discretion)  # INVARIANT: such a benefit has no amounts
        amount = self.widths.counted(component).units * largest_rate(component.pay)
        for factor in component.times:
            amount *= largest(factor)
        return amount

    def _least(self) -> int:
        """What is surely owed where anything is: of a lump sum that is always paid."""
        component, *others = self.benefit.components
        pay = component.pay
        lump = isinstance(component.count, rules.Once) and not isinstance(pay, rules.Tiers | rules.Discretion)
        if others or not lump or self.benefit.minus is not None:
            return 0
        assert not isinstance(pay, rules.Tiers | rules.Discretion)
        amount = smallest(pay)
        for factor in component.times:
            amount *= smallest(factor)
        return self._rounded(amount)

    def _rounded(self, amount: Fraction) -> int:
        steps = amount / self.benefit.unit
        how = {"up": ceil(steps), "down": floor(steps), "half up": floor(steps + Fraction(1, 2))}
        return how[self.benefit.rounding] * self.benefit.unit


def smallest(value: rules.Value) -> Fraction:
    """The smallest number that ``value`` can come to; a fact can be 0."""
    value = figure_value(value)
    match value:
        case rules.Constant(value=number):
            return number
        case rules.Share(ratio=ratio, of=of):
            return ratio * smallest(of)
        case rules.MonthShare(numerator=numerator, of=of) | rules.CycleShare(numerator=numerator, of=of):
            return Fraction(numerator, 31) * smallest(of)
        case rules.Larger(values=values):
            return max(smallest(each) for each in values)
        case rules.CodeChoice() | rules.Ladder():
            return min(smallest(branch) for branch in branches(value))
    return Fraction(0)


def _of_recourse(recourse: rules.RecourseRule) -> Iterator[Idle]:
    if recourse.share == 0:
        yield Idle(("recourse", "share"), "a share of 0 is never owed", "write the share, or remove recourse:")
    for name, value in recourse.value_minor_per_unit.items():
        if value == 0:
            yield Idle(("recourse", "value", name), f"{name} is worth nothing, so nobody owes for it", "write what it is worth")
