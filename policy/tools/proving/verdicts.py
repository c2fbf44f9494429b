"""The verdict on each property of a version: what its structure proves, and for what it does not, what the search found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from policy.calculator import rules
from policy.calculator.errors import CalculatorError
from policy.calculator.policies import PolicySet
from policy.calculator.request import Request
from policy.language.load import compile_versions
from policy.language.proofs.names import BREAKABLE, NUMBERS
from policy.tools.cases.case_file import Case
from policy.tools.proving.search import Counterexample, Search


class State(Enum):
    """What became of a property."""

    PROVED = "proved"
    BROKEN = "broken"
    OPEN = "open"
    """The structure does not prove it, and no counterexample was found."""
    WIDE = "wide"
    """Amounts do not fit 64 bits, so they are worked out in Python's integers; no fault of the policy."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one property of one version. ``declared``: why the file says that it is broken; None: it does not."""

    version: rules.Version
    of: rules.Property
    state: State
    declared: str | None = None
    counterexample: Counterexample | None = None
    tried: int = 0

    @property
    def said(self) -> str:
        """The verdict in one line."""
        name, state = self.of.name, self.state.value.ljust(6)
        match self.state:
            case State.PROVED:
                return f"{state} {name}: {self.of.because}"
            case State.WIDE:
                return f"{state} {name}: {self.of.because}"
            case State.OPEN:
                doubts = "; ".join(dict.fromkeys(f"{doubt.word}: {doubt.why}" for doubt in self.of.doubts))
                searched = f"none of {self.tried} pairs tried breaks it" if self.tried else "no counterexample was looked for"
                return f"{state} {name}: {doubts}; {searched}"
        declared = f", as declared: {self.declared}" if self.declared is not None else ", and breaks: does not say so"
        return f"{state} {name}{declared}"


def requests_of(cases: Iterable[Case]) -> dict[str, Request]:
    """The requests of cases that are decided, by id."""
    return {case.id: case.request for case in cases if not (case.expected.malformed or case.expected.refused)}


def verdicts_of(
    versions: Sequence[rules.Version], requests: Mapping[str, Request] = MappingProxyType({}), *, search: bool = True
) -> Iterator[Verdict]:
    """The verdicts on every version of one policy. ``requests``: of its cases, by id. ``search`` False: structure alone."""
    policies = compile_versions(versions, versions[0].policy_id) if search else None
    for version in versions:
        searched = None
        if policies is not None:
            own = {name: each for name, each in requests.items() if _decides(policies, each) == version.version}
            searched = Search(version, policies, own)
        declared = {each.property: each.reason for each in version.breaks}
        for each in version.properties:
            verdict = Verdict(version, each, State.PROVED, declared.get(each.name))
            yield verdict if each.proved else _judged(verdict, searched)


def _judged(verdict: Verdict, search: Search | None) -> Verdict:
    name = verdict.of.name
    if name not in BREAKABLE:
        return replace(verdict, state=State.WIDE if name == NUMBERS else State.BROKEN)
    if search is None:
        return replace(verdict, state=State.OPEN)
    found = search.counterexample(name, verdict.of.doubts)
    state = State.OPEN if found is None else State.BROKEN
    return replace(verdict, state=state, counterexample=found, tried=search.tried)


def _decides(policies: PolicySet, request: Request) -> str:
    """Which version decides a case; "" where none does."""
    try:
        return policies.decide(request).policy.version
    except CalculatorError:
        return ""
