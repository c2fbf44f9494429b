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
from policy.tools.proving.search import Counterexample, Search, concerns


class State(Enum):
    """What became of a property."""

    PROVED = "proved"
    BROKEN = "broken"
    OPEN = "open"
    """The structure does not prove it, and no counterexample was found."""
    VARIES = "varies"
    """The word for each says itself what pays otherwise: an outage told as two is two, all together is one."""
    WIDE = "wide"
    """Amounts do not fit 64 bits, so they are worked out in Python's integers; no fault of the policy."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one property of one version, or of one of its components in doubt.

    ``declared``: what the file says of that component, or of its benefit; None: nothing. ``benefit`` and ``component`` are ""
    where the whole version has one verdict.
    """

    version: rules.Version
    of: rules.Property
    state: State
    declared: rules.Break | None = None
    benefit: str = ""
    component: str = ""
    counterexample: Counterexample | None = None
    tried: int = 0

    @property
    def said(self) -> str:
        """The verdict in one line."""
        name, state = self.of.name, self.state.value.ljust(6)
        if self.state in (State.PROVED, State.WIDE, State.VARIES):
            return f"{state} {name}: {self.of.because}"
        whose = self.benefit if self.component in ("", self.benefit) else f"{self.component} of {self.benefit}"
        name = f"{name}, {whose}" if whose else name
        if self.state is State.OPEN:
            doubts = "; ".join(dict.fromkeys(f"{doubt.word}: {doubt.why}" for doubt in self.of.doubts))
            searched = f"none of {self.tried} pairs tried breaks it" if self.tried else "no counterexample was looked for"
            return f"{state} {name}: {doubts}; {searched}"
        said = ", and breaks: does not say so" if self.declared is None else f", as declared: {self.declared.reason}"
        return f"{state} {name}{said}"


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
        for each in version.properties:
            if each.proved:
                yield Verdict(version, each, State.PROVED)
            else:
                yield from _judged(version, each, searched)


def _judged(version: rules.Version, of: rules.Property, search: Search | None) -> Iterator[Verdict]:
    """One verdict, or one for each component in doubt: what one of them breaks says nothing of the others."""
    if not of.doubts:
        yield Verdict(version, of, State.VARIES)
    elif of.name not in BREAKABLE:
        yield Verdict(version, of, State.WIDE if of.name == NUMBERS else State.BROKEN)
    elif search is None:
        yield Verdict(version, of, State.OPEN)
    else:
        for benefit, component in search.in_doubt(of.name, of.doubts):
            own = tuple(doubt for doubt in of.doubts if concerns(doubt, benefit, component))
            found = search.counterexample_of(of.name, [(benefit, component)])
            said = declared_of(version, of.name, benefit.name, component.name)
            state = State.OPEN if found is None else State.BROKEN
            judged = replace(of, doubts=own)
            yield Verdict(version, judged, state, said, benefit.name, component.name, found, search.tried)


def declared_of(version: rules.Version, name: str, benefit: str, component: str) -> rules.Break | None:
    """What the file says that a component, or the whole of its benefit, breaks."""
    said = (each for each in version.breaks if each.property == name and each.benefit == benefit)
    return next((each for each in said if each.component in ("", component)), None)


def _decides(policies: PolicySet, request: Request) -> str:
    """Which version decides a case; "" where none does."""
    try:
        return policies.decide(request).policy.version
    except CalculatorError:
        return ""
