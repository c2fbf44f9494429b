"""What third parties owe out of finished grants."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor

from policy.calculator import rules
from tests.judge.benefits import rounded
from tests.judge.clocks import Almanac, Clock
from tests.judge.facts import Unknown
from tests.judge.values import all_unknown, holds


def time_by_party(rule: rules.RecourseRule, clock: Clock, almanac: Almanac) -> dict[str, Fraction] | Unknown:
    """The measured time that outages own for which there is a party to ask; under the empty name where none is named."""
    times = [(piece, almanac.measured([piece], rule.measure)) for piece in clock.kept]
    if unknown := all_unknown(time for _, time in times):
        return unknown
    owned = [(piece, time, holds(rule.owed_by, almanac.reader.of(piece.told))) for piece, time in times if time != 0]
    if unknown := all_unknown(owed for _, _, owed in owned):
        return unknown
    parties: dict[str, Fraction] = {}
    for piece, time, owed in owned:
        if owed is True and isinstance(time, Fraction):
            party = piece.told.outage.responsible_party
            parties[party] = parties.get(party, Fraction(0)) + time
    return parties


def owed_by_party(
    rule: rules.RecourseRule, parties: Mapping[str, Fraction], time: Fraction, grants: Mapping[str, int]
) -> dict[str, int]:
    """What each party owes: together, rounded once, and split by largest remainder; ties: smaller name first.

    It is split in the quantity that it is rounded to.
    """
    of_parties = sum(parties.values(), Fraction(0))
    if not of_parties:
        return {}
    value = sum((quantity * rule.value_minor_per_unit[name] for name, quantity in grants.items()), Fraction(0))
    together = rounded(value * rule.share * of_parties / time, rule.rounding, rule.unit_minor)
    units = together // rule.unit_minor
    quotas = {party: units * each / of_parties for party, each in parties.items()}
    shares = {party: floor(quota) for party, quota in quotas.items()}
    for party in sorted(quotas, key=lambda each: (shares[each] - quotas[each], each))[: units - sum(shares.values())]:
        shares[party] += 1
    return {party: share * rule.unit_minor for party, share in shares.items() if share > 0}
