"""Attributes across the versions of a policy: what one of them declares, all accept; so one request file can span a change."""

from collections.abc import Sequence
from dataclasses import replace

from policy.calculator import rules
from policy.language.kinds import NOUNS, fact_type
from policy.language.policy_file import Held
from policy.language.problems import Report


def accept_each_others(held: Sequence[tuple[Report, Held]]) -> tuple[rules.Version, ...]:
    """The versions of one policy that could be read, by date, each with the attributes that only others read.

    Reports an attribute that two of them declare with types that differ: no request could give it to both.
    """
    declared: dict[str, rules.Fact] = {}
    for report, each in held:
        for fact, at in each.attributes:
            known = declared.setdefault(fact.field, fact)
            if known.type != fact.type:
                here = f"{fact.name} is {NOUNS[fact_type(fact)]} here"
                message = f"{here}, and {NOUNS[fact_type(known)]} in another version of the policy"
                report.add(at, message, "give it one type in all versions, or another name")
            else:
                declared[fact.field] = _wider(known, fact)
    versions = [each.version for _, each in held if each.version is not None]
    return tuple(
        replace(version, accepted=tuple(fact for field, fact in declared.items() if field not in _fields(version)))
        for version in sorted(versions, key=lambda version: version.in_force_from)
    )


def _fields(version: rules.Version) -> set[str]:
    return {fact.field for fact in version.facts}


def _wider(fact: rules.Fact, other: rules.Fact) -> rules.Fact:
    """What either of two declarations takes."""
    bounds = [each.at_most for each in (fact, other)]
    at_most = None if None in bounds else max(bound for bound in bounds if bound is not None)
    return replace(fact, at_most=at_most, codes=tuple(dict.fromkeys((*fact.codes, *other.codes))))
