"""Whose outage a grant is, and what third parties owe for it."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import floor

from policy.calculator import rules
from tests.judge.benefits import Worked, rounded
from tests.judge.facts import Unknown
from tests.judge.there import kept_by_outage
from tests.judge.values import holds
from tests.judge.work import Work


def parts_of(worked: Worked) -> dict[str, int]:
    """A grant over the outages of its occasion, in base units, by largest remainder; ties: the smaller id first."""
    weights = weights_of(worked)
    if not any(weights.values()):
        weights = dict.fromkeys(weights, Fraction(1))
    total = sum(weights.values(), Fraction(0))
    quotas = {each: worked.quantity * weight / total for each, weight in weights.items()}
    shares = {each: floor(quota) for each, quota in quotas.items()}
    for each in sorted(quotas, key=lambda each: (shares[each] - quotas[each], each))[: worked.quantity - sum(shares.values())]:
        shares[each] += 1
    return shares


def weights_of(worked: Worked) -> dict[str, Fraction]:
    """The kept time that counts for each outage: by the measure where the one component counts by it, else plain."""
    if len(worked.rule.components) == 1:
        [component] = worked.rule.components
        if isinstance(component.count, rules.Units) and component.count.measure is not None and component.clock is not None:
            kept = worked.here.clocks[component.clock.name].kept
            weights = {}
            for told in worked.occasion.outages:
                mine = [piece for piece in kept if piece.told.index == told.index]
                weight = worked.here.almanac.measured(mine, component.count.measure)
                assert isinstance(weight, Fraction)
                weights[told.outage.outage_id] = weight
            return weights
    plain = kept_by_outage(worked.clocks(), worked.occasion)
    return {each: Fraction(seconds) for each, seconds in plain.items()}


def ask_third_parties(work: Work, rule: rules.RecourseRule) -> bool:
    """Of whose outages ``from`` holds: those that own plain time in an occasion where a benefit with a value reached amounts.

    Says whether it was asked of any; what that needs to know is then not known of the benefit there.
    """
    asked = False
    for worked in work.worked:
        if not rule.value_minor_per_unit.get(worked.rule.name) or not worked.reached_amounts:
            continue
        owned = kept_by_outage(worked.clocks(), worked.occasion)
        for told in worked.occasion.outages:
            if not owned[told.outage.outage_id]:
                continue
            asked = True
            owing = holds(rule.owed_by, work.almanac.reader.of(told))
            if isinstance(owing, Unknown):
                so_far = frozenset() if worked.unknown is None else worked.unknown.fields
                worked.unknown = Unknown(so_far | owing.fields)
            else:
                work.owing[told.outage.outage_id] = owing
    return asked


def owed_by_party(
    rule: rules.RecourseRule, grants: Iterable[tuple[str, Mapping[str, int]]], parties: Mapping[str, str]
) -> dict[str, dict[str, int]]:
    """What each party owes for each outage: its parts' value, rounded once. Amounts of 0 are left out.

    ``grants``: benefit name and parts by outage; ``parties`` by the outages that somebody owes for.
    """
    values: dict[str, Fraction] = {}
    for name, parts in grants:
        for outage_id, part in parts.items():
            if outage_id in parties and name in rule.value_minor_per_unit:
                values[outage_id] = values.get(outage_id, Fraction(0)) + part * rule.value_minor_per_unit[name] * rule.share
    owed: dict[str, dict[str, int]] = {}
    for outage_id, value in sorted(values.items()):
        if amount := rounded(value, rule.rounding, rule.unit_minor):
            owed.setdefault(parties[outage_id], {})[outage_id] = amount
    return owed
