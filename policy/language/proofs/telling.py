"""Whether a word reads how an outage is told: leaving one out, or cutting one in two.

*Excluding* takes time away from a set, so it can pay more only where more time can pay less. *Splitting* leaves the set as it
is: what touches is one interruption again. It can change an answer only where a rule reads where an outage itself begins or
ends (``started_at``, ``notice``, ``ended_at``), or under ``only`` whose outage it was.
"""

from collections.abc import Iterator
from itertools import pairwise, product

from policy.calculator import rules
from policy.language.proofs.comparing import branches, facts_of_outage, never_below
from policy.language.proofs.growing import doubts_of_benefit
from policy.language.proofs.walk import clock_rules, figure_value, inner_values

RISING = frozenset({"started_at", "notice"})
"""Facts that are no smaller for a later part of an outage than for the whole."""
FALLING = frozenset({"ended_at"})
"""Facts that are no larger for an earlier part of an outage than for the whole."""


def excluding_doubts(version: rules.Version) -> tuple[rules.Doubt, ...]:
    """The doubts of every benefit whose clocks leave something out."""
    found = [
        doubt
        for benefit in version.benefits
        if any(component.clock is not None and excludes(component.clock) for component in benefit.components)
        for doubt in doubts_of_benefit(benefit)
    ]
    return tuple(dict.fromkeys(found))


def excludes(clock: rules.Clock) -> bool:
    """Whether a clock leaves outages out, or lets them count for less, by what they are."""
    left_out = (*clock.liable, *((clock.where,) if clock.where is not None else ()))
    return clock.services is not None or bool(facts_of_outage(left_out))


def splitting_doubts(version: rules.Version) -> tuple[rules.Doubt, ...]:
    """Words by which an outage in two parts can count for other than the whole of it."""
    found: list[rules.Doubt] = []
    for benefit in version.benefits:
        grows = not any(doubts_of_benefit(benefit))
        for component in benefit.components:
            if component.clock is not None:
                found += _of_clock(component.clock, grows=grows)
    return tuple(dict.fromkeys(found))


def _of_clock(clock: rules.Clock, *, grows: bool) -> Iterator[rules.Doubt]:
    """``grows``: less time never pays more here, so that parts which count for less are no harm."""
    for number, step in enumerate(clock.only):
        for fact in facts_of_outage((step,)):
            path = ("clocks", clock.name, "only", str(number), fact.name)
            why = "time that two outages cover belongs to the one that began first, and a part of an outage begins later"
            yield rules.Doubt(path, fact.name, clock.clause.id, why)
    for rule in clock_rules(clock):
        if rule.path[2] in ("where", "liable") and not isinstance(rule.what, rules.Tiers):
            for fact in facts_of_outage((rule.what,)):
                if _is_told(fact) and not (grows and falls(rule.what, fact)):
                    why = f"a part of an outage has another {fact.name} than the whole"
                    yield rules.Doubt((*rule.path, fact.name), fact.name, clock.clause.id, why)
    if clock.starts is None or grows:
        return
    for start in inner_values(clock.starts, through_names=True):
        if isinstance(start, rules.Start) and start.amount and _is_told(start.after):
            why = "the wait before counting begins anew with each part"
            yield rules.Doubt(("clocks", clock.name, "starts"), start.after.name, clock.clause.id, why)


def _is_told(fact: rules.Fact) -> bool:
    return not fact.attribute and fact.name in RISING | FALLING


def falls(what: rules.Value | rules.Condition, fact: rules.Fact) -> bool:
    """Whether a part of an outage never counts for more than the whole, as far as ``fact`` goes."""
    match what:
        case rules.AllOf(conditions=parts) | rules.AnyOf(conditions=parts):
            return all(falls(part, fact) for part in parts)
        case rules.Compare(subject=subject, bound=bound):
            if not _reads(subject, fact) and not _reads(bound.value, fact):
                return True
            loses = bound.op in ("less than", "at most") if fact.name in RISING else bound.op in ("more than", "at least")
            return figure_value(subject) == fact and not _reads(bound.value, fact) and loses
        case rules.IsOneOf(subject=subject, codes=rules.Code(codes=wanted)):
            return all(after not in wanted or before in wanted for before, after in _changes(subject, fact))
        case rules.IsOneOf() | rules.IsYes() | rules.TimeIn() | rules.OfOutages() | rules.AmountIs():
            return not _reads(what, fact)
    return _number_falls(what, fact)


def _number_falls(value: rules.Value, fact: rules.Fact) -> bool:
    value = figure_value(value)
    if not _reads(value, fact):
        return True
    if not all(_number_falls(branch, fact) for branch in branches(value)):
        return False
    match value:
        case rules.Larger():
            return True
        case rules.Ladder(subject=subject) if figure_value(subject) == fact:
            return all(never_below(before, after) for before, after in pairwise(_in_order(value, fact)))
        case rules.CodeChoice(subject=subject):
            return all(never_below(_case(value, before), _case(value, after)) for before, after in _changes(subject, fact))
        case rules.Ladder(subject=subject):
            return not _reads(subject, fact)
    return False


def _changes(subject: rules.Value, fact: rules.Fact) -> set[tuple[str, str]]:
    """The codes that ``subject`` can go from and to, from the whole of an outage to a part of it."""
    subject = figure_value(subject)
    if not _reads(subject, fact):
        return set()
    match subject:
        case rules.Ladder(subject=inner) if figure_value(inner) == fact:
            steps = _in_order(subject, fact)
            between = {
                pair
                for number, before in enumerate(steps)
                for after in steps[number + 1 :]
                for pair in product(codes_of(before), codes_of(after))
            }
        case rules.CodeChoice(subject=inner):
            moves = _changes(inner, fact)
            between = {pair for a, b in moves for pair in product(codes_of(_case(subject, a)), codes_of(_case(subject, b)))}
        case _:
            between = set(product(codes_of(subject), codes_of(subject)))
    within = {pair for branch in branches(subject) if branch is not subject for pair in _changes(branch, fact)}
    return {(before, after) for before, after in between | within if before != after}


def _in_order(ladder: rules.Ladder, fact: rules.Fact) -> tuple[rules.Value, ...]:
    """The branches of a ladder by ``fact``, from the whole of an outage to smaller and smaller parts."""
    rising = (*(value for _, value in ladder.steps), ladder.otherwise)
    upward = ladder.steps[0][0].op in ("less than", "at most")
    return rising if upward == (fact.name in RISING) else rising[::-1]


def _case(choice: rules.CodeChoice, code: str) -> rules.Value:
    """The branch that a code takes."""
    for codes, value in choice.cases:
        if code in codes:
            return value
    assert choice.otherwise is not None  # INVARIANT: the cases of a choice are complete
    return choice.otherwise


def codes_of(value: rules.Value) -> tuple[str, ...]:
    """Every code that a value can come to; () where any can."""
    value = figure_value(value)
    match value:
        case rules.Code(codes=codes) | rules.Fact(codes=codes):
            return codes
        case rules.CodeChoice() | rules.Ladder():
            return tuple(dict.fromkeys(code for branch in branches(value) for code in codes_of(branch)))
    return ()


def _reads(what: rules.Value | rules.Condition, fact: rules.Fact) -> bool:
    return any(each == fact for each in inner_values(what, through_names=True))
