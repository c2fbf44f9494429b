"""What is proved of a policy when it is loaded, from its structure alone, in milliseconds.

Eight properties, each with an argument, or with the words that stand against it:

1. tables are complete and unambiguous   } by how a file is read,
2. bands partition the week              } and looked at again here
4. caps hold after rounding              }
3. no amount overflows 64 bits           by what facts may be at most, and 400 days without service
5. more time never pays less             over the time of an occasion, word by word (``growing``)
6. excluding never pays more             follows from 5; where nothing is excluded, from that
7. splitting never pays more             what touches is one interruption; words that read how an outage is told (``telling``)
8. asking apart pays the same            each occasion is decided by itself

Properties 5 to 8 are those of one version, for requests in which every fact that is read is given and differs in nothing but
the outages told. What pays is each benefit's quantity over all its occasions, granted or quoted. No two occasions of the
one are in one of the other: ``for each`` says what is worked out by itself, and what becomes one is one. A word in doubt
need not break anything: :mod:`policy.tools.proving` looks for the counterexample. What ``for each`` itself means, for each
outage or all together, is said without one: such a property is not proved and has no doubts.
"""

from collections.abc import Callable

from policy.calculator import rules
from policy.language.proofs.growing import doubts_of_version
from policy.language.proofs.names import APART, EXCLUDING, MORE, SPLITTING
from policy.language.proofs.partitions import caps, tables, week
from policy.language.proofs.telling import excludes, excluding_doubts, of_all_together, of_each_outage, splitting_doubts
from policy.language.proofs.widths import numbers


def properties_of(version: rules.Version) -> tuple[rules.Property, ...]:
    """The eight properties of a version, in their order."""
    return (
        tables(version),
        week(version),
        numbers(version),
        caps(version),
        more(version),
        excluding(version),
        splitting(version),
        apart(version),
    )


def more(version: rules.Version) -> rules.Property:
    """Every word keeps the order of sets of time, or is in doubt."""
    return _kept(
        MORE, version, doubts_of_version, "an occasion that grows is paid no less: every word that reads time keeps the order"
    )


def excluding(version: rules.Version) -> rules.Property:
    """What is left out makes the set of time smaller, and an overlap belongs to the outage that counts most."""
    if not any(excludes(clock) for clock in version.clocks):
        return rules.Property(EXCLUDING, True, "nothing is excluded by what an outage is")
    return _kept(EXCLUDING, version, excluding_doubts, "what is excluded only makes the set of counted time smaller")


def splitting(version: rules.Version) -> rules.Property:
    """The set of time is the same, told in one outage or in two that touch."""
    outages = of_each_outage(version)
    if outages:
        because = f"{_are(outages)} for each outage, and one that is told as two is two"
        return rules.Property(SPLITTING, False, because, splitting_doubts(version))
    return _kept(SPLITTING, version, splitting_doubts, "outages that touch are one interruption, and no part counts for more")


def apart(version: rules.Version) -> rules.Property:
    """Each occasion is decided by itself, in whichever request it stands, unless it is all that the request holds."""
    together = of_all_together(version)
    if together:
        return rules.Property(APART, False, f"{_are(together)} for all together: what one request asks about is one")
    kinds = list(dict.fromkeys(benefit.for_each for benefit in version.benefits))
    because = f"each {' and each '.join(kinds)} is decided by itself, as long as whole ones are asked about"
    if "outage" in kinds:
        because += ", and outages that overlap in one request"
    if any(benefit.at_most_per_cycle or benefit.at_most_per_month for benefit in version.benefits):
        because += "; and in order of time with what was granted before, where the cap of the cycle or the month binds"
    return rules.Property(APART, True, because)


def _are(names: tuple[str, ...]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _kept(
    name: str, version: rules.Version, doubts_of: Callable[[rules.Version], tuple[rules.Doubt, ...]], because: str
) -> rules.Property:
    doubts = doubts_of(version)
    return rules.Property(name, not doubts, "" if doubts else because, doubts)
