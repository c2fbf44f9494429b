"""What is proved of a policy when it is loaded, from its structure alone, in milliseconds.

Seven properties, each with an argument, or with the words that stand against it:

1. tables are complete and unambiguous   } by how a file is read,
2. bands partition the week              } and looked at again here
4. caps hold after rounding              }
3. no amount overflows 64 bits           by what facts may be at most, and 400 days without service
5. more time never pays less             over sets of time, word by word (``growing``)
6. excluding never pays more             follows from 5; where nothing is excluded, from that
7. splitting never pays more             what touches is one interruption; words that read how an outage is told (``telling``)

Properties 5 to 7 are those of one version, for requests in which every fact that is read is given and differs in nothing but
the outages told. What pays is each benefit's quantity, granted or owed on a claim. A word in doubt need not break anything:
:mod:`policy.tools.proving` looks for the counterexample.
"""

from collections.abc import Callable

from policy.calculator import rules
from policy.language.proofs.growing import doubts_of_version
from policy.language.proofs.names import EXCLUDING, MORE, SPLITTING
from policy.language.proofs.partitions import caps, tables, week
from policy.language.proofs.telling import excludes, excluding_doubts, splitting_doubts
from policy.language.proofs.widths import numbers


def properties_of(version: rules.Version) -> tuple[rules.Property, ...]:
    """The seven properties of a version, in their order."""
    return (
        tables(version),
        week(version),
        numbers(version),
        caps(version),
        more(version),
        excluding(version),
        splitting(version),
    )


def more(version: rules.Version) -> rules.Property:
    """Every word keeps the order of sets of time, or is in doubt."""
    return _kept(MORE, version, doubts_of_version, "every word that reads time keeps the order of sets of time")


def excluding(version: rules.Version) -> rules.Property:
    """What is left out makes the set of time smaller, and an overlap belongs to the outage that counts most."""
    if not any(excludes(clock) for clock in version.clocks):
        return rules.Property(EXCLUDING, True, "nothing is excluded by what an outage is")
    return _kept(EXCLUDING, version, excluding_doubts, "what is excluded only makes the set of counted time smaller")


def splitting(version: rules.Version) -> rules.Property:
    """The set of time is the same, told in one outage or in two that touch."""
    return _kept(SPLITTING, version, splitting_doubts, "outages that touch are one interruption, and no part counts for more")


def _kept(
    name: str, version: rules.Version, doubts_of: Callable[[rules.Version], tuple[rules.Doubt, ...]], because: str
) -> rules.Property:
    doubts = doubts_of(version)
    return rules.Property(name, not doubts, "" if doubts else because, doubts)
