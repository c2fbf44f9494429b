"""Whether more time never pays less, read off the words: each either keeps the order of sets of time, or is in doubt.

Time is a set: the counted time of an occasion in one request contains that of one in another, and no two of the less are in one
of the more. (Two interruptions that become one are one: what each had of its own, a unit begun, a rounding, a cap, it has no
longer. That is what ``for each: interruption`` says, and no word in doubt.) Whatever a clock keeps, it keeps of the larger set
too, where its steps ask for more than or at least; and the amounts then grow, for rounding, bounds, maximum, sum and what is
set off all keep the order; so do caps of the cycle, which the occasions use up in turn: of them in all, the most is granted
that they leave. What does not is named here, with how it breaks:

* a step that asks for less than or at most, one that asks whose outage it was (an overlap belongs to one outage), and
  ``without``: what another clock keeps once it is long enough is lost to this one;
* interruptions that are parts of one occasion, of which a month or a cycle may have several: parts that are rounded up by
  themselves, ``started`` or ``rest`` of each interruption, lose a unit when they are joined (of two parts rounded up, the sum
  rounds up to one less at most; that is no loss where the first unit of each is paid nothing). And whatever pays the first
  units of each better than the later ones;
* a share by the days of the month, unless of each month: a part that begins earlier begins in another month, as one of each
  billing cycle may, which reaches into two months. The days of the cycle are one number for all parts;
* a cap of the month, unless for each month: an occasion that begins earlier may belong to a month that has nothing left;
* ``count``, ``length``, ``availability``, where the whole is worth less than a part of it; what an outage is told to be
  (``started_at``, ``notice``, ``ended_at``), where a longer one is worth less; and what has to hold of every outage.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from policy.calculator import rules
from policy.language.proofs.comparing import facts_of_outage, is_never_negative, never_below, reads_month
from policy.language.proofs.parts import all_fall, name_of, told_in
from policy.language.proofs.walk import benefit_rules, component_path, inner_values


def doubts_of_version(version: rules.Version) -> tuple[rules.Doubt, ...]:
    """Every word that may let more time pay less, each once."""
    return tuple(dict.fromkeys(doubt for benefit in version.benefits for doubt in doubts_of_benefit(benefit)))


def doubts_of_benefit(benefit: rules.Benefit) -> Iterator[rules.Doubt]:
    """Those of one benefit."""
    for component in benefit.components:
        if component.clock is not None:
            yield from doubts_of_clock(component.clock)
            yield from doubts_of_component(benefit, component)
    if any(component.clock is not None for component in benefit.components):
        yield from doubts_of_occasion(benefit)


def doubts_of_occasion(benefit: rules.Benefit) -> Iterator[rules.Doubt]:
    """Words that read the occasion itself: how long it is, its outages, the month in which it begins."""
    path, clause = ("benefits", benefit.name), benefit.components[0].clause.id
    for rule in benefit_rules(benefit):
        if rule.path[-1] == "granted":
            continue  # what is owed on a claim is owed
        own = rule.clause.id if rule.clause else ""
        for told in told_in(rule.what):
            if rule.path[-1] == "minus" or not all_fall(rule.what, told):
                why = f"an occasion that grows has another {name_of(told)}, by which it may be worth less"
                yield rules.Doubt(rule.path, name_of(told), own, why)
        for each in inner_values(rule.what):
            if isinstance(each, rules.OfOutages) and each.which == "every":
                yield rules.Doubt(rule.path, "every outage", own, "an occasion that grows may have an outage that is not so")
    if benefit.at_most_per_month is not None and benefit.for_each not in ("month", "all together"):
        why = "an occasion that begins earlier may belong to a month that has nothing left"
        yield rules.Doubt((*path, "at most per month"), "at most per month", clause, why)


def doubts_of_clock(clock: rules.Clock) -> Iterator[rules.Doubt]:
    """Steps under ``only`` that the larger set may fail, and other clocks that may take time of it."""
    for other in clock.without:
        why = f"what {other.name} keeps of more time is no longer counted here"
        yield rules.Doubt(("clocks", clock.name, "without"), "without", clock.clause.id, why)
    for number, step in enumerate(clock.only):
        path = ("clocks", clock.name, "only", str(number))
        for test in inner_values(step):
            if isinstance(test, rules.TimeIn) and test.op in ("less than", "at most"):
                why = f"time of {_scope(test.scope)} that goes on is no longer kept"
                yield rules.Doubt((*path, test.scope), test.op, clock.clause.id, why)
        for fact in facts_of_outage((step,)):
            why = "time that two outages cover belongs to one of them, so it can be lost by the other"
            yield rules.Doubt((*path, fact.name), fact.name, clock.clause.id, why)


def doubts_of_component(benefit: rules.Benefit, component: rules.Component) -> Iterator[rules.Doubt]:
    """Words of a count and of its rates under which more units, or joined parts, may be worth less."""
    path, clause, count, pay = component_path(benefit, component), component.clause.id, component.count, component.pay
    if isinstance(count, rules.Number) or isinstance(pay, rules.Discretion):
        return
    of_each = count.of_each if isinstance(count, rules.Units) else None
    several = of_each == "interruption" and benefit.for_each not in ("interruption", "outage")
    if isinstance(count, rules.Units) and several and not _first_unit_is_free(pay):
        yield from _of_parts(path, clause, count)
    if isinstance(pay, rules.Tiers) and pay.day_from is None:
        yield from _of_tiers(path, clause, count, pay, several=several)
    if reads_month(pay) and of_each != "month" and benefit.for_each != "month":
        why = "a part that begins earlier begins in another month, of which a day may be worth less"
        yield rules.Doubt((*path, "pay"), "days_in_month", clause, why)
    if not all(is_never_negative(value) for value in (pay, *component.times)):
        yield rules.Doubt((*path, "pay"), "pay", clause, "a negative rate or factor pays less for more")


def _of_parts(path: tuple[str, ...], clause: str, count: rules.Units) -> Iterator[rules.Doubt]:
    """Two interruptions that become one: ``exact`` and ``full`` are worth no less together than apart."""
    unit = f"{count.length}" if isinstance(count.length, str) else "unit"
    if count.rounding == "started" and count.length != 1:
        why = f"two interruptions that are joined begin one {unit} less"
        yield rules.Doubt((*path, "count", "started"), "started, of each interruption", clause, why)
    if count.rest is not None:
        why = "the rests of two interruptions that are joined count as one"
        yield rules.Doubt((*path, "count", "rest"), "rest, of each interruption", clause, why)


def _first_unit_is_free(pay: rules.Value | rules.Tiers) -> bool:
    """Whether each part loses its first unit anyway, and later units are worth no less: then joining loses nothing more."""
    if not isinstance(pay, rules.Tiers) or pay.by != "nth":
        return False
    rates = [*(rate for _, rate in pay.steps), pay.last]
    free = rules.Constant(Fraction(0))
    return rates[0] == free and all(never_below(later, first) for first, later in pairwise(rates))


def _of_tiers(
    path: tuple[str, ...], clause: str, count: rules.Count, pay: rules.Tiers, *, several: bool
) -> Iterator[rules.Doubt]:
    """``several``: whether interruptions are parts of one occasion."""
    rates = [*(rate for _, rate in pay.steps), pay.last]
    if several and not all(never_below(later, first) for first, later in pairwise(rates)):
        why = "the first units of each interruption are paid better, and joined ones have fewer first units"
        yield rules.Doubt((*path, "pay"), f"{pay.by}, of each interruption", clause, why)
    elif pay.by == "count" and not _totals_rise(rates, [upper for upper, _ in pay.steps], count):
        why = "a unit more can put all units into a bracket that pays less for the whole"
        yield rules.Doubt((*path, "pay"), "count", clause, why)


def _totals_rise(rates: list[rules.Value], uppers: list[Fraction], count: rules.Count) -> bool:
    """Whether the least of a bracket is worth no less than the most of the bracket before."""
    whole = not (isinstance(count, rules.Units) and count.rounding == "exact")
    least_to_most = (upper / (upper + 1) if whole else Fraction(1) for upper in uppers)
    return all(never_below(later, first, times) for (first, later), times in zip(pairwise(rates), least_to_most, strict=True))


def _scope(scope: rules.Scope) -> str:
    return "all" if scope == "total" else f"a{'n' if scope == 'interruption' else ''} {scope}"
