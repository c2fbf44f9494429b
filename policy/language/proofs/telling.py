"""Whether a word reads how an outage is told: leaving one out, cutting one in two, asking about several apart.

*Excluding* takes time away from a set, so it can pay more only where more time of an occasion can pay less. *Splitting* leaves
the set as it is: what touches is one interruption again. It can change an answer only where a rule reads where an outage itself
begins or ends (``started_at``, ``notice``, ``ended_at``), or under ``only`` whose outage it was; and by the nature of the word
where a benefit is for each outage. *Asking apart* changes an answer by the nature of the word where it is for all together.
"""

from collections.abc import Iterator

from policy.calculator import rules
from policy.language.proofs.comparing import facts_of_outage
from policy.language.proofs.growing import doubts_of_benefit
from policy.language.proofs.parts import all_fall, falls, name_of, told_in
from policy.language.proofs.walk import benefit_rules, clock_rules, inner_values


def excluding_doubts(version: rules.Version) -> tuple[rules.Doubt, ...]:
    """The doubts of every benefit whose clocks leave something out. What another clock keeps is not changed by that."""
    found = [
        doubt
        for benefit in version.benefits
        if any(component.clock is not None and excludes(component.clock) for component in benefit.components)
        for doubt in doubts_of_benefit(benefit)
        if doubt.word != "without"
    ]
    return tuple(dict.fromkeys(found))


def excludes(clock: rules.Clock) -> bool:
    """Whether a clock leaves outages out, or lets them count for less, by what they are."""
    left_out = (*clock.liable, *((clock.where,) if clock.where is not None else ()))
    return clock.services is not None or bool(facts_of_outage(left_out))


def of_all_together(version: rules.Version) -> tuple[str, ...]:
    """Benefits of which whatever one request asks about is one."""
    return tuple(benefit.name for benefit in version.benefits if benefit.for_each == "all together")


def of_each_outage(version: rules.Version) -> tuple[str, ...]:
    """Benefits of which an outage that is told as two is two."""
    return tuple(benefit.name for benefit in version.benefits if benefit.for_each == "outage")


def splitting_doubts(version: rules.Version) -> tuple[rules.Doubt, ...]:
    """Words by which an outage in two parts can count for other than the whole of it; those of each outage are left out."""
    found: list[rules.Doubt] = []
    for benefit in version.benefits:
        if benefit.for_each == "outage":
            continue
        found += _of_outages(benefit)
        grows = not any(doubts_of_benefit(benefit))
        for component in benefit.components:
            if component.clock is not None:
                found += _of_clock(component.clock, grows=grows)
    return tuple(dict.fromkeys(found))


def _of_outages(benefit: rules.Benefit) -> Iterator[rules.Doubt]:
    """Conditions on any or every outage of an occasion that a part may keep, and the whole not."""
    for rule in benefit_rules(benefit):
        for told in told_in(rule.what):
            if isinstance(told, rules.Fact) and not all_fall(rule.what, told):
                clause = rule.clause.id if rule.clause else ""
                yield rules.Doubt(rule.path, told.name, clause, f"a part of an outage has another {told.name} than the whole")


def _of_clock(clock: rules.Clock, *, grows: bool) -> Iterator[rules.Doubt]:
    """``grows``: less time never pays more here, so that parts which count for less are no harm."""
    for number, step in enumerate(clock.only):
        for fact in facts_of_outage((step,)):
            path = ("clocks", clock.name, "only", str(number), fact.name)
            why = "time that two outages cover belongs to the one that began first, and a part of an outage begins later"
            yield rules.Doubt(path, fact.name, clock.clause.id, why)
    for rule in clock_rules(clock):
        if rule.path[2] in ("where", "liable") and not isinstance(rule.what, rules.Tiers):
            for told in told_in(rule.what):
                if not (grows and falls(rule.what, told)):
                    why = f"a part of an outage has another {name_of(told)} than the whole"
                    yield rules.Doubt((*rule.path, name_of(told)), name_of(told), clock.clause.id, why)
    if clock.starts is None or grows:
        return
    for start in inner_values(clock.starts, through_names=True):
        if isinstance(start, rules.Start) and start.amount and told_in(start.after):
            why = "the wait before counting begins anew with each part"
            yield rules.Doubt(("clocks", clock.name, "starts"), start.after.name, clock.clause.id, why)
