"""The calculator beside the judge, over every version that there is to hold it to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from policy import Decision, PolicySet
from policy.calculator import rules
from policy.calculator.decision import Grant, Occasion, Reason, Recourse, Warn
from policy.calculator.errors import CalculatorError, InvalidRequest, SeveralVersions
from policy.calculator.request import Request
from policy.language.catalog import load_policy, load_versions
from policy.language.load import compile_versions
from tests.judge.order import decide
from tests.judge.verdict import Because, Decided, Granted, Quoted, Verdict, differences
from tests.judge.versions import SEVERAL_VERSIONS, judged, version_for
from tests.strategies.any_policy import Generator, generator_for
from tests.strategies.any_policy_made_up_further import made_up_further
from tests.support.library import CATALOG

EVERY_WORD: Final = Path(__file__).parents[1] / "language" / "every-word"
FURTHER_WORDS: Final = EVERY_WORD.with_name("further-words")


@dataclass(frozen=True, slots=True)
class Pair:
    """One version, with all of its policy, as the calculator has it and as requests for it are drawn."""

    name: str
    version: rules.Version
    versions: Sequence[rules.Version]
    policies: PolicySet
    generator: Generator

    def judged(self, request: Request) -> Verdict:
        """What the judge says."""
        return judged(self.versions, request)

    def compared(self, request: Request) -> tuple[Verdict, Mapping[str, tuple[object, object]]]:
        """What the judge says, and where the calculator says something else: both."""
        judged = self.judged(request)
        return judged, differences(judged, verdict_of(self.policies.decide, request))

    def differs(self, request: Request) -> Mapping[str, tuple[object, object]]:
        """Where the judge and the calculator differ: what each says."""
        return self.compared(request)[1]


def pairs() -> list[Pair]:
    """Every version of the catalog and of the policies that only tests have."""
    versions = (*load_versions(CATALOG), *load_policy(EVERY_WORD), *load_policy(FURTHER_WORDS))
    by_policy: dict[str, list[rules.Version]] = {}
    for version in versions:
        by_policy.setdefault(version.policy_id, []).append(version)
    policies = compile_versions(versions, next(iter(by_policy)))
    return [_pair(version, by_policy[version.policy_id], policies) for version in versions]


def made_up_pair(seed: str, make: Callable[[str], rules.Version] = made_up_further) -> Pair:
    """A policy that nobody wrote."""
    version = make(seed)
    return _pair(version, (version,), compile_versions((version,), version.policy_id))


def generator_of(version: rules.Version, versions: Sequence[rules.Version]) -> Generator:
    """Draws requests for one of the versions of a policy, some around what the judge says is owed."""

    def owed(request: Request) -> Verdict:
        decided_by = version_for(versions, request)
        return Verdict() if decided_by is None else decide(decided_by, request)

    return generator_for(version, versions, owed)


def _pair(version: rules.Version, versions: Sequence[rules.Version], policies: PolicySet) -> Pair:
    name = f"{version.policy_id} {version.version}"
    return Pair(name, version, versions, policies, generator_of(version, versions))


def verdict_of(decide: Callable[[Request], Decision], request: Request) -> Verdict:
    """What a calculator answers."""
    try:
        decision = decide(request)
    except InvalidRequest as error:
        return Verdict(error=f"malformed: {', '.join(sorted({each.field for each in error.violations}))}")
    except SeveralVersions:
        return SEVERAL_VERSIONS
    except CalculatorError as error:
        return Verdict(error=f"{type(error).__name__}: {error}")
    except Exception as error:  # noqa: BLE001  a calculator that breaks differs; the request that broke it is wanted
        return Verdict(error=f"broken: {error!r}")
    return Verdict(
        outcome=decision.outcome,
        reasons=_because(decision.reasons),
        warnings=frozenset(map(_warned, decision.warnings)),
        unpublished=frozenset(each.clause for each in decision.warnings if each.code == "CALENDAR_NOT_PUBLISHED"),
        unsettled=frozenset(each.clause for each in decision.warnings if each.code == "RULE_UNSETTLED"),
        grants=tuple(map(_granted, decision.grants)),
        quotes=tuple(Quoted(each.occasion, each.benefit, each.quantity) for each in decision.quotes),
        occasions=tuple(map(_decided, decision.occasions)),
        recourse={party.responsible_party: _by_outage(party) for party in decision.recourse},
        clock_seconds=decision.clock_seconds,
        weighted_seconds=decision.weighted_seconds,
        corrections=decision.corrections,
    )


def _because(reasons: Sequence[Reason]) -> frozenset[Because]:
    return frozenset(Because(each.code, each.field or each.benefit) for each in reasons)


def _warned(warning: Warn) -> str:
    """Its code; and that it is about the months, where it may be about the cycle."""
    return f"{warning.code} by month" if warning.field == "subscriber.granted_by_month" else warning.code


def _granted(grant: Grant) -> Granted:
    parts = tuple((each.outage_id, each.quantity) for each in grant.parts)
    return Granted(grant.occasion, grant.benefit, grant.quantity, grant.grant_key, parts)


def _decided(occasion: Occasion) -> Decided:
    cycle = occasion.billing_cycle
    return Decided(
        started_at=occasion.started_at,
        ended_at=occasion.ended_at,
        outage_ids=occasion.outage_ids,
        month=occasion.month,
        cycle=None if cycle is None else (cycle.started_at, cycle.ended_at),
        outcome=occasion.outcome,
        reasons=_because(occasion.reasons),
        benefits=occasion.benefits,
    )


def _by_outage(recourse: Recourse) -> dict[str, int]:
    """What is owed by outage; the party's sum, where that is not theirs, stands for it, so that it differs."""
    by_outage = {each.outage_id: each.amount_minor for each in recourse.outages}
    return by_outage if sum(by_outage.values()) == recourse.amount_minor else {"": recourse.amount_minor}
