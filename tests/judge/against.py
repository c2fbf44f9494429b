"""The calculator beside the judge, over every version that there is to hold it to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from policy import Decision, PolicySet
from policy.calculator import rules
from policy.calculator.errors import CalculatorError, InvalidRequest
from policy.calculator.request import Request
from policy.language.catalog import load_policy, load_versions
from policy.language.load import compile_versions
from tests.judge.order import decide, version_for
from tests.judge.verdict import Because, Verdict, differences
from tests.strategies.any_policy import Generator, generator_for
from tests.strategies.any_policy_made_up import made_up
from tests.support.library import CATALOG

EVERY_WORD: Final = Path(__file__).parents[1] / "language" / "every-word"


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
        version = version_for(self.versions, request)
        return Verdict(error="no version") if version is None else decide(version, request)

    def compared(self, request: Request) -> tuple[Verdict, Mapping[str, tuple[object, object]]]:
        """What the judge says, and where the calculator says something else: both."""
        judged = self.judged(request)
        return judged, differences(judged, verdict_of(self.policies.decide, request))

    def differs(self, request: Request) -> Mapping[str, tuple[object, object]]:
        """Where the judge and the calculator differ: what each says."""
        return self.compared(request)[1]


def pairs() -> list[Pair]:
    """Every version of the catalog and of the policies that only tests have."""
    versions = (*load_versions(CATALOG), *load_policy(EVERY_WORD))
    by_policy: dict[str, list[rules.Version]] = {}
    for version in versions:
        by_policy.setdefault(version.policy_id, []).append(version)
    policies = compile_versions(versions, next(iter(by_policy)))
    return [_pair(version, by_policy[version.policy_id], policies) for version in versions]


def made_up_pair(seed: str) -> Pair:
    """A policy that nobody wrote."""
    version = made_up(seed)
    return _pair(version, (version,), compile_versions((version,), version.policy_id))


def generator_of(version: rules.Version, versions: Sequence[rules.Version]) -> Generator:
    """Draws requests for one of the versions of a policy, some around what the judge says is owed."""

    def owed(request: Request) -> Mapping[str, int]:
        decided_by = version_for(versions, request)
        return {} if decided_by is None else decide(decided_by, request).grants

    return generator_for(version, versions, owed)


def _pair(version: rules.Version, versions: Sequence[rules.Version], policies: PolicySet) -> Pair:
    name = f"{version.policy_id} {version.version}"
    return Pair(name, version, versions, policies, generator_of(version, versions))


def verdict_of(decide: Callable[[Request], Decision], request: Request) -> Verdict:
    """What a calculator answers."""
    try:
        decision = decide(request)
    except InvalidRequest as error:
        return Verdict(error=f"malformed: {error}")
    except CalculatorError as error:
        return Verdict(error=f"{type(error).__name__}: {error}")
    except Exception as error:  # noqa: BLE001  a calculator that breaks differs; the request that broke it is wanted
        return Verdict(error=f"broken: {error!r}")
    return Verdict(
        outcome=decision.outcome,
        reasons=frozenset(Because(each.code, each.field or each.benefit) for each in decision.reasons),
        warnings=frozenset(each.code for each in decision.warnings),
        unpublished=frozenset(each.clause for each in decision.warnings if each.code == "CALENDAR_NOT_PUBLISHED"),
        unsettled=frozenset(each.clause for each in decision.warnings if each.code == "RULE_UNSETTLED"),
        grants={each.benefit: each.quantity for each in decision.grants},
        bookable=frozenset(each.benefit for each in decision.grants if each.grant_key),
        recourse={each.responsible_party: each.amount_minor for each in decision.recourse},
        clock_seconds=decision.clock_seconds,
        weighted_seconds=decision.weighted_seconds,
    )
